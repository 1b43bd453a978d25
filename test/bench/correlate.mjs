// Measures the counting windows: node test/bench/correlate.mjs [--quick]
// Attempts per CPU second (what making keys and attempts costs is measured first and taken off), resident memory,
// the longest call, snapshot and restore; beside them the floor, a Map of objects. Each case runs in its own process.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);
const RULE = { threshold: 5, windowMs: 4 * DAY_MS + 1_800_000, latenessMs: 4 * DAY_MS, seed: [0x5eed, 0xf1ee7] };
const VALUE_RULE = { threshold: 10, windowMs: 3_600_000, latenessMs: 3_600_000, seed: [0x5eed, 0xf1ee7] };
const MIB = 1_048_576;
const CALLS_PER_SAMPLE = 1024;

const HEX = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'));
const VALUES = HEX.map((hex) => `198.51.100.${hex}`);
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const residentMiB = () => process.memoryUsage().rss / MIB;

/** Visits all of 0 to n-1 (n of the factors 2 and 5 alone) in an order that no cache foresees once it is hashed. */
const STEP = 7_368_787;

/** An attempt of key `k`; `serial` makes its id. */
function attemptOf(k, serial, timeMs) {
  const id = HEX[Math.floor(serial / 65_536) & 0xffff] + HEX[serial & 0xffff] + HEX[k & 0xffff];
  return { id, timeMs, host: k % 50, who: k };
}

/**
 * Keys of 2 to 5 attempts that never fire: one on the first day, the others after the window but within what is held.
 * Calls `each(key, attempt)` in the order of time.
 */
function liveKeys(keys, each) {
  let serial = 0;
  for (let round = 0; round < 5; round++) {
    for (let i = 0, k = 0; i < keys; i++, k = (k + STEP) % keys) {
      if (round >= 2 + (k % 4)) continue;
      const day = round === 0 ? i / keys : 5 + (round + i / keys) / 4;
      each(`fleet-slow-grind|${k}`, attemptOf(k, serial++, START_MS + Math.floor(day * DAY_MS)));
    }
  }
}

/** Keys of eight attempts of three values within half an hour, twenty thousand keys at a time; none fires. */
function valuedKeys(keys, each) {
  const atOnce = 20_000;
  let serial = 0;
  for (let first = 0; first < keys; first += atOnce) {
    const startMs = START_MS + (first / atOnce) * 1_800_000;
    for (let round = 0; round < 8; round++) {
      for (let k = first; k < Math.min(first + atOnce, keys); k++) {
        const timeMs = startMs + Math.floor(((round + (k - first) / atOnce) / 8) * 1_800_000);
        each(`default|${k}`, { ...attemptOf(k, serial++, timeMs), value: VALUES[(k + (round % 3)) & 0xffff] });
      }
    }
  }
}

/** Keys that fired and go on: a thousand at a time, two thousand attempts each of fifty values. */
function valuedEpisodes(attempts, each) {
  for (let i = 0; i < attempts; i++) {
    const key = (i % 1000) + Math.floor(i / 2_000_000) * 1000;
    const attempt = attemptOf(key, i, START_MS + Math.floor(i * 3.6));
    each(`default|${key}`, { ...attempt, value: VALUES[Math.floor(i / 1000) % 50] });
  }
}

/** One-shot keys over four days, and among them grinders with five attempts each, evenly spread. */
function flood(oneShots, grinders, each) {
  const every = Math.floor(oneShots / (grinders * 5));
  for (let i = 0; i < oneShots; i++) {
    const timeMs = START_MS + Math.floor((i / oneShots) * 4 * DAY_MS);
    each(`fleet-slow-grind|${i}`, attemptOf(i, i, timeMs));
    if (i % every === 0) each(`fleet-slow-grind|grinder ${(i / every) % grinders}`, attemptOf(i, oneShots + i, timeMs));
  }
}

/** Makes the engine build the texts that it would otherwise put together only when they are first read. */
function read(key, { id }) {
  return key.charCodeAt(0) + id.charCodeAt(0) > 0 ? 'counted' : 'late';
}

/** Runs a load with `add`; what the load itself costs is measured on a tenth of it first, and taken off. */
function measure(load, add) {
  const nothing = timed((each) => load(0.1, each), read);
  const { seconds, ...result } = timed((each) => load(1, each), add);
  const perSecond = result.calls / (seconds - (nothing.seconds / nothing.calls) * result.calls);
  return { ...result, perSecond, residentMiB: residentMiB() };
}

function timed(run, add) {
  const outcomes = {};
  let calls = 0;
  let worstSampleMs = 0;
  let worstWallMs = 0;
  const start = cpuSeconds();
  let sampleAt = start;
  run((key, attempt) => {
    const from = performance.now();
    const outcome = add(key, attempt);
    worstWallMs = Math.max(worstWallMs, performance.now() - from);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    calls += 1;
    if (calls % CALLS_PER_SAMPLE > 0) return;
    const now = cpuSeconds();
    worstSampleMs = Math.max(worstSampleMs, (now - sampleAt) * 1000);
    sampleAt = now;
  });
  return { calls, seconds: cpuSeconds() - start, worstSampleMs, worstWallMs, outcomes };
}

