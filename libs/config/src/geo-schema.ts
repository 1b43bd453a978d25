import { isIP } from 'node:net';
import { z } from 'zod';

/** `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`: what Node's resolver takes. */
const resolver = z.string().refine((text) => {
  const [, bare, port] = /^\[?([0-9a-fA-F.:]+?)\]?(?::(\d{1,5}))?$/.exec(text) ?? [];
  return isIP(text) !== 0 || (bare !== undefined && isIP(bare) !== 0 && Number(port) <= 65_535);
}, 'expected the address of a resolver, 192.0.2.53 or [2001:db8::53]:53');

/** Where addresses are from, for the people who look at them. */
export const geoSchema = z.strictObject({
  databases: z
    .array(z.string().min(1))
    .default([])
    .describe('Databases of countries and autonomous systems (.mmdb); the first that knows an address says it.'),
  shipped: z
    .boolean()
    .default(true)
    .describe('Use the tables that come with Fleetwall for what those do not say; see docs/addresses.md.'),
  reverseNames: z
    .boolean()
    .default(false)
    .describe(
      'Look the name of an address up when somebody opens its page. The name server of its owner, who may be the attacker, sees that.',
    ),
  resolvers: z.array(resolver).default([]).describe("Whom to ask for names; the system's own resolvers when empty."),
});
