// The exchange types: how each finds destinations, and what it refuses. The one place that knows them all; each lives in
// a file of its own.

import type { FieldTable } from '../../protocol/field-table.ts'
import type { BindingSpec } from '../binding.ts'
import type { Chance } from '../chance.ts'
import type { Queue } from '../queue/queue.ts'
import { ConsistentHashMatcher, checkHashArguments, checkWeight } from './consistent-hash.ts'
import { DirectMatcher } from './direct.ts'
import type { Matcher } from './exchange.ts'
import { FanoutMatcher } from './fanout.ts'
import { checkHeadersArguments, HeadersMatcher } from './headers.ts'
import { ModulusHashMatcher } from './modulus-hash.ts'
import { checkLocalBinding, RandomMatcher } from './random.ts'
import { checkHistoryLength, RecentHistoryMatcher } from './recent-history.ts'
import { TopicMatcher } from './topic.ts'

/** What there is to know of a type; both checks throw `ChannelError` 406 (behaviour.md §5.6). */
interface TypeRules {
  readonly matcher: (args: FieldTable, chance: Chance) => Matcher
  readonly checkArguments?: (args: FieldTable) => void
  /** `queue` is null where the destination is an exchange. */
  readonly checkBinding?: (binding: BindingSpec, queue: Queue | null) => void
}

const types = {
  direct: { matcher: () => new DirectMatcher() },
  fanout: { matcher: () => new FanoutMatcher() },
  topic: { matcher: () => new TopicMatcher() },
  headers: {
    matcher: () => new HeadersMatcher(),
    checkBinding: (binding) => checkHeadersArguments(binding.arguments),
  },
  'x-consistent-hash': {
    matcher: (args) => new ConsistentHashMatcher(args),
    checkArguments: checkHashArguments,
    checkBinding: checkWeight,
  },
  'x-modulus-hash': { matcher: () => new ModulusHashMatcher() },
  'x-random': { matcher: (_, chance) => new RandomMatcher(chance) },
  'x-local-random': { matcher: (_, chance) => new RandomMatcher(chance), checkBinding: checkLocalBinding },
  'x-recent-history': { matcher: (args) => new RecentHistoryMatcher(args), checkArguments: checkHistoryLength },
} as const satisfies { readonly [type: string]: TypeRules }

/** The exchange types that can be declared. */
export type ExchangeType = keyof typeof types

/** Whether exchanges of this type can be declared; types are case-sensitive. */
export function isExchangeType(type: string): type is ExchangeType {
  return Object.hasOwn(types, type)
}

/** What an exchange of this type goes by, with nothing bound. */
export function matcherOf(type: ExchangeType, args: FieldTable, chance: Chance): Matcher {
  return types[type].matcher(args, chance)
}

/** Throws `ChannelError` 406 when the type refuses to be declared with these arguments. */
export function checkExchangeArguments(type: ExchangeType, args: FieldTable): void {
  const rules: TypeRules = types[type]
  rules.checkArguments?.(args)
}

/** Throws `ChannelError` 406 when the type refuses a binding; `queue` is null where its destination is an exchange. */
export function checkBinding(type: ExchangeType, binding: BindingSpec, queue: Queue | null): void {
  const rules: TypeRules = types[type]
  rules.checkBinding?.(binding, queue)
}
