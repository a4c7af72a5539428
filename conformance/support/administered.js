// A broker that a program embeds, and that is told over stdin what to change: the way in that the public API is. Run as
// `node administered.js <path of dist/index.js> <settings as JSON>`. Prints `{"url"}` when it is up; answers each line
// `{"id", "change": [method, ...arguments]}` with `{"id"}` or `{"id", "error"}`; stops in good order on SIGTERM.

import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { pino } from 'pino'

const [, , indexPath = '', settings = '{}'] = process.argv
const { configWith, startLeveret } = await import(pathToFileURL(indexPath).href)
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

const log = pino({ level: 'warn' }, pino.destination(2))
const leveret = await startLeveret(configWith(JSON.parse(settings)), log)

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, change } = JSON.parse(line)
  const [method, ...args] = change
  try {
    await leveret.administration[method](...args)
    say({ id })
  } catch (error) {
    say({ id, error: String(error.message) })
  }
})

process.once('SIGTERM', async () => {
  await leveret.stop()
  process.exit(0)
})

say({ url: leveret.urls[0] })
