#!/usr/bin/env node
// rabbitmq-plugins, for scripts that call it by its name: the same as `leveret rabbitmq-plugins`.
process.argv.splice(2, 0, 'rabbitmq-plugins')
await import('../dist/cli/main.js')
