import type { Message } from '../message.js';
import { safeText } from '../safe-text.js';

/** What the far side said when it took a message. */
export interface Receipt {
  response: string;
  /** Recipients that it refused for good. */
  refused?: string[];
  /** Recipients that it may take later. */
  later?: string[];
}

export interface SendOptions {
  signal: AbortSignal;
  /** Only these of the channel's recipients; all when absent. */
  to?: readonly string[];
}

/** One way to tell. */
export interface Channel {
  /** For people: `mail to 2 recipients`, never a secret. */
  readonly about: string;
  /** Resolves when the far side has taken the message. Throws {@link NotDelivered}. */
  send(message: Message, options: SendOptions): Promise<Receipt>;
}

/** As much of an answer as is kept. */
const MOST_RESPONSE = 300;

/** The far side did not take the message, or nobody knows whether it did. */
export class NotDelivered extends Error {
  /** Whether the same message may be taken later. */
  readonly retryable: boolean;
  /** How long the far side wants to be left alone. */
  readonly pauseMs: number | undefined;

  constructor(reason: string, retryable: boolean, pauseMs?: number) {
    super(safeText(reason, MOST_RESPONSE));
    this.name = 'NotDelivered';
    this.retryable = retryable;
    this.pauseMs = pauseMs;
  }
}

/** An answer as it is kept. */
export function responseText(text: string): string {
  return safeText(text.trim(), MOST_RESPONSE);
}
