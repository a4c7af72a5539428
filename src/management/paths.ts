// Which methods a path takes: asked when a request found no route, to tell a wrong path from a wrong method, and to answer
// OPTIONS. Knows patterns of paths; not what is behind them.

interface Known {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

/** The paths of an application. */
export class Paths {
  readonly #known = new Map<string, Known>()

  /** A route: `/api/queues/:vhost/:name`, with its methods. */
  add(path: string, methods: string | readonly string[]): void {
    const known = this.#known.get(path) ?? { pattern: patternOf(path), methods: new Set<string>() }
    for (const method of [methods].flat()) known.methods.add(method)
    this.#known.set(path, known)
  }

  /** The methods of what `url` leads to; none where it leads nowhere. */
  methods(url: string): readonly string[] {
    const path = (url.split('?')[0] ?? '').replace(/(?<=.)\/$/, '')
    const found = [...this.#known.values()].filter(({ pattern }) => pattern.test(path))
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort()
  }
}

function patternOf(path: string): RegExp {
  const parts = path
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${parts.join('/')}$`)
}
