// Tables for people: columns without borders, numbers to the right, cut to the terminal's width where there is one. Draws
// with cli-table3; knows neither rows nor paths, only cells.

import type { Colours } from './colour.ts'

/** What a table looks like. */
export interface TableStyle {
  readonly colours: Colours
  /** Characters that there is room for; undefined cuts nothing. */
  readonly width?: number | undefined
}

/** Between two columns. */
const GAP = 2
/** A column is not made narrower than this. */
const NARROWEST = 6

/** A drawn table. A `head` of undefined draws none. */
export async function table(
  head: readonly string[] | undefined,
  lines: readonly (readonly string[])[],
  { colours, width }: TableStyle,
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const count = head?.length ?? lines[0]?.length ?? 0
  const all = head ? [head, ...lines] : lines
  const natural = Array.from({ length: count }, (_, column) =>
    Math.max(1, ...all.map((cells) => lengthOf(cells[column]))),
  )
  const widths = width === undefined ? natural : fitted(natural, width)
  const drawn = new Table({
    ...(head ? { head: head.map(printable) } : {}),
    chars: borderless,
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [], compact: true },
    colWidths: widths.map((each) => each + GAP),
    colAligns: natural.map((_, column) =>
      lines.length > 0 && lines.every((cells) => isNumber(cells[column])) ? 'right' : 'left',
    ),
  })
  drawn.push(...lines.map((cells) => cells.map(printable)))
  const text = drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  if (head && text[0] !== undefined) text[0] = colours.bold(text[0])
  return count === 0 ? '' : `${text.join('\n')}\n`
}

const borderless = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
)

/** Takes from the widest columns until they fit, or cannot be narrower. */
function fitted(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural]
  const room = width - GAP * (widths.length - 1)
  for (let over = widths.reduce((sum, each) => sum + each, 0) - room; over > 0; over--) {
    const widest = Math.max(...widths)
    if (widest <= NARROWEST) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths
}

function lengthOf(cell: string | undefined): number {
  return cell === undefined ? 0 : [...printable(cell)].length
}

// A control character in a name must not reach the terminal, which would obey it.
function printable(cell: string): string {
  return cell.replaceAll(/\p{Cc}/gu, (sign) => JSON.stringify(sign).slice(1, -1))
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && (cell === '' || /^-?[\d.,]+( ?[A-Za-z/%]{1,5})?$/.test(cell))
}
