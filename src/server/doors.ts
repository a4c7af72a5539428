// The doors that the settings ask for: AMQP over TCP, and over TLS where there is a certificate. Opened together, closed
// together. Knows settings and addresses; what comes in is the listeners'.

import type { AddressInfo } from 'node:net'
import type { SessionContext } from '../session/context.ts'
import { CertificateError, type CertificateSettings, Certificates } from './certificates.ts'
import { type Carry, type Door, Listener, type TlsDoor } from './listener.ts'

/** What of the settings is about doors. */
export interface DoorSettings extends Omit<CertificateSettings, 'tlsCert' | 'tlsKey'>, Omit<TlsDoor, 'certificates'> {
  readonly host: string
  readonly port: number | 'off'
  readonly tlsPort: number | 'off'
  /** More places for either, `127.0.0.1:5672` or `[::1]:5672`. */
  readonly listen: readonly string[]
  readonly tlsListen: readonly string[]
  /** Whether a proxy stands before the ports for AMQP, and says who comes. */
  readonly proxyProtocol: boolean
  /** Needs a certificate, too. */
  readonly httpsPort: number | 'off'
  readonly tlsCert: string | null
  readonly tlsKey: string | null
}

/** A door by the scheme of its URL. */
type OpenDoor = readonly [scheme: 'amqp' | 'amqps', Listener]

/** Open doors. */
export class Doors {
  /** Null where no certificate is named. */
  readonly certificates: Certificates | null
  readonly #listeners: readonly OpenDoor[]

  private constructor(certificates: Certificates | null, listeners: readonly OpenDoor[]) {
    this.certificates = certificates
    this.#listeners = listeners
  }

  /**
   * Opens them all, or none.
   * @throws CertificateError when a certificate cannot be used
   * @throws the error of node:net when an address cannot be listened on
   */
  static async open(context: SessionContext, settings: DoorSettings, carry?: Carry): Promise<Doors> {
    const certificates = certificatesOf(settings, context)
    const listeners: OpenDoor[] = []
    const open = async (scheme: OpenDoor[0], { host, port }: Place, tls?: TlsDoor): Promise<void> => {
      const door = { host, port, ...(tls ? { tls } : {}), proxied: settings.proxyProtocol, carry }
      const listener = await openDoor(context, door)
      listeners.push([scheme, listener])
      context.logger.info({}, `started ${tls ? 'TLS (SSL)' : 'TCP'} listener on ${placeOf(listener)}`)
    }
    const { host, port, listen, tlsPort, tlsListen } = settings
    try {
      for (const place of placesOf(host, port, listen)) await open('amqp', place)
      const secure = certificates ? placesOf(host, tlsPort, tlsListen) : []
      for (const place of secure)
        await open('amqps', place, { ...settings, certificates: certificates as Certificates })
    } catch (error) {
      await Promise.all(listeners.map(([, listener]) => listener.close('')))
      throw error
    }
    if (listeners.length === 0) context.logger.warn({}, 'no port is open for AMQP: the settings ask for none')
    certificates?.watch()
    return new Doors(certificates, listeners)
  }

  /** One URL for each, without credentials. */
  get urls(): readonly string[] {
    return this.#listeners.map(([scheme, { address }]) => `${scheme}://${hostOf(address)}:${address.port}`)
  }

  /** Where each listens, and what it speaks in RabbitMQ's words. */
  get listeners(): readonly { readonly protocol: string; readonly address: string; readonly port: number }[] {
    return this.#listeners.map(([scheme, { address: place }]) => {
      return { protocol: scheme === 'amqp' ? 'amqp' : 'amqp/ssl', address: place.address, port: place.port }
    })
  }

  /**
   * Refuses who comes from now on; or (false) takes them in again, and resolves when it does.
   * @throws the error of node:net when somebody else listens there by now
   */
  async refuse(refuses: boolean): Promise<void> {
    const listeners = this.#listeners.map(([, listener]) => listener)
    if (refuses) for (const listener of listeners) listener.suspend()
    else await Promise.all(listeners.map((listener) => listener.resume()))
  }

  /** Closes all; resolves when everybody has gone. */
  async close(reason: string): Promise<void> {
    this.certificates?.stop()
    await Promise.all(this.#listeners.map(([, listener]) => listener.close(reason)))
  }
}

function certificatesOf(settings: DoorSettings, { clock, logger }: SessionContext): Certificates | null {
  const { tlsCert, tlsKey } = settings
  if (tlsCert === null && tlsKey === null && settings.httpsPort === 'off') return null
  if (tlsCert === null && tlsKey === null)
    throw new CertificateError('--https-port needs a certificate: --tls-cert and --tls-key')
  if (tlsKey === null) throw new CertificateError('--tls-cert needs the key of the certificate: --tls-key')
  if (tlsCert === null) throw new CertificateError('--tls-key needs the certificate of the key: --tls-cert')
  // Else whatever anybody in the world has signed would do, and a certificate says who somebody is.
  if (settings.tlsVerify !== 'none' && settings.tlsCa === null)
    throw new CertificateError(`--tls-verify ${settings.tlsVerify} needs the authorities of clients: --tls-ca`)
  return new Certificates({ ...settings, tlsCert, tlsKey }, clock, logger)
}

/** Where to listen. */
type Place = Pick<Door, 'host' | 'port'>

function placesOf(host: string, port: number | 'off', more: readonly string[]): readonly Place[] {
  const others = more.map((text): Place => {
    const colon = text.lastIndexOf(':')
    return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) }
  })
  return port === 'off' ? others : [{ host, port }, ...others]
}

/** Every interface means IPv6 and IPv4 where there is IPv6, IPv4 else. */
async function openDoor(context: SessionContext, door: Door): Promise<Listener> {
  try {
    return await Listener.open(context, door)
  } catch (error) {
    const noIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT'
    if (door.host !== '::' || !noIpv6) throw error
    return Listener.open(context, { ...door, host: '0.0.0.0' })
  }
}

/** As RabbitMQ logs it, which is what some wait for. */
function placeOf({ address: { address, family, port } }: Listener): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

/** The host part of a URL that reaches `address` from this machine. */
function hostOf({ address, family }: AddressInfo): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost'
  return family === 'IPv6' ? `[${address}]` : address
}
