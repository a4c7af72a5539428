#!/usr/bin/env node
// rabbitmqctl, for scripts that call it by its name: the same as `leveret rabbitmqctl`.
process.argv.splice(2, 0, 'rabbitmqctl')
await import('../dist/cli/main.js')
