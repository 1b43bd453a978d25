import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { consoleError } from '../api/errors.js';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** 32 MB and about 0.1 s a password (RFC 7914; OWASP's second choice of equal strength). */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const MAX_MEMORY = 64 << 20;
const KEY_BYTES = 32;

/** Each takes a thread and 32 MB: strangers must not be able to ask for more. */
const AT_ONCE = 2;
const MAX_WAITING = 32;

/** Hashes of passwords, a few at a time: `scrypt$N$r$p$salt$key`, salt and key in base64url. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Somebody who does not exist takes as long as somebody who does. */
  readonly #nobody = formatted(COST, randomBytes(16), randomBytes(KEY_BYTES));

  /** Throws SIGN_IN_BUSY. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    return formatted(COST, salt, await this.#derive(password, salt, COST));
  }

  /** @param hash absent: of nobody. Throws SIGN_IN_BUSY */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const [, N, r, p, salt = '', key = ''] = (hash ?? this.#nobody).split('$');
    const expected = Buffer.from(key, 'base64url');
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const actual = await this.#derive(password, Buffer.from(salt, 'base64url'), cost);
    return timingSafeEqual(actual, expected) && hash !== undefined;
  }

  async #derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
    await this.#turn();
    try {
      return await derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: MAX_MEMORY });
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) throw consoleError('SIGN_IN_BUSY');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}

function formatted({ N, r, p }: typeof COST, salt: Buffer, key: Buffer): string {
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}
