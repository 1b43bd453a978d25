import { z } from 'zod';
import { addressText, isoTime, line, range } from '../api/fields.js';
import { DECIDERS, defineRoutes } from '../api/route.js';

export const ABUSE_ROUTES = defineRoutes({
  draftAbuseReport: {
    method: 'get',
    path: '/addresses/{address}/abuse-report',
    tag: 'Addresses and users',
    summary: 'A draft of an abuse report in X-ARF, without names of accounts; at most three a day of an address.',
    roles: DECIDERS,
    params: z.object({ address: addressText }),
    query: z.strictObject({
      from: range.from.default('now-7d'),
      to: range.to,
      org: line.max(200).describe('Who reports.'),
      contact: z.email().max(200).describe('Where they can be asked.'),
      hosts: z.stringbool().default(false).describe('Tell the names and addresses of the hosts, too.'),
    }),
    answer: z.object({
      id: z.string(),
      address: z.string(),
      attempts: z.int(),
      first: isoTime,
      last: isoTime,
      earlier: z.array(z.object({ at: isoTime, by: z.string() })).describe('Drafts of the last day before this one.'),
      subject: z.string(),
      text: z.string(),
      report: z.record(z.string(), z.unknown()).describe('XARF v4, `connection/login_attack`.'),
      mail: z.string().describe('X-ARF 0.2, as a mail (RFC 5322) without a recipient: nobody is looked up.'),
    }),
    audited: true,
  },
});
