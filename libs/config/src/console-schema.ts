import { z } from 'zod';
import { text } from './shared-fields.js';

/** Secrets and tokens travel there: TLS, or no further than this host. */
const issuer = z
  .url()
  .refine(
    (url) => /^https:\/\//.test(url) || /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(url),
    'expected https://, or http:// of this very host',
  );

const rightsSchema = z.strictObject({
  value: text.describe('A value that the claim has, or has among others: the name of a group.'),
  role: z.enum(['viewer', 'helpdesk', 'analyst', 'administrator']).describe('Role of whoever has it.'),
  tenant: text.max(100).optional().describe('Their tenant; all tenants when absent.'),
});

export const oidcSchema = z
  .strictObject({
    issuer: issuer.describe('The provider, as its own documents name it, https://id.example.org/realms/main.'),
    clientId: text.describe('Id of Fleetwall at the provider.'),
    clientSecret: text.optional().describe('Its secret; better in a file or a variable.'),
    clientSecretFile: text.optional().describe('File with the secret.'),
    origin: z
      .string()
      .regex(/^https?:\/\/[^/?#]+$/, 'expected https://host, without a path')
      .describe(
        'Where browsers open the console; the provider sends them back to ORIGIN/api/v1/session/oidc/callback.',
      ),
    label: text.max(60).default('your organisation').describe('What the button says: Sign in with ….'),
    scopes: z.array(text).default(['openid', 'profile']).describe('What is asked of the provider; openid is needed.'),
    nameClaim: text.default('preferred_username').describe('Claim with the name of the account.'),
    rightsClaim: text.default('groups').describe('Claim that decides about role and tenant: one value, or a list.'),
    rights: z
      .array(rightsSchema)
      .min(1)
      .describe('Who may what; the first row that fits counts. Whoever fits none is not let in.'),
    clockToleranceSeconds: z.int().min(0).max(300).default(30).describe("How far the provider's clock may be off."),
  })
  .describe('Sign-in by OpenID Connect beside the accounts of the console, which stay; none when absent.');

export const consoleSchema = z.strictObject({ oidc: oidcSchema.optional() });
