import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEvent, type FleetEvent } from '@fleetwall/core';

/** What a line gave: its event, or the reason why it gave none. */
export type GoldenResult = FleetEvent | { unparsed: string; program?: string };

/** The caller's own test functions, as jest has them. */
export interface TestFunctions {
  it: (name: string, run: () => void) => void;
  expect: (value: unknown) => { toEqual(expected: unknown): void };
}

/**
 * One test per `dir/samples/*.log`: its lines, run through `run`, give exactly what stands in the `.expected.json`
 * beside it, whole events. A line without an event is expected as `{"event.original", "fleetwall.unparsed"}`. Lines
 * that begin with `# ` are comments. With `UPDATE_GOLDEN=1` in the environment the expected files are written anew, to
 * be reviewed as a diff.
 *
 * @param run gives one result per line, in the order of the lines
 */
export function goldenSuite(
  dir: string,
  run: (lines: string[]) => GoldenResult[],
  { it, expect }: TestFunctions,
): void {
  const samples = join(dir, 'samples');
  const names = readdirSync(samples).filter((name) => name.endsWith('.log'));
  for (const name of names) {
    it(`${name} gives the expected events`, () => {
      const lines = readLines(join(samples, name));
      const actual = run(lines).map((result, i) => readable(result, lines[i] as string));
      const path = join(samples, name.replace(/\.log$/, '.expected.json'));
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, `${JSON.stringify(actual, null, 2)}\n`);
      if (!existsSync(path)) throw new Error(`${path} is missing: write it with npm run golden -- --update`);
      expect(actual).toEqual(JSON.parse(readFileSync(path, 'utf8')));
    });
  }
}

function readLines(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# '));
}

/** As it stands in the file: dates in ISO 8601, without fields that are undefined. */
function readable(result: GoldenResult, line: string): unknown {
  if (!('unparsed' in result)) return JSON.parse(encodeEvent(result as FleetEvent));
  return { 'event.original': line, 'fleetwall.unparsed': result.unparsed };
}
