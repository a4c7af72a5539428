// The command line of the benchmark.

import { parseArgs } from 'node:util'

export const USAGE = `npm run bench -- [options]

  --target NAME=HOST:PORT[:PID]   a broker to measure; again for each further one. With the id of its process, CPU and
                                  memory are measured too (Linux). A name alone: a Leveret of our own, started and ended
                                  here. Default: leveret
  --only NAMES      workloads, commas between them (default: all)
  --seconds N       that are counted per run (5)
  --warmup N        seconds before them (1)
  --runs N          of each workload and target (3)
  --count N         messages of w11 and w11p (1000000)
  --connections N   of w13 (5000)
  --user NAME, --password TEXT, --vhost NAME   (guest, guest, /)
  --data-dir FOLDER where a broker of our own keeps its data (the system's temporary folder)
  --out FILE        append every result to it, one JSON object a line
  --report FILE     only print the table of such a file; again for each further one
  --ceiling         measure the generator itself, against a peer that does nothing
  --list            name the workloads
  --help

Targets take turns, run by run. The table has medians with least and greatest, and ratios to the first target.
Exit: 0 all is well, 1 a run failed or messages were lost, doubled or out of order, 64 wrong command line.
`

/**
 * @typedef {object} Options
 * @property {string[]} targets
 * @property {string[] | undefined} only
 * @property {number} seconds
 * @property {number} warmupSeconds
 * @property {number} runs
 * @property {number} count
 * @property {number} connections
 * @property {{ user: string, password: string, vhost: string }} login
 * @property {string | undefined} dataDir
 * @property {string | undefined} out
 * @property {string[] | undefined} report
 * @property {boolean} ceiling
 * @property {boolean} list
 * @property {boolean} help
 */

/**
 * @param {readonly string[]} args
 * @returns {Options}
 * @throws Error that says what is wrong with them
 */
export const readOptions = (args) => {
  const text = (fallback) => ({ type: 'string', ...(fallback !== undefined && { default: fallback }) })
  const several = { type: 'string', multiple: true }
  const flag = { type: 'boolean', default: false }
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: several,
      only: text(),
      seconds: text('5'),
      warmup: text('1'),
      runs: text('3'),
      count: text('1000000'),
      connections: text('5000'),
      user: text('guest'),
      password: text('guest'),
      vhost: text('/'),
      'data-dir': text(),
      out: text(),
      report: several,
      ceiling: flag,
      list: flag,
      help: flag,
    },
  })
  return {
    targets: values.target ?? ['leveret'],
    only: values.only?.split(','),
    seconds: number('seconds', values.seconds, 0.1),
    warmupSeconds: number('warmup', values.warmup, 0),
    runs: whole('runs', values.runs),
    count: whole('count', values.count),
    connections: whole('connections', values.connections),
    login: { user: values.user, password: values.password, vhost: values.vhost },
    dataDir: values['data-dir'],
    out: values.out,
    report: values.report,
    ceiling: values.ceiling,
    list: values.list,
    help: values.help,
  }
}

const number = (name, text, least) => {
  const value = Number(text)
  if (text === '' || !(value >= least)) throw new Error(`--${name} is a number from ${least} on, not '${text}'`)
  return value
}

const whole = (name, text) => {
  const value = number(name, text, 1)
  if (!Number.isSafeInteger(value)) throw new Error(`--${name} is a whole number, not '${text}'`)
  return value
}
