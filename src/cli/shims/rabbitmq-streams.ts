#!/usr/bin/env node
// `rabbitmq-streams`, for scripts that call it by its name: the same as `leveret rabbitmq-streams`. Knows no more than that name.

process.argv.splice(2, 0, 'rabbitmq-streams')
await import('../main.ts')
