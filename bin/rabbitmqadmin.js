#!/usr/bin/env node
// rabbitmqadmin, for scripts that call it by its name: the same as `leveret rabbitmqadmin`.
process.argv.splice(2, 0, 'rabbitmqadmin')
await import('../dist/cli/main.js')
