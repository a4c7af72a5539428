// `leveret completion`: a script for each shell that there is.

import { leveret } from '../../support/cli.ts'

it.each(['bash', 'zsh', 'fish', 'pwsh'])('completes commands, verbs and flags in %s', async (shell) => {
  const { code, stdout } = await leveret(['completion', shell])
  expect(code).toBe(0)
  for (const word of ['queues', 'declare', 'serve', 'auto-delete', 'vhost']) expect(stdout).toContain(word)
})

it('names the shells there are', async () => {
  expect(await leveret(['completion', 'tcsh'])).toMatchObject({
    code: 64,
    stderr: 'leveret: completion: got "tcsh", expected one of bash, zsh, fish, pwsh\n',
  })
})
