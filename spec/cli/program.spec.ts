// Command lines: what reaches serve, what is printed, and which exit code a misuse has.

import type { CheckFlags } from '../../src/cli/check.ts'
import { run } from '../../src/cli/program.ts'
import type { ServeFlags } from '../../src/cli/serve.ts'
import { initially } from '../../src/cli/server-commands.ts'
import { terminalOf } from '../../src/cli/terminal.ts'
import { flagOf, optionList, options, variablesOf } from '../../src/config/options.ts'

interface Outcome {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly served: readonly ServeFlags[]
  readonly checked: readonly CheckFlags[]
}

async function leveret(...argv: readonly string[]): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  const served: ServeFlags[] = []
  const checked: CheckFlags[] = []
  const code = await run(argv, {
    terminal: {
      ...terminalOf(process),
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
    },
    serve: async (flags) => void served.push(flags),
    check: async (flags) => void checked.push(flags),
  })
  return { code, stdout, stderr, served, checked }
}

describe('the command line', () => {
  it('hands serve only the flags that were given, as they were given', async () => {
    const { code, served } = await leveret(
      'serve',
      '--port',
      '0',
      '--max-message-size=1MiB',
      '--ephemeral',
      '--no-sync',
    )
    expect(code).toBeUndefined()
    expect(served).toEqual([
      { flags: { port: '0', maxMessageBytes: '1MiB', ephemeral: true, sync: false }, configFile: undefined },
    ])
  })

  it('hands serve the path of the configuration file', async () => {
    const { served } = await leveret('serve', '--config', 'a.toml')
    expect(served).toEqual([{ flags: {}, configFile: 'a.toml' }])
  })

  it('hands serve where to say that it is ready', async () => {
    const { served } = await leveret('serve', '--ready-file', 'a', '--ready-fd', '3')
    expect(served).toMatchObject([{ readyFile: 'a', readyFd: '3' }])
  })

  it('hands check the folder and the configuration file, and nothing to serve', async () => {
    const { code, checked, served } = await leveret('check', '--data-dir', 'a', '--config', 'b.toml')
    expect({ code, checked, served }).toEqual({
      code: undefined,
      checked: [{ flags: { dataDir: 'a' }, configFile: 'b.toml' }],
      served: [],
    })
  })

  it('lists exec, which is run without it', async () => {
    const { code, stdout } = await leveret('--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ +exec .*Run a command with a broker of its own/m)
  })

  it('explains the exit codes of check', async () => {
    const { code, stdout } = await leveret('check', '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/--data-dir <folder>.*\b0\b.*\b65\b.*\b69\b/s)
  })

  it.each(optionList)('has a flag for %s that reaches serve', async (field, option) => {
    const yesOrNo = option.placeholder === undefined
    const { served, stderr } = await leveret('serve', flagOf(option), ...(yesOrNo ? [] : ['value']))
    expect(stderr).toBe('')
    expect(served).toEqual([{ flags: { [field]: yesOrNo ? true : 'value' }, configFile: undefined }])
    if (yesOrNo) {
      expect((await leveret('serve', `--no-${option.name}`)).served[0]?.flags).toEqual({ [field]: false })
    }
  })

  it('explains every flag of serve with its default and its variables', async () => {
    const { code, stdout, stderr } = await leveret('serve', '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const words = stdout.replaceAll(/\s+/g, ' ')
    for (const [, option] of optionList) {
      expect(words).toContain(flagOf(option))
      expect(words).toContain(`${option.help} (default: ${initially(option)}; ${variablesOf(option).join(', ')})`)
    }
  })

  it('shows a default as a person would write it', () => {
    expect(initially(options.loopbackUsers)).toBe('guest')
    expect(initially(options.maxMessageBytes)).toBe('16MiB')
    expect(initially(options.ephemeral)).toBe('false')
  })

  it.each([['--help'], ['-h'], ['help']])('prints its commands with %s', async (flag) => {
    const { code, stdout } = await leveret(flag)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: leveret/)
    expect(stdout).toContain('serve')
  })

  it('prints its version also through the parser', async () => {
    expect(await leveret('-V')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  it.each([
    [['serv'], "leveret: unknown command 'serv' (did you mean serve?)\n"],
    [['serve', '--prot', '1'], "leveret: unknown option '--prot' (did you mean --port?)\n"],
    [['serve', '--port'], "leveret: option '--port <number>' argument missing\n"],
    [['check', '--port', '1'], "leveret: unknown option '--port'\n"],
    [['serve', 'now'], "leveret: too many arguments for 'serve'. Expected 0 arguments but got 1.\n"],
  ])('answers %j in one line and with 64', async (argv, line) => {
    expect(await leveret(...argv)).toEqual({ code: 64, stdout: '', stderr: line, served: [], checked: [] })
  })

  it('shows its help, on stderr and with 64, when it is not told what to do', async () => {
    expect(await leveret()).toMatchObject({ code: 64, stdout: '', stderr: expect.stringMatching(/^Usage: leveret/) })
  })

  it('lets a fault in a command through', async () => {
    const fail = () => Promise.reject(new Error('our bug'))
    const broken = { terminal: terminalOf(process), serve: fail, check: fail }
    await expect(run(['serve'], broken)).rejects.toThrow('our bug')
    await expect(run(['check'], broken)).rejects.toThrow('our bug')
  })
})
