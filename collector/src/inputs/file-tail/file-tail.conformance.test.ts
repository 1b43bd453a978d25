import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputConformance } from '@fleetwall/testkit';
import { FileTail } from './file-tail.js';

inputConformance(
  'a log file',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetwall-tail-'));
    const path = join(directory, 'app.log');
    writeFileSync(path, '');
    return {
      open: async (maxLineBytes) => new FileTail({ paths: [path], maxLineBytes }),
      write: async (bytes) => appendFileSync(path, bytes),
      remove: async () => rmSync(directory, { recursive: true, force: true }),
    };
  },
  { resumable: true },
);
