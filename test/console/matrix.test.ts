import { API_ROOT, type Operation, ROLES, ROUTES, type Role, type Route, SCOPES } from '@fleetwall/console-service';
import type { AlertChange, Block, Enforcement } from '@fleetwall/core';
import { TOPICS } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, failedLogon, PASSWORD, type Reply } from './console-site.test-support.js';

/** Ids of one tenant's things, and of what nobody has. */
const OWN = { id: 'event-acme', alert: 'alert-acme', host: 'web-01', target: '198.51.100.7' };
const FOREIGN = { id: 'event-other', alert: 'alert-other', host: 'db-09', target: '198.51.100.9' };
const ABSENT = { id: 'event-none', alert: 'alert-none', host: 'none-01', target: '198.51.100.99' };

const site = new ConsoleSite();
const cookies = new Map<string, string>();
type As = (role: Role) => { cookie: string | undefined; headers?: Record<string, string> };
/** Who gets what the tenant gets. */
const OF_ACME: [who: string, as: As][] = [
  ['somebody of it', (role) => ({ cookie: cookies.get(`acme-${role}`) })],
  [
    'somebody of it who names another',
    (role) => ({ cookie: cookies.get(`acme-${role}`), headers: { 'x-fleetwall-tenant': 'other' } }),
  ],
  [
    'somebody of all who looks at it alone',
    (role) => ({ cookie: cookies.get(role), headers: { 'x-fleetwall-tenant': 'acme' } }),
  ],
];

function alertOf(id: string, tenant: string, host: string, attempt: string): AlertChange {
  const nowMs = Date.now();
  return {
    ...{ id, version: 1, state: 'open', rule: 'slow-grind', ruleId: 'r', title: 'Slow Grind', level: 'high', tags: [] },
    ...{ tenant, key: { 'source.ip': '203.0.113.7' }, evidenceClass: 'handshake', knownGood: false, history: false },
    ...{ threshold: 5, firstMs: nowMs - 120_000, lastMs: nowMs - 60_000, firedMs: nowMs - 60_000, count: 5 },
    hosts: [host],
    evidence: [{ attemptId: attempt, timeMs: nowMs - 60_000, host }],
    contributors: [],
    cleared: [],
  };
}

function blockOf(target: string, scope: Block['scope'], alertId: string): Block {
  const nowMs = Date.now();
  const alert = { rule: 'slow-grind', ruleId: 'r', summary: `seen by ${alertId}`, count: 5, hosts: [], evidence: [] };
  return {
    ...{ id: `block-${target}`, version: 1, target, scope, state: 'active' },
    ...{ atMs: nowMs - 60_000, untilMs: nowMs + 3_600_000, offence: 1 },
    reasons: [{ type: 'alert', alertId, version: 1, ...alert }],
    ...{ forgetBeforeMs: 0, cutSessions: false, except: [], history: [] },
  };
}

beforeAll(async () => {
  await site.start();
  for (const role of ROLES) {
    await site.accounts.put(role, { role, password: PASSWORD });
    await site.accounts.put(`acme-${role}`, { role, tenant: 'acme', password: PASSWORD });
  }
  for (const name of ROLES.flatMap((role) => [role, `acme-${role}`])) cookies.set(name, await site.cookieOf(name));
  await site.store.bulk([
    failedLogon(OWN.id),
    failedLogon(FOREIGN.id, { 'host.name': FOREIGN.host, 'organization.id': 'other', 'user.name': 'other-user' }),
  ]);
  await site.decisions.putAlerts([
    alertOf(OWN.alert, 'acme', OWN.host, '00event-acme'.slice(-12)),
    alertOf(FOREIGN.alert, 'other', FOREIGN.host, '0event-other'.slice(-12)),
  ]);
  await site.putBlock(blockOf(OWN.target, { type: 'host', id: OWN.host }, OWN.alert));
  await site.putBlock(blockOf(FOREIGN.target, { type: 'host', id: FOREIGN.host }, FOREIGN.alert));
  await site.putBlock(blockOf('203.0.113.7', { type: 'fleet' }, FOREIGN.alert));
  for (const host of [OWN.host, FOREIGN.host]) {
    const told: Enforcement = {
      host,
      armed: true,
      firewall: 'nftables',
      revision: 99,
      inForce: 1,
      exceptions: [],
      atMs: Date.now(),
    };
    await site.bus.publish(TOPICS.enforcement, [{ key: host, value: Buffer.from(JSON.stringify(told)) }]);
  }
}, 60_000);
afterAll(() => site.stop());

type Things = typeof OWN;

