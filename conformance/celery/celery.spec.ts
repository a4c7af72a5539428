/** Celery workers with two processes each: retries and results through the broker, and a chord with results in files. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openChannel, uniqueName } from '../amqplib/support.ts'
import { clientPath, describeClient, expectOutput, startPython } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

jest.setTimeout(120_000)

/**
 * Resolves when the worker has acknowledged all that it was given: with late acknowledgements a result is there before its
 * task is settled. Each answer paces the next question; of another broker than ours nothing is asked.
 */
async function settled({ httpUrl }: Leveret, queue: string): Promise<void> {
  const headers = { authorization: `Basic ${btoa('guest:guest')}` }
  for (let messages = httpUrl === '' ? 0 : 1; messages > 0; ) {
    const response = await fetch(`${httpUrl}/api/queues/%2F/${queue}`, { headers })
    messages = Number(((await response.json()) as { messages: unknown }).messages)
  }
}

describeClient('celery', 'a Celery worker', () => {
  let leveret: Leveret
  let folder: string

  beforeAll(async () => {
    leveret = await startLeveret({ http: true })
    folder = await mkdtemp(join(tmpdir(), 'leveret-celery-'))
  })
  afterAll(async () => {
    await leveret?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  /** Starts a worker, runs a program that sends it tasks, and stops the worker by its pid. */
  const work = async (name: string, backend: string, program: string) => {
    const queue = uniqueName(name)
    const options = {
      cwd: clientPath('celery'),
      env: { AMQP_URL: leveret.url, RESULT_BACKEND: backend, TASK_QUEUE: queue },
      limitMs: 90_000,
    }
    const args = ['-A', 'tasks', 'worker', '--concurrency', '2', '--hostname', `${queue}@%h`, '--loglevel', 'INFO']
    const worker = startPython('celery', ['-m', 'celery', ...args], options)
    try {
      const sender = startPython('celery', [program], options)
      const died = worker.ended.then(() => Promise.reject(new Error(worker.output())))
      const ending = await Promise.race([sender.ended, died])
      await Promise.race([settled(leveret, queue), died])
      return ending
    } finally {
      worker.signal('SIGTERM')
      const { code, stderr } = await worker.ended
      expect({ code, ...(code === 0 ? {} : { stderr }) }).toEqual({ code: 0 })
      const { channel, close } = await openChannel(leveret.url)
      expect((await channel.deleteQueue(queue)).messageCount).toBe(0)
      await close()
    }
  }

  it('runs 200 tasks, a quarter of which ask to be retried, and answers through the broker', async () => {
    expectOutput(await work('tasks', 'rpc://', 'submit_tasks.py'), ['right: True', 'retries: 60'])
  })

  it('runs a chord of 20', async () => {
    expectOutput(await work('chord', `file://${folder}`, 'submit_chord.py'), ['total: 380'])
  })
})
