import { Client, type ClientOptions } from '@elastic/elasticsearch';
import { elasticsearchError, explained } from './errors.js';

export interface ElasticsearchConnectionOptions {
  /** `https://es-1:9200`; several nodes of one cluster are used in turn. */
  nodes: string[];
  auth?: { apiKey: string } | { username: string; password: string };
  /** The certificate that signed the server's, PEM. */
  ca?: string;
  /** Instead of `ca`: SHA-256 of that certificate, hexadecimal, with or without colons. */
  caFingerprint?: string;
  /** How long one request may take; 30,000 when absent. */
  requestTimeoutMs?: number;
  /** Beginning of all names of indices and templates; `fleetwall` when absent. */
  prefix?: string;
}

const OLDEST = [8, 19] as const;

/** One client, and the words for its failures. */
export class Connection {
  readonly client: Client;
  readonly prefix: string;
  readonly #nodes: string;
  #closed = false;

  constructor(options: ElasticsearchConnectionOptions) {
    this.prefix = options.prefix ?? 'fleetwall';
    this.#nodes = options.nodes.join(', ');
    this.client = new Client(clientOptions(options));
  }

  /** Runs one call of the client; what goes wrong has a code of this package's table. */
  async run<T>(operation: string, call: (client: Client) => Promise<T>): Promise<T> {
    this.check();
    try {
      return await call(this.client);
    } catch (error) {
      this.check();
      throw explained(error, operation, this.#nodes);
    }
  }

  /** Fails with ELASTICSEARCH_UNREACHABLE, _DENIED or _VERSION. */
  async checkServer(): Promise<void> {
    const { version } = await this.run('tell its version', (client) => client.info());
    const [major = 0, minor = 0] = version.number.split('.').map(Number);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
    throw elasticsearchError('ELASTICSEARCH_VERSION', { nodes: this.#nodes, actual: version.number });
  }

  explain(error: unknown, operation: string): unknown {
    return explained(error, operation, this.#nodes);
  }

  check(): void {
    if (this.#closed) throw elasticsearchError('ELASTICSEARCH_CLOSED');
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.client.close();
  }
}

function clientOptions(options: ElasticsearchConnectionOptions): ClientOptions {
  const { auth, ca, caFingerprint } = options;
  return {
    nodes: options.nodes,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    // Reads are tried on another node at once; writes have a retry of their own, with a back-off.
    maxRetries: 1,
    ...(auth && { auth: 'apiKey' in auth ? { apiKey: auth.apiKey } : auth }),
    ...(ca && { tls: { ca } }),
    ...(caFingerprint && { caFingerprint: caFingerprint.toUpperCase(), tls: { rejectUnauthorized: false } }),
  };
}
