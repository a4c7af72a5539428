// What a scenario is: data. A row of the behaviour reference, the steps that provoke it and, among them, the normalised
// answers that must come. Nothing here opens a socket; run.ts plays the steps.
//
// Names: `$word` in any string stands for a name that only this scenario uses in this run; answers are written back with
// `$word` in its place. Names that the broker makes up appear as `amq.gen-*` and `amq.ctag-*`.

import type { Change } from '../support/administration.ts'
import type { HeaderOptions, Values } from './client/frame.ts'

/** A body: text, bytes, or `fill` octets of the letter x. */
export type Body = string | Buffer | { readonly fill: number }

/** One thing to write. `publish` is the method frame, the header and as many body frames as the frame size asks for. */
export type Outgoing =
  | { readonly frame: 'method'; readonly channel: number; readonly name: string; readonly values: Values }
  | {
      readonly frame: 'publish'
      readonly channel: number
      readonly values: Values
      readonly properties: Values
      readonly body: Body
    }
  | {
      readonly frame: 'header'
      readonly channel: number
      readonly bodyBytes: number | bigint
      readonly properties: Values
      readonly options: HeaderOptions
    }
  | { readonly frame: 'body'; readonly channel: number; readonly body: Body }
  | { readonly frame: 'raw'; readonly bytes: Buffer; readonly note: string }

/** How to log in. Defaults: PLAIN guest/guest, vhost `/`, channel-max 2047, frame-max 131072, heartbeat 0. */
export type Login = {
  readonly mechanism?: string
  readonly response?: string | Buffer
  readonly capabilities?: { readonly [name: string]: boolean }
  readonly channelMax?: number
  readonly frameMax?: number
  readonly heartbeatSeconds?: number
  readonly vhost?: string
}

/** One step of one peer (a TCP connection, named by a letter), or a fork where RabbitMQ 3.10 goes another way. */
export type Step =
  | { readonly do: 'connect'; readonly peer: string }
  | { readonly do: 'login'; readonly peer: string; readonly login: Login }
  | { readonly do: 'send'; readonly peer: string; readonly frames: readonly Outgoing[] }
  /** The next arrival, normalised; `afterS` is a window in seconds since the last thing either side said. */
  | {
      readonly do: 'see'
      readonly peer: string
      readonly text: string
      readonly afterS?: readonly [from: number, to: number]
    }
  | { readonly do: 'see-in-any-order'; readonly peer: string; readonly texts: readonly string[] }
  /**
   * The next arrival is this method, whatever its fields say; with `past`, other arrivals may come first. `save` keeps
   * fields as names for later steps.
   */
  | {
      readonly do: 'skip'
      readonly peer: string
      readonly name: string
      readonly past?: boolean
      readonly save?: { readonly [field: string]: string }
    }
  /** Acks and nacks arrive, with `multiple` or without, until exactly these publishes are settled. */
  | {
      readonly do: 'confirmed'
      readonly peer: string
      readonly channel: number
      readonly acked: readonly number[]
      readonly nacked: readonly number[]
    }
  /** basic.get without acks until the queue is empty; these bodies, in this order. */
  | {
      readonly do: 'drain'
      readonly peer: string
      readonly channel: number
      readonly queue: string
      readonly bodies: readonly string[]
    }
  /** Purges these queues; so many messages were in them together. */
  | {
      readonly do: 'total'
      readonly peer: string
      readonly channel: number
      readonly queues: readonly string[]
      readonly messages: number
    }
  /** Asks again until the answer is this one, reopening the channel when it is another error. For what comes a moment later. */
  | {
      readonly do: 'eventually'
      readonly peer: string
      readonly channel: number
      readonly ask: Outgoing
      readonly text: string
    }
  /** TCP ends between `fromS` and `toS` seconds after the last thing either side said (heartbeats aside), or the connect. */
  | {
      readonly do: 'closed'
      readonly peer: string
      readonly since: 'activity' | 'connect'
      readonly fromS: number
      readonly toS: number
    }
  /** The silence itself is the answer: nothing arrives for so long. */
  | { readonly do: 'silence'; readonly peer: string; readonly forMs: number }
  /** Changes users, permissions, policies or limits; `refused` is the reason where that must fail. */
  | { readonly do: 'administer'; readonly change: Change; readonly refused?: string }
  | { readonly do: 'stop-broker' }
  | { readonly do: 'drop' | 'reset' | 'pause' | 'resume'; readonly peer: string }
  | { readonly do: 'differ'; readonly why: string; readonly ours: readonly Step[]; readonly on310: readonly Step[] }

