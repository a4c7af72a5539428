// rabbitmq-plugins, which succeeds without a broker.

import { ctl } from '../../../support/ctl.ts'

const run = (line: string) => ctl(line, {}, { tool: 'rabbitmq-plugins' })

describe('rabbitmq-plugins', () => {
  it('enables and disables what RabbitMQ has, and changes nothing', async () => {
    expect(await run('enable --offline rabbitmq_management rabbitmq_mqtt')).toMatchObject({
      code: 0,
      received: [],
      stdout: expect.stringMatching(/stay enabled: rabbitmq_management\nNot part of this broker.*rabbitmq_mqtt/),
    })
    expect(await run('disable rabbitmq_management')).toMatchObject({ code: 0 })
    expect(await run('set rabbitmq_prometheus')).toMatchObject({ code: 0 })
  })

  it('knows no other names', async () => {
    expect(await run('enable nosuch')).toMatchObject({ code: 70, stderr: 'Error:\n{:plugins_not_found, [:nosuch]}\n' })
  })

  it('says what is built in', async () => {
    expect(await run('is_enabled rabbitmq_management')).toMatchObject({ code: 0 })
    expect(await run('is_enabled rabbitmq_mqtt')).toMatchObject({ code: 69 })
    expect((await run('-q list -m -E management$')).stdout).toBe('rabbitmq_management\n')
    expect((await run('list')).stdout).toMatch(/\[E\*\] rabbitmq_management\n[\s\S]*\[ {2}\] rabbitmq_mqtt\n/)
    expect(await run('directories')).toMatchObject({ code: 0 })
  })
})
