// Holds the built grammar table (dist/protocol/methods.js) and the reply codes against an official grammar:
//
//   npm run build && node scripts/check-grammar.mjs amqp0-9-1.stripped.extended.xml
//
// The grammar is not part of this repository. It reads the XML that the AMQP working group and, with the extensions,
// RabbitMQ publish, and the amqp-rabbitmq-0.9.1.json of RabbitMQ's code generator. Compared: class and method ids, names,
// order and domains of fields, which methods carry content, reply codes and which of them are hard. Both directions of
// the protocol are in either file. A field that one side calls reserved needs the same domain, not the same name.
// Exit 0: no difference; 1: differences, one a line; 64: wrong usage.

import { readFileSync } from 'node:fs'

/**
 * A grammar, reduced to what is compared.
 * @typedef {{ classId: number, methodId: number, content: boolean, fields: { name: string, domain: string }[],
 *   toServer?: boolean, toClient?: boolean }} Method
 * @typedef {{ methods: Map<string, Method>, codes: Map<number, { name: string, hard: boolean }> }} Grammar
 */

const RESERVED = /^reserved\d+$/

/** The table's spelling of a field: camel case, `reserved1` for `reserved-1`, `noWait` also where it says `nowait`. */
const fieldName = (name) =>
  name
    .replace(/^nowait$/, 'no-wait')
    .replace(/^reserved-/, 'reserved')
    .replace(/[- ](\w)/g, (_, letter) => letter.toUpperCase())

const codeOf = (name, kind) => ({ name: name.toUpperCase().replaceAll('-', '_'), hard: kind === 'hard-error' })

