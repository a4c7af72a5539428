// Completion scripts of four shells, out of a tree of commands. The scripts hold the tree, so that completing starts no
// process. Knows neither commander nor any command.

/** A command with its flags and what stands below it. */
export interface CommandTree {
  readonly name: string
  readonly summary: string
  readonly flags: readonly { readonly names: readonly string[]; readonly takesValue: boolean; readonly help: string }[]
  readonly commands: readonly CommandTree[]
}

/** The shells. */
export const shells = ['bash', 'zsh', 'fish', 'pwsh'] as const

/** A script for each shell. */
export const scripts: Readonly<Record<(typeof shells)[number], (tree: CommandTree) => string>> = {
  bash,
  zsh,
  fish,
  pwsh,
}

/** What may follow each command line, by the commands in it: `queues list` → its flags. */
interface Place {
  readonly path: string
  readonly commands: readonly CommandTree[]
  readonly flags: CommandTree['flags']
}

function placesOf(tree: CommandTree): readonly Place[] {
  const visit = (node: CommandTree, path: string): readonly Place[] => [
    { path, commands: node.commands, flags: path === '' ? node.flags : [...node.flags, ...tree.flags] },
    ...node.commands.flatMap((each) => visit(each, path === '' ? each.name : `${path} ${each.name}`)),
  ]
  return visit(tree, '')
}

function wordsOf({ commands, flags }: Place): string {
  return [...commands.map(({ name }) => name), ...flags.flatMap(({ names }) => names)].join(' ')
}

/** Flags after which the next word is a value, not a command. */
function valueFlags(tree: CommandTree): readonly string[] {
  const all = (node: CommandTree): readonly string[] => [
    ...node.flags.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names),
    ...node.commands.flatMap(all),
  ]
  return [...new Set(all(tree))]
}

/** The part that bash and zsh share: the commands of the line so far become a path, and a case has the words for it. */
function shared(tree: CommandTree): string {
  const cases = placesOf(tree).map((place) => `    '${place.path}') words='${wordsOf(place)}' ;;`)
  return `  local path='' words='' word skip=''
  for word in "\${line[@]}"; do
    if [ -n "$skip" ]; then skip=''; continue; fi
    case "$word" in
      ${valueFlags(tree).join('|')}) skip=1 ;;
      -*) ;;
      *) case "\${path:+$path }$word" in
        ${placesOf(tree)
          .filter(({ path }) => path !== '')
          .map(({ path }) => `'${path}'`)
          .join('|')}) path="\${path:+$path }$word" ;;
      esac ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac`
}

function bash(tree: CommandTree): string {
  return `# bash completion of ${tree.name}
_${tree.name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  local line=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${shared(tree)}
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${tree.name} ${tree.name}
`
}

function zsh(tree: CommandTree): string {
  return `#compdef ${tree.name}
# zsh completion of ${tree.name}
_${tree.name}() {
  local -a line
  line=("\${words[@]:1:$((CURRENT - 2))}")
  _${tree.name}_words
}
_${tree.name}_words() {
${shared(tree)}
  compadd -- \${=words}
}
if [ "$funcstack[1]" = "_${tree.name}" ]; then _${tree.name} "$@"; else compdef _${tree.name} ${tree.name}; fi
`
}

function fish(tree: CommandTree): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = [`# fish completion of ${tree.name}`, `complete -c ${tree.name} -f`]
  const flagsOf = (condition: string, flags: CommandTree['flags']) => {
    for (const { names, takesValue, help } of flags) {
      const spelled = names
        .map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
        .join(' ')
      lines.push(`complete -c ${tree.name} ${condition}${spelled}${takesValue ? ' -r' : ''} -d ${quoted(help)}`)
    }
  }
  flagsOf('', tree.flags)
  for (const noun of tree.commands) {
    lines.push(`complete -c ${tree.name} -n __fish_use_subcommand -a ${noun.name} -d ${quoted(noun.summary)}`)
    flagsOf(`-n ${quoted(`__fish_seen_subcommand_from ${noun.name}`)} `, noun.flags)
    const verbs = noun.commands.map(({ name }) => name).join(' ')
    for (const verb of noun.commands) {
      const before = `__fish_seen_subcommand_from ${noun.name}; and not __fish_seen_subcommand_from ${verbs}`
      lines.push(`complete -c ${tree.name} -n ${quoted(before)} -a ${verb.name} -d ${quoted(verb.summary)}`)
      flagsOf(
        `-n ${quoted(`__fish_seen_subcommand_from ${noun.name}; and __fish_seen_subcommand_from ${verb.name}`)} `,
        verb.flags,
      )
    }
  }
  return `${lines.join('\n')}\n`
}

function pwsh(tree: CommandTree): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const table = placesOf(tree).map((place) => `    ${quoted(place.path)} = ${quoted(wordsOf(place))}`)
  return `# PowerShell completion of ${tree.name}
Register-ArgumentCompleter -Native -CommandName ${tree.name} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $places = @{
${table.join('\n')}
  }
  $taking = ${valueFlags(tree).map(quoted).join(', ')}
  $path = ''; $skip = $false
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    $word = $element.ToString()
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    if ($skip) { $skip = $false; continue }
    if ($taking -ccontains $word) { $skip = $true; continue }
    if ($word.StartsWith('-')) { continue }
    $next = if ($path) { "$path $word" } else { $word }
    if ($places.ContainsKey($next)) { $path = $next }
  }
  $places[$path] -split ' ' | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}
