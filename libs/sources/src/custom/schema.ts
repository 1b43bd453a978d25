import { z } from 'zod';

const line = z.string().min(1).max(10_000);
const name = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/, 'expected small letters, digits and dashes');

/** Fields that a detector may fill from what its pattern names; each has one kind of value everywhere. */
export const CUSTOM_FIELDS = [
  'user.name',
  'user.domain',
  'source.ip',
  'source.port',
  'event.reason',
  'event.code',
  'service.name',
  'url.path',
  'http.response.status_code',
  'fleetwall.session.id',
  'fleetwall.auth.method',
] as const;
export type CustomField = (typeof CUSTOM_FIELDS)[number];

export const STAMP_FORMATS = ['iso', 'dated', 'clf', 'asctime', 'bsd', 'epoch', 'epoch-ms'] as const;
export type StampFormat = (typeof STAMP_FORMATS)[number];

const event = z.strictObject({
  action: name.describe('`event.action`: what happened, such as shop-logon-failed.'),
  contains: line.describe('A text that every such line has: nothing else is looked at more closely.'),
  pattern: line.describe(
    'RE2 for the whole line (or message), with named groups: (?<user>.*). It is anchored at both ends.',
  ),
  fields: z
    .partialRecord(z.enum(CUSTOM_FIELDS), z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'expected the name of a group'))
    .default({})
    .describe('Field to the name of the group that holds its value.'),
  outcome: z
    .enum(['failure', 'success'])
    .optional()
    .describe('Of a logon; a failure counts as one try. Leave it out for what is no logon.'),
  userKnown: z.boolean().optional().describe('Whether such a line says that the account exists.'),
});

/** A log source without code: one YAML file of the directory that `sources` names. */
export const customSourceSchema = z.strictObject({
  name: name.describe('Unique; `event.module` of its events.'),
  description: z.string().max(2_000).optional(),
  program: z
    .union([line, z.array(line).min(1).max(20)])
    .optional()
    .describe('Lines of syslog and the journal that this program writes; patterns are for the message then.'),
  files: z
    .array(line)
    .min(1)
    .max(100)
    .optional()
    .describe('Log files of its own (globs): read besides all others; patterns are for the whole line then.'),
  time: z
    .strictObject({
      group: z.string().min(1).default('time').describe('Name of the group that holds the time.'),
      format: z
        .enum(STAMP_FORMATS)
        .describe(
          'iso 2026-11-22T07:00:00Z; dated 2026-11-22 07:00:00 or 2026/11/22 …; clf 22/Nov/2026:07:00:00 +0000; asctime Sun Nov 22 07:00:00 2026; bsd Nov 22 07:00:00; epoch seconds; epoch-ms.',
        ),
    })
    .optional()
    .describe('For files: where a line says when it was; the time of reading when absent.'),
  evidence: z
    .enum(['handshake', 'spoofable', 'unauthenticated'])
    .default('handshake')
    .describe('What an address proves: handshake only if the program had a TCP connection with it. Only that blocks.'),
  events: z.array(event).min(1).max(100),
  tests: z
    .array(
      z.strictObject({
        line: line.describe('A whole line as it stands in the log.'),
        expect: z
          .union([z.literal('none'), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))])
          .describe('Fields that its event has, or none when it must give no event.'),
      }),
    )
    .min(1)
    .max(1_000)
    .describe('Lines and what they must give; at least one for each event.'),
});

export type CustomSource = z.output<typeof customSourceSchema>;
