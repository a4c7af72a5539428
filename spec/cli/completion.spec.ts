// Completion scripts, run in the shells that are here.

import { spawnSync } from 'node:child_process'
import { type CommandTree, scripts } from '../../src/cli/completion.ts'

const flag = (name: string, takesValue = false) => ({ names: [name], takesValue, help: "it's a flag" })
const verb = (name: string): CommandTree => ({ name, summary: 'A verb.', flags: [flag('--limit', true)], commands: [] })
const tree: CommandTree = {
  name: 'leveret',
  summary: 'All.',
  flags: [{ names: ['-p', '--vhost'], takesValue: true, help: 'a vhost' }],
  commands: [{ name: 'queues', summary: 'Queues.', flags: [], commands: [verb('list'), verb('delete')] }, verb('top')],
}

function inBash(...words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const script = `${scripts.bash(tree)}
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _leveret; echo "\${COMPREPLY[*]}"`
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.trim().split(' ')
}

describe('bash', () => {
  it.each([
    [['leveret', 'que'], ['queues']],
    [
      ['leveret', ''],
      ['queues', 'top', '-p', '--vhost'],
    ],
    [['leveret', 'queues', 'l'], ['list']],
    [['leveret', '-p', 'top', 'queues', 'd'], ['delete']],
    [['leveret', 'queues', 'delete', 'list', '--l'], ['--limit']],
    [['leveret', 'queues', 'list', '--vh'], ['--vhost']],
    [['leveret', 'top', 'queues', '--li'], ['--limit']],
  ])('completes %j', (words, expected) => {
    expect(inBash(...words)).toEqual(expected)
  })
})

it('quotes for each shell', () => {
  expect(scripts.fish(tree)).toContain("-l limit -r -d 'it\\'s a flag'")
  expect(scripts.fish(tree)).toContain(
    '__fish_seen_subcommand_from queues; and not __fish_seen_subcommand_from list delete',
  )
  expect(scripts.zsh(tree)).toMatch(/^#compdef leveret\n/)
  expect(scripts.pwsh(tree)).toContain("'queues list' = '--limit -p --vhost'")
})
