// rabbitmqadmin's help and completion.

import { declarable, listable } from '../../../../src/cli/compat/admin/grammar.ts'
import { completionText, configText, subcommandsText, usageText } from '../../../../src/cli/compat/admin/help.ts'

describe('help', () => {
  it('has every flag', () => {
    expect(usageText()).toContain('--host=HOST, -H')
    expect(usageText()).toContain('rabbitmqadmin help subcommands')
  })

  it('has every subcommand', () => {
    const text = subcommandsText()
    for (const name of Object.keys(listable)) expect(text).toContain(`  list ${name} [<column>...]\n`)
    for (const name of Object.keys(declarable)) expect(text).toContain(`  declare ${name} `)
    expect(text).toContain(
      '  declare user name=... password=... OR password_hash=... tags=... [hashing_algorithm=...]\n',
    )
  })

  it('shows a configuration file', () => {
    expect(configText()).toContain('[default]')
  })

  it('completes in bash', () => {
    expect(completionText()).toContain('complete -F _rabbitmqadmin rabbitmqadmin')
    expect(completionText()).toContain('list) COMPREPLY=( $(compgen -W "connections channels')
  })
})