/** A request that is well-formed, about these things. */
function requestOf(name: Operation, things: Things): { method: string; path: string; body?: unknown } {
  const { method, path }: Route = ROUTES[name];
  const id = path.startsWith('/alerts') ? things.alert : things.id;
  const names: Record<string, string> = {
    ...{ id, target: things.target, address: things.target, name: path.startsWith('/users') ? 'root' : 'nobody' },
  };
  const bodies: Partial<Record<Operation, unknown>> = {
    signIn: { name: 'nobody', password: 'wrong' },
    setUp: { token: 'wrong', name: 'eve', password: PASSWORD },
    changePassword: { old: 'wrong', new: 'another long password' },
    inviteAccount: { name: 'administrator', role: 'viewer' },
    putAccount: { role: 'viewer' },
    putTenant: { name: 'Nobody Ltd' },
    setTenantState: { state: 'active' },
    changeAccount: { disabled: true },
    useLink: { token: 'wrong', password: PASSWORD },
    createToken: { name: 'program', scopes: ['alerts:read'] },
    createMyToken: { name: 'program', scopes: ['blocks:read'] },
    noteAlert: { status: 'acknowledged' },
    commentAlert: { text: 'seen' },
    previewBlock: { target: things.target, scope: `host:${things.host}`, duration: '1h' },
    createBlock: { target: '127.0.0.1', scope: `host:${things.host}`, duration: '1h', comment: 'test' },
    previewAllow: { target: things.target },
    previewDeny: { target: things.target },
    allow: { reason: 'office', duration: '1h' },
    deny: { reason: 'scanner', duration: '1h' },
    testRules: { text: 'Failed password' },
    switchRule: { mode: 'off', comment: 'test' },
    saveSearch: { query: 'user.name:root', from: 'now-24h', to: 'now' },
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(names[key] as string));
  const question = ['topValues', 'completeValue'].includes(name) ? '?field=user.name' : '';
  return {
    method: method.toUpperCase(),
    path: `${filled}${question}`,
    ...(bodies[name] ? { body: bodies[name] } : {}),
  };
}

const ALL = Object.entries(ROUTES) as [Operation, Route][];
/** Whatever an endpoint says to somebody who may: never that they may not. */
const REFUSALS = [401, 403];

describe('D01: every endpoint by every role', () => {
  it.each(ALL)('%s is for nobody who is not signed in, unless the table says so', async (name, { roles }) => {
    const { method, path, body } = requestOf(name, OWN);
    const reply = await site.ask(method, path, { body });
    if (roles === 'anyone') expect(reply.body.code).not.toBe('SIGNED_OUT');
    else expect(reply).toMatchObject({ status: 401, body: { code: 'SIGNED_OUT', hint: expect.any(String) } });
    for (const cookie of ['fleetwall-session=', 'fleetwall-session=forged'])
      expect((await site.ask(method, path, { body, cookie })).status).toBe(reply.status);
  });

  const signedIn = ALL.filter(([name]) => !['signIn', 'setUp', 'signOut', 'changePassword'].includes(name));
  it.each(signedIn.flatMap(([name, route]) => ROLES.map((role) => [name, role, route] as const)))(
    '%s by a %s is answered, or forbidden, as the table says',
    async (name, role, { roles, isFleetWide }) => {
      const isPermitted = roles === 'anyone' || roles.includes(role as Role);
      // The last one takes away what the others look at.
      const things = name === 'liftBlock' ? ABSENT : OWN;
      const { method, path, body } = requestOf(name, things);
      const whole = await site.ask(method, path, { body, cookie: cookies.get(role) });
      expect(REFUSALS.includes(whole.status)).toBe(!isPermitted);
      expect(whole.status).not.toBe(500);
      mustSatisfy(name, whole);
      for (const [who, as] of OF_ACME) {
        const tenants = await site.ask(method, path, { body, ...as(role) });
        expect([who, REFUSALS.includes(tenants.status)]).toEqual([who, !isPermitted || isFleetWide === true]);
        mustSatisfy(name, tenants);
      }
    },
  );

  it.each(ALL.filter(([, { roles }]) => roles !== 'anyone'))(
    '%s takes a token with its scope and no other',
    async (name, { scope }) => {
      const { method, path, body } = requestOf(name, name === 'liftBlock' ? ABSENT : OWN);
      for (const granted of SCOPES) {
        const secret = await tokenOf(granted);
        const headers = { authorization: `Bearer ${secret}`, 'x-fleetwall': undefined };
        const { status } = await site.ask(method, path, { body, headers });
        expect([granted, REFUSALS.includes(status)]).toEqual([granted, granted !== scope]);
      }
    },
  );
});

