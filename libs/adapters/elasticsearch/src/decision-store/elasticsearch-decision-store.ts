import type { estypes } from '@elastic/elasticsearch';
import {
  type AlertChange,
  type AlertsRequest,
  alertValues,
  alertWithout,
  type Block,
  type BlocksRequest,
  type DecisionStore,
  isErasable,
  isNewerBlock,
  mergeAlert,
  parseNetwork,
  positionOfAlert,
  positionOfBlock,
  type StoredAlert,
  scopeText,
} from '@fleetwall/core';
import { addressHex } from '../address-hex.js';
import { Connection, type ElasticsearchConnectionOptions } from '../connection.js';
import { type Kind, LatestState } from './latest-state.js';

export interface ElasticsearchDecisionStoreOptions extends ElasticsearchConnectionOptions {
  /** Let searches see a write at once instead of within a second; for tests. */
  refresh?: boolean;
}

type Condition = estypes.QueryDslQueryContainer;

const KEYWORD: estypes.MappingProperty = { type: 'keyword', ignore_above: 8_191 };
const LONG: estypes.MappingProperty = { type: 'long' };

/** The alerts and blocks of a cluster: an index for each. Fails with ELASTICSEARCH_UNREACHABLE, _DENIED or _VERSION. */
export async function createElasticsearchDecisionStore(
  options: ElasticsearchDecisionStoreOptions,
): Promise<DecisionStore> {
  const connection = new Connection(options);
  const alerts = new LatestState(connection, alertKind(connection.prefix), options);
  const blocks = new LatestState(connection, blockKind(connection.prefix), options);
  try {
    await connection.checkServer();
    await alerts.create();
    await blocks.create();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    putAlerts: (changes) => alerts.put(changes),
    putBlocks: (changed) => blocks.put(changed),
    async alerts(request) {
      const { page, cursor } = await alerts.page(request, alertConditions(request), positionOfAlert);
      return { alerts: page, ...(cursor !== undefined && { cursor }) };
    },
    async blocks(request) {
      const { page, cursor } = await blocks.page(request, blockConditions(request), positionOfBlock);
      return { blocks: page, ...(cursor !== undefined && { cursor }) };
    },
    alertById: (id) => alerts.get(id),
    async dropBefore(timeMs) {
      return {
        alerts: await alerts.removeWhere({ range: { lastMs: { lt: timeMs } } }),
        blocks: await blocks.removeWhere({ range: { untilMs: { lt: timeMs } } }),
      };
    },
    async erase(selection) {
      const { values, tenant, beforeMs } = selection;
      const ended: Condition[] = beforeMs === undefined ? [] : [{ range: { lastMs: { lt: beforeMs } } }];
      const about: Condition[] = values === undefined ? [] : [{ terms: { values: [...values] } }];
      const told = { bool: { filter: [...about, ...ended, ...termsOf({ tenant })] } };
      const { removed, changed } = await alerts.changeWhere(told, (alert) => alertWithout(alert, selection));
      const over: Condition[] = [{ bool: { must_not: { terms: { state: ['active', 'held'] } } } }];
      const gone = await blocks.changeWhere({ bool: { filter: over } }, (block) =>
        isErasable(block, selection) ? undefined : block,
      );
      return { alerts: removed, changed, blocks: gone.removed.length };
    },
    close: () => connection.close(),
  };
}

function alertKind(prefix: string): Kind<StoredAlert, AlertChange> {
  return {
    index: `${prefix}-alerts`,
    timeField: 'lastMs',
    properties: {
      firstMs: LONG,
      lastMs: LONG,
      state: KEYWORD,
      rule: KEYWORD,
      tenant: KEYWORD,
      level: KEYWORD,
      values: KEYWORD,
    },
    apply: mergeAlert,
    searchFields: (alert) => {
      const { firstMs, lastMs, state, rule, tenant, level } = alert;
      return { firstMs, lastMs, state, rule, tenant, level, values: alertValues(alert) };
    },
  };
}

function alertConditions({ fromMs, toMs, state, rule, address, tenant }: AlertsRequest): Condition[] {
  return [
    { range: { lastMs: { gte: bounded(fromMs) } } },
    { range: { firstMs: { lt: bounded(toMs) } } },
    ...termsOf({ state, rule, tenant, values: address }),
  ];
}

function blockKind(prefix: string): Kind<Block, Block> {
  return {
    index: `${prefix}-blocks`,
    timeField: 'atMs',
    // First and last address as text whose order is that of the addresses.
    properties: {
      atMs: LONG,
      untilMs: LONG,
      state: KEYWORD,
      scope: KEYWORD,
      target: KEYWORD,
      family: LONG,
      first: KEYWORD,
      last: KEYWORD,
    },
    apply: (stored, block) => (stored && !isNewerBlock(block, stored) ? stored : block),
    searchFields: ({ atMs, untilMs, state, scope, target }) => {
      return { atMs, untilMs, state, scope: scopeText(scope), target, ...spanOf(target) };
    },
  };
}

function blockConditions({ fromMs, toMs, state, scope, address }: BlocksRequest): Condition[] {
  const asked = address === undefined ? undefined : spanOf(address);
  const sharing: Condition[] = asked
    ? [
        { term: { family: asked.family } },
        { range: { first: { lte: asked.last } } },
        { range: { last: { gte: asked.first } } },
      ]
    : [];
  return [
    { range: { untilMs: { gte: bounded(fromMs) } } },
    { range: { atMs: { lt: bounded(toMs) } } },
    ...termsOf({ state, scope }),
    ...sharing,
  ];
}

function spanOf(target: string): { family: 4 | 6; first: string; last: string } {
  const { family, first, last } = parseNetwork(target);
  return { family, first: addressHex(family, first), last: addressHex(family, last) };
}

function termsOf(wanted: Record<string, string | undefined>): Condition[] {
  return Object.entries(wanted).flatMap(([field, value]) =>
    value === undefined ? [] : [{ term: { [field]: value } }],
  );
}

/** JSON knows no infinity. */
function bounded(timeMs: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(timeMs, Number.MAX_SAFE_INTEGER));
}
