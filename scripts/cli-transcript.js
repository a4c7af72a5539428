// Runs the command line against a broker of its own, as a reader of docs/cli-transcript.md would, and writes that page.
// What differs from run to run (ports, sizes, times, hashes) is replaced, so that running it again changes nothing.
//
//   npm run build && node scripts/cli-transcript.js [--print]

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveBroker } from './served-broker.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'dist', 'cli', 'main.js')
const page = join(root, 'docs', 'cli-transcript.md')

/** Chapters: a title, and the command lines as a shell would be given them (without pipes and variables). */
const chapters = [
  [
    'Looking around',
    [
      'leveret --version',
      'leveret health',
      'leveret status',
      'leveret vhosts list',
      'leveret exchanges list --filter "name=~^amq.(topic|direct)"',
    ],
  ],
  [
    'Queues, exchanges, bindings',
    [
      'leveret queues declare orders --type quorum --argument x-max-length=100000',
      'leveret queues declare orders.failed --argument x-message-ttl=86400000',
      'leveret exchanges declare shop --type topic',
      'leveret bindings declare shop orders --routing-key "order.*"',
      'leveret bindings declare shop orders.failed --routing-key "order.*.failed"',
      'leveret queues list',
      'leveret queues list --columns name,type,arguments --sort -name -o csv',
      'leveret queues list -o json --columns name,arguments',
      'leveret queues list --filter "type=quorum && messages=0" -o name',
      'leveret bindings list --source shop',
      'leveret topology',
      'leveret topology --format mermaid',
    ],
  ],
  [
    'Where would a message go?',
    [
      'leveret route shop order.created',
      'leveret route shop order.eu.failed',
      'leveret route shop invoice.created',
      'leveret doctor',
    ],
  ],
  [
    'Users and what they may do',
    [
      'leveret users add web --without-password --tags management',
      'leveret permissions set web "" "^shop$" "^orders"',
      'leveret permissions list',
      'leveret users list',
      'leveret limits set max-connections 100 --of-user web',
      'leveret limits list',
      'leveret vhosts add staging --description "where we try things"',
      'leveret policies set short "^logs" --define max-length=1000 --apply-to queues',
      'leveret policies list',
    ],
  ],
  [
    'Definitions',
    [
      'leveret definitions export definitions.json',
      'leveret definitions validate definitions.json',
      'leveret queues declare left-over',
      'leveret definitions diff definitions.json',
      'leveret definitions import definitions.json --prune --dry-run',
      'leveret definitions import definitions.json --prune --yes',
      'leveret definitions import definitions.json --skip-if-unchanged',
    ],
  ],
  [
    'When something is not as it should be',
    [
      'leveret queus list',
      'leveret queues show ordrs',
      'leveret queues declare orders',
      'leveret queues list --filter "mesages>10"',
      'leveret queues list --sort size',
      'leveret queues list -o xml',
      'leveret users list --user web --password guess',
      'leveret queues list --url http://localhost:1',
    ],
  ],
  [
    'Cleaning up',
    [
      'leveret queues delete orders',
      'leveret queues delete --pattern "^orders" --dry-run',
      'leveret queues delete --pattern "^orders" --yes',
      'leveret exchanges delete shop --yes',
      'leveret vhosts delete staging --yes',
      'leveret users delete web --yes',
    ],
  ],
]

/** The words of a command line; double quotes keep one together. */
export function wordsOf(line) {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare)
}

function run(args, cwd, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    const take = (chunk) => {
      text += chunk
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, text }))
  })
}

/** What is not the same in every run. */
function normalised(text, url) {
  return text
    .replaceAll(url, 'http://localhost:15672')
    .replaceAll(/^(node +)\S+$/gm, '$1rabbit@localhost')
    .replaceAll(/^(uptime +)\S+$/gm, '$11s')
    .replaceAll(/^(memory +).*$/gm, '$160 MiB of 4.0 GiB')
    .replaceAll(/^(disk free +).*$/gm, '$120 GiB (alarm below 47.7 MiB)')
    .replaceAll(/(127\.0\.0\.1:|localhost:)\d{4,5}\b/g, (all, host) =>
      all === 'localhost:15672' ? all : `${host}PORT`,
    )
    .replaceAll(/(::+)\d{4,5}\b/g, '$1PORT')
    .replaceAll(/rabbitmq-cluster-id-\S+/g, 'rabbitmq-cluster-id-...')
}

async function transcript() {
  const cwd = mkdtempSync(join(tmpdir(), 'leveret-transcript-'))
  const broker = await serveBroker({ args: ['--ephemeral', '--http-port', '0'], spawning: { cwd } })
  try {
    const url = broker.url('http')
    const env = { PATH: process.env.PATH, HOME: cwd, LEVERET_URL: url, NO_COLOR: '1' }
    const parts = [
      '# A session at the command line',
      '',
      'Written by `node scripts/cli-transcript.js`, which really runs each of these commands against a fresh broker, one after',
      'the other, and prints what they said as a terminal shows it. A failed command is followed by its exit code.',
    ]
    for (const [title, lines] of chapters) {
      parts.push('', `## ${title}`, '', '```console')
      for (const line of lines) {
        const asked = wordsOf(line).slice(1)
        const args = asked.includes('-o') || asked.includes('--version') ? asked : [...asked, '-o', 'table']
        const { code, text } = await run(args, cwd, env)
        parts.push(
          `$ ${line}`,
          ...normalised(text, url)
            .trimEnd()
            .split('\n')
            .filter((each) => each !== ''),
        )
        if (code !== 0) parts.push(`[exit code ${code}]`)
      }
      parts.push('```')
    }
    return `${parts.join('\n')}\n`
  } finally {
    await broker.end()
    rmSync(cwd, { recursive: true, force: true })
  }
}

const text = await transcript()
if (process.argv.includes('--print')) process.stdout.write(text)
else writeFileSync(page, text)
