// The names of RabbitMQ's tools that are understood here, and what a node's name says of where it is.

/** The tools. */
export const compatNames = [
  'rabbitmqctl',
  'rabbitmq-diagnostics',
  'rabbitmq-plugins',
  'rabbitmq-queues',
  'rabbitmq-streams',
  'rabbitmqadmin',
] as const

/** The name of a tool. */
export type CompatName = (typeof compatNames)[number]

/** Whether a word is the name of a tool. */
export function isCompatName(word: string | undefined): word is CompatName {
  return compatNames.some((name) => name === word)
}

/** The host in `rabbit@host`; undefined for this one. */
export function nodeHost(node: string | undefined): string | undefined {
  const host = node?.split('@')[1]
  return host === undefined || host === '' || host === 'localhost' ? undefined : host
}
