// The terminal of a process: its streams, and what Ctrl-C does to a pause.

import { EventEmitter } from 'node:events'
import { type HostProcess, terminalOf } from '../../src/cli/terminal.ts'

function host(): EventEmitter & HostProcess {
  const { stdout, stderr } = process
  const stdin = {} as HostProcess['stdin']
  return Object.assign(new EventEmitter(), { stdout, stderr, stdin, env: { A: '1' }, cwd: () => '/here' })
}

describe('a terminal', () => {
  it('is that of its process', () => {
    const made = host()
    const terminal = terminalOf(made)
    expect(terminal).toMatchObject({ env: { A: '1' }, cwd: '/here' })
    expect(terminal.stdin).toBe(made.stdin)
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
