// What is set for a vhost that nobody has set anything for.

import { PLAIN_VHOST } from '../../src/broker/vhost-settings.ts'

it('a vhost has classic queues and no words about it, unless somebody says otherwise', () => {
  expect(PLAIN_VHOST).toEqual({
    defaultQueueType: null,
    description: '',
    tags: [],
    protectedFromDeletion: false,
  })
})
