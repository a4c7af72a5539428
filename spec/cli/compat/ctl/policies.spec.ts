// Policies and parameters in rabbitmqctl's grammar.

import { ctl } from '../../../support/ctl.ts'

describe.each([
  ['policies', 'set_policy', 'clear_policy', 'list_policies', 'policy', 'policies'],
  [
    'operator-policies',
    'set_operator_policy',
    'clear_operator_policy',
    'list_operator_policies',
    'operator policy override',
    'operator policy overrides',
  ],
])('%s', (kind, set, clear, list, one, many) => {
  it('are set', async () => {
    const words = [set, 'p1', '^q', '{"max-length":10}', '--priority', '1', '--apply-to', 'queues']
    const { stdout, received } = await ctl(words)
    expect(stdout).toBe(
      `Setting ${one} "p1" for pattern "^q" to "{"max-length":10}" with priority "1" for vhost "/" ...\n`,
    )
    expect(received).toEqual([
      [
        `PUT /api/${kind}/%2F/p1`,
        { pattern: '^q', definition: { 'max-length': 10 }, priority: 1, 'apply-to': 'queues' },
      ],
    ])
  })

  it('are refused as JSON, as a number, and by the broker', async () => {
    expect(await ctl([set, 'p', 'q', '{bad'])).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('JSON decoding error'),
    })
    expect(await ctl([set, 'p', 'q', '{}', '--priority', 'x'])).toMatchObject({ code: 65 })
    const refused = { status: 400, body: { error: 'bad_request', reason: 'Validation failed\n\nno\n' } }
    expect(await ctl([set, 'p', 'q', '{}'], { [`PUT /api/${kind}/%2F/p`]: refused })).toMatchObject({
      code: 69,
      stderr: 'Error:\nValidation failed\n\nno\n\n',
    })
  })

  it('are cleared', async () => {
    expect((await ctl(`${clear} p -p v`)).received).toEqual([[`DELETE /api/${kind}/v/p`]])
    expect(await ctl(`${clear} p`, { [`DELETE /api/${kind}/%2F/p`]: { status: 404, body: {} } })).toMatchObject({
      code: 69,
      stderr: 'Error:\nParameter does not exist\n',
    })
  })

  it('are listed with their definitions as JSON', async () => {
    const row = { vhost: '/', name: 'p', pattern: '^q', 'apply-to': 'all', definition: { a: 1 }, priority: 0 }
    const { stdout } = await ctl(list, { [`GET /api/${kind}/%2F`]: [row] })
    expect(stdout).toBe(
      `Listing ${many} for vhost "/" ...\nvhost\tname\tpattern\tapply-to\tdefinition\tpriority\n/\tp\t^q\tall\t{"a":1}\t0\n`,
    )
    expect((await ctl(`-q ${list}`, { [`GET /api/${kind}/%2F`]: [] })).stdout).toBe('\n')
  })
})

describe('parameters', () => {
  it('are set, cleared and listed, without those that have commands of their own', async () => {
    const body = { component: 'shovel', vhost: 'v', name: 's', value: { a: 1 } }
    expect((await ctl(['set_parameter', '-p', 'v', 'shovel', 's', '{"a":1}'])).received).toEqual([
      ['PUT /api/parameters/shovel/v/s', body],
    ])
    expect((await ctl('clear_parameter -p v shovel s')).received).toEqual([['DELETE /api/parameters/shovel/v/s']])
    const all = [body, { ...body, component: 'policy' }, { ...body, vhost: 'w' }]
    expect((await ctl('-q list_parameters -p v', { 'GET /api/parameters': all })).stdout).toBe(
      'component\tname\tvalue\nshovel\ts\t{"a":1}\n',
    )
  })

  it('are global too', async () => {
    expect((await ctl(['set_global_parameter', 'g', '1'])).received).toEqual([
      ['PUT /api/global-parameters/g', { name: 'g', value: 1 }],
    ])
    expect((await ctl('clear_global_parameter g')).received).toEqual([['DELETE /api/global-parameters/g']])
    expect(
      (await ctl('-q list_global_parameters', { 'GET /api/global-parameters': [{ name: 'g', value: 'x' }] })).stdout,
    ).toBe('name\tvalue\ng\t"x"\n')
  })
})
