// The doors for HTTP that the settings ask for, with and without TLS, and the one application behind them. Knows settings;
// what is answered is the application's.

import type { ListenerFact } from './context.ts'
import { type Application, type Certificate, type HttpDoor, type HttpDoorOptions, openHttpDoor } from './http.ts'

/** What of the settings is about HTTP. */
export interface HttpSettings {
  readonly host: string
  /** null: where AMQP is. */
  readonly httpHost: string | null
  readonly httpPort: number | 'off'
  readonly httpsPort: number | 'off'
  readonly metricsPort: number | 'off'
}

/** What is behind the doors. */
export interface Behind extends Pick<HttpDoorOptions, 'logger' | 'load' | 'upgrade'> {
  /** What answers at the port for metrics. */
  readonly loadMetrics: () => Promise<Application>
}

/** Open doors; none where the settings want none. */
export class HttpDoors {
  readonly #doors: readonly HttpDoor[]
  readonly #metrics: HttpDoor | null

  private constructor(doors: readonly HttpDoor[], metrics: HttpDoor | null) {
    this.#doors = doors
    this.#metrics = metrics
  }

  /**
   * Opens them all, or none.
   * @param certificate for HTTPS; where it is null there is none
   * @throws the error of node:net, EADDRINUSE for example
   */
  static async open(settings: HttpSettings, certificate: Certificate | null, behind: Behind): Promise<HttpDoors> {
    const { httpPort, httpsPort, metricsPort } = settings
    const host = settings.httpHost ?? settings.host
    let application: Promise<Application> | null = null
    const load = (): Promise<Application> => {
      application ??= behind.load()
      return application
    }
    const doors: HttpDoor[] = []
    const open = async (port: number | 'off', withCertificate: Certificate | null): Promise<void> => {
      if (port !== 'off') doors.push(await openHttpDoor({ ...behind, host, port, certificate: withCertificate, load }))
    }
    try {
      await open(httpPort, null)
      if (certificate) await open(httpsPort, certificate)
      const metrics = metricsPort === 'off' ? null : await openMetrics(host, metricsPort, behind)
      return new HttpDoors(doors, metrics)
    } catch (error) {
      await Promise.all(doors.map((door) => door.close()))
      throw error
    }
  }

  /** Where they are reached from this machine. */
  get urls(): readonly string[] {
    return this.#doors.map(({ url }) => url)
  }

  /** What they are among the listeners of a node. */
  get listeners(): readonly ListenerFact[] {
    const metrics = this.#metrics ? [{ ...this.#metrics.listener, protocol: 'http/prometheus' }] : []
    return [...this.#doors.map(({ listener }) => listener), ...metrics]
  }

  /** Closes all; resolves when the last answers have left, or have had their time. */
  async close(): Promise<void> {
    await Promise.all([...this.#doors, ...(this.#metrics ? [this.#metrics] : [])].map((door) => door.close()))
  }
}

/** The port for metrics: plain HTTP that asks nobody's name, and speaks no AMQP over WebSocket. */
function openMetrics(host: string, port: number, { logger, loadMetrics }: Behind): Promise<HttpDoor> {
  const upgrade: Behind['upgrade'] = (_, socket) => void socket.destroy()
  return openHttpDoor({ host, port, logger, certificate: null, load: loadMetrics, upgrade })
}
