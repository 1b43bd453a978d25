// What the benches of the stores share: failed logons that are the same in every run, and how cost is told.
import { quantile } from './quantile.mjs';

let random = 12345;
/** The next number below n. */
export function below(n) {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  return random % n;
}

export const address = () => `${100 + below(40)}.${below(256)}.${below(64)}.${1 + below(250)}`;
/** Addresses of two events in three. */
export const loud = Array.from({ length: 200 }, address);
const hex = () =>
  below(2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** An event as a gateway stamped it. */
export function sshEvent(timeMs, number, hosts = 50) {
  const ip = below(3) === 0 ? address() : loud[below(loud.length)];
  const host = `web${below(hosts)}`;
  const pid = 1000 + below(30_000);
  const user = below(4) === 0 ? `user${below(20_000)}` : ['root', 'admin', 'oracle', 'test', 'ubuntu'][below(5)];
  const port = 1024 + below(60_000);
  return {
    '@timestamp': timeMs,
    'event.id': `${hex()}${hex()}${hex()}${number.toString(16)}`,
    'event.original': `${new Date(timeMs).toISOString()} ${host} sshd[${pid}]: Failed password for ${user} from ${ip} port ${port} ssh2`,
    'event.kind': 'event',
    'event.module': 'sshd',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'ssh_login',
    'event.outcome': below(50) === 0 ? 'success' : 'failure',
    'event.ingested': timeMs + 800,
    'host.name': host,
    'host.id': `h-${host}`,
    'process.name': 'sshd',
    'process.pid': pid,
    'source.ip': ip,
    'source.port': port,
    'user.name': user,
    'fleetwall.evidence': 'handshake',
    'fleetwall.attempt.role': 'attempt',
    'fleetwall.attempt.id': `${hex()}${hex().slice(0, 4)}`,
    'log.file.path': '/var/log/auth.log',
    'log.offset': number * 110,
    'fleetwall.method': 'password',
    'fleetwall.number': number,
  };
}

export function term(field, value) {
  return { type: 'term', field, value };
}

/** Of this process. */
export function cpuSeconds(from) {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
}

export const rssMb = () => Math.round(process.memoryUsage.rss() / 1e6);

export function percentile(times, p) {
  return quantile(times, p).toFixed(0);
}
