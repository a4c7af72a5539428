#!/usr/bin/env node
// `rabbitmqadmin`, for scripts that call it by its name: the same as `leveret rabbitmqadmin`. Knows no more than that name.

process.argv.splice(2, 0, 'rabbitmqadmin')
await import('../main.ts')