describe('D01: nothing crosses tenants', () => {
  const about = ALL.filter(([, { params, roles }]) => params !== undefined && roles !== 'anyone');
  const things = about.filter(([name]) =>
    ['getAlert', 'preventAlert', 'noteAlert', 'commentAlert', 'getEvent', 'surroundingEvents', 'liftBlock'].includes(
      name,
    ),
  );

  it.each(things)('%s: what is foreign and what is absent look alike', async (name) => {
    for (const [who, as] of OF_ACME) {
      const ask = async (which: Things) => {
        const { method, path, body } = requestOf(name, which);
        return site.ask(method, path, { body, ...as('analyst') });
      };
      const [foreign, absent] = [await ask(FOREIGN), await ask(ABSENT)];
      expect([who, foreign.status]).toEqual([who, 404]);
      expect(foreign.body).toEqual(absent.body);
    }
  });

  const lists = ALL.filter(([, { method, params, streams }]) => method === 'get' && (!params || streams));
  it.each(lists)('%s tells a tenant nothing of another', async (name) => {
    const { method, path } = requestOf(name, OWN);
    for (const role of ROLES) {
      for (const [who, as] of OF_ACME) {
        const { body } = await site.ask(method, path, as(role));
        const text = JSON.stringify(body);
        for (const word of ['alert-other', 'event-other', 'db-09', 'other-user', FOREIGN.target])
          expect([name, who, text.includes(word)]).toEqual([name, who, false]);
      }
    }
  });

  it('an address report counts what it hides', async () => {
    const { body } = await site.ask('GET', '/addresses/203.0.113.7', { cookie: cookies.get('acme-helpdesk') });
    expect(body).toMatchObject({
      events: 1,
      hidden: 1,
      blocked: true,
      alerts: [],
      hosts: [{ value: 'web-01', count: 1 }],
    });
    expect(body.blocks).toMatchObject([
      { scope: 'fleet', reasons: [], hiddenReasons: 1, enforcement: { hosts: 1, inForce: 1 } },
    ]);
    expect(JSON.stringify(body)).not.toContain('alert-other');
  });

  it.each([
    ['fleet', 403],
    ['tenant:other', 403],
    ['host:db-09', 403],
    ['host:none-01', 403],
    ['tenant:acme', 200],
    ['host:web-01', 200],
  ])('a tenant asks for a block of %s: %i', async (scope, status) => {
    const body = { target: '198.51.100.50', scope, duration: '1h' };
    const reply = await site.ask('POST', '/blocks/preview', { body, cookie: cookies.get('acme-analyst') });
    expect(reply.status).toBe(status);
    if (status === 403) {
      const asked = await site.ask('POST', '/blocks', {
        body: { ...body, comment: 'x' },
        cookie: cookies.get('acme-analyst'),
      });
      expect(asked.body.code).toBe('SCOPE_FOREIGN');
    }
  });

  it('a tenant does not lift what holds on the whole fleet', async () => {
    const reply = await site.ask('DELETE', '/blocks/203.0.113.7', { cookie: cookies.get('acme-helpdesk') });
    expect(reply).toMatchObject({ status: 403, body: { code: 'SCOPE_FOREIGN' } });
  });

  it('what was refused is in the audit log, with who and what', async () => {
    const asked = requestOf('createBlock', OWN);
    await site.ask(asked.method, asked.path, { body: asked.body, cookie: cookies.get('acme-viewer') });
    const { body } = await site.ask('GET', '/audit?limit=500', { cookie: cookies.get('administrator') });
    expect(body.entries).toContainEqual(
      expect.objectContaining({
        who: 'acme-viewer',
        what: 'createBlock',
        outcome: 'refused',
        code: 'FORBIDDEN',
        from: '127.0.0.1',
      }),
    );
    expect(JSON.stringify(body)).not.toContain(PASSWORD);
  });
});

/** The table is a promise: answers have its shape, nothing more and nothing less. */
function mustSatisfy(name: Operation, { status, body }: Reply): void {
  const { answer }: Route = ROUTES[name];
  if (answer && status < 300) expect(answer.parse(body)).toEqual(body);
  if (status >= 400) expect(body).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) });
}

const secrets = new Map<string, string>();
async function tokenOf(scope: (typeof SCOPES)[number]): Promise<string> {
  const name = scope.replace(':', '-');
  if (!secrets.has(name))
    secrets.set(name, (await site.tokens.create({ name, scopes: [scope], days: 1 }, 'anna')).secret);
  return secrets.get(name) as string;
}

it('is asked where the document says', () => expect(API_ROOT).toBe('/api/v1'));
