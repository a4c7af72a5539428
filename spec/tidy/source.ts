// What the tidy rules need to know of a source file: its imports, functions, exports and the globals it touches, read
// from the syntax tree of the compiler that also runs the specs. Knows no rule.

import { parseSync } from '@swc/core'

/** A module that a file names: by import, export from, import() or import type. */
export interface ImportOf {
  readonly specifier: string
  readonly line: number
}

/** A function, method, accessor or arrow function, with the lines that it covers. */
export interface FunctionOf {
  readonly name: string
  readonly line: number
  readonly lines: number
}

/** A function, class, interface or type that a file exports. */
export interface ExportOf {
  readonly name: string
  readonly line: number
  readonly documented: boolean
}

/** A global that a file touches, with the property if one is read: `setTimeout`, `Date.now`. */
export interface GlobalOf {
  readonly name: string
  readonly line: number
}

/** A file as the rules see it; lines are counted from 1. */
export interface Source {
  readonly path: string
  readonly lines: readonly string[]
  readonly imports: readonly ImportOf[]
  readonly functions: readonly FunctionOf[]
  readonly exports: readonly ExportOf[]
  readonly globals: readonly GlobalOf[]
  /** Whether anything is left of the file once its types are gone. */
  readonly hasCode: boolean
}

interface Node {
  readonly type: string
  readonly span?: { readonly start: number; readonly end: number }
  readonly [key: string]: unknown
}

interface Place {
  /** The line on which a node begins. */
  of(node: Node): number
  /** The line on which a node ends. */
  end(node: Node): number
  /** The text before a node. */
  before(node: Node): string
}

/** Reads one TypeScript file. */
export function readSource(path: string, text: string): Source {
  // A first statement of our own tells where the file begins in the parser's count of bytes, which runs on from file
  // to file and leaves leading comments out.
  const bytes = Buffer.from(`0;${text.replace(/^#!/, '//')}`)
  const module = parseSync(bytes.toString(), { syntax: 'typescript', target: 'es2022' }) as unknown as Node
  const first = module.span?.start ?? 0
  const place: Place = {
    of: (node) => lineAt(bytes, (node.span?.start ?? first) - first),
    end: (node) => lineAt(bytes, (node.span?.end ?? first) - first),
    before: (node) => bytes.subarray(2, (node.span?.start ?? first) - first).toString(),
  }
  const imports: ImportOf[] = []
  const functions: FunctionOf[] = []
  const globals: GlobalOf[] = []
  walk(module, (node, parent) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) imports.push({ specifier, line: place.of(node) })
    if (isFunction(node)) {
      functions.push({
        name: nameOf(node, parent),
        line: place.of(node),
        lines: place.end(node) - place.of(node) + 1,
      })
    }
    const name = globalOf(node, parent)
    if (name !== undefined) globals.push({ name, line: place.of(node) })
  })
  const [, ...statements] = module['body'] as readonly Node[]
  return {
    path,
    lines: text.split('\n'),
    imports,
    functions,
    exports: exportsOf(module, place),
    globals,
    hasCode: !statements.every(isTypeOnly),
  }
}

function isTypeOnly(statement: Node): boolean {
  const declaration = statement.type === 'ExportDeclaration' ? (statement['declaration'] as Node) : statement
  if (['TsInterfaceDeclaration', 'TsTypeAliasDeclaration'].includes(declaration.type)) return true
  return statement['typeOnly'] === true
}

function lineAt(bytes: Buffer, offset: number): number {
  let line = 1
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) line++
  return line
}

function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent)
  for (const [key, value] of Object.entries(node)) {
    if (key === 'span') continue
    for (const child of Array.isArray(value) ? value : [value]) walkInto(child, visit, node)
  }
}

// Between two nodes of the tree may stand a plain object without a type: an argument, the function of a method.
function walkInto(child: unknown, visit: (node: Node, parent: Node | undefined) => void, parent: Node): void {
  if (typeof child !== 'object' || child === null) return
  if (isNode(child)) walk(child, visit, parent)
  else for (const inner of Object.values(child).flat()) walkInto(inner, visit, parent)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

function specifierOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return textOf(node['source'])
    case 'TsImportType':
      return textOf(node['argument'])
    case 'CallExpression': {
      const callee = node['callee'] as Node
      const [argument] = node['arguments'] as readonly { readonly expression: Node }[]
      const loads = callee.type === 'Import' || (callee.type === 'Identifier' && callee['value'] === 'require')
      return loads ? textOf(argument?.expression) : undefined
    }
    default:
      return undefined
  }
}

function textOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'StringLiteral' ? String(node['value']) : undefined
}

function isFunction(node: Node): boolean {
  if (node.type === 'ArrowFunctionExpression') return true
  // A method of a class keeps its body one level further down.
  const body = node['body'] ?? (node['function'] as Partial<Node> | undefined)?.['body']
  return isNode(body) && body.type === 'FunctionBody'
}

function nameOf(node: Node, parent: Node | undefined): string {
  for (const named of [node['identifier'], node['key'], parent?.['id'], parent?.['key']]) {
    if (isNode(named) && typeof named['value'] === 'string') return named['value']
  }
  return '(anonymous)'
}

/** The syntax context that the parser gives to names which no scope of the file declares. */
const UNDECLARED = 1

function globalOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.type !== 'Identifier' || node['ctxt'] !== UNDECLARED || parent?.type === 'TsTypeReference') return undefined
  const name = String(node['value'])
  if (parent?.type !== 'MemberExpression' || parent['object'] !== node) return name
  const property = parent['property'] as Node
  return property.type === 'Identifier' ? `${name}.${String(property['value'])}` : name
}

const DECLARATIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'ClassDeclaration',
  'TsInterfaceDeclaration',
  'TsTypeAliasDeclaration',
])

function exportsOf(module: Node, place: Place): readonly ExportOf[] {
  const body = module['body'] as readonly Node[]
  const byName = new Set(
    body
      .filter((statement) => statement.type === 'ExportNamedDeclaration' && !isNode(statement['source']))
      .flatMap((statement) => statement['specifiers'] as readonly Node[])
      .map((specifier) => String((specifier['orig'] as Node)['value'])),
  )
  const found = new Map<string, ExportOf>()
  for (const statement of body) {
    const exported = statement.type === 'ExportDeclaration'
    const declaration = exported ? (statement['declaration'] as Node) : statement
    for (const name of declaredNames(declaration)) {
      if (!exported && !byName.has(name)) continue
      // The signatures of an overloaded function share a docstring.
      const documented = (found.get(name)?.documented ?? false) || hasDocstring(place.before(statement))
      found.set(name, { name, line: place.of(statement), documented })
    }
  }
  return [...found.values()]
}

function declaredNames(declaration: Node): readonly string[] {
  const identifier = declaration['identifier'] ?? declaration['id']
  if (DECLARATIONS.has(declaration.type) && isNode(identifier)) return [String(identifier['value'])]
  if (declaration.type !== 'VariableDeclaration') return []
  const functions = (declaration['declarations'] as readonly Node[]).filter(
    (declarator) => isNode(declarator['init']) && isFunction(declarator['init']),
  )
  return functions.map((declarator) => String((declarator['id'] as Node)['value']))
}

/** Whether the text before a declaration ends in a docstring; comments to the linter may stand in between. */
function hasDocstring(before: string): boolean {
  const rest = before.replace(/(\s|\/\/[^\n]*\n)*$/, '')
  const comment = rest.slice(rest.lastIndexOf('/*'))
  return rest.endsWith('*/') && /^\/\*\*[\s*]*[^\s*/]/.test(comment)
}
