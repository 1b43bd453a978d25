import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from './private-file.js';

/** What this installation is, made at the first start and kept. */
export interface Identity {
  agentId: string;
  /** Secret numbers for hashing what attackers write. */
  seed: [number, number, number];
}

/** Where things lie below FLEETWALL_HOME. */
export class Home {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get bus(): string {
    return join(this.directory, 'bus');
  }

  get events(): string {
    return join(this.directory, 'events');
  }

  get decisions(): string {
    return join(this.directory, 'decisions');
  }

  get registry(): string {
    return join(this.directory, 'registry');
  }

  get spool(): string {
    return join(this.directory, 'spool');
  }

  get windows(): string {
    return join(this.directory, 'windows');
  }

  get desiredBlocks(): string {
    return join(this.directory, 'desired-blocks.json');
  }

  get armedMarker(): string {
    return join(this.directory, 'armed');
  }

  get controlSocket(): string {
    if (process.platform === 'win32')
      return `\\\\.\\pipe\\fleetwall-${Buffer.from(this.directory).toString('hex').slice(-64)}`;
    return join(this.directory, 'control.sock');
  }

  /** The one-time token of the console's first administrator, while there is none. */
  get consoleSetup(): string {
    return join(this.directory, 'console-setup');
  }

  /** Tokens' hashes by which collectors are known; made by `fleetwall credential`. */
  get credentials(): string {
    return join(this.directory, 'credentials.yml');
  }

  /** The gateway's own certificate and key, where none are configured. */
  get tls(): string {
    return join(this.directory, 'tls');
  }

  /** Copies of registry documents, for when the registry is away. */
  get registryCopy(): string {
    return join(this.directory, 'registry-copy');
  }

  /** The secret under which names of accounts are digested. */
  get nameKey(): string {
    return join(this.directory, 'name-key');
  }

  /** Digests of the accounts that are known to exist. */
  get knownAccounts(): string {
    return join(this.directory, 'known-accounts.json');
  }

  create(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  identity(): Identity {
    const path = join(this.directory, 'identity.json');
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Identity;
    const bytes = randomBytes(12);
    const seed: Identity['seed'] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
    const identity: Identity = { agentId: randomBytes(6).toString('hex'), seed };
    writePrivateFile(path, `${JSON.stringify(identity)}\n`);
    return identity;
  }
}
