import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MaskedName } from './masked-name.js';
import { NameMask } from './name-mask.js';

const KEY = Buffer.alloc(32, 1);
const MASK = /^~[0-9a-f]{12}(\.[0-9a-f]{4})?$/;

function eventOf(fields: Partial<FleetEvent>): FleetEvent {
  const name = fields['user.name'] ?? '';
  return {
    '@timestamp': Date.UTC(2026, 10, 22, 7),
    'event.original': `Nov 22 07:00:00 web-01 sshd[7]: Failed password for ${name} from 198.51.100.7 port 4022 ssh2`,
    'event.kind': 'event',
    'event.module': 'sshd',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'ssh-logon-failed',
    'event.outcome': 'failure',
    'host.name': 'web-01',
    'process.name': 'sshd',
    'source.ip': '198.51.100.7',
    'fleetwall.evidence': 'handshake',
    ...fields,
  };
}

const failure = (name: string, fields: Partial<FleetEvent> = {}) => eventOf({ 'user.name': name, ...fields });
const success = (name: string) => failure(name, { 'event.outcome': 'success' });

describe('the name of an account that nobody knows', () => {
  it('is masked in every field, and its digest stands in its place', () => {
    const event = new NameMask(KEY).apply(failure('hunter2!', { 'event.reason': 'no user HUNTER2! here' }));
    const mask = event['user.name'] as string;
    expect(mask).toMatch(MASK);
    expect(event['user.hash']).toBe(mask.slice(1));
    expect(event['event.reason']).toBe(`no user ${mask} here`);
    expect(event['event.original']).toBe(
      `Nov 22 07:00:00 web-01 sshd[7]: Failed password for ${mask} from 198.51.100.7 port 4022 ssh2`,
    );
    expect(event).toMatchObject({ 'host.name': 'web-01', 'source.ip': '198.51.100.7', 'process.name': 'sshd' });
  });

  it('is the same for the same key, another for another key or another name', () => {
    const maskOf = (key: Buffer, name: string) => new NameMask(key).apply(failure(name))['user.name'];
    expect(maskOf(KEY, 'hunter2')).toBe(maskOf(KEY, 'hunter2'));
    expect(maskOf(KEY, 'hunter2')).not.toBe(maskOf(Buffer.alloc(32, 2), 'hunter2'));
    expect(maskOf(KEY, 'hunter2')).not.toBe(maskOf(KEY, 'hunter3'));
    expect(maskOf(KEY, 'Hunter2')?.slice(0, 13)).toBe(maskOf(KEY, 'hunter2'));
    expect(maskOf(KEY, 'Hunter2')).not.toBe(maskOf(KEY, 'hunter2'));
  });

  it('is not kept where the line writes it in a way of its own', () => {
    const mask = new NameMask(KEY);
    const event = mask.apply(failure('hunter2', { 'event.original': 'user=h\\165nter2' }));
    expect(event['event.original']).toMatch(/^\(a line that names ~[0-9a-f]{12} in a way of its own, [0-9a-f.]+\)$/);
    expect(mask.stats).toEqual({ masked: 1, withheld: 1 });
  });

  it('is masked with what was taken for its domain', () => {
    const original = 'TargetUserName=w0rd TargetDomainName=P4ss';
    const event = new NameMask(KEY).apply(failure('w0rd', { 'user.domain': 'P4ss', 'event.original': original }));
    expect(JSON.stringify(event)).not.toMatch(/w0rd|P4ss/);
  });

  it('is masked in later lines about the same peer, and of the same process', () => {
    const mask = new NameMask(KEY);
    mask.apply(failure('hunter2', { 'process.pid': 7 }));
    const line = { 'user.name': undefined, 'event.original': 'too many failures of hunter2' };
    expect(mask.apply(eventOf(line))['event.original']).toMatch(/of ~[0-9a-f]{12}$/);
    const process = eventOf({ ...line, 'source.ip': undefined, 'process.pid': 7 });
    expect(mask.apply(process)['event.original']).toMatch(/of ~[0-9a-f]{12}$/);
  });

  it.each([
    [
      'sshd',
      'Disconnecting invalid user admin 198.51.100.7 port 4: Change of username or service not allowed: (admin,ssh-connection) -> (hunter2,ssh-connection) [preauth]',
    ],
    [
      'pam',
      'pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=hunter2 rhost=a  user=root',
    ],
    ['exim', 'login authenticator failed for (x) [198.51.100.7]: 435 Unable to authenticate (set_id=hunter2): failed'],
    [
      'cyrus',
      'badlogin: a [198.51.100.7] plain [SASL(-13): user not found: user: hunter2@mail property: x not found in y]',
    ],
    ['pure-ftpd', 'pure-ftpd: (hunter2@198.51.100.7) [WARNING] Authentication failed for user [root]'],
  ])('is masked where %s prints it besides', (module, original) => {
    const event = eventOf({ 'event.module': module, 'event.original': original, 'user.name': 'root' });
    expect(new NameMask(KEY).apply(event)['event.original']).toBe(
      original.replace('hunter2', `~${new NameMask(KEY).apply(failure('hunter2'))['user.hash']}`),
    );
  });
});

