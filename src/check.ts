// `leveret check` without the command line: holds what a data directory contains against what the broker would make of
// it. Beside leveret.ts the only file that knows both the store and the broker, since neither may know the other; it
// starts nothing and changes nothing.

import {
  accountEntry,
  bindingEntry,
  exchangeEntry,
  type Kind,
  keyNames,
  kinds,
  limitsEntry,
  permissionEntry,
  policyEntry,
  queueEntry,
  topicPermissionEntry,
  vhostEntry,
} from './broker/entries.ts'
import { announcedBytes, Message, routingEnd } from './broker/message.ts'
import { DamagedChunk } from './broker/queue/page.ts'
import { logCount } from './broker/queue/priority.ts'
import { Segment } from './broker/queue/segment.ts'
import { SegmentMemory } from './broker/queue/segment-memory.ts'
import { queueTypeOf, settingsOf } from './broker/queue/settings.ts'
import { readStreamSummary } from './broker/queue/stream-summary.ts'
import type { ChunkKey, MetaEntry, QueueMark } from './broker/store.ts'
import { type Damage, inspectLevelStore, type StoreVisitor } from './store/level/inspection.ts'

/** Something that is not as it should be. What is not known, or not about a queue or its messages, is null. */
export interface Finding {
  readonly queueId: number | null
  readonly queue: string | null
  readonly vhost: string | null
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  readonly cause: string
}

/** What there was. `messages` counts those that a restart would bring back, `octets` the chunks' sizes. */
export interface Tally {
  queues: number
  chunks: number
  messages: number
  octets: number
  findings: number
}

/**
 * Reads all of the store in `directory` and reports what is damaged, as it is found. The directory is left as it is.
 * Rejects with `StoreError`: `locked` when a broker has it open, `damaged` when it is not a store that this version can
 * read, `failed` when there is none. Not for a process that has the store open itself.
 */
export async function checkStore(directory: string, report: (finding: Finding) => void): Promise<Tally> {
  const check = new Check(report)
  await inspectLevelStore(directory, check)
  check.end()
  return check.tally
}

/** A queue that is declared, and how far its chunks have been seen. */
interface Known {
  readonly name: string
  readonly vhost: string
  /** Its chunks have the summaries of a stream. */
  readonly stream: boolean
  mark: QueueMark | null
  markHolds: boolean
  /** The least sequence that the next chunk may begin with. */
  nextSeq: number
}

/** What lies in the store of a queue that is not declared. */
interface Stray {
  firstSeq: number | null
  lastSeq: number | null
}

class Check implements StoreVisitor {
  readonly tally: Tally = { queues: 0, chunks: 0, messages: 0, octets: 0, findings: 0 }
  readonly #report: (finding: Finding) => void
  readonly #memory = new SegmentMemory(Number.POSITIVE_INFINITY)
  readonly #vhosts = new Set<string>()
  readonly #queues = new Map<number, Known>()
  readonly #strays = new Map<number, Stray>()

  constructor(report: (finding: Finding) => void) {
    this.#report = report
  }

  entry(entry: MetaEntry): void {
    try {
      const { kind, names } = keyNames(entry.key)
      if (kind === 'vhost') this.#addVhost(names, entry.value)
      else if (kind === 'queue') this.#addQueue(names, entry.value)
      else if (kind === 'exchange') this.#addExchange(names, entry.value)
      else if (!isReadable(kind, names, entry)) this.damaged({ queueId: null, cause: `no kind of entry: ${entry.key}` })
    } catch (error) {
      this.damaged({ queueId: null, cause: `the entry ${entry.key} makes no sense: ${String(error)}` })
    }
  }

