import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busConformance } from '@fleetwall/testkit';
import { createEmbeddedBus } from './embedded-bus.js';

async function create(segmentBytes?: number) {
  const directory = await mkdtemp(join(tmpdir(), 'fleetwall-bus-'));
  const open = () => createEmbeddedBus({ directory, ...(segmentBytes && { segmentBytes }) });
  const opened = [await open()];
  return {
    bus: opened[0]!,
    reopen: async () => {
      await opened.at(-1)?.close();
      opened.push(await open());
      return opened.at(-1)!;
    },
    destroy: async () => {
      await opened.at(-1)?.close();
      await rm(directory, { recursive: true });
    },
  };
}

busConformance('embedded', () => create(), { deadlineMs: 10_000 });
busConformance('embedded with tiny segments', () => create(2_000), { deadlineMs: 10_000 });
