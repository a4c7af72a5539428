// The commands about messages: each loads, and is what it is called.

import { messageCommands } from '../../../src/cli/messages/catalogue.ts'

describe('commands about messages', () => {
  it.each(messageCommands.map(({ name, load }) => [name, load] as const))('%s loads', async (name, load) => {
    expect((await load()).name).toBe(name)
  })
})
