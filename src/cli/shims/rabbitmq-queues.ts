#!/usr/bin/env node
// `rabbitmq-queues`, for scripts that call it by its name: the same as `leveret rabbitmq-queues`. Knows no more than that name.

process.argv.splice(2, 0, 'rabbitmq-queues')
await import('../main.ts')
