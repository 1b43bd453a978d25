import { createReadStream } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Damage } from '../damage.js';
import type { EvtxRecord } from './evtx-record.js';
import { readEvtx } from './read-evtx.js';
import { levelled, referenceJson } from './reference-json.test-support.js';
import { type SharedFile, sharedFiles } from './shared-files.test-support.js';

const files = sharedFiles();
for (const file of files) {
  it.skip('x', () => {});
  void file;
}
describe('debug', () => {
  it('compares', async () => {
    const { writeFileSync } = await import('node:fs');
    const out: string[] = [];
    let same = 0, total = 0;
    for (const file of files) {
      const damages: Damage[] = [];
      const records: EvtxRecord[] = [];
      try { for await (const record of readEvtx(createReadStream(file.path), (d) => damages.push(d))) records.push(record);
      } catch (e) { out.push(file.name + ' THROW ' + (e as Error).stack); continue; }
      if (records.length !== file.expected.length || damages.length) out.push(`${file.name} n=${records.length} exp=${file.expected.length} ${JSON.stringify(damages)}`);
      let shown = 0;
      for (let i = 0; i < Math.min(records.length, file.expected.length); i++) {
        total++;
        const a = JSON.stringify(levelled(referenceJson(records[i]!.tree())));
        const b = JSON.stringify(levelled(file.expected[i]));
        if (a === b) same++; else if (shown++ < 1) {
          let k = 0; while (a[k] === b[k]) k++;
          out.push(`${file.name} #${i}\n  ours ${a.slice(Math.max(0, k - 80), k + 150)}\n  ref  ${b.slice(Math.max(0, k - 80), k + 150)}`);
        }
      }
    }
    out.push(`${files.length} files same ${same} of ${total}`);
    writeFileSync('/tmp/evtx-cmp.txt', out.join('\n'));
    expect(1).toBe(1);
  }, 300000);
});
