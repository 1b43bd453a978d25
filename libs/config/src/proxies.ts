import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FleetwallError, type Network, parseNetwork } from '@fleetwall/core';
import { type Exemption, exemptTarget } from '@fleetwall/response';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Config } from './config-schema.js';
import { configError } from './errors.js';
import { readYamlFiles, type YamlFile } from './yaml-files.js';

const SHIPPED_LISTS = fileURLToPath(new URL('../../../proxies', import.meta.url));

/** A file of `proxies/`: networks as their provider publishes them. */
const listSchema = z.strictObject({
  /** Where it publishes them. */
  source: z.url(),
  /** When they were read there, `2026-11-22`. */
  asOf: z.iso.date(),
  networks: z.array(z.string()).min(1),
});

/** Proxies that stand between servers and everybody else. */
export interface KnownProxies {
  /** Whose `X-Forwarded-For` is believed. */
  trusted: Network[];
  /** Of all lists and of those that are trusted: none of them is ever blocked. */
  exemptions: Exemption[];
}

/** What of the configuration they come from. */
interface TrustingConfig {
  collector: Pick<Config['collector'], 'trustedProxies'>;
  proxies?: Config['proxies'];
}

/** The lists and what the configuration trusts. Throws PROXIES_INVALID at the first mistake. */
export async function readKnownProxies(config: TrustingConfig): Promise<KnownProxies> {
  const lists = new Map<string, Exemption[]>();
  for (const file of await readDirectory(config.proxies ?? SHIPPED_LISTS)) {
    const name = basename(file.path).replace(/\.ya?ml$/, '');
    lists.set(name, readList(file, `a known proxy (${name})`));
  }
  const trusted = config.collector.trustedProxies.flatMap((text) => lists.get(text) ?? [ownProxy(text, lists)]);
  return { trusted: trusted.map(({ network }) => network), exemptions: [...[...lists.values()].flat(), ...trusted] };
}

async function readDirectory(path: string): Promise<YamlFile[]> {
  try {
    return await readYamlFiles(path);
  } catch (error) {
    throw invalid(path, (error as Error).message);
  }
}

function readList(file: YamlFile, reason: string): Exemption[] {
  const document = parseDocument(file.text, { uniqueKeys: true, customTags: [] });
  const [syntax] = [...document.errors, ...document.warnings];
  if (syntax) throw invalid(file.path, syntax.message.split('\n')[0] as string);
  const list = listSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!list.success) {
    const [issue] = list.error.issues;
    throw invalid(file.path, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  return list.data.networks.map((text) => exemption(text, reason, file.path));
}

/** One network or address of the configuration. */
function ownProxy(text: string, lists: ReadonlyMap<string, unknown>): Exemption {
  if (!/[.:]/.test(text)) {
    const names = [...lists.keys()].join(', ');
    throw invalid('collector.trustedProxies', `there is no list "${text}", only ${names || 'none'}`);
  }
  return exemption(text, 'a known proxy (collector.trustedProxies)', 'collector.trustedProxies');
}

/** The network itself, also of a single IPv6 address: whoever shares its /64 is not the proxy. */
function exemption(text: string, reason: string, place: string): Exemption {
  try {
    exemptTarget(text, reason);
    return { network: parseNetwork(text), reason };
  } catch (error) {
    if (error instanceof FleetwallError) throw invalid(place, error.message);
    throw error;
  }
}

function invalid(place: string, reason: string): FleetwallError {
  return configError('PROXIES_INVALID', { place, reason });
}
