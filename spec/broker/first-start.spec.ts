// What a new broker begins with.

import { firstEntries } from '../../src/broker/first-start.ts'
import { Site, seededRandom } from '../support/site.ts'

describe('a new broker', () => {
  it('has the vhost and the user that it is told of, who may do everything there', async () => {
    const { broker } = await Site.start(undefined, { defaultUser: 'ann', defaultPass: 'secret', defaultVhost: 'v' })
    expect([...broker.vhosts.keys()]).toEqual(['v'])
    expect([...broker.users].map(({ name, tags }) => [name, tags])).toEqual([['ann', ['administrator']]])
    expect(broker.users.permission('ann', 'v')).toEqual({ configure: '.*', write: '.*', read: '.*' })
    const from = { address: '127.0.0.1', loopback: true }
    const login = await broker.logins.attempt({ user: 'ann', password: 'secret', ...from })
    expect(login).toMatchObject({ name: 'ann' })
  })

  it('is told from others by a name of its own', async () => {
    const options = { defaultUser: 'a', defaultPass: 'b', defaultVhost: '/' }
    const random = seededRandom()
    const [one, two] = [await firstEntries(options, random), await firstEntries(options, random)]
    expect(one.at(-1)?.[1]).toMatch(/^"rabbitmq-cluster-id-[\w-]{22}"$/)
    expect(one.at(-1)?.[1]).not.toBe(two.at(-1)?.[1])
  })
})
