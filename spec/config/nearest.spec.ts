// Which known word a mistyped one is taken for.

import { nearest } from '../../src/config/nearest.ts'

const keys = ['host', 'port', 'data_dir', 'log_level', 'log_format', 'loopback_users', 'frame_max', 'channel_max']

describe('nearest', () => {
  it.each([
    ['prot', 'port'],
    ['data-dir', 'data_dir'],
    ['dataDir', 'data_dir'],
    ['DATA_DIR', 'data_dir'],
    ['loglevel', 'log_level'],
    ['log_fromat', 'log_format'],
    ['chanel_max', 'channel_max'],
    ['hosst', 'host'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, keys)).toBe(meant)
  })

  it.each(['cluster_name', 'x', '', 'mnesia', 'ho'])('does not guess at %j', (word) => {
    expect(nearest(word, keys)).toBeUndefined()
  })

  it('prefers the closest of several', () => {
    expect(nearest('log_levle', ['log_leveret', 'log_level', 'log_lever'])).toBe('log_level')
  })
})
