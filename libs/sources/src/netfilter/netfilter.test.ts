import { Assembler } from '@fleetwall/assembly';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from '../line-parser.js';
import { isUnparsed } from '../source.js';

const VICTIM = '192.0.2.66';

/** A SYN to a port where people log on, logged by any of the usual firewalls. */
function synLine(host: number, i: number): string {
  const prefix = ['[UFW BLOCK] ', '[UFW ALLOW] ', 'FINAL_REJECT: ', 'Shorewall:net-fw:ACCEPT:', ''][i % 5];
  const port = [22, 3389, 1433, 25, 21][i % 5];
  const packet = `IN=eth0 OUT= MAC= SRC=${VICTIM} DST=203.0.113.${host} LEN=44 TTL=245 ID=${i} PROTO=TCP SPT=${1024 + i} DPT=${port} WINDOW=1024 RES=0x00 SYN URGP=0`;
  return `Nov  1 12:00:${String(i % 60).padStart(2, '0')} host-${host} kernel: [1.000001] ${prefix}${packet}`;
}

describe('B12: 10,000 spoofed SYN lines that name a victim on 20 hosts', () => {
  it('are events that prove nothing and tell of no try to log on, so nothing can be blocked for them', () => {
    for (let host = 1; host <= 20; host++) {
      const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h' });
      const assembler = new Assembler();
      for (let i = 0; i < 500; i++) {
        const result = parser.parse(synLine(host, i));
        if (isUnparsed(result)) throw new Error(`no event of ${synLine(host, i)}`);
        const event = assembler.assemble(result);
        expect(event).toMatchObject({ 'source.ip': VICTIM, 'fleetwall.evidence': 'spoofable' });
        expect(event['event.outcome']).toBeUndefined();
        expect(event['fleetwall.attempt.role']).toBeUndefined();
        expect(event['fleetwall.attempt.id']).toBeUndefined();
      }
    }
  });
});
