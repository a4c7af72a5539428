// Bindings in the order in which they were made, also after a restart: their revisions say it. What types that choose
// one of their bindings count through.

import type { Binding } from '../binding.ts'

/** A list of bindings by revision. */
export class OrderedBindings {
  readonly list: Binding[] = []

  add(binding: Binding): void {
    const { list } = this
    if (list.includes(binding)) return
    let at = list.length
    while (at > 0 && (list[at - 1] as Binding).rev > binding.rev) at--
    list.splice(at, 0, binding)
  }

  remove(binding: Binding): void {
    const at = this.list.indexOf(binding)
    if (at >= 0) this.list.splice(at, 1)
  }
}
