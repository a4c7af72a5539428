// The terminal of a process: its streams, and what Ctrl-C does to a pause.

import { EventEmitter } from 'node:events'
import { type HostProcess, terminalOf } from '../../src/cli/terminal.ts'

function host() {
  const stdin = {} as HostProcess['stdin']
  const stdout = Object.assign(new EventEmitter(), { write: () => true, isTTY: true, columns: 70, rows: 20 })
  const said = { text: '', code: -1 }
  return Object.assign(new EventEmitter(), {
    stdout,
    stderr: { write: (text: string) => (said.text += text) },
    stdin,
    env: { A: '1' },
    cwd: () => '/here',
    exit: (code: number) => {
      said.code = code
    },
    said,
  })
}

describe('a terminal', () => {
  it('is that of its process', () => {
    const made = host()
    const terminal = terminalOf(made)
    expect(terminal).toMatchObject({ env: { A: '1' }, cwd: '/here' })
    expect(terminal.stdin).toBe(made.stdin)
  })

  it('has the size of its standard output', () => {
    expect(terminalOf(host()).stdout).toMatchObject({ isTTY: true, columns: 70, rows: 20 })
  })

  it.each([
    ['EPIPE', 0, ''],
    ['ENOSPC', 74, 'leveret: standard output cannot be written: ENOSPC\n'],
  ])('ends after %s on standard output with %i', (fault, code, text) => {
    const made = host()
    const terminal = terminalOf(made)
    expect(made.stdout.listenerCount('error')).toBe(0)
    terminal.stdout.write('a')
    terminal.stdout.write('b')
    expect(made.stdout.listenerCount('error')).toBe(1)
    made.stdout.emit('error', Object.assign(new Error(fault), { code: fault }))
    expect(made.said).toEqual({ code, text })
  })

  it('leaves Ctrl-C alone until somebody wants to end by itself', () => {
    const made = host()
    const terminal = terminalOf(made)
    expect(made.listenerCount('SIGINT')).toBe(0)
    const signal = terminal.interrupted()
    expect(made.listenerCount('SIGINT')).toBe(1)
    made.emit('SIGINT')
    expect(signal.aborted).toBe(true)
    expect(made.listenerCount('SIGINT')).toBe(0)
  })

  it('ends a pause with Ctrl-C, and does not begin another', async () => {
    const made = host()
    const terminal = terminalOf(made)
    terminal.interrupted()
    const pause = terminal.pause(3_600_000)
    made.emit('SIGINT')
    await pause
    await terminal.pause(3_600_000)
  })

  it('pauses', async () => {
    await terminalOf(host()).pause(1)
    expect(terminalOf(host()).now()).toBeGreaterThan(1e12)
  })
})
