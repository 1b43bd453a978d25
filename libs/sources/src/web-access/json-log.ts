import { canonicalAddress } from '@fleetwall/core';
import { JsonRecord } from '../beats/json-record.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { clientOf } from '../proxy/client-of.js';
import type { TrustedProxies } from '../proxy/trusted-proxies.js';
import type { Unparsed } from '../source.js';
import { type AccessRecord, readAccess } from './access-record.js';
import { Visitors } from './visitors.js';

/** How one server writes a request as a JSON object. */
interface JsonLog {
  program: string;
  /** Whether the line is of this log for certain, by what stands unescaped in it. */
  recognises(raw: string): boolean;
  /** Milliseconds since 1970 UTC; NaN when there is no time. */
  timeMs(record: JsonRecord): number;
  read(record: JsonRecord, trusted: TrustedProxies | undefined): AccessRecord | undefined;
}

/**
 * Caddy: `{"level":"info","ts":1795330800.1,"logger":"http.log.access…","request":{"remote_ip":…,"method":…,"uri":…},…,"status":200}`.
 * `user_id` is who was let in, so it names nobody who was refused. Source: modules/caddyhttp (server.go, marshalers.go).
 */
const caddy: JsonLog = {
  program: 'caddy',
  recognises: (raw) => raw.startsWith('{"level":"') && raw.slice(0, 200).includes(',"logger":"http.log.access'),
  timeMs: (record) => {
    const ts = record.get('ts');
    return typeof ts === 'number' && ts > 0 && ts < 1e11 ? Math.floor(ts * 1_000) : Date.parse(String(ts));
  },
  read: (record, trusted) => {
    const peer = canonicalAddress(record.text('request.remote_ip') ?? '');
    const forwardedFor = record.texts('request.headers.X-Forwarded-For').join(', ');
    const [method, target] = [record.text('request.method'), record.text('request.uri')];
    const status = record.number('status');
    if (peer === undefined || method === undefined || target === undefined || status === undefined) return undefined;
    return { client: clientOf(peer, forwardedFor, trusted), user: undefined, method, target, status };
  },
};

/**
 * Traefik: `{"ClientAddr":"ADDR:PORT","ClientHost":"ADDR","ClientUsername":"U","DownstreamStatus":401,…,"time":"…"}`, keys in
 * alphabetical order. Source: pkg/middlewares/accesslog (logdata.go).
 */
const traefik: JsonLog = {
  program: 'traefik',
  recognises: (raw) => raw.startsWith('{"ClientAddr":"') && raw.includes('","ClientHost":"'),
  timeMs: (record) => Date.parse(record.text('StartUTC') ?? record.text('time') ?? ''),
  read: (record, trusted) => {
    const peer = canonicalAddress(hostOf(record.text('ClientAddr') ?? ''));
    const name = record.text('ClientUsername');
    const [method, target] = [record.text('RequestMethod'), record.text('RequestPath')];
    const status = record.number('DownstreamStatus');
    if (peer === undefined || method === undefined || target === undefined || status === undefined) return undefined;
    const client = clientOf(peer, record.text('request_X-Forwarded-For'), trusted);
    return { client, user: name === '-' || name === '' ? undefined : name, method, target, status };
  },
};

/** `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
function hostOf(address: string): string {
  const match = /^(?:\[([^\]]{2,45})\]|([^:]{7,15})):\d{1,5}$/.exec(address);
  return match?.[1] ?? match?.[2] ?? '';
}

function formatOf(log: JsonLog, name: string, files: readonly string[]): LogFormat {
  return { name, files, begins: '{', recognises: log.recognises, open: (stream) => openJsonLog(log, stream) };
}

function openJsonLog(log: JsonLog, stream: StreamContext): FormatReader {
  const visitors = new Visitors();
  const unknown: Unparsed = { unparsed: 'unknown-message', program: log.program };
  return (raw) => {
    if (!log.recognises(raw)) return undefined;
    const record = JsonRecord.read(raw);
    const access = record === undefined ? undefined : log.read(record, stream.trustedProxies);
    const timeMs = record === undefined ? Number.NaN : log.timeMs(record);
    if (access === undefined || Number.isNaN(timeMs)) return unknown;
    return readAccess(lineOf(raw, stream, log.program, stream.clock.at(timeMs)), 'web-access', access, visitors);
  };
}

export const jsonLogs: readonly LogFormat[] = [
  formatOf(caddy, 'Caddy access log', ['/var/log/caddy/*.log']),
  formatOf(traefik, 'Traefik access log (JSON)', ['/var/log/traefik/access.log']),
];
