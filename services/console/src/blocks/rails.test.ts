import { ALLOWLIST, allowedBy, DEFAULT_LIMITS } from '@fleetwall/response';
import { createMemoryRegistry } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { Rails } from './rails.js';

const entry = { reason: 'office', owner: 'anna', createdMs: 0 };

describe('the rails before a block', () => {
  it.each(['everything', '0.0.0.0/0', '2000::/3', '192.0.2.1 192.0.2.2'])(
    'the entry %j, which cannot be one, keeps no preview from being made',
    async (bad) => {
      const registry = createMemoryRegistry();
      await registry.put(ALLOWLIST, bad, entry);
      await registry.put(ALLOWLIST, '198.51.100.7', entry);
      const rails = new Rails({ registry, clock: () => 1_000, limits: DEFAULT_LIMITS, exemptions: [] });
      expect(await rails.judge('203.0.113.7', 'fleet')).toEqual({ allowed: true, except: [] });
      expect(await rails.judge('198.51.100.0/24', 'fleet')).toEqual({ allowed: true, except: ['198.51.100.7'] });
      expect(await rails.judge('198.51.100.7', 'fleet')).toEqual({
        allowed: false,
        reason: 'on the allowlist (office)',
      });
    },
  );

  it('what is over exempts nothing, and known proxies always are exempt', async () => {
    const registry = createMemoryRegistry();
    await registry.put(ALLOWLIST, '198.51.100.7', { ...entry, untilMs: 1_000 });
    const exemptions = [allowedBy('192.0.2.0/24', { ...entry, reason: 'proxy' })];
    const rails = new Rails({ registry, clock: () => 1_000, limits: DEFAULT_LIMITS, exemptions });
    expect((await rails.judge('198.51.100.7', 'fleet')).allowed).toBe(true);
    expect((await rails.judge('192.0.2.9', 'fleet')).allowed).toBe(false);
  });
});
