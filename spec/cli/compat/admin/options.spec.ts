// rabbitmqadmin's options: flags, the configuration file, defaults.

import { parseAdmin, settleAdmin, UnknownFlag } from '../../../../src/cli/compat/admin/options.ts'

const parse = (line: string) => parseAdmin(line.split(' '))

describe('flags', () => {
  it.each([
    ['-H a -P 1 list queues', { hostname: 'a', port: '1' }, ['list', 'queues']],
    ['list queues -Ha --port=1', { hostname: 'a', port: '1' }, ['list', 'queues']],
    ['-qRf tsv list queues', { quiet: true, sort_reverse: true, format: 'tsv' }, ['list', 'queues']],
    ['--vho / list queues', { vhost: '/' }, ['list', 'queues']],
    ['import -', {}, ['import', '-']],
    ['-- -x', {}, ['-x']],
  ])('reads %s', (line, given, args) => {
    expect(parse(line)).toEqual({ given, args })
  })

  it.each([
    ['--nosuch', 'no such option: --nosuch'],
    ['--ssl-c', 'no such option: --ssl-c'],
    ['-x', 'no such option: -x'],
    ['-H', '-H option requires 1 argument'],
    ['--host', '--host option requires 1 argument'],
  ])('refuses %s', (line, text) => {
    expect(() => parse(line)).toThrow(new UnknownFlag(text))
  })

  it.each(['-t soon', '-d x'])('refuses %s', (line) => {
    expect(() => settleAdmin(parse(line), undefined)).toThrow(/invalid integer value/)
  })
})

describe('the configuration file', () => {
  const file = `# brokers
[default]
hostname = a
vhost = v

[secure]
hostname: b
port = 15671
ssl = True
declare_vhost = w
`

  it('has a section for each broker; flags go before it', () => {
    expect(settleAdmin(parse('list queues'), file)).toMatchObject({ hostname: 'a', vhost: 'v', ssl: false })
    expect(settleAdmin(parse('-N secure -P 1'), file)).toMatchObject({
      hostname: 'b',
      port: '1',
      ssl: true,
      declareVhost: 'w',
    })
  })

  it('has to have the section that is named', () => {
    expect(() => settleAdmin(parse('-N nosuch'), file)).toThrow("Could not read section 'nosuch'")
    expect(settleAdmin(parse('list'), '')).toMatchObject({ hostname: undefined, declareVhost: '/', format: 'table' })
  })
})
