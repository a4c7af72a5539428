// Which methods a path takes.

import { Paths } from '../../src/management/paths.ts'

const paths = new Paths()
paths.add('/api/queues', 'GET')
paths.add('/api/queues/:vhost/:name', ['GET', 'PUT'])
paths.add('/api/queues/:vhost/:name', 'DELETE')
paths.add('/api/a.b', 'POST')

it.each([
  ['/api/queues', ['GET']],
  ['/api/queues/', ['GET']],
  ['/api/queues?page=1/2', ['GET']],
  ['/api/queues/%2F/a', ['DELETE', 'GET', 'PUT']],
  ['/api/queues/%2F/a/b', []],
  ['/api/queues//a', []],
  ['/api/a.b', ['POST']],
  ['/api/aXb', []],
  ['/api', []],
])('%s', (url, methods) => {
  expect(paths.methods(url)).toEqual(methods)
})
