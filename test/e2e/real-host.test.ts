import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attack, missing, type RealHost, SERVER, startRealHost, until } from '../bench/real-host.mjs';

const why = missing();
const ATTACKERS = ['198.51.100.1', '198.51.100.2', '198.51.100.3'] as const;

interface BlockView {
  target: string;
  state: string;
}

/** A real sshd, its real client, a real log daemon and nftables, in network namespaces. */
(why === undefined ? describe : describe.skip)(
  `a real host under attack${why === undefined ? '' : ` (${why})`}`,
  () => {
    let host: RealHost;

    beforeAll(async () => {
      host = await startRealHost({ addresses: [...ATTACKERS, '198.51.100.9'], blockFor: '30s' });
    }, 90_000);
    afterAll(() => host?.stop(), 30_000);

    const nft = (...args: string[]) =>
      execFileSync('ip', ['netns', 'exec', host.server, 'nft', ...args], { encoding: 'utf8' });
    const blocks = async () => (await host.control('GET', 'blocks')) as BlockView[];
    const ruleset = () => nft('list', 'ruleset');
    const isDropped = (address: string) => {
      const dial = `const s=require('net').connect({host:'${SERVER}',port:22,localAddress:'${address}',timeout:700});s.on('connect',()=>process.exit(0));s.on('timeout',()=>process.exit(7));s.on('error',()=>process.exit(8))`;
      try {
        execFileSync('ip', ['netns', 'exec', host.client, process.execPath, '-e', dial], { stdio: 'ignore' });
        return false;
      } catch (error) {
        return (error as { status: number }).status === 7;
      }
    };

    it('drops the attacker and nobody else', async () => {
      expect(isDropped(ATTACKERS[0])).toBe(false);
      attack(host, ATTACKERS[0], 6);
      await until('the block in the kernel', () => ruleset().includes(ATTACKERS[0]), host.output);
      expect(isDropped(ATTACKERS[0])).toBe(true);
      expect(isDropped('198.51.100.9')).toBe(false);
      expect((await blocks()).filter(({ state }) => state === 'active').map(({ target }) => target)).toEqual([
        ATTACKERS[0],
      ]);
    }, 60_000);

    it('says why, with the lines of sshd', async () => {
      const why = (await host.control('GET', `why/${ATTACKERS[0]}`)) as {
        blocks: { reasons: { evidence: { line: string }[] }[] }[];
      };
      const lines = why.blocks.flatMap(({ reasons }) =>
        reasons.flatMap(({ evidence }) => evidence.map(({ line }) => line)),
      );
      expect(lines.length).toBeGreaterThanOrEqual(5);
      for (const line of lines) expect(line).toMatch(/sshd.*Failed password for root from 198\.51\.100\.1 port/);
    });

    it('puts back what someone flushed, and an event says so', async () => {
      nft('flush', 'ruleset');
      const isTold = async () => {
        const status = (await host.control('GET', 'status')) as { notices: { action: string }[] };
        return status.notices.some(({ action }) => action === 'firewall-restored');
      };
      await until('an event says so', isTold, host.output, 5_000);
      expect(ruleset()).toContain(ATTACKERS[0]);
      expect(isDropped(ATTACKERS[0])).toBe(true);
    }, 30_000);

    it('keeps out who is on the denylist, from the list to the kernel, until the entry goes', async () => {
      await host.control('POST', 'deny', { target: ATTACKERS[2], reason: 'for good' });
      await until('the denial in the kernel', () => ruleset().includes(ATTACKERS[2]), host.output, 5_000);
      expect(isDropped(ATTACKERS[2])).toBe(true);
      expect(ruleset()).toMatch(new RegExp(`${ATTACKERS[2]} timeout \\d+d`));
      await host.control('DELETE', `deny/${ATTACKERS[2]}`);
      await until('the end of it in the kernel', () => !ruleset().includes(ATTACKERS[2]), host.output, 5_000);
      expect(isDropped(ATTACKERS[2])).toBe(false);
    }, 30_000);

    it('lets in whom a person lifts, and leaves everything alone once disarmed', async () => {
      await host.control('POST', 'unblock', { target: ATTACKERS[0] });
      await until('the lift in the kernel', () => !ruleset().includes(ATTACKERS[0]), host.output, 5_000);
      expect(isDropped(ATTACKERS[0])).toBe(false);
      nft('add', 'table', 'inet', 'other');
      await host.control('POST', 'blocks', { target: ATTACKERS[1], duration: '1h' });
      await until('a block by hand', () => ruleset().includes(ATTACKERS[1]), host.output, 5_000);
      expect(isDropped(ATTACKERS[1])).toBe(true);
      await host.control('POST', 'disarm', {});
      expect(ruleset().trim()).toBe('table inet other {\n}');
      expect(isDropped(ATTACKERS[1])).toBe(false);
    }, 30_000);

    it('blocks an address again once the time of a short block is over, and lets it in between', async () => {
      await host.control('POST', 'arm', {});
      await host.control('POST', 'blocks', { target: ATTACKERS[2], duration: '3s' });
      await until('the block in the kernel', () => ruleset().includes(ATTACKERS[2]), host.output, 5_000);
      expect(isDropped(ATTACKERS[2])).toBe(true);
      await until('the block is over', () => !isDropped(ATTACKERS[2]), host.output, 10_000);
    }, 30_000);
  },
);
