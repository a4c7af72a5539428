// Results as a Markdown table: medians with least and greatest, and ratios to the first target.

const noise = [
  { label: 'generator CPU', key: 'generatorCpuPercent', unit: '% of a core', lower: true },
  { label: 'CPU of others', key: 'otherCpuPercent', unit: '% of a core', lower: true },
]

/**
 * @typedef {{ workload: string, target: string, run: number, steps: object[] }} Result a line of the JSON output
 * @param {readonly Result[]} results
 * @param {Record<string, import('./workloads.js').Workload>} workloads
 * @returns {string}
 */
export const tableOf = (results, workloads) => {
  const names = [...new Set(results.map(({ target }) => target))]
  const lines = names.map((name) => `- **${name}**: ${serversOf(results, name)}`)
  lines.push('', headOf(names), `|---|---|${'---:|'.repeat(2 * names.length - 1)}`)
  for (const [id, workload] of Object.entries(workloads)) {
    const ours = results.filter((result) => result.workload === id)
    if (ours.length > 0) lines.push(...rowsOf(id, workload, names, ours))
  }
  return `${lines.join('\n')}\n`
}

/** @returns {string[]} what went wrong in a result, if anything did */
export const problemsOf = ({ steps }) => steps.flatMap(({ problems }) => problems)

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2
}

const serversOf = (results, name) => {
  const ours = results.filter(({ target }) => target === name)
  const servers = new Set(ours.flatMap(({ steps }) => steps.map(({ server }) => server)).filter(Boolean))
  return [...servers].join(', ') || 'not reached'
}

const headOf = (names) => {
  const figures = names.map((name) => ` ${name}, median (least–greatest) |`).join('')
  const ratios = names
    .slice(1)
    .map((name) => ` ${name} / ${names[0]} |`)
    .join('')
  return `| workload | figure |${figures}${ratios}`
}

const rowsOf = (id, { text, metrics }, names, results) => {
  const rows = [...metrics, ...noise].map((metric) => cellsOf(metric, names, results)).filter(Boolean)
  const lines = rows.map((cells, index) => `| ${index === 0 ? `**${id}** ${text}` : ''} | ${cells.join(' | ')} |`)
  for (const result of results) {
    for (const problem of problemsOf(result)) {
      const blank = ' |'.repeat(2 * names.length - 2)
      lines.push(
        `| **${id}** | **failed**: ${result.target}, run ${result.run + 1} | ${problem.replaceAll('|', '/')} |${blank}`,
      )
    }
  }
  return lines
}

/** @returns {string[] | undefined} nothing when no target has the figure */
const cellsOf = ({ label, step = 0, key, unit, lower }, names, results) => {
  const values = names.map((name) =>
    results
      .filter(({ target }) => target === name)
      .map(({ steps }) => figureOf(steps[step], key))
      .filter((value) => value !== undefined),
  )
  if (values.every((own) => own.length === 0)) return undefined
  const medians = values.map((own) => (own.length > 0 ? median(own) : undefined))
  const ratios = medians.slice(1).map((value) => ratioOf(value, medians[0]))
  return [`${label}, ${unit}${lower ? ' ↓' : ''}`, ...values.map(spread), ...ratios]
}

const figureOf = (figures, path) => path.split('.').reduce((value, key) => value?.[key], figures)

const ratioOf = (value, first) => (value === undefined || !first ? '–' : `${digits(value / first)}×`)

const spread = (values) => {
  if (values.length === 0) return '–'
  const middle = digits(median(values))
  return values.length === 1 ? middle : `${middle} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`
}

/** Three significant digits and more, never an exponent. */
const digits = (value) => {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  if (Math.abs(value) >= 100) return value.toFixed(0)
  if (Math.abs(value) >= 10) return value.toFixed(1)
  return Math.abs(value) >= 1 ? value.toFixed(2) : value.toFixed(3)
}
