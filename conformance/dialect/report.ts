// Two brokers' outcomes of the same scenarios, compared row by row.

import { coverage } from './coverage.ts'
import type { Outcome } from './play.ts'
import { reasons } from './scenario.ts'

/**
 * A row of the report. `different` is a difference that the scenario explains, `not comparable` what RabbitMQ 3.10 lacks,
 * `not yet` what our broker owes; `why` says which.
 */
export type Comparison = {
  readonly outcome: Outcome
  readonly verdict: 'same' | 'different' | 'not comparable' | 'not yet' | 'UNEXPLAINED'
  readonly why: string
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
}

/** Compares what our broker did with what RabbitMQ did, or alone with the reference where RabbitMQ was not asked. */
export function compare(ours: Outcome, theirs: Outcome | undefined): Comparison {
  return theirs === undefined ? alone(ours) : beside(ours, theirs)
}

function alone(ours: Outcome): Comparison {
  const { notYet, lacking310 = '' } = ours.scenario
  const lines = { ours: ours.actual.slice(-1), theirs: [`not asked; expected: ${ours.expected.at(-1)}`] }
  const row = (verdict: Comparison['verdict'], why: string, shown = true): Comparison => ({
    outcome: ours,
    verdict,
    why,
    ...(shown ? lines : { ours: [], theirs: [] }),
  })
  if (notYet !== undefined && ours.same) return row('UNEXPLAINED', `marked as not there yet: ${notYet}`, false)
  if (notYet !== undefined) return row('not yet', notYet)
  if (ours.same) return row('not comparable', `RabbitMQ 3.10 has no ${lacking310}; as the reference says`, false)
  return row('UNEXPLAINED', 'ours not as the reference says')
}

function beside(ours: Outcome, theirs: Outcome): Comparison {
  const equal = ours.actual.join('\n') === theirs.actual.join('\n')
  const lines = { ours: [...ours.actual], theirs: [...theirs.actual] }
  const { notYet } = ours.scenario
  if (notYet !== undefined && theirs.same)
    return ours.same
      ? { outcome: ours, verdict: 'UNEXPLAINED', why: `marked as not there yet: ${notYet}`, ours: [], theirs: [] }
      : { outcome: ours, verdict: 'not yet', why: notYet, ...parting(lines) }
  if (ours.same && theirs.same)
    return equal
      ? { outcome: ours, verdict: 'same', why: '', ours: [], theirs: [] }
      : { outcome: ours, verdict: 'different', why: reasons(ours.scenario.steps).join('; '), ...parting(lines) }
  const wrong = [ours.same ? [] : ['ours'], theirs.same ? [] : ['RabbitMQ']].flat().join(' and ')
  return { outcome: ours, verdict: 'UNEXPLAINED', why: `${wrong} not as the scenario expects`, ...parting(lines) }
}

/** The lines from the first difference on. */
function parting({ ours, theirs }: { readonly ours: string[]; readonly theirs: string[] }) {
  const at = ours.findIndex((line, index) => line !== theirs[index])
  return at < 0
    ? { ours: ours.slice(-1), theirs: theirs.slice(-1) }
    : { ours: ours.slice(at), theirs: theirs.slice(at) }
}

/** The report as text: every row, or only those that are not the same. */
export function reportText(rows: readonly Comparison[], rowByRow: boolean): string {
  const shown = rowByRow ? rows : rows.filter(({ verdict }) => verdict === 'UNEXPLAINED')
  const lines = shown.flatMap(({ outcome, verdict, why, ours, theirs }) => [
    `${verdict.padEnd(11)} §${outcome.scenario.section.padEnd(4)} ${outcome.scenario.row}`,
    ...(why === '' ? [] : [`            ${why}`]),
    ...ours.map((line) => `              ours      ${line}`),
    ...theirs.map((line) => `              RabbitMQ  ${line}`),
  ])
  return `${[...lines, ...sectionLines(rows), summary(rows)].join('\n')}\n`
}

function summary(rows: readonly Comparison[]): string {
  const count = (wanted: Comparison['verdict']) => rows.filter(({ verdict }) => verdict === wanted).length
  const counts = [
    `${count('same')} same`,
    `${count('different')} different as written down`,
    `${count('not comparable')} not comparable`,
  ]
  return `${rows.length} scenarios: ${[...counts, `${count('not yet')} not there yet`].join(', ')}, ${count('UNEXPLAINED')} unexplained`
}

/** A line for each section: what share of the reference's rows is proven, and how its scenarios went. */
function sectionLines(rows: readonly Comparison[]): readonly string[] {
  const proven = coverage(rows.map(({ outcome }) => outcome.scenario))
  const lines = proven.map(({ section, covered, total, missing }) => {
    const verdicts = rows.filter(({ outcome }) => outcome.scenario.section === section).map(({ verdict }) => verdict)
    const counts = [...new Set(verdicts)].map((each) => `${verdicts.filter((other) => other === each).length} ${each}`)
    const lacking = missing.length === 0 ? '' : `; without: ${missing.join(', ')}`
    return `§${section.padEnd(4)} ${covered} of ${total} rows; ${verdicts.length} scenarios: ${counts.join(', ')}${lacking}`
  })
  const [covered, total] = [sum(proven.map((each) => each.covered)), sum(proven.map((each) => each.total))]
  return ['', ...lines, '', `${covered} of ${total} rows of the behaviour reference are proven by scenarios`]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
