// Looking at messages over Leveret's own API, which leaves them untouched. Other brokers have nothing like it.

import type { Message } from '../amqp.ts'
import type { Task } from '../task.ts'

/** Messages of a queue; undefined where the broker cannot show them so. */
export async function browsed(
  _task: Task,
  _queue: string,
  _offset: number,
  _count: number,
): Promise<readonly Message[] | undefined> {
  return undefined
}
