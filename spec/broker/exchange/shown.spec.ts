// Values as RabbitMQ 3.10.8 prints them in refusals.

import { shown, shownText } from '../../../src/broker/exchange/shown.ts'
import { type FieldValue, table } from '../../../src/protocol/field-table.ts'

describe('a value in a refusal', () => {
  it.each<[FieldValue, string]>([
    [{ tag: 'V', value: null }, 'undefined'],
    [{ tag: 'S', value: 'abc' }, '<<"abc">>'],
    [{ tag: 'S', value: '' }, '<<>>'],
    [{ tag: 'x', value: Buffer.of(1, 255) }, '<<1,255>>'],
    [{ tag: 'I', value: -1 }, '-1'],
    [{ tag: 'd', value: 1.5 }, '1.5'],
    [{ tag: 't', value: true }, 'true'],
    [{ tag: 'F', value: table({ a: 1 }) }, 'table'],
  ])('%j is printed %s', (value, text) => expect(shown(value)).toBe(text))

  it('is a binary where it is text', () => expect(shownText(' 1')).toBe('<<" 1">>'))
})
