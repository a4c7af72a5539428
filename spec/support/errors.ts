// What a broken rule of AMQP looks like to `toThrow` and `toEqual`: its kind, its code and its words.

/** A `ChannelError` with this code and explanation. */
export function channelError(code: number, message: string): Error {
  return expect.objectContaining({ name: 'ChannelError', code, message })
}

/** A `ConnectionError` with this code and explanation. */
export function connectionError(code: number, message: string): Error {
  return expect.objectContaining({ name: 'ConnectionError', code, message })
}

/** 404 for `resource`, as reply texts name it. */
export function notFound(resource: string): Error {
  return channelError(404, `no ${resource}`)
}
