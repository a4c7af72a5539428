// The control API as a whole.

import { ControlSite } from '../../support/control-site.ts'

// The first request has the HTTP API loaded and compiled.
const control = new ControlSite()
const { ask } = control

beforeEach(() => control.open())

afterEach(() => control.close())

describe('the control API', () => {
  it('is described with the rest of the HTTP API, and asks for no name', async () => {
    const { site } = control
    const response = await fetch(`${site.broker.httpUrl}/api/openapi.json`)
    const { paths } = (await response.json()) as { readonly paths: Record<string, object> }
    const own = Object.keys(paths).filter((path) => path.startsWith('/api/leveret/test'))
    expect(own).toContain('/api/leveret/test/vhosts/{vhost}/wait')
    expect(Object.keys(paths)).toContain('/api/vhosts')
    expect((await ask('GET', '')).status).toBe(200)
    expect((await ask('GET', '/nothing')).status).toBe(404)
  })
})
