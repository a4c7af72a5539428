// The rows of the behaviour reference's tables, section by section, and the scenarios that prove each: so that the report
// can say what share of them is covered. The reference itself is not in this repository; its rows are named in reference/
// by their first words.

import { restartRows } from '../restart/rows.ts'
import { messages } from './reference/messages.ts'
import { protocol } from './reference/protocol.ts'
import type { Row, Section } from './reference/row.ts'
import { topology } from './reference/topology.ts'
import type { Scenario } from './scenario.ts'

const sections: Section = { ...protocol, ...topology, ...messages }

/** What is proven of a section: rows covered, rows in all, and those that are not, with the reason. */
export type Coverage = {
  readonly section: string
  readonly covered: number
  readonly total: number
  readonly missing: readonly string[]
}

/** Which rows of the reference these scenarios prove, section by section. */
export function coverage(scenarios: readonly Scenario[]): readonly Coverage[] {
  const restarts = restartRows('SIGTERM').map(({ before }) => before)
  const shown = [...scenarios, ...restarts].map(({ section, row }) => `${section}:${row}`)
  return Object.entries(sections)
    .sort(([left], [right]) => inOrder(left, right))
    .map(([section, rows]) => {
      const missing = rows.flatMap((row) => uncovered(section, row, shown))
      return { section, covered: rows.length - missing.length, total: rows.length, missing }
    })
}

/** 2.9 comes before 2.10, and 9 before 10. */
function inOrder(left: string, right: string): number {
  const [chapter = 0, paragraph = 0] = left.split('.').map(Number)
  const [otherChapter = 0, otherParagraph = 0] = right.split('.').map(Number)
  return chapter - otherChapter || paragraph - otherParagraph
}

/** What is to be said of a row that no scenario proves; nothing of one that is proven. */
function uncovered(section: string, row: Row, shown: readonly string[]): readonly string[] {
  const [name, ...beginnings] = typeof row === 'string' ? [row, row] : row
  const reason = beginnings.find((each) => each.startsWith('!'))
  if (reason !== undefined) return [reason === '!' ? name : `${name} (${reason.slice(1)})`]
  const full = beginnings.map((each) => (/^\d+(\.\d+)?:/.test(each) ? each : `${section}:${each}`))
  return shown.some((each) => full.some((beginning) => each.startsWith(beginning))) ? [] : [name]
}
