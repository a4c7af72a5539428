// Close methods as behaviour.md writes them: code, the text after the code's name, the ids of the method that failed.

import { type ReplyCode, replyCodes } from '../../src/protocol/reply.ts'

function closing(name: 'channel.close' | 'connection.close', code: ReplyCode, text: string, ids: string) {
  const [classId, methodId] = ids.split('/').map(Number)
  const replyText = text === '' ? replyCodes[code] : `${replyCodes[code]} - ${text}`
  return { name, replyCode: code, replyText, classId, methodId }
}

/** connection.close on channel 0; `ids` are class and method, as in `60/40`. */
export function connectionClose(code: ReplyCode, text: string, ids = '0/0') {
  return { channel: 0, ...closing('connection.close', code, text, ids) }
}

/** channel.close on `channel`. */
export function channelClose(channel: number, code: ReplyCode, text: string, ids: string) {
  return { channel, ...closing('channel.close', code, text, ids) }
}
