import { describe, expect, it } from '@jest/globals';
import { notificationsSchema } from './notifications-schema.js';

const SMTP = { host: 'mail.example.net', from: 'fleetwall@example.net' };
const MAIL = { type: 'mail', name: 'ops', to: ['ops@example.org'] };
const HOOK = { type: 'webhook', name: 'siem', url: 'https://siem.example/hook', secret: 'sixteen or more!' };

const fault = (options: object) => {
  const result = notificationsSchema.safeParse(options);
  return result.success ? undefined : `${result.error.issues[0]?.path.join('.')}: ${result.error.issues[0]?.message}`;
};

describe('who is told what', () => {
  it('needs little', () => {
    const channels = [
      ...[MAIL, HOOK, { type: 'slack', name: 's', urlFile: '/run/secrets/slack' }],
      ...[
        { type: 'teams', name: 't', url: 'https://x.example/' },
        { type: 'pagerduty', name: 'p', routingKey: 'k' },
      ],
    ];
    const { channels: read } = notificationsSchema.parse({ smtp: SMTP, channels });
    expect(read.map(({ windowSeconds }) => windowSeconds)).toEqual([900, 10, 300, 300, 10]);
    expect(read[0]).toMatchObject({ level: 'medium', kinds: ['alert', 'block'], zone: 'UTC', summaries: [] });
    expect(read[4]).toMatchObject({ url: 'https://events.pagerduty.com/v2/enqueue', allowPrivate: false });
  });

  it.each<[string, object, RegExp]>([
    ['a mail channel without a server', { channels: [MAIL] }, /^smtp: expected smtp/],
    ['a name twice', { smtp: SMTP, channels: [MAIL, MAIL] }, /each name once/],
    ['a name that would be another thing', { smtp: SMTP, channels: [{ ...MAIL, name: '../x' }] }, /channels\.0\.name/],
    ['two recipients in one', { smtp: SMTP, channels: [{ ...MAIL, to: ['a@x.example, b@x.example'] }] }, /name@host/],
    [
      'a header in a recipient',
      { smtp: SMTP, channels: [{ ...MAIL, to: ['a@x.example\r\nBcc: b@x.example'] }] },
      /name@host/,
    ],
    ['a sender with a name', { smtp: { ...SMTP, from: 'Fleetwall <f@x.example>' } }, /^smtp\.from/],
    ['a password in the clear', { smtp: { ...SMTP, security: 'none', username: 'u' } }, /readable on the way/],
    ['a zone that nobody knows', { smtp: SMTP, channels: [{ ...MAIL, zone: 'Mars/Olympus' }] }, /IANA/],
    ['a webhook without a key', { channels: [{ ...HOOK, secret: undefined }] }, /expected secret/],
    ['a key that can be guessed', { channels: [{ ...HOOK, secret: 'short' }] }, /channels\.0\.secret/],
    ['a webhook in the clear', { channels: [{ ...HOOK, url: 'http://siem.example/' }] }, /url: expected https/],
    ['another kind of address', { channels: [{ ...HOOK, url: 'file:///etc/passwd' }] }, /channels\.0\.url/],
    [
      'a chat with summaries',
      { channels: [{ type: 'slack', name: 's', url: 'https://x.example/', summaries: [] }] },
      /summaries/,
    ],
    ['a channel of no kind', { channels: [{ type: 'fax', name: 'f' }] }, /channels\.0\.type/],
  ])('refuses %s', (_, options, words) => {
    expect(fault(options)).toMatch(words);
  });
});
