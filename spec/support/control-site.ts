// A test broker with its control API open, and requests to that.

import { TestSite } from './test-site.ts'

/** What a spec of the control API works with. */
export class ControlSite {
  site!: TestSite

  async open(clock: 'real' | 'virtual' = 'real'): Promise<void> {
    this.site = await TestSite.open({ http: true, clock })
  }

  async close(): Promise<void> {
    await this.site.close()
  }

  /** Asks for a path below /api/leveret/test; JSON is parsed. */
  readonly ask = async (method: string, path: string, body?: unknown) => {
    const json = { 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: json }
    const response = await fetch(`${this.site.broker.httpUrl}/api/leveret/test${path}`, { method, ...sent })
    const text = await response.text()
    return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text }
  }
}
