// Looking at messages where a broker can show them.

import { browsed } from '../../../src/cli/messages/browse.ts'

describe('a broker that cannot show messages', () => {
  it('has nothing to say', async () => {
    expect(await browsed({} as never, 'q', 0, 1)).toBeUndefined()
  })
})
