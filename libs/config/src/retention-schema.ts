import { z } from 'zod';

const days = z.int().min(1).max(3_650);

const classes = {
  evidenceDays: days.optional().describe('Events of logons, which alerts are told from.'),
  eventsDays: days.optional().describe('All other events.'),
  alertsDays: days.optional().describe('Alerts, and blocks that are over.'),
};

/** How long each class of what is stored is kept; whatever is absent is `store.retentionDays`, or what holds for all tenants. */
export const retentionSchema = z.strictObject({
  ...classes,
  auditDays: days
    .default(365)
    .describe('The audit log. In a cluster it is set when the topic is created; later, with the tools of Kafka.'),
  tenants: z
    .array(z.strictObject({ tenant: z.string().min(1).max(100).describe('Whose data it is.'), ...classes }))
    .default([])
    .refine((all) => new Set(all.map(({ tenant }) => tenant)).size === all.length, 'expected each tenant once')
    .describe('Tenants whose data is kept for another time.'),
});

export type RetentionOptions = z.infer<typeof retentionSchema>;
