// The table of commands, and help.

import {
  commandHelp,
  commandsOf,
  findCommand,
  similarCommand,
  toolHelp,
  usageOf,
} from '../../../../src/cli/compat/ctl/commands.ts'

describe('commands', () => {
  it('have each name once', () => {
    const names = commandsOf('rabbitmqctl').map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(
    `add_user delete_user change_password set_user_tags list_users authenticate_user hash_password set_permissions
    clear_permissions list_permissions list_user_permissions add_vhost delete_vhost list_vhosts list_queues delete_queue
    purge_queue list_exchanges list_bindings list_connections list_channels list_consumers close_connection
    close_all_connections set_policy clear_policy list_policies set_operator_policy clear_operator_policy
    list_operator_policies export_definitions import_definitions status ping check_running check_port_connectivity
    check_port_listener check_protocol_listener check_alarms alarms listeners is_running is_booting await_startup wait
    enable_feature_flag list_feature_flags`.split(/\s+/),
  )('have %s, which scripts everywhere run', (name) => {
    expect(findCommand('rabbitmqctl', name)?.name).toBe(name)
    expect(findCommand('rabbitmq-diagnostics', name)?.name).toBe(name)
  })

  it('of plugins are others', () => {
    expect(findCommand('rabbitmq-plugins', 'list_queues')).toBeUndefined()
    expect(findCommand('rabbitmq-plugins', 'enable')?.name).toBe('enable')
  })

  it('that are misspelled are told', () => {
    expect(similarCommand('rabbitmqctl', 'list_quues')).toBe('list_queues')
    expect(similarCommand('rabbitmqctl', 'nosuch_command_at_all')).toBeUndefined()
  })
})

describe('help', () => {
  it('lists every command under its heading', () => {
    const text = toolHelp('rabbitmqctl')
    for (const { name, group } of commandsOf('rabbitmqctl')) {
      expect(text).toContain(name)
      expect(text).toContain(`\u001b[1m${group}\u001b[0m:`)
    }
  })

  it('of a command has usage and columns', () => {
    const command = findCommand('rabbitmqctl', 'list_bindings')
    if (!command) throw new Error('no such command')
    expect(usageOf('rabbitmqctl', command)).toContain(
      'rabbitmqctl [--node <node>] [--longnames] [--quiet] list_bindings',
    )
    expect(commandHelp('rabbitmqctl', command)).toContain(
      'must be one of arguments, destination_kind, destination_name',
    )
  })
})