/** Steps as the scenario files write them: nested as is convenient. */
export type Steps = Step | readonly Steps[]

/** A row of the behaviour reference (`section`, `row`) and a sentence that says what the broker does. */
export type Scenario = {
  readonly section: string
  readonly row: string
  readonly name: string
  readonly steps: readonly Step[]
  /** What our broker lacks for this row. It must fail as long as this is written here; RabbitMQ must not. */
  readonly notYet?: string
  /** What RabbitMQ 3.10 lacks, so that it is not asked: the expectation is the reference's alone. */
  readonly lacking310?: string
}

/** Which broker answers: one that follows the reference's choices, or RabbitMQ 3.10. */
export type Flavour = 'ours' | '3.10'

function flatten(steps: Steps): readonly Step[] {
  return 'do' in steps ? [steps] : steps.flatMap(flatten)
}

/** A scenario. */
export function scenario(section: string, row: string, name: string, steps: Steps): Scenario {
  return { section, row, name, steps: flatten(steps) }
}

/** Marks scenarios of something that our broker does not have yet. */
export function notYet(what: string, scenarios: readonly Scenario[]): readonly Scenario[] {
  return scenarios.map((each) => ({ ...each, notYet: what }))
}

/** Marks scenarios of something that RabbitMQ 3.10 does not have: our broker alone plays them. */
export function lacking310(what: string, scenarios: readonly Scenario[]): readonly Scenario[] {
  return scenarios.map((each) => ({ ...each, lacking310: what }))
}

/** Where RabbitMQ 3.10 answers otherwise than we chose to; `why` names the row of §19 or the version mark. */
export function differ(why: string, ours: Steps, on310: Steps): Step {
  return { do: 'differ', why, ours: flatten(ours), on310: flatten(on310) }
}

/** A change of users, permissions, policies or limits. */
export function administer(...change: Change): Step {
  return { do: 'administer', change }
}

/** A change that is refused for this reason. */
export function refuses(refused: string, ...change: Change): Step {
  return { do: 'administer', change, refused }
}

/** Whether these steps need a broker that takes changes. */
export function administers(steps: readonly Step[]): boolean {
  return steps.some((step) => step.do === 'administer' || (step.do === 'differ' && administers(step.ours)))
}

/** The steps that a broker of this flavour takes. */
export function stepsFor(flavour: Flavour, steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) =>
    step.do === 'differ' ? stepsFor(flavour, flavour === 'ours' ? step.ours : step.on310) : [step],
  )
}

/** The reasons why RabbitMQ 3.10 differs in this scenario; empty where both must answer alike. */
export function reasons(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => (step.do === 'differ' ? [step.why] : []))
}

/** Seconds that the steps may spend watching silence; scenarios with more than one second start first. */
export function waitSeconds(steps: readonly Step[]): number {
  let seconds = 0
  for (const step of steps) {
    if (step.do === 'closed') seconds += step.fromS
    else if (step.do === 'see') seconds += step.afterS?.[0] ?? 0
    else if (step.do === 'silence') seconds += step.forMs / 1000
    else if (step.do === 'differ') seconds += Math.max(waitSeconds(step.ours), waitSeconds(step.on310))
  }
  return seconds
}
