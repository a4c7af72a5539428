// The tool around the commands: what goes wrong before one runs, formatters, printers, help.

import { ctl } from '../../../support/ctl.ts'

const users = { 'GET /api/users': [{ name: 'guest', tags: ['administrator'] }] }

describe('a command line', () => {
  it.each([
    ['nosuch_command', 64, "\nCommand 'nosuch_command' not found. \n"],
    ['list_quues', 64, "\nCommand 'list_quues' not found. \nDid you mean 'list_queues'? \n"],
    [
      'set_permissions u1',
      64,
      'Error (argument validation): not enough arguments.\nArguments given:\n\tset_permissions u1\n',
    ],
    ['ping extra', 64, 'Error (argument validation): too many arguments.\n'],
    ['--badflag list_queues', 64, 'Error (argument validation): Invalid options for this command:\n--badflag : \n'],
    ['--badflag', 64, 'Error (argument validation): Invalid options for this command:'],
    ['list_users --formatter nosuch', 64, 'Error (argument validation): formatter "nosuch" is not known'],
    ['list_users -t soon', 64, 'Error (argument validation): --timeout: got "soon"'],
  ])('%s ends with %d', async (line, code, stderr) => {
    const outcome = await ctl(line)
    expect(outcome).toMatchObject({ code, stdout: '' })
    expect(outcome.stderr).toContain(stderr)
  })

  it('without a command is a misuse that shows the help', async () => {
    expect(await ctl([])).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('Available commands:'),
    })
  })

  it.each(['help', '--help'])('%s shows the help', async (line) => {
    expect(await ctl(line)).toMatchObject({ code: 0, stdout: expect.stringContaining('Available commands:') })
  })

  it.each(['help list_queues', 'list_queues --help', 'list_queues -?'])(
    '%s shows the help of a command',
    async (line) => {
      expect(await ctl(line)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Lists queues and their properties.'),
      })
    },
  )

  it('can ask for the version', async () => {
    expect(await ctl('version')).toMatchObject({ code: 0, stdout: '1.2.3\n' })
  })
})

describe('printing', () => {
  it('says a line before the answer, unless it is quiet, silent, or for machines', async () => {
    expect((await ctl('list_users', users)).stdout).toBe('Listing users ...\nuser\ttags\nguest\t[administrator]\n')
    expect((await ctl('-q list_users', users)).stdout).toBe('user\ttags\nguest\t[administrator]\n')
    expect((await ctl('-s list_users', users)).stdout).toBe('guest\t[administrator]\n')
    expect((await ctl('list_users --formatter csv', users)).stdout).toBe('"user","tags"\n"guest","[administrator]"\n')
  })

  it('can go to a file', async () => {
    expect(await ctl('-q list_users --printer file --file users.txt', users)).toMatchObject({
      stdout: '',
      written: { 'users.txt': 'user\ttags\nguest\t[administrator]\n' },
    })
  })

  it('tells machines that something was done', async () => {
    expect((await ctl('delete_user u --formatter json')).stdout).toBe('{"result":"ok"}\n')
  })

  it('lets a fault of ours through', async () => {
    await expect(ctl('list_users', { 'GET /api/users': new Error('our bug') })).rejects.toThrow('our bug')
  })
})
