// The topic exchange: binding keys are patterns of words, kept in a trie by word, so that what a message costs grows with
// the words of its key and not with the number of bindings.

import { preconditionFailed } from '../../protocol/reply.ts'
import type { Binding, Destination } from '../binding.ts'
import type { Message } from '../message.ts'
import type { Matcher } from './exchange.ts'

/** A place in the trie: the bindings whose pattern ends here, and what may follow. */
class Node {
  readonly words = new Map<string, Node>()
  readonly bindings = new Set<Binding>()
  /** The number of the last match that came here at each remaining position; see `TopicMatcher.#visit`. */
  readonly seen: number[] = []

  get empty(): boolean {
    return this.words.size === 0 && this.bindings.size === 0
  }
}

/**
 * Matches patterns (behaviour.md §5.7): `*` stands for exactly one word, `#` for any number of words, none included; both
 * only as a whole word. The empty key is no word at all, `a.` is two words.
 */
export class TopicMatcher implements Matcher {
  readonly byKeyOnly = true
  readonly #root = new Node()
  #matches = 0

  add(binding: Binding): void {
    let node = this.#root
    for (const word of wordsOf(binding.routingKey)) {
      let next = node.words.get(word)
      if (!next) {
        next = new Node()
        node.words.set(word, next)
      }
      node = next
    }
    node.bindings.add(binding)
  }

  remove(binding: Binding): void {
    prune(this.#root, wordsOf(binding.routingKey), 0, binding)
  }

  match(keys: readonly string[], _message: Message, found: Set<Destination>): void {
    for (const key of keys) {
      this.#matches++
      this.#visit(this.#root, wordsOf(key), 0, found)
    }
  }

  /**
   * Walks on from `node` with the words from `at` on. A node is entered once per match and position: without that, a
   * pattern of many `#` would cost exponentially in the words of the key.
   */
  #visit(node: Node, words: readonly string[], at: number, found: Set<Destination>): void {
    if (node.seen[at] === this.#matches) return
    node.seen[at] = this.#matches
    const any = node.words.get('#')
    if (any) for (let rest = at; rest <= words.length; rest++) this.#visit(any, words, rest, found)
    const word = words[at]
    if (word === undefined) {
      for (const binding of node.bindings) found.add(binding.to)
      return
    }
    // Where the word is a literal `#` or `*`, these lead where one has been already.
    const same = node.words.get(word)
    if (same) this.#visit(same, words, at + 1, found)
    const one = node.words.get('*')
    if (one) this.#visit(one, words, at + 1, found)
  }
}

/** Throws `ChannelError` 406 where a binding's key has more words `#` than that (behaviour.md §5.7). */
export function checkWildcards(key: string, most: number): void {
  const count = wordsOf(key).filter((word) => word === '#').length
  if (count <= most) return
  throw preconditionFailed(`Topic binding key '${key}' uses ${count} '#' wildcards, at most ${most} are allowed`)
}

function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.')
}

/** Takes `binding` out below `node`, and the nodes that nothing else needs. */
function prune(node: Node, words: readonly string[], at: number, binding: Binding): void {
  const word = words[at]
  if (word === undefined) {
    node.bindings.delete(binding)
    return
  }
  const next = node.words.get(word)
  if (!next) return
  prune(next, words, at + 1, binding)
  if (next.empty) node.words.delete(word)
}
