// All scenarios, section by section.

import { owed } from './owed.ts'
import { errorModel } from './rows/s1-error-model.ts'
import { connection } from './rows/s2-connection.ts'
import { handshake } from './rows/s2-handshake.ts'
import { content } from './rows/s3-content.ts'
import { fieldTables } from './rows/s3-field-tables.ts'
import { frames } from './rows/s3-frames.ts'
import { channels, orderingGuarantees } from './rows/s4-channels.ts'
import { bindings } from './rows/s5-bindings.ts'
import { exchanges } from './rows/s5-exchanges.ts'
import { headersExchange, topicPatterns } from './rows/s5-patterns.ts'
import { delayedMessages, pluginTypes } from './rows/s5-plugins.ts'
import { routing } from './rows/s5-routing.ts'
import { argumentsByType, queueEquivalence } from './rows/s6-argument-types.ts'
import { queueArguments } from './rows/s6-arguments.ts'
import { queueLife } from './rows/s6-lifetime.ts'
import { queues } from './rows/s6-queues.ts'
import { acknowledgements } from './rows/s7-acknowledgements.ts'
import { consumers, flow } from './rows/s7-consuming.ts'
import { leftovers } from './rows/s7-leftovers.ts'
import { confirmMode, publishing } from './rows/s8-publishing.ts'
import { transactions } from './rows/s8-transactions.ts'
import { deadLetters, deathHeaders, priorities } from './rows/s9-dead-letters.ts'
import { lengthLimits, timeToLive } from './rows/s9-expiry.ts'
import { quorumQueues } from './rows/s10-quorum.ts'
import { streamMessages } from './rows/s11-stream-messages.ts'
import { streamReaders } from './rows/s11-streams.ts'
import { directReplyTo } from './rows/s12-reply-to.ts'
import { access } from './rows/s13-access.ts'
import { accountLimits, topicAccess } from './rows/s13-accounts.ts'
import { policies } from './rows/s14-policies.ts'
import { clientNeeds, deprecated } from './rows/s16-clients.ts'
import type { Scenario } from './scenario.ts'

const everything: readonly Scenario[] = [
  ...errorModel,
  ...handshake,
  ...connection,
  ...frames,
  ...content,
  ...fieldTables,
  ...channels,
  ...orderingGuarantees,
  ...exchanges,
  ...bindings,
  ...routing,
  ...topicPatterns,
  ...headersExchange,
  ...pluginTypes,
  ...delayedMessages,
  ...queues,
  ...queueLife,
  ...queueArguments,
  ...argumentsByType,
  ...queueEquivalence,
  ...consumers,
  ...flow,
  ...acknowledgements,
  ...publishing,
  ...confirmMode,
  ...transactions,
  ...timeToLive,
  ...lengthLimits,
  ...priorities,
  ...deadLetters,
  ...deathHeaders,
  ...quorumQueues,
  ...streamReaders,
  ...streamMessages,
  ...directReplyTo,
  ...access,
  ...topicAccess,
  ...accountLimits,
  ...policies,
  ...deprecated,
  ...clientNeeds,
  ...leftovers,
]

const only = process.env['CONFORMANCE_ONLY']?.split(',').filter((each) => each !== '') ?? []

/** Every scenario, in the order of the behaviour reference; with CONFORMANCE_ONLY=9.4,10 only those of these sections. */
export const scenarios: readonly Scenario[] = everything
  .filter(({ section }) => only.length === 0 || only.some((each) => `${section}.`.startsWith(`${each}.`)))
  .map((each) => {
    const what = owed.get(`${each.section} ${each.row}`)
    return what === undefined ? each : { ...each, notYet: what }
  })
