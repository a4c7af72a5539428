#!/usr/bin/env node
// `rabbitmq-plugins`, for scripts that call it by its name: the same as `leveret rabbitmq-plugins`. Knows no more than that name.

process.argv.splice(2, 0, 'rabbitmq-plugins')
await import('../main.ts')
