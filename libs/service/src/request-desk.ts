import { randomUUID } from 'node:crypto';
import {
  type BlockRequest,
  type Bus,
  FleetwallError,
  type Follower,
  type RequestOutcome,
  TOPICS,
} from '@fleetwall/core';
import { serviceError } from './errors.js';

const ANSWER_WITHIN_SECONDS = 10;

type Question = BlockRequest extends infer R ? (R extends BlockRequest ? Omit<R, 'id' | 'atMs'> : never) : never;

/** Puts a request on the bus and waits for what the response service made of it. */
export class RequestDesk {
  readonly #bus: Bus;
  readonly #waiting = new Map<string, (outcome: RequestOutcome) => void>();
  #follower: Follower | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async start(): Promise<void> {
    const ranges = await this.#bus.ranges(TOPICS.audit);
    this.#follower = await this.#bus.follow({
      topic: TOPICS.audit,
      from: new Map(ranges.map(({ partition, high }) => [partition, high])),
      onRecord: ({ key, value }) => this.#waiting.get(key)?.(JSON.parse(value.toString('utf8')) as RequestOutcome),
    });
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
  }

  /** Resolves when it was carried out. Throws the response service's own error, or REQUEST_UNANSWERED. */
  async ask(question: Question): Promise<void> {
    const request = { ...question, id: randomUUID(), atMs: Date.now() } as BlockRequest;
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<RequestOutcome>((resolve, reject) => {
      this.#waiting.set(request.id, resolve);
      const late = () => reject(serviceError('REQUEST_UNANSWERED', { seconds: ANSWER_WITHIN_SECONDS }));
      timer = setTimeout(late, ANSWER_WITHIN_SECONDS * 1_000);
    });
    try {
      await this.#bus.publish(TOPICS.requests, [{ key: request.id, value: Buffer.from(JSON.stringify(request)) }]);
      const { ok, code = '', message = '', hint = '' } = await answered;
      if (!ok) throw new FleetwallError(code, { retryable: false, message, hint });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request.id);
    }
  }
}
