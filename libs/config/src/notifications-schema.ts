import { z } from 'zod';
import { text, zone } from './shared-fields.js';

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
const KINDS = ['alert', 'alert-ended', 'block', 'block-ended'] as const;

/** One mailbox, as RFC 5321 has it but for quotes, comments and literals: nothing that could begin another header. */
const mailbox = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/,
    'expected name@host',
  );

/** What every channel has; each kind of channel has its own usual window. */
function channel<T extends string>(type: T, windowSeconds: number, kinds: readonly (typeof KINDS)[number][]) {
  return {
    type: z.literal(type),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected letters, digits, dots, dashes and underscores')
      .describe('Name of the channel; what was told is remembered under it.'),
    tenant: text.optional().describe('Only what concerns this tenant; all of them when absent.'),
    level: z.enum(LEVELS).default('medium').describe('Least grave alerts, and blocks because of them.'),
    kinds: z
      .array(z.enum(KINDS))
      .default([...kinds])
      .describe('What is told of.'),
    windowSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(windowSeconds)
      .describe('The first message goes at once; what follows within this time is collected into one.'),
  };
}

const secret = (what: string) => ({
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(`${what}; better in a file.`),
  urlFile: text.optional().describe(`File with the ${what.toLowerCase()}.`),
});

const reach = {
  allowHttp: z.boolean().default(false).describe('Also without TLS.'),
  allowPrivate: z.boolean().default(false).describe('Also to loopback, link-local and private addresses.'),
  caFile: text.optional().describe('Certificates that sign that of the target (PEM); those of the system when absent.'),
};

const SECURE = { message: 'expected https://, or allowHttp', path: ['url'] };

const mail = z.strictObject({
  ...channel('mail', 900, ['alert', 'block']),
  to: z.array(mailbox).min(1).max(50).describe('Who gets it.'),
  summaries: z
    .array(z.enum(['daily', 'weekly']))
    .default([])
    .describe('Summaries with a CSV file: of each day, of each week from Monday.'),
  zone: zone.default('UTC').describe('Time zone of the tenant: where its days begin, and of the times in mails.'),
  summaryHour: z.int().min(0).max(23).default(7).describe('Hour of the day at which summaries go.'),
});

const webhook = z
  .strictObject({
    ...channel('webhook', 10, KINDS),
    ...secret('Address of the receiver'),
    secret: z.string().min(16).optional().describe('Key of the signature, at least 16 characters; better in a file.'),
    secretFile: text.optional().describe('File with the key of the signature.'),
    ...reach,
  })
  .refine(({ secret, secretFile }) => secret !== undefined || secretFile !== undefined, 'expected secret or secretFile')
  .refine(hasUrl, 'expected url or urlFile')
  .refine(isSecure, SECURE);

const slack = z
  .strictObject({ ...channel('slack', 300, ['alert', 'block']), ...secret('Incoming webhook of Slack'), ...reach })
  .refine(hasUrl, 'expected url or urlFile')
  .refine(isSecure, SECURE);

const teams = z
  .strictObject({ ...channel('teams', 300, ['alert', 'block']), ...secret('Workflow webhook of Teams'), ...reach })
  .refine(hasUrl, 'expected url or urlFile')
  .refine(isSecure, SECURE);

const pagerduty = z
  .strictObject({
    ...channel('pagerduty', 10, ['alert', 'alert-ended']),
    url: z
      .url({ protocol: /^https?$/ })
      .default('https://events.pagerduty.com/v2/enqueue')
      .describe('Where events are sent.'),
    routingKey: text.optional().describe('Integration key of the service; better in a file.'),
    routingKeyFile: text.optional().describe('File with the integration key.'),
    ...reach,
  })
  .refine(
    ({ routingKey, routingKeyFile }) => routingKey !== undefined || routingKeyFile !== undefined,
    'expected routingKey or routingKeyFile',
  )
  .refine(isSecure, SECURE);

const smtp = z
  .strictObject({
    host: text.describe('Mail server.'),
    port: z.int().min(1).max(65_535).default(587).describe('Its port.'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('starttls and tls: never without; none: in the clear, for a server on this host.'),
    username: text.optional().describe('User, where the server wants one.'),
    password: text.optional().describe('Its password; better in a file or a variable.'),
    passwordFile: text.optional().describe('File with the password.'),
    caFile: text.optional().describe("Certificates that sign the server's (PEM); those of the system when absent."),
    from: mailbox.describe('Sender, in the envelope too.'),
  })
  .refine(({ security, username }) => security !== 'none' || username === undefined, {
    message: 'expected starttls or tls where there is a username: the password would be readable on the way',
    path: ['security'],
  });

/** Who is told what, and how. */
export const notificationsSchema = z
  .strictObject({
    consoleUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where people open the console; messages have no links without it.'),
    smtp: smtp.optional().describe('The server that takes mails.'),
    channels: z
      .array(z.discriminatedUnion('type', [mail, webhook, slack, teams, pagerduty]))
      .max(200)
      .default([])
      .refine(
        (channels) => new Set(channels.map(({ name }) => name)).size === channels.length,
        'expected each name once',
      )
      .describe('Who is told what: mail, webhook, slack, teams, pagerduty; see docs/notifications.md.'),
  })
  .refine(({ smtp, channels }) => smtp !== undefined || channels.every(({ type }) => type !== 'mail'), {
    message: 'expected smtp where there is a mail channel',
    path: ['smtp'],
  })
  .describe('Tell people and programs of alerts and blocks.');

export type NotificationsConfig = z.infer<typeof notificationsSchema>;
export type ChannelConfig = NotificationsConfig['channels'][number];

function hasUrl({ url, urlFile }: { url?: string | undefined; urlFile?: string | undefined }): boolean {
  return url !== undefined || urlFile !== undefined;
}

/** One in a file is judged when the file is read. */
function isSecure({ url, allowHttp }: { url?: string | undefined; allowHttp: boolean }): boolean {
  return allowHttp || url === undefined || url.startsWith('https:');
}
