// The methods and properties of AMQP 0-9-1 with RabbitMQ's extensions, as the test client needs them. Deliberately a
// table of its own: a wrong id or order in the broker's table must not be shared by what tests it.

/** A method: class id, method id and its fields, `name:domain`, in wire order. */
export type Grammar = {
  readonly classId: number
  readonly methodId: number
  readonly fields: readonly (readonly [name: string, domain: string])[]
}

const text = `
connection 10
  start 10 versionMajor:octet versionMinor:octet serverProperties:table mechanisms:longstr locales:longstr
  start-ok 11 clientProperties:table mechanism:shortstr response:longstr locale:shortstr
  secure 20 challenge:longstr
  secure-ok 21 response:longstr
  tune 30 channelMax:short frameMax:long heartbeat:short
  tune-ok 31 channelMax:short frameMax:long heartbeat:short
  open 40 virtualHost:shortstr capabilities:shortstr insist:bit
  open-ok 41 knownHosts:shortstr
  close 50 replyCode:short replyText:shortstr classId:short methodId:short
  close-ok 51
  blocked 60 reason:shortstr
  unblocked 61
  update-secret 70 newSecret:longstr reason:shortstr
  update-secret-ok 71
channel 20
  open 10 outOfBand:shortstr
  open-ok 11 channelId:longstr
  flow 20 active:bit
  flow-ok 21 active:bit
  close 40 replyCode:short replyText:shortstr classId:short methodId:short
  close-ok 41
access 30
  request 10 realm:shortstr exclusive:bit passive:bit active:bit write:bit read:bit
  request-ok 11 ticket:short
exchange 40
  declare 10 ticket:short exchange:shortstr type:shortstr passive:bit durable:bit autoDelete:bit internal:bit nowait:bit arguments:table
  declare-ok 11
  delete 20 ticket:short exchange:shortstr ifUnused:bit nowait:bit
  delete-ok 21
  bind 30 ticket:short destination:shortstr source:shortstr routingKey:shortstr nowait:bit arguments:table
  bind-ok 31
  unbind 40 ticket:short destination:shortstr source:shortstr routingKey:shortstr nowait:bit arguments:table
  unbind-ok 51
queue 50
  declare 10 ticket:short queue:shortstr passive:bit durable:bit exclusive:bit autoDelete:bit nowait:bit arguments:table
  declare-ok 11 queue:shortstr messageCount:long consumerCount:long
  bind 20 ticket:short queue:shortstr exchange:shortstr routingKey:shortstr nowait:bit arguments:table
  bind-ok 21
  purge 30 ticket:short queue:shortstr nowait:bit
  purge-ok 31 messageCount:long
  delete 40 ticket:short queue:shortstr ifUnused:bit ifEmpty:bit nowait:bit
  delete-ok 41 messageCount:long
  unbind 50 ticket:short queue:shortstr exchange:shortstr routingKey:shortstr arguments:table
  unbind-ok 51
basic 60
  qos 10 prefetchSize:long prefetchCount:short global:bit
  qos-ok 11
  consume 20 ticket:short queue:shortstr consumerTag:shortstr noLocal:bit noAck:bit exclusive:bit nowait:bit arguments:table
  consume-ok 21 consumerTag:shortstr
  cancel 30 consumerTag:shortstr nowait:bit
  cancel-ok 31 consumerTag:shortstr
  publish 40 ticket:short exchange:shortstr routingKey:shortstr mandatory:bit immediate:bit
  return 50 replyCode:short replyText:shortstr exchange:shortstr routingKey:shortstr
  deliver 60 consumerTag:shortstr deliveryTag:longlong redelivered:bit exchange:shortstr routingKey:shortstr
  get 70 ticket:short queue:shortstr noAck:bit
  get-ok 71 deliveryTag:longlong redelivered:bit exchange:shortstr routingKey:shortstr messageCount:long
  get-empty 72 clusterId:shortstr
  ack 80 deliveryTag:longlong multiple:bit
  reject 90 deliveryTag:longlong requeue:bit
  recover-async 100 requeue:bit
  recover 110 requeue:bit
  recover-ok 111
  nack 120 deliveryTag:longlong multiple:bit requeue:bit
confirm 85
  select 10 nowait:bit
  select-ok 11
tx 90
  select 10
  select-ok 11
  commit 20
  commit-ok 21
  rollback 30
  rollback-ok 31
`

function parse(): Map<string, Grammar> {
  const methods = new Map<string, Grammar>()
  let className = ''
  let classId = 0
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [name = '', id = '', ...fields] = line.trim().split(' ')
    if (line.startsWith(' ')) {
      const pairs = fields.map((field) => field.split(':') as [string, string])
      methods.set(`${className}.${name}`, { classId, methodId: Number(id), fields: pairs })
    } else {
      className = name
      classId = Number(id)
    }
  }
  return methods
}

/** Every method by its AMQP name, `queue.declare-ok`. */
export const methods: ReadonlyMap<string, Grammar> = parse()

const names = new Map([...methods].map(([name, { classId, methodId }]) => [`${classId}/${methodId}`, name]))

/** The AMQP name of a method, or undefined for ids that no method has. */
export function methodName(classId: number, methodId: number): string | undefined {
  return names.get(`${classId}/${methodId}`)
}

/** The basic properties in the order of their flag bits, from bit 15 down. */
export const properties: readonly (readonly [name: string, domain: string])[] = [
  ['contentType', 'shortstr'],
  ['contentEncoding', 'shortstr'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'shortstr'],
  ['replyTo', 'shortstr'],
  ['expiration', 'shortstr'],
  ['messageId', 'shortstr'],
  ['timestamp', 'longlong'],
  ['type', 'shortstr'],
  ['userId', 'shortstr'],
  ['appId', 'shortstr'],
  ['clusterId', 'shortstr'],
]

/** The words in front of a reply-text. */
export const replyNames: Readonly<Record<number, string>> = {
  311: 'CONTENT_TOO_LARGE',
  312: 'NO_ROUTE',
  320: 'CONNECTION_FORCED',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
  405: 'RESOURCE_LOCKED',
  406: 'PRECONDITION_FAILED',
  501: 'FRAME_ERROR',
  502: 'SYNTAX_ERROR',
  503: 'COMMAND_INVALID',
  504: 'CHANNEL_ERROR',
  505: 'UNEXPECTED_FRAME',
  506: 'RESOURCE_ERROR',
  530: 'NOT_ALLOWED',
  540: 'NOT_IMPLEMENTED',
  541: 'INTERNAL_ERROR',
}
