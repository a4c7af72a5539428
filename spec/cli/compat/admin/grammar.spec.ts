// Arguments of the form name=value, and the paths that they come to.

import { AdminError } from '../../../../src/cli/compat/admin/admin-error.ts'
import { declarable, deletable, type Named, readNamed, verbs } from '../../../../src/cli/compat/admin/grammar.ts'

const kind = (table: Readonly<Record<string, Named>>, name: string): Named => {
  const found = table[name]
  if (!found) throw new Error(`no ${name}`)
  return found
}
const declare = (name: string, ...args: readonly string[]) => readNamed(args, kind(declarable, name), '/')

describe('arguments', () => {
  it('come to a path and a body', () => {
    expect(declare('queue', 'name=a/b', 'durable=false', 'queue_type=quorum', 'arguments={"x-max-length":1}')).toEqual({
      uri: '/queues/%2F/a%2Fb',
      upload: {
        name: 'a/b',
        vhost: '/',
        durable: 'false',
        auto_delete: 'false',
        queue_type: 'quorum',
        arguments: { 'x-max-length': 1, 'x-queue-type': 'quorum' },
      },
    })
  })

  it('name the ends of a binding', () => {
    expect(declare('binding', 'source=e', 'destination=q').uri).toBe('/bindings/%2F/e/e/q/q')
    expect(declare('binding', 'source=e', 'destination=f', 'destination_type=exchange').uri).toBe(
      '/bindings/%2F/e/e/e/f',
    )
    const args = ['source=e', 'destination_type=queue', 'destination=q', 'properties_key=k']
    expect(readNamed(args, kind(deletable, 'binding'), 'v').uri).toBe('/bindings/v/e/e/q/q/k')
  })

  it('may hold an equals sign, and may be the default exchange', () => {
    expect(declare('permission', 'vhost=v', 'user=u', 'configure=a=b', 'write=', 'read=').upload).toMatchObject({
      configure: 'a=b',
      write: '',
    })
    expect(readNamed(['routing_key=q', 'exchange='], verbs.publish, '/').uri).toBe('/exchanges/%2F/amq.default/publish')
  })

  it.each([
    ['queue', [], 'mandatory argument "name" is required'],
    ['queue', ['name'], 'Argument "name" not in the name=value format'],
    ['queue', ['name=a', 'nosuch=1'], 'Argument "nosuch" is not recognised'],
    ['queue', ['name='], 'argument "name" must not be empty'],
    ['user', ['name=u', 'tags='], `one of mandatory arguments "['password', 'password_hash']" is required`],
    ['policy', ['name=p', 'pattern=q', 'definition={bad'], 'Could not parse JSON:\n  {bad'],
  ])('for %s of %j are refused', (name, args, text) => {
    expect(() => declare(name, ...args)).toThrow(new AdminError(text))
  })
})