async function windowsCase(load, maxBytes) {
  const { createAttemptWindows } = await import('../../libs/detection/dist/windows/index.js');
  const windows = createAttemptWindows({ ...RULE, maxBytes });
  const result = measure(load, (key, attempt) => windows.add(key, attempt, attempt.timeMs));
  let at = cpuSeconds();
  const chunks = [...windows.snapshot()];
  const snapshotSeconds = cpuSeconds() - at;
  const other = createAttemptWindows({ ...RULE, maxBytes });
  at = cpuSeconds();
  other.restore(chunks);
  const restoreSeconds = cpuSeconds() - at;
  const snapshotMiB = chunks.reduce((sum, chunk) => sum + chunk.length, 0) / MIB;
  return { ...result, stats: windows.stats(), snapshotSeconds, snapshotMiB, restoreSeconds };
}

async function valuesCase(load) {
  const { createValueWindows } = await import('../../libs/detection/dist/windows/index.js');
  const windows = createValueWindows({ ...VALUE_RULE, maxBytes: 500 * MIB });
  let tickedMs = START_MS;
  const result = measure(load, (key, attempt) => {
    const outcome = windows.add(key, attempt, attempt.timeMs);
    if (attempt.timeMs - tickedMs >= 1000) {
      tickedMs = attempt.timeMs;
      windows.expire(attempt.timeMs);
    }
    return outcome;
  });
  return { ...result, stats: windows.stats() };
}

/** What a few lines of obvious code would do; it forgets nothing and takes nothing late. */
function floorCase(load) {
  const keys = new Map();
  return measure(load, (key, attempt) => {
    let held = keys.get(key);
    if (!held) {
      held = [];
      keys.set(key, held);
    }
    if (held.some((one) => one.id === attempt.id)) return 'duplicate';
    held.push(attempt);
    const from = attempt.timeMs - RULE.windowMs;
    return held.filter((one) => one.timeMs >= from).length >= RULE.threshold ? 'fired' : 'counted';
  });
}

const quick = process.argv.includes('--quick');
const million = quick ? 100_000 : 1_000_000;
const keysOf = (keys) => (part, each) => liveKeys(keys * part, each);
const floodOf = (oneShots) => (part, each) => flood(oneShots * part, 1000, each);
const CASES = {
  'floor, Map of objects, 1M keys of 2-5': () => floorCase(keysOf(million)),
  'windows, 1M keys of 2-5': () => windowsCase(keysOf(million), 1000 * MIB),
  'windows, 5M keys of 2-5': () => windowsCase(keysOf(5 * million), 1000 * MIB),
  'windows, 20M one-shots and 1,000 grinders, room for all': () => windowsCase(floodOf(20 * million), 900 * MIB),
  'windows, 5M one-shots and 1,000 grinders, room for a quarter': () =>
    windowsCase(floodOf(5 * million), (quick ? 6 : 60) * MIB),
  'values, 500,000 keys of 8 attempts': () => valuesCase((part, each) => valuedKeys((million / 2) * part, each)),
  'values, episodes of 2,000 attempts': () => valuesCase((part, each) => valuedEpisodes(4 * million * part, each)),
};

function report(name, one) {
  const fixed = (value, digits = 0) => value.toFixed(digits);
  console.log(`${name}${quick ? ' (a tenth)' : ''}`);
  console.log(
    `  ${fixed(one.perSecond / 1e6, 2)}M attempts per CPU s, ${fixed(one.residentMiB)} MiB resident, ` +
      `longest call ${fixed(one.worstWallMs, 1)} ms of wall, ${CALLS_PER_SAMPLE} calls ${fixed(one.worstSampleMs, 1)} ms of CPU`,
  );
  console.log(`  outcomes ${JSON.stringify(one.outcomes)}`);
  if (!one.stats) return;
  console.log(`  stats ${JSON.stringify(one.stats)}`);
  if (one.snapshotMiB === undefined) return;
  console.log(
    `  snapshot ${fixed(one.snapshotMiB)} MiB in ${fixed(one.snapshotSeconds, 2)} CPU s, restored in ${fixed(one.restoreSeconds, 2)}`,
  );
}

const wanted = process.env.CORRELATE_CASE;
if (wanted) {
  console.log(JSON.stringify(await CASES[wanted]()));
} else {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'libs/detection'], { cwd: root });
  if (built.status !== 0) throw new Error(`libs/detection does not build:\n${built.stdout}`);
  for (const name of Object.keys(CASES)) {
    const env = { ...process.env, CORRELATE_CASE: name };
    const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
    const child = spawnSync(process.execPath, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.status !== 0) throw new Error(`${name}: exit ${child.status}`);
    report(name, JSON.parse(child.stdout));
  }
}
