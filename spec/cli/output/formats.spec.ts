// The names of the formats, which scripts depend on.

import { formats } from '../../../src/cli/output/formats.ts'

it('are these', () => {
  expect(formats).toEqual(['table', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'tsv', 'name'])
})
