import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import type { Firewall } from '@fleetwall/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import koffi from 'koffi';
import { readBatch, readTarget } from '../batch.js';
import { openFirewall, removeNftables } from '../index.js';
import { CommandTable } from './command/table.js';
import { NftablesFirewall } from './firewall.js';
import type { KernelTable } from './kernel-table.js';
import { NetlinkTable } from './netlink/table.js';
import { enterNewNetworkNamespace } from './network-namespace.js';
import { setOf, USUAL_SETS } from './ruleset.js';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const NOBODY = 65_534;

const nft = (input: string, ...options: string[]) =>
  execFileSync('nft', [...options, '-f', '-'], { input, encoding: 'utf8', maxBuffer: 64 << 20 });
const ruleset = () => nft('list ruleset', '-a');
const inTenMinutes = (target: string) => ({ id: target, target, untilMs: Date.now() + 600_000 });

/** Real and effective user of this process; the saved one stays root, to come back. */
function setUsers(id: number): void {
  const setresuid = koffi.load(null).func('setresuid', 'int', ['uint', 'uint', 'uint']);
  if (setresuid(id, id, 0) !== 0) throw new Error(`setresuid: errno ${koffi.errno()}`);
}

(isRoot ? describe : describe.skip)('nftables in a network namespace (needs root on Linux)', () => {
  let leave: () => void;
  beforeAll(() => {
    leave = enterNewNetworkNamespace();
  });
  afterAll(() => leave());

  it('is set up alike by netlink and by the nft command', async () => {
    const sets = [...USUAL_SETS, setOf({ family: 4, prefix: 20 }), setOf({ family: 6, prefix: 61 })];
    sets.push(setOf({ family: 4, prefix: 32, ports: 'web' }), setOf({ family: 6, prefix: 61, ports: 'web' }));
    const rulesets: string[] = [];
    const programs: (string[] | null)[] = [];
    const webPorts = [80, 443, 50_080];
    for (const table of [new NetlinkTable(webPorts), new CommandTable(webPorts)]) {
      await table.setUp(sets);
      await table.setUp(sets);
      rulesets.push(nft('list ruleset'));
      programs.push(nft('list ruleset', '--debug=netlink').match(/\[ .* \]/g));
      await table.remove();
      table.close();
    }
    expect(rulesets[0]).toContain('ip saddr & 255.255.240.0 == @ipv4_20 counter name "dropped" drop');
    expect(rulesets[0]).toContain('ip6 saddr & ffff:ffff:ffff:fff8:: == @ipv6_61 counter name "dropped" drop');
    expect(rulesets[0]).toContain('ip saddr @web_ipv4_32 jump web_ports');
    expect(rulesets[0]).toContain('ip6 saddr & ffff:ffff:ffff:fff8:: == @web_ipv6_61 jump web_ports');
    for (const rule of webPorts.flatMap((port) => [`tcp dport ${port}`, `udp dport ${port}`]))
      expect(rulesets[0]).toContain(`${rule} counter name "dropped" drop`);
    expect(rulesets[0]).toContain('type filter hook prerouting priority raw; policy accept;');
    expect(rulesets[1]).toBe(rulesets[0]);
    expect(programs[0]?.filter((step) => step === '[ cmp eq reg 1 0x00000006 ]')).toHaveLength(webPorts.length);
    expect(programs[0]?.filter((step) => step === '[ cmp eq reg 1 0x00000011 ]')).toHaveLength(webPorts.length);
    expect(programs[1]).toEqual(programs[0]);
    expect(ruleset()).toBe('');
  });

  const openers = [(ports?: number[]) => new NetlinkTable(ports), (ports?: number[]) => new CommandTable(ports)];
  for (const open of openers) {
    describe(open().name, () => cases(open));
  }

  it('writes every rule as it is meant, however many there are', async () => {
    const webPorts = Array.from({ length: 100 }, (_, n) => 1_000 + n);
    const table = new NetlinkTable(webPorts);
    await table.setUp([...USUAL_SETS, setOf({ family: 4, prefix: 32, ports: 'web' })]);
    const written = nft('list chain inet fleetwall web_ports').match(/(tcp|udp) dport \d+/g);
    expect(written).toEqual(['tcp', 'udp'].flatMap((protocol) => webPorts.map((port) => `${protocol} dport ${port}`)));
    await table.remove();
    table.close();
  });

  it('breaks the glass at once, with and without a table', async () => {
    removeNftables();
    const firewall = await openFirewall('auto');
    await firewall.apply([inTenMinutes('198.51.100.7')], []);
    nft('add table ip bystander');
    removeNftables();
    expect(nft('list ruleset')).toBe('table ip bystander {\n}\n');
    expect((await firewall.verify()).problems).toEqual(['table inet fleetwall is missing']);
    nft('flush ruleset');
    await firewall.close();
  });

  it('chooses a dry run that says why when it may not change the firewall', async () => {
    setUsers(NOBODY);
    try {
      const firewall = await openFirewall('auto');
      expect(await firewall.capabilities()).toMatchObject({ name: 'dry-run', enforces: false });
      expect((await firewall.capabilities()).reason).toMatch(/CAP_NET_ADMIN/);
    } finally {
      setUsers(0);
    }
  });
});

