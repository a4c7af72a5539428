// A store that tells the audit log of what is changed in it: it stands before the real one, passes everything on, and
// remembers what administrative entries were like. Knows the port and the kinds of entries; no file.

import { type Kind, keyNames, kinds } from '../broker/entries.ts'
import type { MetaStore, MetaTransaction, Store } from '../broker/store.ts'
import type { Actor, Audit, AuditedChange } from './audit.ts'

/** What clients declare over AMQP all the time; it is told of where somebody does so by administration. */
const declared: ReadonlySet<Kind> = new Set<Kind>(['exchange', 'queue', 'binding'])
const known: ReadonlySet<string> = new Set(kinds)

/** `store`, with every change told to `audit` once it is made. */
export function auditedStore(store: Store, audit: Pick<Audit, 'actor' | 'changed'>): Store {
  return {
    meta: auditedMeta(store.meta, audit),
    messages: store.messages,
    open: () => store.open(),
    close: () => store.close(),
  }
}

function auditedMeta(meta: MetaStore, audit: Pick<Audit, 'actor' | 'changed'>): MetaStore {
  const entries = new Map<string, string>()
  const tell = (actor: Actor | null, { writes }: MetaTransaction): void => {
    for (const { key, value } of writes) {
      const change = changeOf(key, entries.get(key) ?? null, value)
      if (value === null) entries.delete(key)
      else if (isAdministrative(key)) entries.set(key, value)
      if (change && (actor || isAdministrative(key))) audit.changed(actor, change)
    }
  }
  return {
    async load() {
      const loaded = await meta.load()
      for (const { key, value } of loaded) if (isAdministrative(key)) entries.set(key, value)
      return loaded
    },
    async commit(lease, transaction) {
      // Whoever asks is known now; when the disk has it, it may be anybody's turn.
      const { actor } = audit
      const done = await meta.commit(lease, transaction)
      if (done) tell(actor, transaction)
      return done
    },
    watch: (listener) => meta.watch(listener),
  }
}

function isAdministrative(key: string): boolean {
  const { kind } = keyNames(key)
  return known.has(kind) && !declared.has(kind)
}

/** What a write changes; null where it is nothing that anybody would want to know. */
function changeOf(key: string, before: string | null, after: string | null): AuditedChange | null {
  const { kind, names } = keyNames(key)
  if (!known.has(kind) || before === after) return null
  return { what: kind, names, before: shownValue(before), after: shownValue(after) }
}

/** Without secrets: hashes of passwords, and passwords in URIs. */
function shownValue(text: string | null): unknown {
  if (text === null) return null
  const hidden = text.replaceAll(/(\w+:\/\/[^:@/\s"]*):[^@/\s"]*@/g, '$1:(hidden)@')
  const value: unknown = JSON.parse(hidden)
  const isAccount = typeof value === 'object' && value !== null && 'passwordHash' in value
  return isAccount && value.passwordHash !== '' ? { ...value, passwordHash: '(hidden)' } : value
}
