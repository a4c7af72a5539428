// The exchange types: how each finds destinations, and what it refuses. The one place that knows them all; each lives in
// a file of its own.

import type { FieldTable } from '../../protocol/field-table.ts'
import { preconditionFailed } from '../../protocol/reply.ts'
import type { BindingSpec } from '../binding.ts'
import type { Chance } from '../chance.ts'
import { type Dialect, LEVERET } from '../dialect.ts'
import type { QueueSpec } from '../queue/queue.ts'
import { ConsistentHashMatcher, checkHashArguments, checkWeight } from './consistent-hash.ts'
import { bindingType, checkDelayedType, DELAYED } from './delayed.ts'
import { DirectMatcher } from './direct.ts'
import type { Matcher } from './exchange.ts'
import { FanoutMatcher } from './fanout.ts'
import { checkHeadersArguments, HeadersMatcher } from './headers.ts'
import { ModulusHashMatcher } from './modulus-hash.ts'
import { checkLocalBinding, RandomMatcher } from './random.ts'
import { checkHistoryLength, RecentHistoryMatcher } from './recent-history.ts'
import { checkWildcards, TopicMatcher } from './topic.ts'

type ExchangeDialect = Pick<Dialect, 'topicWildcards' | 'largestWeight' | 'equalTimestamps'>

/** What there is to know of a type; both checks throw `ChannelError` 406 (behaviour.md §5.6). */
interface TypeRules {
  readonly matcher: (args: FieldTable, chance: Chance, dialect: ExchangeDialect) => Matcher
  readonly checkArguments?: (args: FieldTable) => void
  /** `queue` is null where the destination is an exchange. */
  readonly checkBinding?: (
    binding: BindingSpec,
    queue: Pick<QueueSpec, 'arguments'> | null,
    dialect: ExchangeDialect,
  ) => void
}

const types = {
  direct: { matcher: () => new DirectMatcher() },
  fanout: { matcher: () => new FanoutMatcher() },
  topic: {
    matcher: () => new TopicMatcher(),
    checkBinding: ({ routingKey }, _, { topicWildcards }) => checkWildcards(routingKey, topicWildcards),
  },
  headers: {
    matcher: (_, __, { equalTimestamps }) => new HeadersMatcher(equalTimestamps),
    checkBinding: (binding) => checkHeadersArguments(binding.arguments),
  },
  'x-consistent-hash': {
    matcher: (args) => new ConsistentHashMatcher(args),
    checkArguments: checkHashArguments,
    checkBinding: (binding, _, { largestWeight }) => checkWeight(binding, largestWeight),
  },
  'x-modulus-hash': { matcher: () => new ModulusHashMatcher() },
  'x-random': { matcher: (_, chance) => new RandomMatcher(chance) },
  'x-local-random': { matcher: (_, chance) => new RandomMatcher(chance), checkBinding: checkLocalBinding },
  'x-recent-history': { matcher: (args) => new RecentHistoryMatcher(args), checkArguments: checkHistoryLength },
} as const satisfies { readonly [type: string]: TypeRules }

/** The exchange types that can be declared. */
export type ExchangeType = keyof typeof types | typeof DELAYED

/** All of them. */
export const exchangeTypes: readonly ExchangeType[] = [...(Object.keys(types) as (keyof typeof types)[]), DELAYED]

/** Whether exchanges of this type can be declared; types are case-sensitive. */
export function isExchangeType(type: string): type is ExchangeType {
  return type === DELAYED || isPlain(type)
}

/** Whether a delayed exchange may stand for a type. */
function isPlain(type: string): type is keyof typeof types {
  return Object.hasOwn(types, type)
}

function rulesOf(type: ExchangeType, args: FieldTable): TypeRules {
  const plain = bindingType(type, args)
  // A delayed exchange without a type cannot be declared; what was damaged on disk goes nowhere.
  return isPlain(plain) ? types[plain] : types.direct
}

/** What an exchange of this type goes by, with nothing bound. */
export function matcherOf(
  type: ExchangeType,
  args: FieldTable,
  chance: Chance,
  dialect: ExchangeDialect = LEVERET,
): Matcher {
  return rulesOf(type, args).matcher(args, chance, dialect)
}

/** Throws `ChannelError` 406 when the type refuses to be declared with these arguments. */
export function checkExchangeArguments(
  type: ExchangeType,
  args: FieldTable,
  dialect: Pick<Dialect, 'localRandom'> = LEVERET,
): void {
  if (type === DELAYED) {
    checkDelayedType(args)
    checkType(bindingType(type, args), dialect)
  }
  rulesOf(type, args).checkArguments?.(args)
}

/** Throws `ChannelError` 406 unless exchanges of this type can be declared (behaviour.md §5.2). */
export function checkType(
  type: string,
  { localRandom }: Pick<Dialect, 'localRandom'> = LEVERET,
): asserts type is ExchangeType {
  if (isExchangeType(type) && (localRandom || type !== 'x-local-random')) return
  throw preconditionFailed(type === '' ? `invalid exchange type ''` : `unknown exchange type '${type}'`)
}

/** Throws `ChannelError` 406 when `source` refuses a binding; `queue` is null where its destination is an exchange. */
export function checkBinding(
  source: { readonly type: ExchangeType; readonly arguments: FieldTable },
  binding: BindingSpec,
  queue: Pick<QueueSpec, 'arguments'> | null,
  dialect: ExchangeDialect = LEVERET,
): void {
  rulesOf(source.type, source.arguments).checkBinding?.(binding, queue, dialect)
}
