import { z } from 'zod';

export const privacySchema = z.strictObject({
  keyFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with the secret that masks names of accounts which are not known to exist (64 hexadecimal digits); the same for all gateways. name-key in FLEETWALL_HOME, made at the first start, when absent.',
    ),
});
