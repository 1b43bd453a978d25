import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { connectUplink, type GatewayUplink, type UplinkNotice, type UplinkOptions } from '@fleetwall/collector';
import {
  BLOCKS_EPOCH_KEY,
  type Block,
  type Bus,
  decodeEvent,
  type FleetEvent,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import {
  CertificateWatch,
  CredentialFile,
  type GatewayLimits,
  type GatewayNotice,
  GatewayPipeline,
  GatewayServer,
} from '@fleetwall/gateway-service';
import {
  COLLECTOR_PATH,
  type Codec,
  type CredentialRow,
  encodeBatchFrame,
  joinEvents,
  newCredential,
} from '@fleetwall/protocol';
import { createMemoryBus } from '@fleetwall/testkit';
import { type ClientOptions, WebSocket } from 'ws';

export const T = Date.UTC(2026, 10, 22, 12);

export async function until(what: string, isTrue: () => boolean | Promise<boolean>, withinMs = 25_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !(await isTrue()); await new Promise((done) => setTimeout(done, 10))) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

/** One event, as a collector writes it. */
export function eventLine(id: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({ '@timestamp': new Date(T).toISOString(), 'event.id': id, 'event.original': id, ...more });
}

export function batchOf(sequence: number, events: string[], codec: Codec = 'identity', payload?: Buffer): Buffer {
  const raw = joinEvents(events);
  return encodeBatchFrame({ codec, events: events.length, sequence, rawBytes: raw.length, payload: payload ?? raw });
}

export function blockOf(target: string, more: Partial<Block> = {}): Block {
  return {
    id: `id of ${target}`,
    version: 1,
    target,
    scope: { type: 'fleet' },
    state: 'active',
    atMs: T,
    untilMs: T + 3_600_000,
    offence: 1,
    reasons: [],
    forgetBeforeMs: 0,
    cutSessions: false,
    except: [],
    history: [],
    ...more,
  };
}

/** The fleet's secret for names of accounts. */
export const NAME_KEY = Buffer.alloc(32, 5);

export interface SiteOptions {
  bus?: Bus;
  limits?: Partial<GatewayLimits>;
}

/** A gateway with all it has in the field: TLS on loopback, credentials in a file, a certificate of its own, a bus. */
export class Site {
  readonly directory = mkdtempSync(join(tmpdir(), 'fleetwall-site-'));
  readonly notices: GatewayNotice[] = [];
  readonly problems: string[] = [];
  readonly uplinkNotices: UplinkNotice[] = [];
  readonly #rows: CredentialRow[] = [];
  readonly #uplinks: GatewayUplink[] = [];
  readonly #raw: WebSocket[] = [];
  nowMs = T;
  bus!: Bus;
  pipeline!: GatewayPipeline;
  server!: GatewayServer;
  credentials!: CredentialFile;
  tls!: CertificateWatch;

  static async open({ bus, limits }: SiteOptions = {}): Promise<Site> {
    const site = new Site();
    site.bus = bus ?? createMemoryBus();
    await site.bus.declare(topicSpecs(1));
    site.writeCredentials();
    site.credentials = await CredentialFile.open({
      path: site.credentialsPath,
      everyMs: 50,
      onRead: ({ repeated }) => site.problems.push(...repeated),
      onError: (error) => site.problems.push(error.message),
    });
    site.tls = await CertificateWatch.open({
      source: { home: site.directory },
      clock: Date.now,
      everyMs: 50,
      onError: (error) => site.problems.push(error.message),
    });
    await site.startGateway(limits);
    return site;
  }

  get credentialsPath(): string {
    return join(this.directory, 'credentials.yml');
  }

  get url(): string {
    return `wss://127.0.0.1:${this.server.port}`;
  }

  /** Another gateway process in the place of the one before it, on the same port. */
  async startGateway(limits: Partial<GatewayLimits> = {}, port = 0): Promise<void> {
    this.pipeline = new GatewayPipeline({ bus: this.bus, clock: () => this.nowMs });
    await this.pipeline.start();
    this.server = await GatewayServer.listen({
      host: '127.0.0.1',
      port,
      tls: this.tls,
      credentials: this.credentials,
      pipeline: this.pipeline,
      clock: () => this.nowMs,
      nameKey: NAME_KEY,
      limits,
      onNotice: (notice) => this.notices.push(notice),
      onError: (error) => this.problems.push((error as Error).message),
    });
  }

  async stopGateway(drainMs = 1_000): Promise<void> {
    await this.server.stop(drainMs);
    await this.pipeline.stop();
  }

  async close(): Promise<void> {
    for (const ws of this.#raw) ws.terminate();
    await Promise.all(this.#uplinks.map((uplink) => uplink.close()));
    await this.stopGateway(0);
    await this.credentials.close();
    await this.tls.close();
    await this.bus.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Gives a collector a credential, and waits until the gateway knows it. */
  async enrol(agent: string, host = `host of ${agent}`.replaceAll(' ', '-'), tenant = 'acme'): Promise<string> {
    const { token, row } = newCredential({ agent, host, tenant });
    this.#rows.push(row);
    this.writeCredentials();
    await until('the credential to be read', () => this.credentials.find(token) !== undefined);
    return token;
  }

  revoke(agent: string): void {
    const at = this.#rows.findIndex((row) => row.agent === agent);
    this.#rows.splice(at, 1);
    this.writeCredentials();
  }

  writeCredentials(text = JSON.stringify(this.#rows)): void {
    writeFileSync(this.credentialsPath, text);
  }

  /** A collector's own uplink. */
  uplink(token: string, more: Partial<UplinkOptions> = {}): GatewayUplink {
    const uplink = connectUplink({
      url: this.url,
      token,
      pins: [this.server.pin],
      instanceId: 'instance-1',
      agentVersion: 'test',
      clock: Date.now,
      timings: { minPauseMs: 20, maxPauseMs: 200, connectTimeoutMs: 5_000 },
      onNotice: (notice) => this.uplinkNotices.push(notice),
      ...more,
    });
    this.#uplinks.push(uplink);
    return uplink;
  }

  /** A client that says what it likes. Rejects with the status when the upgrade is refused. */
  async raw(token: string, more: ClientOptions & { protocols?: string[] } = {}): Promise<RawClient> {
    const { protocols = ['fleetwall.v1'], headers, ...rest } = more;
    const ws = new WebSocket(`${this.url}${COLLECTOR_PATH}`, protocols, {
      rejectUnauthorized: false,
      perMessageDeflate: false,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...rest,
    });
    this.#raw.push(ws);
    const client = new RawClient(ws);
    await client.opened;
    return client;
  }

  /** A client that has said hello and was welcomed. */
  async welcomed(token: string, instance = 'instance-1', more: Record<string, unknown> = {}): Promise<RawClient> {
    const client = await this.raw(token);
    client.say({ type: 'hello', version: 1, instance, agentVersion: 'raw', features: [], timeMs: this.nowMs, ...more });
    await until('a welcome or the end', () => client.of('welcome').length > 0 || client.closeCode !== undefined);
    return client;
  }

  /** TLS alone. */
  tlsSocket(): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: this.server.port, rejectUnauthorized: false }, () => {
        resolve(socket);
      });
      socket.on('error', reject);
    });
  }

  /** What stands on the topic of security events. */
  async published(): Promise<FleetEvent[]> {
    const events: FleetEvent[] = [];
    const follower = await this.bus.follow({
      topic: TOPICS.securityEvents,
      onRecord: ({ value }) => void events.push(decodeEvent(value.toString('utf8'))),
    });
    await follower.caughtUp;
    await follower.stop();
    return events;
  }

  async publishBlocks(...blocks: Block[]): Promise<void> {
    const records = blocks.map((block) => ({
      key: JSON.stringify([block.scope, block.target]),
      value: Buffer.from(JSON.stringify(block)),
    }));
    await this.bus.publish(TOPICS.blocks, records);
  }

  async publishEpoch(epoch: string, term: number): Promise<void> {
    const value = Buffer.from(JSON.stringify({ epoch, term }));
    await this.bus.publish(TOPICS.blocks, [{ key: BLOCKS_EPOCH_KEY, value }]);
  }
}

/** Somebody who speaks the protocol by hand, well or badly. */
export class RawClient {
  readonly messages: Record<string, unknown>[] = [];
  readonly opened: Promise<void>;
  closeCode: number | undefined;

  constructor(readonly ws: WebSocket) {
    ws.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString('utf8'))));
    ws.on('close', (code) => {
      this.closeCode = code;
    });
    this.opened = new Promise((resolve, reject) => {
      ws.on('open', () => resolve());
      ws.on('error', reject);
      ws.on('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => reject(new Error(`${response.statusCode} ${body}`)));
      });
    });
    this.opened.catch(() => undefined);
  }

  say(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  of(type: string): Record<string, unknown>[] {
    return this.messages.filter((message) => message['type'] === type);
  }

  /** The last batch that was acknowledged. */
  get acknowledged(): number {
    return Number(this.of('ack').at(-1)?.['sequence'] ?? 0);
  }

  async closed(withinMs?: number): Promise<number> {
    await until('the connection to be closed', () => this.closeCode !== undefined, withinMs);
    return this.closeCode as number;
  }
}
