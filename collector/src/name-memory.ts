import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { NameMask } from '@fleetwall/assembly';
import { type Config, type Home, keepNameKey, readNameKey } from '@fleetwall/config';

interface StoredAccounts {
  version: 1;
  /** Of the key that they are digested under. */
  key: string;
  accounts: string[];
}

const SAVE_EVERY_MS = 60_000;

export interface NameMemoryOptions {
  config: Config;
  home: Home;
  onError: (error: unknown) => void;
}

/**
 * The mask for names and, on disk, the accounts that are known to exist, as digests. What a crash takes is learnt again: until then
 * those accounts' failures are masked, and counted all the same.
 */
export class NameMemory {
  readonly mask: NameMask;
  readonly #home: Home;
  readonly #onError: (error: unknown) => void;
  #key: Buffer;
  #saved: number;
  readonly #timer: NodeJS.Timeout;
  #saving: Promise<void> = Promise.resolve();

  /** Throws SECRET_UNREADABLE, NAME_KEY_INVALID. */
  static open(options: NameMemoryOptions): NameMemory {
    return new NameMemory(options, readNameKey(options.config, options.home));
  }

  private constructor({ home, onError }: NameMemoryOptions, key: Buffer) {
    this.#home = home;
    this.#onError = onError;
    this.#key = key;
    this.mask = new NameMask(key, read(home.knownAccounts, fingerprintOf(key)));
    this.#saved = this.mask.revision;
    this.#timer = setInterval(() => void this.#save(), SAVE_EVERY_MS).unref();
  }

  /**
   * The centre's key, which holds for the whole fleet, from now on and for the next start. Answers whether it is another
   * one. Throws the system's error when it cannot be kept; it holds until the next start all the same.
   */
  use(key: Buffer): boolean {
    if (key.equals(this.#key)) return false;
    this.#key = key;
    this.mask.use(key);
    this.#saved = -1;
    keepNameKey(this.#home, key);
    return true;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#save();
  }

  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write()).catch(this.#onError);
    return this.#saving;
  }

  async #write(): Promise<void> {
    const { revision } = this.mask;
    if (revision === this.#saved) return;
    const stored: StoredAccounts = { version: 1, key: fingerprintOf(this.#key), accounts: this.mask.known() };
    const path = this.#home.knownAccounts;
    await writeFile(`${path}.new`, JSON.stringify(stored), { mode: 0o600 });
    await rename(`${path}.new`, path);
    this.#saved = revision;
  }
}

function fingerprintOf(key: Buffer): string {
  return hash('sha256', key, 'hex').slice(0, 16);
}

/** None where there is nothing usable: they are learnt again. */
function read(path: string, key: string): string[] {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as StoredAccounts;
    return stored.version === 1 && stored.key === key ? stored.accounts : [];
  } catch {
    return [];
  }
}
