import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until, whatIsMissing } from '../../scripts/local-cluster.mjs';
import { differences, expectedOf, type Outcome, replayOf, type Told, topicsOf } from './outcome.js';
import { type Chaos, ChaosRun } from './run-chaos.js';
import { newDirectory } from './site.js';

const why = process.env['FLEETWALL_TEST_REAL'] === '1' ? whatIsMissing() : 'needs FLEETWALL_TEST_REAL=1';
/** `npm run test:chaos` says how long; without it, every kind of fault comes once and is short. */
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 0);
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 0);
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const LENGTHS =
  MINUTES > 0
    ? { deadSeconds: 4, pauseSeconds: 40, outageSeconds: 120 }
    : { deadSeconds: 1, pauseSeconds: 10, outageSeconds: 5 };
const RUN_WITHIN_MS = (20 + 3 * MINUTES + KILLS) * 60_000;
const SETTLE_WITHIN_MS = 120_000;

/** What is there in the end. */
interface Findings {
  /** By the script that was written. */
  truth: Outcome;
  replay: Outcome & { lines: number; events: number };
  topics: Told;
  stored: Outcome;
  storedLines: string[];
  storedIds: string[];
  deadLetters: number;
  lags: Record<string, number>;
}

const title = `a cluster in which everything goes wrong, CHAOS_SEED=${SEED}`;
(why === undefined ? describe : describe.skip)(`${title}${why === undefined ? '' : ` (${why})`}`, () => {
  let chaos: Chaos;
  let found: Findings;
  let remove: () => void;
  let passed = 0;
  const checks: [string, () => void][] = [
    ['nothing is left unread', () => expect(found.lags).toEqual({})],
    [
      'every event is stored once',
      () => expect(differences(found.storedLines, chaos.writer.events.map(chaos.site.unnamed))).toEqual([]),
    ],
    ['every event has an id of its own', () => expect(new Set(found.storedIds).size).toBe(chaos.writer.events.length)],
    ['nothing is a dead letter', () => expect(found.deadLetters).toBe(0)],
    ['every alert is told of once, and nothing else', () => sameAs('topics', 'alerts')],
    ['every target is blocked once, and nobody else', () => sameAs('topics', 'blocks')],
    ['no block begins twice', () => expect(found.topics.begunAgain).toEqual([])],
    ['no version of an alert is told of in two ways', () => expect(found.topics.contradictions).toEqual([])],
    ['Elasticsearch has the same alerts', () => sameAs('stored', 'alerts')],
    ['Elasticsearch has the same blocks', () => sameAs('stored', 'blocks')],
    ['replay counts as many events', () => expect(found.replay.events).toBe(chaos.writer.events.length)],
    ['replay of the files gives the same alerts', () => sameAs('replay', 'alerts')],
    ['replay of the files gives the same blocks', () => sameAs('replay', 'blocks')],
  ];
  const sameAs = (who: 'topics' | 'stored' | 'replay', what: 'alerts' | 'blocks') =>
    expect(differences(found[who][what], found.truth[what])).toEqual([]);

  beforeAll(async () => {
    const place = newDirectory();
    remove = place.remove;
    const run = new ChaosRun(place.directory, {
      ...{ seed: SEED, minutes: MINUTES, kills: KILLS, lengths: LENGTHS },
      ...{ scriptMinutes: Math.max(2, MINUTES), actsPerSecond: 8, idlePerSecond: 100 },
    });
    chaos = await run.run();
    try {
      await settled(chaos).catch((error: unknown) => run.say(`${error}`));
      found = await find(chaos);
      const { lines, events } = chaos.writer;
      const { alerts, blocks } = found.truth;
      const written = `${lines} lines, ${events.length} events, ${alerts.length} alerts and ${blocks.length} blocks due`;
      run.say(`${written}, ${run.faults} faults`);
    } finally {
      await chaos.site.stop();
    }
  }, RUN_WITHIN_MS);
  // What failed is kept, for whoever wants to know why.
  afterAll(() => {
    if (passed === checks.length) remove?.();
  });

  it.each(checks)('%s', (_, check) => {
    check();
    passed++;
  });
});

/** Resolves when everything is read and all that follows from it is told, and so nothing will change any more. */
async function settled({ site, writer, alerts, blocked }: Chaos): Promise<void> {
  const truth = expectedOf({ alerts, blocked }, site.unnamed);
  const isRead = async () => Object.keys(await site.lags()).length === 0;
  await until(
    'all events to be stored',
    async () => (await site.countEvents()) >= writer.events.length,
    SETTLE_WITHIN_MS,
  );
  await until(
    'all alerts and blocks',
    async () =>
      (await isRead()) &&
      isSame(await topicsOf(site.bus, site.unnamed), truth) &&
      isSame(await site.storedOutcome(), truth),
    SETTLE_WITHIN_MS,
  );
  await until('everything to be read', isRead, SETTLE_WITHIN_MS);
}

function isSame(outcome: Outcome, truth: Outcome): boolean {
  return (['alerts', 'blocks'] as const).every((what) => differences(outcome[what], truth[what]).length === 0);
}

async function find({ site, paths, alerts, blocked }: Chaos): Promise<Findings> {
  const { lines, ids } = await site.storedEvents();
  return {
    truth: expectedOf({ alerts, blocked }, site.unnamed),
    replay: await replayOf(paths, site.unnamed),
    topics: await topicsOf(site.bus, site.unnamed),
    stored: await site.storedOutcome(),
    storedLines: lines,
    storedIds: ids,
    deadLetters: await site.deadLetters(),
    lags: await site.lags(),
  };
}
