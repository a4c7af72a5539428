// RabbitMQ's tools in the help of this command line.

import { leveret } from '../../support/cli.ts'

describe('a tool as a command', () => {
  it('is in the help', async () => {
    const { code, stdout } = await leveret(['help', 'rabbitmqctl'])
    expect(code).toBe(0)
    expect(stdout).toContain("RabbitMQ's rabbitmqctl, in its own grammar")
  })

  it('runs', async () => {
    expect(await leveret(['rabbitmq-plugins', 'is_enabled', 'rabbitmq_management'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Plugin rabbitmq_management is enabled'),
    })
  })
})