describe('a name', () => {
  it.each<[string, FleetEvent]>([
    ['that is tried everywhere', failure('Administrator', { 'fleetwall.user.known': false })],
    ['of the host itself', failure('WEB-01', { 'fleetwall.user.known': false })],
    ['of whom a program says that he exists', failure('anna', { 'fleetwall.user.known': true })],
    ['of who logs on', success('anna')],
    [
      'of who has a session',
      eventOf({ 'user.name': 'anna', 'event.category': ['session'], 'event.outcome': undefined }),
    ],
    ['that nobody typed', eventOf({ 'user.name': 'anna', 'event.category': ['malware'], 'event.outcome': undefined })],
    ['that somebody masked before', failure('~0123456789ab')],
  ])('%s stays as it is', (_, event) => {
    const before = { ...event };
    expect(new NameMask(KEY).apply(event)).toEqual({ ...before, 'user.hash': expect.any(String) });
  });

  it('is masked until its account is known, and counts the same before and after', () => {
    const mask = new NameMask(KEY);
    const [first, in_, second] = [failure('anna'), success('anna'), failure('Anna')].map((event) => mask.apply(event));
    expect(first?.['user.name']).toMatch(MASK);
    expect(in_?.['user.name']).toBe('anna');
    expect(second?.['user.name']).toBe('Anna');
    expect(in_?.['user.hash']).toBe(first?.['user.hash']);
    const restored = new NameMask(KEY, mask.known());
    expect(restored.apply(failure('anna'))['user.name']).toBe('anna');
    restored.use(Buffer.alloc(32, 2));
    expect(restored.apply(failure('anna'))['user.name']).toMatch(MASK);
  });

  it('and the password that Dovecot prints behind it are never kept together', () => {
    const original = 'dovecot: auth: sql(root,198.51.100.7): Password mismatch (given password: s3cret)';
    const event = failure('root', { 'event.module': 'dovecot', 'event.original': original });
    expect(new NameMask(KEY).apply(event)['event.original']).toMatch(/given password: ~\)$/);
  });
});

describe('a text', () => {
  it.each([
    ['name in a word', 'root', 'chroot and root', 'chroot and ~'],
    ['number in an address', '203', 'user 203 from 203.0.113.5', 'user ~ from 203.0.113.5'],
    ['XML', 'a<b&c', 'x a&lt;b&amp;c y', 'x ~ y'],
    ['JSON', 'a"b', '{"user":"a\\"b"}', '{"user":"~"}'],
    ['a URL', 'p w/d', '/x?u=p%20w%2Fd', '/x?u=~'],
    ['hexadecimal', 'hunter', 'acct=68756E746572 exe', 'acct=~ exe'],
    ['a long name in a word', 'longpassword', 'xlongpasswordx', 'x~x'],
  ])('with a %s', (_, name, text, expected) => {
    expect(new MaskedName(name, '').maskedIn(text)).toBe(expected);
  });

  it('never keeps a name of eight characters or more, whatever they are', () => {
    const name = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' });
    fc.assert(
      fc.property(name, fc.string(), fc.string(), (secret, before, after) => {
        const masked = new MaskedName(secret, '\0').maskedIn(`${before}${secret}${after}`);
        expect(masked).toContain('\0');
      }),
    );
  });
});

describe('whatever comes', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('user.name', 'event.original', 'host.name', 'event.category', 'user.domain'),
          fc.anything(),
        ),
        (fields) => {
          new NameMask(KEY).apply(fields as unknown as FleetEvent);
        },
      ),
    );
  });

  it('a line of a million characters takes no longer than it must', () => {
    const started = process.cpuUsage();
    const name = 'a'.repeat(500_000);
    new NameMask(KEY).apply(failure(name, { 'event.original': `${name} ${name}` }));
    const { user } = process.cpuUsage(started);
    expect(user).toBeLessThan(2_000_000);
  });
});