function cases(open: (webPorts?: number[]) => KernelTable): void {
  let firewall: Firewall;
  const listed = async () => (await firewall.list()).map((entry) => entry.target).sort();

  beforeEach(() => {
    firewall = new NftablesFirewall(open());
  });
  afterEach(async () => {
    await firewall.close();
    nft('flush ruleset');
  });

  it('changes nothing before the first apply', async () => {
    expect(await firewall.capabilities()).toMatchObject({ enforces: true });
    expect(await firewall.list()).toEqual([]);
    expect((await firewall.verify()).problems).toEqual(['table inet fleetwall is missing']);
    expect(ruleset()).toBe('');
  });

  it.each([
    ['flush ruleset', /table inet fleetwall is missing/],
    ['delete table inet fleetwall', /table inet fleetwall is missing/],
    ['flush table inet fleetwall', /chain prerouting has 0 of 4 drop rules/],
    ['flush chain inet fleetwall prerouting\ndelete chain inet fleetwall prerouting', /chain prerouting is missing/],
    ['insert rule inet fleetwall prerouting ip saddr 198.51.100.7 accept', /rules that are not ours/],
    ['add table inet fleetwall { flags dormant; }', /dormant/],
    ['flush set inet fleetwall ipv4_32', /1 of 3 blocks looked up are missing: 198.51.100.7$/],
    ['delete element inet fleetwall ipv6_64 { 2001:db8:1:2:: }', /missing: 2001:db8:1:2::\/64/],
  ])('notices %j, and the next apply puts everything back', async (harm, problem) => {
    const given = ['198.51.100.7', '2001:db8:1:2::/64', '203.0.113.0/24'];
    await firewall.apply(given.map(inTenMinutes), []);
    expect((await firewall.verify()).problems).toEqual([]);
    nft(harm);
    const { problems } = await firewall.verify();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    await firewall.apply([inTenMinutes('198.51.100.8')], []);
    expect(await firewall.verify()).toMatchObject({ problems: [], entries: 4 });
    expect(await listed()).toEqual([...given, '198.51.100.8'].sort());
    const rules = nft('list ruleset').match(/counter name "dropped" drop/g);
    expect(rules).toHaveLength(4);
  });

  const onWeb = (target: string) => ({ ...inTenMinutes(target), ports: 'web' as const });

  it.each([
    ['flush chain inet fleetwall web_ports', /chain web_ports has 0 of 12 drop rules/],
    ['insert rule inet fleetwall web_ports accept', /chain web_ports has rules that are not ours/],
    ['flush set inet fleetwall web_ipv4_32', /1 of 2 blocks looked up are missing: 198.51.100.7$/],
    ['flush ruleset', /table inet fleetwall is missing/],
  ])("notices %j with blocks of the web's ports, and puts everything back", async (harm, problem) => {
    await firewall.apply([onWeb('198.51.100.7'), inTenMinutes('198.51.100.8')], []);
    const before = nft('list table inet fleetwall', '-s', '-t');
    expect((await firewall.verify()).problems).toEqual([]);
    nft(harm);
    const { problems } = await firewall.verify();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    await firewall.apply([], []);
    expect(nft('list table inet fleetwall', '-s', '-t')).toBe(before);
    expect(await firewall.verify()).toMatchObject({ problems: [], entries: 2 });
    expect((await firewall.list()).map(({ target, ports }) => [target, ports]).sort()).toEqual([
      ['198.51.100.7', 'web'],
      ['198.51.100.8', undefined],
    ]);
  });

  it('another process takes over with other web ports, and what is in force stays', async () => {
    await firewall.apply([onWeb('198.51.100.7'), inTenMinutes('198.51.100.7')], []);
    await firewall.close();
    firewall = new NftablesFirewall(open([8081]));
    expect(await firewall.verify()).toMatchObject({ problems: [], entries: 2 });
    await firewall.apply([], []);
    const rules = nft('list chain inet fleetwall web_ports');
    expect(rules.match(/dport \d+/g)).toEqual(['dport 8081', 'dport 8081']);
    expect(await firewall.verify()).toMatchObject({ problems: [], entries: 2 });
    await firewall.apply([], [{ target: '198.51.100.7', ports: 'web' }]);
    expect(await firewall.list()).toMatchObject([{ target: '198.51.100.7' }]);
    await firewall.remove();
    expect(ruleset()).toBe('');
  });

  it("needs no set of the web's ports before the first such block", async () => {
    await firewall.apply([inTenMinutes('198.51.100.7')], []);
    expect(ruleset()).not.toContain('web');
  });

  it('notices a deleted rule and a chain at another hook', async () => {
    await firewall.apply([inTenMinutes('198.51.100.7')], []);
    const handle = /@ipv4_32 .* # handle (\d+)/.exec(ruleset())?.[1];
    nft(`delete rule inet fleetwall prerouting handle ${handle}`);
    expect((await firewall.verify()).problems).toEqual(['chain prerouting has 2 of 3 drop rules']);
    nft(`flush chain inet fleetwall prerouting
      delete chain inet fleetwall prerouting
      add chain inet fleetwall prerouting { type filter hook forward priority 0; }`);
    expect((await firewall.verify()).problems[0]).toMatch(/not hooked into prerouting/);
    await firewall.apply([], []);
    expect((await firewall.verify()).problems).toEqual([]);
  });

  it('sets up again when the table went away unnoticed, with all that was in force', async () => {
    const given = Array.from({ length: 5000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    await firewall.apply(given.map(inTenMinutes), []);
    nft('flush ruleset');
    await firewall.apply([inTenMinutes('198.51.100.8')], ['10.0.0.0']);
    expect(await listed()).toEqual([...given.slice(1), '198.51.100.8'].sort());
    expect((await firewall.verify()).problems).toEqual([]);
  });

  it("changes nothing and gives the kernel's reason when the kernel refuses a part", async () => {
    await firewall.apply([inTenMinutes('198.51.100.7')], []);
    // A set of another shape under our name: the kernel takes no IPv4 network in it.
    nft('add set inet fleetwall ipv4_24 { type ipv6_addr; flags timeout; }');
    const change = firewall.apply([inTenMinutes('198.51.100.8'), inTenMinutes('203.0.113.0/24')], ['198.51.100.7']);
    await expect(change).rejects.toMatchObject({ code: 'FIREWALL_REFUSED', retryable: false });
    await expect(change).rejects.toThrow(/The kernel refused to .+: .+/);
    nft('delete set inet fleetwall ipv4_24');
    expect(await listed()).toEqual(['198.51.100.7']);
  });

  it('changes nothing of a batch of which the kernel refuses one part', async () => {
    const table = open();
    const batch = (add: string[], remove: string[]) => readBatch(add.map(inTenMinutes), remove, Date.now());
    await table.setUp(USUAL_SETS);
    await table.change(batch(['198.51.100.7'], []));
    // There is no set for this /23.
    const change = table.change(batch(['198.51.100.8', '203.0.112.0/23'], ['198.51.100.7']));
    await expect(change).rejects.toMatchObject({ code: 'FIREWALL_REFUSED', details: { errno: 'ENOENT' } });
    expect((await table.list()).map((held) => held.target)).toEqual(['198.51.100.7']);
    table.close();
  });

  it('looks up exactly those that are in force, with their time', async () => {
    const table = open();
    const there = ['198.51.100.7', '198.51.100.9', '203.0.113.0/24', '2001:db8:1:2::/64'];
    await firewall.apply(there.map(inTenMinutes), []);
    const asked = [...there, '198.51.100.8', '198.51.100.10', '203.0.112.0/24', '2001:db8:1:3::/64'];
    const held = await table.lookUp(asked.map(readTarget));
    table.close();
    expect(held.map((block) => block.target).sort()).toEqual([...there].sort());
    for (const { remainingMs } of held) {
      expect(remainingMs).toBeLessThanOrEqual(600_000);
      expect(remainingMs).toBeGreaterThan(590_000);
    }
  });

  it('lists every one of many, also while the kernel rearranges its tables', async () => {
    const addresses = Array.from({ length: 100_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    const untilMs = Date.now() + 2000;
    await firewall.apply(
      addresses.map((target) => ({ id: target, target, untilMs })),
      [],
    );
    await setTimeout(Math.max(0, untilMs + 50 - Date.now()));
    await firewall.apply(addresses.map(inTenMinutes), []);
    expect(await firewall.list()).toHaveLength(addresses.length);
    expect(await firewall.verify()).toMatchObject({ problems: [], entries: addresses.length });
  }, 60_000);

  it('lets another process take over without a change of what is in force', async () => {
    await firewall.apply(['198.51.100.7', '203.0.112.0/20', '2001:db8::/48'].map(inTenMinutes), []);
    const before = nft('list table inet fleetwall', '-s', '-t');
    await firewall.close();
    firewall = new NftablesFirewall(open());
    expect(await firewall.verify()).toMatchObject({ problems: [], entries: 3 });
    await firewall.apply([], []);
    expect(nft('list table inet fleetwall', '-s', '-t')).toBe(before);
    expect(await firewall.verify()).toMatchObject({ problems: [], entries: 3 });
    await firewall.apply([], ['203.0.112.0/20']);
    expect(await listed()).toEqual(['198.51.100.7', '2001:db8::/48']);
  });

  it('leaves the rest of the ruleset as it was, byte for byte', async () => {
    const intervals = Array.from({ length: 10_000 }, (_, i) => `10.${i >> 14}.${(i >> 6) & 255}.${(i & 63) * 4}/31`);
    nft(`table ip filter {
      chain INPUT { type filter hook input priority 0; policy accept; ct state established,related accept; }
      chain f2b-sshd { ip saddr 203.0.113.9 reject; }
    }
    table inet other {
      set many { type ipv4_addr; flags interval; elements = { ${intervals.join(',')} } }
      set fleetwall { type ipv4_addr; flags timeout; }
      chain c { type filter hook prerouting priority -400; ip saddr @many drop; }
    }`);
    const before = ruleset();
    await firewall.apply(['198.51.100.7', '203.0.113.0/24', '2001:db8:1::/64'].map(inTenMinutes), []);
    expect(ruleset()).not.toBe(before);
    await firewall.remove();
    expect(ruleset()).toBe(before);
  }, 60_000);

  it('says what is missing when it may not change the firewall', async () => {
    setUsers(NOBODY);
    try {
      const { enforces, reason } = await firewall.capabilities();
      expect(enforces).toBe(false);
      expect(reason).toMatch(/CAP_NET_ADMIN/);
      expect((await firewall.verify()).problems[0]).toMatch(/CAP_NET_ADMIN/);
      await expect(firewall.apply([inTenMinutes('198.51.100.7')], [])).rejects.toMatchObject({
        code: 'FIREWALL_UNAVAILABLE',
      });
    } finally {
      setUsers(0);
    }
  });
}
