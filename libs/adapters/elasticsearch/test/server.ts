import { jest } from '@jest/globals';
import { startElasticsearch, whatIsMissing } from '../../../../scripts/elasticsearch.mjs';

/** `http://127.0.0.1:9200` of a server that runs already, without security. */
const given = process.env['FLEETWALL_TEST_ELASTICSEARCH'];

/** Why tests that need a server of their own cannot run here; undefined when they can. */
export const whyNoOwnServer = ownServerObstacle({});

/** The same for a server with TLS. */
export const whyNoTlsServer = ownServerObstacle({ tls: true });

/** Why tests that need any server cannot run here; undefined when they can. */
export const whyNoServer = given ? undefined : whyNoOwnServer;

function ownServerObstacle(options: { tls?: boolean }): string | undefined {
  if (process.env['FLEETWALL_TEST_REAL'] !== '1') {
    return 'needs FLEETWALL_TEST_REAL=1 or FLEETWALL_TEST_ELASTICSEARCH=http://host:port';
  }
  const missing = whatIsMissing(undefined, options);
  return missing && `needs ${missing}`;
}

/** The server that was given, or a new one. */
export async function testServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  if (given) return { url: given, stop: async () => undefined };
  return startElasticsearch();
}

// A server that has just started takes its time, the more so on a busy machine.
jest.setTimeout(120_000);

let prefixes = 0;

/** Names of indices and templates that no other test has. */
export function newPrefix(): string {
  return `test-${process.pid}-${Date.now().toString(36)}-${prefixes++}`;
}

/** Removes what a test has left under its prefix. */
export async function removeAll(url: string, prefix: string): Promise<void> {
  const { indices } = (await (await fetch(`${url}/_resolve/index/${prefix}-*`)).json()) as {
    indices: { name: string }[];
  };
  const names = indices.map(({ name }) => name);
  // A request is a line of at most 4,096 bytes.
  for (let at = 0; at < names.length; at += 50) await remove(`${url}/${names.slice(at, at + 50)}`);
  await remove(`${url}/_index_template/${prefix}-*`);
  await remove(`${url}/_component_template/${prefix}-*`);
}

async function remove(address: string): Promise<void> {
  const response = await fetch(address, { method: 'DELETE' });
  if (!response.ok && response.status !== 404)
    throw new Error(`${address}: ${response.status} ${await response.text()}`);
}