  #addVhost([name = '']: readonly string[], value: string): void {
    vhostEntry.read(value)
    this.#vhosts.add(name)
  }

  #addQueue([vhost = '', name = '']: readonly string[], value: string): void {
    this.tally.queues++
    const { id, arguments: args } = queueEntry.read(value)
    for (let level = 0; level < logCount(settingsOf(args)); level++)
      this.#addLog(id + level, name, vhost, queueTypeOf(args) === 'stream')
  }

  /** Messages that an exchange keeps (docs/storage.md) lie in the store as those of a queue do. */
  #addExchange([vhost = '', name = '']: readonly string[], value: string): void {
    const { logId } = exchangeEntry.read(name, value)
    if (logId !== undefined) this.#addLog(logId, name, vhost)
  }

  #addLog(id: number, name: string, vhost: string, stream = false): void {
    this.#queues.set(id, { name, vhost, stream, mark: null, markHolds: true, nextSeq: 1 })
  }

  mark(mark: QueueMark): void {
    const queue = this.#queues.get(mark.queueId)
    if (queue) queue.mark = mark
    else this.#stray(mark.queueId)
  }

  chunk(key: ChunkKey, chunk: Buffer | null, summary: Buffer | null): void {
    this.tally.chunks++
    this.tally.octets += chunk?.length ?? 0
    const queue = this.#queues.get(key.queueId)
    const segment = this.#judge(queue ? key : null, chunk, summary, queue?.stream === true)
    const lastSeq = segment && segment.count > 0 ? key.firstSeq + segment.count - 1 : null
    if (!queue) return this.#strayChunk(key, lastSeq)
    if (key.firstSeq < queue.nextSeq) this.#find(key, lastSeq, `it overlaps the chunk before, which ends later`)
    queue.nextSeq = Math.max(queue.nextSeq, (lastSeq ?? key.firstSeq) + 1)
    this.tally.messages += segment?.live ?? 0
  }

  damaged({ queueId, cause }: Damage): void {
    const queue = queueId === null ? undefined : this.#queues.get(queueId)
    if (queue) queue.markHolds = false
    this.#tell({ queueId, firstSeq: null, lastSeq: null, cause })
  }

  /** All has been seen: what can only be told now. */
  end(): void {
    for (const [queueId, queue] of this.#queues) {
      const tell = (cause: string): void => this.#tell({ queueId, firstSeq: null, lastSeq: null, cause })
      if (!this.#vhosts.has(queue.vhost)) tell('its vhost is not there')
      if (queue.mark && queue.mark.nextSeq < queue.nextSeq) {
        tell(`its mark says that ${queue.mark.nextSeq} comes next, its chunks go to ${queue.nextSeq - 1}`)
      }
      if (!queue.mark && queue.markHolds && queue.nextSeq > 1) tell('its mark is missing')
    }
    for (const [queueId, { firstSeq, lastSeq }] of this.#strays) {
      this.#tell({ queueId, firstSeq, lastSeq, cause: 'no such queue is declared: the next start would delete this' })
    }
  }

  /**
   * The segment as far as it can be known, null where nothing can. `key` null: nobody is told what is wrong with it.
   */
  #judge(key: ChunkKey | null, chunk: Buffer | null, summary: Buffer | null, stream: boolean): Segment | null {
    const firstSeq = key?.firstSeq ?? 0
    let summarised: Segment | null = null
    try {
      if (summary === null) throw new DamagedChunk('its summary is missing: the next start would not see it')
      summarised = stream ? this.#summarised(firstSeq, summary) : Segment.stored(firstSeq, summary, this.#memory)
      if (summarised.live < 0) throw new DamagedChunk('its summary marks records that it does not have')
    } catch (error) {
      this.#blame(key, summarised, error)
    }
    try {
      if (chunk === null) throw new DamagedChunk('its summary is there, the chunk itself is missing')
      if (summarised === null || summarised.live < 0) return this.#unsummarised(firstSeq, chunk)
      summarised.load(chunk)
      checkRecords(summarised)
    } catch (error) {
      this.#blame(key, summarised, error)
    }
    summarised?.release()
    return summarised
  }

  /** A stream's chunk: nothing of it is settled. */
  #summarised(firstSeq: number, summary: Buffer): Segment {
    return Segment.paged(firstSeq, readStreamSummary(firstSeq, summary).count, this.#memory)
  }

  #unsummarised(firstSeq: number, chunk: Buffer): Segment {
    const segment = Segment.unsummarised(firstSeq, chunk, this.#memory)
    checkRecords(segment)
    segment.release()
    return segment
  }

  #blame(key: ChunkKey | null, segment: Segment | null, error: unknown): void {
    if (!(error instanceof DamagedChunk)) throw error
    if (key) this.#find(key, segment ? key.firstSeq + segment.count - 1 : null, error.message)
  }

  #find({ queueId, firstSeq }: ChunkKey, lastSeq: number | null, cause: string): void {
    this.#tell({ queueId, firstSeq, lastSeq, cause })
  }

  #tell(finding: Omit<Finding, 'queue' | 'vhost'>): void {
    this.tally.findings++
    const queue = finding.queueId === null ? undefined : this.#queues.get(finding.queueId)
    this.#report({ ...finding, queue: queue?.name ?? null, vhost: queue?.vhost ?? null })
  }

  #strayChunk({ queueId, firstSeq }: ChunkKey, lastSeq: number | null): void {
    const stray = this.#stray(queueId)
    stray.firstSeq ??= firstSeq
    stray.lastSeq = lastSeq ?? stray.lastSeq
  }

  #stray(queueId: number): Stray {
    const stray = this.#strays.get(queueId) ?? { firstSeq: null, lastSeq: null }
    this.#strays.set(queueId, stray)
    return stray
  }
}

/** Reads an entry as a start would, which throws where it cannot. False for a kind that nobody reads. */
function isReadable(kind: Kind | 'stopped', names: readonly string[], { value }: MetaEntry): boolean {
  if (kind === 'binding') bindingEntry.read(names)
  else if (kind === 'user') accountEntry.read(names[0] ?? '', value)
  else if (kind === 'permission') permissionEntry.read(value)
  else if (kind === 'topic-permission') topicPermissionEntry.read(value)
  else if (kind === 'policy' || kind === 'operator-policy') policyEntry.read(names[1] ?? '', value)
  else if (kind === 'vhost-limits' || kind === 'user-limits') limitsEntry.read(value)
  return kind === 'stopped' || kinds.includes(kind)
}

/** Looks into each record: its parts have to fit into it, and the body has to be what its header announces. */
function checkRecords(segment: Segment): void {
  const message = new Message()
  for (let index = 0; index < segment.count; index++) {
    if (!isWhole(segment, index, message)) throw new DamagedChunk(`the parts of record ${index} do not fit together`)
  }
}

function isWhole(segment: Segment, index: number, message: Message): boolean {
  try {
    segment.read(index, message)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
  const { header, headerStart, headerEnd, bodyBytes } = message
  const routed = routingEnd(message.routing, message.routingStart) <= message.bodyEnd
  return routed && headerEnd - headerStart >= CONTENT_HEADER_BYTES && announcedBytes(header, headerStart) === bodyBytes
}

/** Class, weight, body size and property flags. */
const CONTENT_HEADER_BYTES = 14
