import type { FleetEvent } from '@fleetwall/core';
import { parseQuery } from '@fleetwall/query';
import { createMemoryEventStore } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { conditionOf } from '../../web/src/events/query-text.js';
import { piecesOf } from '../../web/src/parts/escape.js';

const NOW_MS = Date.UTC(2026, 10, 22);

function logon(user: string, id: string): FleetEvent {
  return {
    ...{
      '@timestamp': NOW_MS,
      'event.id': id,
      'event.original': 'a line',
      'event.kind': 'event',
      'event.module': 'sshd',
    },
    ...{ 'event.category': ['authentication'], 'event.type': ['start'], 'event.action': 'ssh_login' },
    ...{ 'host.name': 'web-01', 'process.name': 'sshd', 'fleetwall.evidence': 'handshake', 'user.name': user },
  };
}

async function found(user: string, condition: string): Promise<number> {
  const store = createMemoryEventStore({ clock: () => NOW_MS });
  await store.bulk([logon(user, 'a'), logon(`${user}-other`, 'b'), logon('someone else', 'c')]);
  return store.count({ query: parseQuery(condition, NOW_MS), range: { fromMs: 0, toMs: NOW_MS + 1 } });
}

const isReadable = (text: string) => piecesOf(text).every(({ isEscape }) => !isEscape);

describe('a value that somebody chose, as a condition of the query', () => {
  const values = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({
      maxLength: 12,
      unit: fc.constantFrom('"', '\\', '*', '?', ' ', '(', ')', ':', 'a', '\n', '\u202e', '-', '/', '['),
    }),
    fc.constantFrom('AND', 'OR', 'NOT', '', '-a', '/a.*/', '>1', 'a TO b', '\u0000', '\ud83d\ude00'),
  );

  it('finds the events that have it, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(values, async (user) => expect(await found(user, conditionOf('user.name', user))).toBe(1)),
      { numRuns: 300 },
    );
  });

  it('holds no character that would act in a field of one line', () => {
    fc.assert(fc.property(values, (user) => expect(isReadable(conditionOf('user.name', user))).toBe(true)));
  });
});
