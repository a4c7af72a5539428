// `npm run bench`: named workloads against one broker or several, in turn, and a table of what came out.

import { appendFileSync, readFileSync } from 'node:fs'
import { sleep } from './generator/clock.js'
import { readOptions, USAGE } from './options.js'
import { problemsOf, tableOf } from './report.js'
import { runStep } from './steps.js'
import { BarePeer, readTarget } from './targets.js'
import { ceilings, workloads } from './workloads.js'

const PAUSE_MS = 300
const aborting = new AbortController()
process.once('SIGINT', () => aborting.abort(new Error('interrupted')))
process.once('SIGTERM', () => aborting.abort(new Error('interrupted')))

process.exitCode = await main(process.argv.slice(2))

async function main(args) {
  try {
    const options = readOptions(args)
    const known = options.ceiling ? ceilings : workloads(options)
    if (options.help) process.stdout.write(USAGE)
    else if (options.list) process.stdout.write(listOf(known))
    else if (options.report) process.stdout.write(tableOf(options.report.flatMap(readResults), known))
    else return await measure(options, known)
    return 0
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${USAGE}`)
    return 64
  }
}

async function measure(options, known) {
  const unknown = options.only?.find((name) => known[name] === undefined)
  if (unknown) throw new Error(`there is no workload '${unknown}', only ${Object.keys(known).join(', ')}`)
  const targets = options.targets.map((text) => readTarget(text, options.login, options))
  const results = []
  const record = (result) => {
    results.push(result)
    if (options.out) appendFileSync(options.out, `${JSON.stringify(result)}\n`)
    for (const problem of problemsOf(result)) process.stderr.write(`${result.workload}, ${result.target}: ${problem}\n`)
  }
  const chosen = (options.only ?? Object.keys(known)).map((name) => [name, known[name]])
  if (options.ceiling) await measureCeilings(chosen, options, record)
  else await measureTargets(chosen, targets, options, record)
  if (results.length > 0) process.stdout.write(tableOf(results, known))
  if (aborting.signal.aborted) return 130
  return results.some((result) => problemsOf(result).length > 0) ? 1 : 0
}

/** Targets take turns, and who goes first changes from run to run. */
async function measureTargets(chosen, targets, options, record) {
  let begun = false
  try {
    for (const [name, workload] of chosen) {
      for (let run = 0; run < options.runs; run++) {
        for (const target of run % 2 === 0 ? targets : targets.toReversed()) {
          if (aborting.signal.aborted) return
          if (begun) await sleep(PAUSE_MS)
          begun = true
          record(await runOnce({ name, workload, run, target, options }))
          if (workload.fresh) await target.stop()
        }
      }
      for (const target of targets) await target.stop()
    }
  } finally {
    for (const target of targets) await target.stop()
  }
}

async function measureCeilings(chosen, options, record) {
  for (const [name, workload] of chosen) {
    for (let run = 0; run < options.runs; run++) {
      if (aborting.signal.aborted) return
      const peer = new BarePeer()
      const target = {
        name: 'generator',
        address: () => peer.start(workload.mode, workload.steps[0].size ?? 16, options.login),
      }
      try {
        record(await runOnce({ name, workload, run, target, options }))
      } finally {
        peer.stop()
      }
    }
  }
}

/** All steps of a workload, until one fails. */
async function runOnce({ name, workload, run, target, options }) {
  process.stderr.write(`${name}, ${target.name}, run ${run + 1} of ${options.runs}\n`)
  const steps = []
  const at = new Date().toISOString()
  const prefix = `L${Math.floor(Math.random() * 0x1000)
    .toString(16)
    .padStart(3, '0')}`
  try {
    const address = await target.address()
    const { seconds, warmupSeconds } = options
    for (const step of workload.steps) {
      steps.push(await runStep(step, { address, prefix, seconds, warmupSeconds, signal: aborting.signal }))
      if (steps.at(-1).problems.length > 0) break
    }
  } catch (error) {
    steps.push({ problems: [error.message] })
  }
  return { workload: name, target: target.name, run, at, steps }
}

function listOf(known) {
  return Object.entries(known)
    .flatMap(([name, { text, steps }]) => [
      `${name.padEnd(6)}${text}`,
      ...steps.map((step) => `      ${JSON.stringify(step)}`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function readResults(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
