// What nobody is shown: the header BCC of a message that is routed by it (behaviour.md §5.5). It stays with the message,
// because a dead letter goes by it too, and is taken away on the way to a client. Knows the header, not who gets it.

import { Message } from '../broker/message.ts'
import {
  HEADERS,
  hasHeader,
  headersAt,
  locateProperties,
  propertyOffsets,
  replaceHeaders,
} from '../protocol/properties.ts'

const offsets = propertyOffsets()

/** `message` as a client is shown it: itself, or a view without BCC. Only for one with `copies` there is something to do. */
export function withoutBlindCopies(message: Message): Message {
  const { header, headerStart, headerEnd } = message
  locateProperties(header, headerStart, headerEnd, offsets)
  const at = offsets[HEADERS] as number
  if (at < 0 || !hasHeader(header, at, 'BCC')) return message
  const headers = new Map(headersAt(header, at))
  headers.delete('BCC')
  const shown = replaceHeaders(header, headerStart, headerEnd, at, headers)
  const view = new Message().view(message)
  view.setHeader(shown, 0, shown.length)
  return view
}
