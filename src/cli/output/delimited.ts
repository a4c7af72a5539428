// CSV and TSV, for spreadsheets and for cut, awk and sort. Knows neither rows nor columns, only cells.

/** Lines of CSV as RFC 4180 has them, except that a line ends as everywhere else here. */
export function csv(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** Lines of TSV: one row is one line, so tabs, line ends and backslashes in a cell are escaped. */
export function tsv(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.map(escaped).join('\t')}\n`).join('')
}

const escapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' }

function escaped(cell: string): string {
  return cell.replaceAll(/[\t\n\r\\]/g, (sign) => escapes[sign] ?? sign)
}
