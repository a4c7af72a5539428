#!/usr/bin/env node
// `rabbitmqctl`, for scripts that call it by its name: the same as `leveret rabbitmqctl`. Knows no more than that name.

process.argv.splice(2, 0, 'rabbitmqctl')
await import('../main.ts')
