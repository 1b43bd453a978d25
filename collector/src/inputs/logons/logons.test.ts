import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LineReader } from '../../line-reader.js';
import type { LineBatch, RawLine } from '../input.js';
import { LogonsInput } from './logons.js';

const TOKEN = 'a-token-of-the-shop';
const tokens = [{ application: 'shop', tokenSha256: createHash('sha256').update(TOKEN).digest('hex') }];
const FAILURE = { user: 'anna', address: '198.51.100.7', outcome: 'failure' };
const open: LogonsInput[] = [];

afterEach(async () => {
  for (const input of open.splice(0)) await input.stop();
});

async function listening(port = 0) {
  const input = new LogonsInput({ host: '127.0.0.1', port, tokens, eventHost: 'shop-01' });
  open.push(input);
  const lines: RawLine[] = [];
  await input.start({}, async (batch: LineBatch) => {
    lines.push(...batch.lines);
  });
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${input.port}/v1/logons`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { input, lines, post };
}

function eventsOf(lines: readonly RawLine[]) {
  const reader = new LineReader({ agentId: 'agent', seed: [1, 2, 3], host: 'collector', zone: 'UTC', clock: Date.now });
  return lines.map((line) => reader.read(line));
}

describe('POST /v1/logons', () => {
  it('makes an event of each result, told by the application of the token', async () => {
    const { lines, post } = await listening();
    const at = new Date(Date.now() - 60_000).toISOString();
    expect(await post({ ...FAILURE, at, known: false })).toEqual({ status: 202, body: { accepted: 1 } });
    expect(await post([FAILURE, { ...FAILURE, address: '::ffff:198.51.100.7', outcome: 'success' }])).toMatchObject({
      status: 202,
      body: { accepted: 2 },
    });
    const events = eventsOf(lines);
    expect(events[0]).toMatchObject({
      '@timestamp': Date.parse(at),
      'event.outcome': 'failure',
      'fleetwall.user.known': false,
      'host.name': 'shop-01',
      'service.name': 'shop',
      'source.ip': '198.51.100.7',
    });
    expect(events[0]?.['fleetwall.attempt.id']).toMatch(/^[0-9a-f]{12}$/);
    expect(events[2]).toMatchObject({ 'event.outcome': 'success', 'source.ip': '198.51.100.7' });
    expect(new Set(events.map((event) => event?.['event.id'])).size).toBe(3);
  });

  it('takes the same result sent again for the same event', async () => {
    const { lines, post } = await listening();
    const result = { ...FAILURE, id: 'logon-17', at: new Date().toISOString() };
    await post(result);
    await post(result);
    await post({ ...result, id: 'logon-18' });
    const events = eventsOf(lines);
    expect(new Set(events.map((event) => event?.['event.id'])).size).toBe(2);
    expect(new Set(events.map((event) => event?.['fleetwall.attempt.id'])).size).toBe(2);
  });

  const WRONG: [what: string, body: unknown, headers: Record<string, string>, status: number, text: string][] = [
    ['no token', FAILURE, { authorization: '' }, 401, 'LOGONS_UNKNOWN_TOKEN'],
    ['a wrong token', FAILURE, { authorization: 'Bearer other' }, 401, 'LOGONS_UNKNOWN_TOKEN'],
    ['D07: JSON that is not said to be any', FAILURE, { 'content-type': 'text/plain' }, 415, 'LOGONS_NOT_JSON'],
    [
      'D07: a type with garbage behind it',
      FAILURE,
      { 'content-type': 'application/json garbage' },
      415,
      'LOGONS_NOT_JSON',
    ],
    ['what is no JSON', '{"user":', {}, 415, 'LOGONS_NOT_JSON'],
    ['a host name for an address', { ...FAILURE, address: 'evil.example' }, {}, 400, 'address'],
    ['an address in octal', { ...FAILURE, address: '010.1.1.1' }, {}, 400, 'address'],
    [
      'D07: a field that there is none',
      '{"user":"a","address":"198.51.100.7","outcome":"failure","__proto__":{"known":true}}',
      {},
      400,
      'the body',
    ],
    ['an unknown outcome', { ...FAILURE, outcome: 'maybe' }, {}, 400, 'outcome'],
    ['a time in the future', { ...FAILURE, at: '2999-01-01T00:00:00Z' }, {}, 400, 'at'],
    ['a list with one wrong result', [FAILURE, { ...FAILURE, user: 7 }], {}, 400, '1.user'],
    ['an empty list', [], {}, 400, 'the body'],
    ['a name of a megabyte', { ...FAILURE, user: 'x'.repeat(2 << 20) }, {}, 413, 'LOGONS_TOO_LARGE'],
  ];

  it.each(WRONG)('refuses %s, says why, and takes nothing', async (_, body, headers, status, text) => {
    const { lines, post } = await listening();
    const answer = await post(body, headers).catch((error: Error) => {
      // The server does not read a body that is too large to its end, so the client may see its connection closed.
      if (status !== 413) throw error;
      return { status, body: { code: 'LOGONS_TOO_LARGE', hint: '-' } };
    });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(text);
    expect(answer.body.hint).toBeTruthy();
    expect(lines).toEqual([]);
  });

  it('answers nothing else', async () => {
    const { input } = await listening();
    for (const path of ['/', '/v1/logons/../x', '/metrics']) {
      expect((await fetch(`http://127.0.0.1:${input.port}${path}`)).status).toBe(404);
    }
    const socket = connect(input.port as number, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('\x16\x03\x01 no HTTP\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve).resume());
  });

  it('says that results are to be sent again when they cannot be stored', async () => {
    const input = new LogonsInput({ host: '127.0.0.1', port: 0, tokens, eventHost: 'shop-01' });
    await input.start({}, () => Promise.reject(new Error('the spool is full')));
    const answer = fetch(`http://127.0.0.1:${input.port}/v1/logons`, {
      method: 'POST',
      body: JSON.stringify(FAILURE),
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await input.stop();
    expect((await answer).status).toBe(503);
  });
});

const guide = readFileSync(fileURLToPath(new URL('../../../../docs/logons.md', import.meta.url)), 'utf8');

/** The code of one client as the guide has it, for another port. */
function clientCode(language: string, port: number): string {
  const code = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1] as string;
  return code.replace('8688', String(port));
}

const RESULT = '"user": "anna", "address": "198.51.100.7", "outcome": "failure"';
const CLIENTS: [language: string, program: string, call: string][] = [
  ['js', 'node', `await tellLogon({ ${RESULT} });`],
  ['python', 'python3', 'tell_logon(user="anna", address="198.51.100.7", outcome="failure")'],
  ['php', 'php', 'tell_logon(["user" => "anna", "address" => "198.51.100.7", "outcome" => "failure"]);'],
];

function run(program: string, args: string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...process.env, FLEETWALL_TOKEN: TOKEN }, stdio: 'inherit' });
    child.once('close', resolve);
  });
}

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

describe('the clients of docs/logons.md', () => {
  for (const [language, program, call] of CLIENTS) {
    (has(program) ? it : it.skip)(`${language} tells a logon (needs ${program})`, async () => {
      const { input, lines } = await listening();
      const code = `${clientCode(language, input.port as number)}\n${call}`;
      const args = { js: ['--input-type=module', '-e', code], python: ['-c', code], php: ['-r', code] }[language];
      expect(await run(program, args as string[])).toBe(0);
      expect(eventsOf(lines)).toMatchObject([{ 'user.name': 'anna', 'event.outcome': 'failure' }]);
    });
  }
});
