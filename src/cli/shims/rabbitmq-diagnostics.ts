#!/usr/bin/env node
// `rabbitmq-diagnostics`, for scripts that call it by its name: the same as `leveret rabbitmq-diagnostics`. Knows no more than that name.

process.argv.splice(2, 0, 'rabbitmq-diagnostics')
await import('../main.ts')
