// rabbitmqadmin's help, made of its tables, and its completion for bash.

import { closable, declarable, deletable, listable, type Named, purgable, showable, verbs } from './grammar.ts'
import { adminFormats } from './lister.ts'
import { adminFlags } from './options.ts'

/** The help that `--help` prints. */
export function usageText(): string {
  const flags = adminFlags.map(({ short, long, takesValue, help }) => {
    const value = takesValue ? `=${long.toUpperCase().replaceAll('-', '_')}` : ''
    const left = `--${long}${value}${short === undefined ? '' : `, -${short}${takesValue ? ' …' : ''}`}`
    return `${left}\n                        ${help}`
  })
  return `Usage
=====
  rabbitmqadmin [options] subcommand

Options
=======
${flags.join('\n')}

More Help
=========

For more help use the help subcommand:

  rabbitmqadmin help subcommands  # For a list of available subcommands
  rabbitmqadmin help config       # For help with the configuration file

This is Leveret's command line in the grammar of rabbitmqadmin.
`
}

/** The help of `help subcommands`. */
export function subcommandsText(): string {
  const lists = Object.keys(listable).map((name) => `  list ${name} [<column>...]\n`)
  const shows = Object.keys(showable).map((name) => `  show ${name} [<column>...]\n`)
  return `Usage
=====
  rabbitmqadmin [options] subcommand

  where subcommand is one of:
${title('Display')}${lists.join('')}${shows.join('')}${title('Object Manipulation')}${stanza(declarable, 'declare')}${stanza(
  deletable,
  'delete',
)}${stanza(closable, 'close')}${stanza(purgable, 'purge')}${title('Broker Definitions')}  export <file>
  import <file>
${title('Publishing and Consuming')}${stanza(verbs, '')}
  * If payload is not specified on publish, standard input is used

  * If payload_file is not specified on get, the payload will be shown on
    standard output along with the message metadata

  * If payload_file is specified on get, count must not be set

`
}

/** The help of `help config`. */
export function configText(): string {
  return `Usage
=====
rabbitmqadmin [options] subcommand

${title('Configuration File')}  The sections of the file are brokers; -N names one, and the section [default] is used when
  none is named. Flags go before it. The file is ~/.rabbitmqadmin.conf, or what -c names.
${title('Example')}  [default]
  hostname = localhost
  port = 15672
  username = guest
  password = guest
  vhost = /          # for list, declare and delete
  declare_vhost = /  # for declare and delete alone

  [secure]
  hostname = otherhost
  port = 15671
  ssl = True
  ssl_ca_cert_file = /path/to/ca.pem
${title('Use')}  rabbitmqadmin -c rabbitmqadmin.conf -N secure list queues

`
}

/** A script that completes rabbitmqadmin's subcommands, kinds and formats in bash. */
export function completionText(): string {
  const words = (table: object): string => Object.keys(table).join(' ')
  const cases: readonly (readonly [string, string])[] = [
    ['list', words(listable)],
    ['show', words(showable)],
    ['declare', words(declarable)],
    ['delete', words(deletable)],
    ['close', words(closable)],
    ['purge', words(purgable)],
    ['help', 'subcommands config'],
    ['-f|--format', adminFormats.join(' ')],
  ]
  const branches = cases.map(
    ([word, choices]) => `    ${word}) COMPREPLY=( $(compgen -W "${choices}" -- "\${cur}") ); return 0 ;;`,
  )
  return `# Completion of rabbitmqadmin for bash: source this file.
_rabbitmqadmin()
{
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  case "\${prev}" in
${branches.join('\n')}
    export|import) COMPREPLY=( $(compgen -f -- "\${cur}") ); return 0 ;;
  esac
  COMPREPLY=( $(compgen -W "list show declare delete close purge import export get publish help ${adminFlags
    .map(({ long }) => `--${long}`)
    .join(' ')}" -- "\${cur}") )
}
complete -F _rabbitmqadmin rabbitmqadmin
`
}

function title(name: string): string {
  return `\n${name}\n${'='.repeat(name.length)}\n\n`
}

function stanza(table: Readonly<Record<string, Named>>, verb: string): string {
  const lead = verb === '' ? ' ' : `  ${verb}`
  return Object.entries(table)
    .map(([name, { mandatory, optional }]) => {
      const wanted = mandatory.map((each) => `${typeof each === 'string' ? each : each.join('=... OR ')}=...`)
      const more = Object.keys(optional).map((each) => `${each}=...`)
      return `${lead} ${name} ${wanted.join(' ')}${more.length > 0 ? ` [${more.join(' ')}]` : ''}\n`
    })
    .join('')
}
