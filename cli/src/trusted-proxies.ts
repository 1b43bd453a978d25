import type { Exemption } from '@fleetwall/response';
import { TrustedProxies } from '@fleetwall/sources';
import { cliError } from './errors.js';

/** Proxies that `--trusted-proxy` names: whose word is believed, and who is never blocked. */
export interface NamedProxies {
  trustedProxies: TrustedProxies;
  exemptions: readonly Exemption[];
}

/** Networks, addresses and names of lists in `proxies/`; undefined for none. Throws OPTION_INVALID. */
export async function readNamedProxies(texts: readonly string[] | undefined): Promise<NamedProxies | undefined> {
  if (texts === undefined) return undefined;
  const { readKnownProxies } = await import('@fleetwall/config');
  for (const text of texts) {
    try {
      await readKnownProxies({ collector: { trustedProxies: [text] } });
    } catch (error) {
      const expected = 'an address, a network (10.0.0.0/8) or the name of a list in proxies/';
      const instead = 'Give the option once for each.';
      throw cliError('OPTION_INVALID', { option: '--trusted-proxy', value: text, expected, instead }, { cause: error });
    }
  }
  const { trusted, exemptions } = await readKnownProxies({ collector: { trustedProxies: [...texts] } });
  return { trustedProxies: new TrustedProxies(trusted), exemptions };
}