/** @returns {Iterable<{ closes: boolean, tag: string, attributes: Record<string, string> }>} */
function* tagsOf(xml) {
  const tags = /<(\/?)([\w-]+)((?:\s+[\w-]+\s*=\s*"[^"]*")*)\s*\/?>/g
  for (const [, slash, tag, text] of xml.replace(/<!--[\s\S]*?-->/g, '').matchAll(tags)) {
    const attributes = Object.fromEntries(
      [...text.matchAll(/([\w-]+)\s*=\s*"([^"]*)"/g)].map(([, key, value]) => [key, value]),
    )
    yield { closes: slash === '/', tag, attributes }
  }
}

/** @returns {Grammar} */
const readXml = (xml) => {
  const grammar = { methods: new Map(), codes: new Map() }
  const domains = new Map()
  let currentClass
  let method
  for (const { closes, tag, attributes } of tagsOf(xml)) {
    if (closes) {
      if (tag === 'method') method = undefined
    } else if (tag === 'constant' && attributes.class !== undefined) {
      grammar.codes.set(Number(attributes.value), codeOf(attributes.name, attributes.class))
    } else if (tag === 'domain') {
      domains.set(attributes.name, attributes.type)
    } else if (tag === 'class') {
      currentClass = attributes
    } else if (tag === 'method' && attributes.index !== undefined) {
      method = {
        classId: Number(currentClass.index),
        methodId: Number(attributes.index),
        content: attributes.content === '1',
        fields: [],
      }
      grammar.methods.set(`${currentClass.name}.${attributes.name}`, method)
    } else if (tag === 'chassis' && method !== undefined) {
      method[attributes.name === 'server' ? 'toServer' : 'toClient'] = true
    } else if (tag === 'field' && method !== undefined) {
      const domain = attributes.type ?? domains.get(attributes.domain)
      method.fields.push({ name: fieldName(attributes.name), domain })
    }
  }
  return grammar
}

/** @returns {Grammar} */
const readJson = (text) => {
  const { classes, constants, domains: pairs } = JSON.parse(text)
  const domains = new Map(pairs)
  const methods = classes.flatMap((each) =>
    each.methods.map((method) => [
      `${each.name}.${method.name}`,
      {
        classId: each.id,
        methodId: method.id,
        content: method.content === true,
        fields: method.arguments.map((argument) => ({
          name: fieldName(argument.name),
          domain: argument.type ?? domains.get(argument.domain),
        })),
      },
    ]),
  )
  const codes = constants
    .filter((constant) => constant.class !== undefined)
    .map((constant) => [constant.value, codeOf(constant.name, constant.class)])
  return { methods: new Map(methods), codes: new Map(codes) }
}

const fieldDifferences = (name, ours, theirs) => {
  const differences = []
  if (ours.length !== theirs.length) differences.push(`${name}: ${ours.length} fields, grammar has ${theirs.length}`)
  for (const [index, field] of theirs.entries()) {
    const [ownName, ownDomain] = ours[index] ?? []
    if (ownDomain !== field.domain) {
      differences.push(
        `${name}: field ${index + 1} is ${ownName} ${ownDomain}, grammar has ${field.name} ${field.domain}`,
      )
    } else if (ownName !== field.name && !RESERVED.test(ownName) && !RESERVED.test(field.name)) {
      differences.push(`${name}: field ${index + 1} is called ${ownName}, grammar says ${field.name}`)
    }
  }
  return differences
}

const methodDifferences = (methods, grammar) =>
  [...grammar.methods].flatMap(([name, theirs]) => {
    const ours = methods[name]
    if (ours === undefined) return [`${name}: missing from the table`]
    const differences = fieldDifferences(name, Object.entries(ours.fields), theirs.fields)
    if (ours.class !== theirs.classId || ours.method !== theirs.methodId) {
      differences.push(`${name}: ${ours.class}/${ours.method}, grammar has ${theirs.classId}/${theirs.methodId}`)
    }
    if ((ours.content === true) !== theirs.content) differences.push(`${name}: content should be ${theirs.content}`)
    return differences
  })

const codeDifferences = ({ replyCodes, isHard }, grammar) => {
  const differences = []
  for (const [code, { name, hard }] of grammar.codes) {
    if (replyCodes[code] !== name) differences.push(`reply code ${code}: ${replyCodes[code]}, grammar has ${name}`)
    else if (isHard(code) !== hard) differences.push(`reply code ${code}: grammar says ${hard ? 'hard' : 'soft'}`)
  }
  for (const code of Object.keys(replyCodes)) {
    if (!grammar.codes.has(Number(code))) differences.push(`reply code ${code}: not in the grammar`)
  }
  return differences
}

const built = async (module) => {
  try {
    return await import(`../dist/protocol/${module}.js`)
  } catch (error) {
    console.error(`check-grammar: build first (npm run build): ${error.message}`)
    process.exit(64)
  }
}

const [path, ...rest] = process.argv.slice(2)
if (path === undefined || rest.length > 0) {
  console.error('usage: node scripts/check-grammar.mjs amqp0-9-1.stripped.extended.xml | amqp-rabbitmq-0.9.1.json')
  process.exit(64)
}

const text = readFileSync(path, 'utf8')
const grammar = path.endsWith('.json') ? readJson(text) : readXml(text)
if (grammar.methods.size === 0) {
  console.error(`check-grammar: no methods found in ${path}`)
  process.exit(64)
}
const { methods } = await built('methods')
const differences = [...methodDifferences(methods, grammar), ...codeDifferences(await built('reply'), grammar)]

const theirs = [...grammar.methods.values()]
const fields = theirs.reduce((sum, method) => sum + method.fields.length, 0)
console.log(`grammar: ${theirs.length} methods, ${fields} fields, ${grammar.codes.size} reply codes`)
if (theirs.some((method) => method.toServer || method.toClient)) {
  const count = (direction) => theirs.filter((method) => method[direction]).length
  console.log(`of these methods a server may get ${count('toServer')}, a client ${count('toClient')}`)
}
console.log(`content: ${[...grammar.methods].flatMap(([name, each]) => (each.content ? [name] : [])).join(' ')}`)
const extra = Object.keys(methods).filter((name) => !grammar.methods.has(name))
console.log(
  `table: ${Object.keys(methods).length} methods${extra.length > 0 ? `; not in this grammar: ${extra.join(' ')}` : ''}`,
)
for (const difference of differences) console.log(`difference: ${difference}`)
console.log(differences.length === 0 ? 'no difference' : `${differences.length} differences`)
process.exitCode = differences.length === 0 ? 0 : 1
