import { TOPICS, topicSpecs } from '@fleetwall/core';
import { createMemoryBus, createMemoryEventStore, createMemoryRegistry } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import type { ConsoleOptions } from '../console-options.js';
import { DiskWatch } from './disk-watch.js';
import { SystemState } from './system-state.js';

describe('what the system keeps', () => {
  it.each([
    [undefined, 365],
    [90, 90],
  ])('is as it is configured: %s days of the audit log are %i', async (auditDays, days) => {
    const bus = createMemoryBus();
    await bus.declare(topicSpecs(1));
    const clock = () => Date.UTC(2026, 10, 22);
    const options = { bus, store: createMemoryEventStore(), clock, retentionDays: 30, problems: () => [] };
    const disk = new DiskWatch(createMemoryRegistry(), clock, '/', 'web-01');
    const state = new SystemState({ ...options, auditDays } as unknown as ConsoleOptions, disk);
    const { topics } = await state.read();
    expect(topics.find(({ topic }) => topic === TOPICS.audit)).toMatchObject({ retentionDays: days });
  });
});
