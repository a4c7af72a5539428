// Which broker is meant, from flags, variables, contexts and defaults.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Globals, readGlobals } from '../../src/cli/globals.ts'
import { settleTarget } from '../../src/cli/target.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'

const flags = (given: Partial<Globals> = {}): Globals => ({ ...readGlobals({}), ...given })
const prod = { url: 'https://mq.example.org:15671', user: 'ops', password: 'secret', vhost: 'shop' }

describe('a target', () => {
  it('is guest at localhost when nobody says otherwise', () => {
    const target = settleTarget(flags(), {}, '/')
    expect(target).toMatchObject({ url: 'http://localhost:15672', user: 'guest', password: 'guest', vhost: undefined })
    expect(target.source).toBe('the default')
  })

  it('takes user and password out of a URL, decoded', () => {
    const target = settleTarget(flags({ url: 'http://a%40b:p%2Fw@mq:1234/prefix/api/' }), {}, '/')
    expect(target).toMatchObject({ url: 'http://mq:1234/prefix', user: 'a@b', password: 'p/w' })
  })

  it.each([
    ['amqp://u:p@mq:5999/a%2Fb', 'http://mq:15672', 'a/b'],
    ['amqps://u:p@mq', 'https://mq:15671', undefined],
  ])('finds the API beside %s', (url, api, vhost) => {
    expect(settleTarget(flags({ url }), {}, '/')).toMatchObject({ url: api, amqpUrl: url, user: 'u', vhost })
  })

  it('takes a host without a scheme', () => {
    expect(settleTarget(flags({ url: 'mq:8080' }), {}, '/').url).toBe('http://mq:8080')
  })

  it('goes by flags, then a named context, variables, the current context, rabbitmqadmin', () => {
    const env = { LEVERET_URL: 'http://variable', RABBITMQADMIN_TARGET_HOST: 'admin', RABBITMQADMIN_TARGET_PORT: '99' }
    const context = { name: 'prod', entry: prod, named: false }
    expect(settleTarget(flags({ url: 'http://flag' }), env, '/', context).url).toBe('http://flag')
    expect(settleTarget(flags(), env, '/', { ...context, named: true }).url).toBe(prod.url)
    expect(settleTarget(flags(), env, '/', context).url).toBe('http://variable')
    expect(settleTarget(flags(), { ...env, LEVERET_URL: '' }, '/', context).source).toBe('context "prod"')
    const last = settleTarget(flags(), { ...env, LEVERET_URL: '', RABBITMQADMIN_TARGET_VHOST: 'v' }, '/')
    expect(last).toMatchObject({ url: 'http://admin:99', vhost: 'v' })
  })

  it('never sends the password of one user with the name of another', () => {
    const context = { name: 'prod', entry: prod, named: false }
    expect(settleTarget(flags({ user: 'eve' }), {}, '/', context)).toMatchObject({ user: 'eve', password: '' })
    expect(settleTarget(flags(), {}, '/', context)).toMatchObject({ user: 'ops', password: 'secret' })
    expect(settleTarget(flags({ password: 'other' }), {}, '/', context)).toMatchObject({
      user: 'ops',
      password: 'other',
    })
  })

  it.each(['ftp://x', 'http://', 'amqp://'])('refuses %s', (url) => {
    expect(() => settleTarget(flags({ url }), {}, '/')).toThrow(/^--url: got ".*", expected a URL such as/)
  })

  it('does not print the password of a URL that it refuses', () => {
    expect(() => settleTarget(flags(), { LEVERET_URL: 'ftp://u:secret@x' }, '/')).toThrow(
      /LEVERET_URL: got "ftp:\/\/\.\.\.@x"/,
    )
  })

  it('reads the certificate authority, or says which file it cannot read', async () => {
    const folder = await createTemporaryDirectory()
    writeFileSync(join(folder, 'ca.pem'), 'PEM')
    expect(settleTarget(flags({ caCert: 'ca.pem' }), {}, folder).ca).toBe('PEM')
    expect(() => settleTarget(flags({ caCert: 'no.pem' }), {}, folder)).toThrow(/--ca-cert: .*no\.pem cannot be read/)
    await removeTemporaryDirectory(folder)
  })
})
