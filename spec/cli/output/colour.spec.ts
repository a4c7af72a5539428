// When there are colours: NO_COLOR, FORCE_COLOR, CLICOLOR, --no-color, and a terminal that can do it.

import { coloursFor, wantsColour } from '../../../src/cli/output/colour.ts'

it.each([
  [true, {}, true, true],
  [true, {}, false, false],
  [false, { FORCE_COLOR: '1' }, true, false],
  [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [true, { NO_COLOR: '' }, true, true],
  [true, { FORCE_COLOR: '1' }, false, true],
  [true, { FORCE_COLOR: '0' }, true, false],
  [true, { CLICOLOR: '0' }, true, false],
  [true, { CLICOLOR_FORCE: '1' }, false, true],
  [true, { TERM: 'dumb' }, true, false],
])('flag %s, %j, terminal %s: %s', (flag, env, isTTY, wanted) => {
  expect(wantsColour(flag, env, isTTY)).toBe(wanted)
})

it('colours, or leaves as it is', () => {
  expect(coloursFor(true).red('a')).toBe('\u001b[31ma\u001b[39m')
  expect(coloursFor(false).bold('a')).toBe('a')
})
