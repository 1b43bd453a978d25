import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { NotDelivered, type Receipt, responseText } from './channel.js';
import { isPublic, PrivateTarget, publicLookup } from './reach.js';

export interface HttpTargetOptions {
  url: string;
  allowHttp: boolean;
  allowPrivate: boolean;
  /** Certificates that sign that of the target (PEM). */
  ca?: string;
  timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
/** Of an answer; more is not read. */
const MOST_BYTES = 16_384;
const MOST_PAUSE_MS = 3_600_000;
/** Statuses of 4xx that pass by themselves (RFC 9110, RFC 6585). */
const PASSING = [408, 425, 429];

/**
 * Where JSON is posted. One connection a request, no redirects, no proxy; by default only with TLS and only to public
 * addresses, as they are when it connects.
 */
export class HttpTarget {
  readonly #options: HttpTargetOptions;
  readonly #url: URL;

  constructor(options: HttpTargetOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
  }

  /** The host alone: path and query of a webhook are secrets. */
  get host(): string {
    return this.#url.host;
  }

  /** Resolves with a status of 2xx. Throws {@link NotDelivered}. */
  async post(body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Receipt> {
    this.#mustBeAllowed();
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? TIMEOUT_MS);
    const bytes = Buffer.from(body);
    try {
      return await this.#answer(bytes, headers, AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (error instanceof NotDelivered) throw error;
      // The reason of a time-out is better than that of the request that it ended.
      const reason = timeout.aborted ? 'no answer in time' : reasonOf(error);
      throw new NotDelivered(`${this.host}: ${reason}`, !(error instanceof PrivateTarget));
    }
  }

  #mustBeAllowed(): void {
    const { protocol, hostname } = this.#url;
    const { allowHttp, allowPrivate } = this.#options;
    if (protocol !== 'https:' && !allowHttp)
      throw new NotDelivered(`${this.host}: ${protocol}// is not allowed; allowHttp lets it through`, false);
    const literal = hostname.replace(/^\[|\]$/g, '');
    if (!allowPrivate && isIP(literal) !== 0 && !isPublic(literal))
      throw new NotDelivered(`${this.host}: ${new PrivateTarget(literal).message}`, false);
  }

  #answer(body: Buffer, headers: Record<string, string>, signal: AbortSignal): Promise<Receipt> {
    const { ca, allowPrivate } = this.#options;
    const options: RequestOptions & { ca?: string } = {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': String(body.length),
        'user-agent': 'Fleetwall',
      },
      agent: false,
      signal,
      ...(allowPrivate ? {} : { lookup: publicLookup }),
      ...(ca === undefined ? {} : { ca }),
    };
    const request = this.#url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const asked = request(this.#url, options, (response) => {
        receiptOf(response).then(resolve, reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

async function receiptOf(response: IncomingMessage): Promise<Receipt> {
  const { statusCode: status = 0, headers } = response;
  const text = `HTTP ${status} ${await beginningOf(response)}`;
  if (status >= 200 && status < 300) return { response: responseText(text) };
  const pauseMs = pauseOf(headers['retry-after']);
  throw new NotDelivered(text.trim(), status >= 500 || PASSING.includes(status), pauseMs);
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MOST_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8');
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function pauseOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const pauseMs = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return pauseMs > 0 ? Math.min(pauseMs, MOST_PAUSE_MS) : undefined;
}

function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'the connection failed';
}
