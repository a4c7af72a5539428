// The schemas of peers describe what the views make: all fields that they name are there, and fit.

import { Ajv } from 'ajv'
import { channelSchema, connectionSchema, consumerSchema } from '../../../src/management/views/peers-schemas.ts'
import { Api } from '../../support/api.ts'

describe('the schemas of peers', () => {
  it.each([
    ['/api/connections', connectionSchema],
    ['/api/channels', channelSchema],
    ['/api/consumers', consumerSchema],
  ])('fit what %s answers', async (url, schema) => {
    const api = await Api.create()
    const peer = await api.world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'a' })
    peer.publish(1, { routingKey: 'q' })
    await peer.heard()
    const { status, body } = await api.ask(url)
    expect([status, body.length]).toEqual([200, 1])
    const ajv = new Ajv({ strict: false })
    expect([ajv.validate(schema, body[0]), ajv.errors]).toEqual([true, null])
    await api.close()
  })
})
