import {
  alertWithout,
  type Block,
  comparePositions,
  type DecisionStore,
  decodePosition,
  type ErasedDecisions,
  encodePosition,
  isErasable,
  isNewerBlock,
  matchesAlert,
  matchesBlock,
  mergeAlert,
  type PagePosition,
  positionOfAlert,
  positionOfBlock,
  type StoredAlert,
} from '@fleetwall/core';

/** The reference decision store: maps and plain loops. For tests; nothing outlives the process. */
export function createMemoryDecisionStore(): DecisionStore {
  const alerts = new Map<string, StoredAlert>();
  const blocks = new Map<string, Block>();
  return {
    async putAlerts(changes) {
      for (const change of changes) alerts.set(change.id, structuredClone(mergeAlert(alerts.get(change.id), change)));
    },

    async putBlocks(changed) {
      for (const block of changed)
        if (isNewerBlock(block, blocks.get(block.id))) blocks.set(block.id, structuredClone(block));
    },

    async alerts(request) {
      const found = [...alerts.values()].filter((alert) => matchesAlert(alert, request));
      const { page, cursor } = pageOf(found, positionOfAlert, request);
      return { alerts: page, ...(cursor && { cursor }) };
    },

    async blocks(request) {
      const found = [...blocks.values()].filter((block) => matchesBlock(block, request));
      const { page, cursor } = pageOf(found, positionOfBlock, request);
      return { blocks: page, ...(cursor && { cursor }) };
    },

    async alertById(id) {
      return structuredClone(alerts.get(id));
    },

    async dropBefore(timeMs) {
      const before = { alerts: alerts.size, blocks: blocks.size };
      for (const [id, { lastMs }] of alerts) if (lastMs < timeMs) alerts.delete(id);
      for (const [id, { untilMs }] of blocks) if (untilMs < timeMs) blocks.delete(id);
      return { alerts: before.alerts - alerts.size, blocks: before.blocks - blocks.size };
    },

    async erase(selection) {
      const erased: ErasedDecisions = { alerts: [], changed: 0, blocks: 0 };
      for (const alert of alerts.values()) {
        const left = alertWithout(alert, selection);
        if (left === undefined) {
          alerts.delete(alert.id);
          erased.alerts.push(alert.id);
        } else if (left !== alert) {
          alerts.set(alert.id, left);
          erased.changed++;
        }
      }
      for (const block of blocks.values()) {
        if (isErasable(block, selection) && blocks.delete(block.id)) erased.blocks++;
      }
      return erased;
    },

    async close() {},
  };
}

function pageOf<T>(
  found: T[],
  positionOf: (one: T) => PagePosition,
  { limit, cursor }: { limit: number; cursor?: string },
): { page: T[]; cursor?: string } {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new Error('the limit is not 1 to 1,000');
  const after = cursor === undefined ? undefined : decodePosition(cursor);
  if (cursor !== undefined && !after) throw new Error('the cursor is none');
  const rest = found
    .filter((one) => !after || comparePositions(positionOf(one), after) > 0)
    .sort((a, b) => comparePositions(positionOf(a), positionOf(b)));
  const page = structuredClone(rest.slice(0, limit));
  const last = page.at(-1);
  return last && rest.length > limit ? { page, cursor: encodePosition(positionOf(last)) } : { page };
}
