// Channel 0: the methods of class connection, from the handshake to the end. Knows what each of them asks for and when it
// may come (behaviour.md §2); carrying it out is the connection's.

import type { Method, MethodName } from '../protocol/methods.ts'
import { ConnectionError } from '../protocol/reply.ts'
import type { SessionContext } from './context.ts'
import { type Admission, type Agreement, Handshake, outOfOrder, type Whence } from './handshake.ts'

/** connection.tune-ok, connection.open, and whatever somebody in a hurry might say after them. */
const MOST_HELD = 8

/** What channel 0 makes its connection do. */
export interface ChannelZeroHost {
  /** Sends a method on channel 0. */
  send(method: Method): void
  /** connection.tune-ok: frames and heartbeats are as agreed from now on. */
  tuned(agreement: Agreement): void
  /** connection.open: channels may be opened. */
  admitted(admission: Admission): void
  /** connection.close: give everything back, then answer. */
  closeAsAsked(): void
  /** connection.update-secret: what the user may do is to be looked at again. */
  secretUpdated(): void
  /** Does what became possible later, where it still matters; errors are answered, as those of `method`. */
  later(task: () => void, method?: MethodName): void
  /** The socket can be closed. */
  finish(): void
}

/** The state of channel 0. */
export class ChannelZero {
  readonly #host: ChannelZeroHost
  /** null once it is over: what it gathered is the connection's then. */
  #handshake: Handshake | null
  /** What has come while a password is being looked at. */
  #held: Method[] | null = null

  constructor(context: SessionContext, from: Whence, host: ChannelZeroHost) {
    this.#host = host
    this.#handshake = new Handshake(context, from)
  }

  /** Takes a method. Throws `SilentClose` or `ConnectionError`. */
  method(method: Method): void {
    if (this.#held) this.#hold(this.#held, method)
    else if (this.#handshake) this.#shaking(this.#handshake, method)
    else this.#running(method)
  }

  /** Takes a method after connection.close was sent: only the end is of interest (behaviour.md §1.3). */
  methodWhileClosing(method: Method): void {
    if (method.name === 'connection.close-ok') this.#host.finish()
    else if (method.name === 'connection.close') this.#host.send({ name: 'connection.close-ok' })
  }

  #shaking(handshake: Handshake, method: Method): void {
    // Once tuned, what is out of order is answered (behaviour.md §2.4 has the rows for before).
    if (handshake.tuned && method.name !== 'connection.open') {
      throw new ConnectionError(504, 'unexpected method in connection state opening')
    }
    switch (method.name) {
      case 'connection.start-ok':
        this.#answer(handshake.startOk(method))
        break
      case 'connection.tune-ok':
        this.#host.tuned(handshake.tuneOk(method))
        break
      case 'connection.open':
        this.#host.admitted(handshake.open(method))
        this.#handshake = null
        this.#host.send({ name: 'connection.open-ok', reserved1: '' })
        break
      default:
        throw outOfOrder(method)
    }
  }

  /** Sends connection.tune. Whoever did not wait for it is served after it, in order. */
  #answer(tune: Method | Promise<Method>): void {
    if (!(tune instanceof Promise)) return this.#host.send(tune)
    const held: Method[] = []
    this.#held = held
    const then = (answer: () => void): void => {
      this.#held = null
      this.#host.later(answer)
    }
    tune.then(
      (method) => {
        then(() => this.#host.send(method))
        for (const each of held) this.#host.later(() => this.method(each), each.name)
      },
      (error: unknown) =>
        then(() => {
          throw error
        }),
    )
  }

  #hold(held: Method[], method: Method): void {
    if (held.length === MOST_HELD) throw outOfOrder(method)
    held.push(method)
  }

  #running(method: Method): void {
    switch (method.name) {
      case 'connection.close':
        this.#host.closeAsAsked()
        break
      case 'connection.update-secret':
        // Users are kept here, and their passwords do not expire (behaviour.md §2.7).
        this.#host.send({ name: 'connection.update-secret-ok' })
        this.#host.secretUpdated()
        break
      default:
        throw new ConnectionError(504, 'unexpected method in connection state running')
    }
  }
}
