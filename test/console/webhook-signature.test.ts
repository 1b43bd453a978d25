import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { signatureOf } from '../../services/console/src/notifications/channels/signature.js';

const NOW_MS = Date.UTC(2026, 10, 22, 14);
const SECRET = 'a key of sixteen or more';
const BODY = '{"text":"Blocked 203.0.113.7 für zwei Stunden"}';
const GOOD = signatureOf(BODY, SECRET, NOW_MS);

/** The first code of this language in the document. */
function documented(language: string): string {
  const page = readFileSync('docs/notifications.md', 'utf8');
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
}

const CASES: [name: string, body: string, header: string, secondsLater: number, isGood: boolean][] = [
  ['what was signed', BODY, GOOD, 10, true],
  ['another body', `${BODY} `, GOOD, 10, false],
  ['another time', BODY, GOOD.replace(/t=\d+/, 't=1795356001'), 10, false],
  ['another key', BODY, signatureOf(BODY, 'another key, as long', NOW_MS), 10, false],
  ['what is old', BODY, GOOD, 301, false],
  ['no signature', BODY, '', 10, false],
  ['half a signature', BODY, GOOD.slice(0, -1), 10, false],
];

const ours = JSON.stringify(CASES.map(([, body, header, later]) => [body, header, NOW_MS / 1_000 + later]));
const expected = CASES.map(([, , , , isGood]) => isGood);
const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('the signature of webhooks as it is documented', () => {
  it('is verified by Node', () => {
    const code = `${documented('js')}
      const all = ${ours}.map(([body, header, now]) => isFleetwall(Buffer.from(body), header, '${SECRET}', now));
      console.log(JSON.stringify(all));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual(expected);
  });

  (hasPython ? it : it.skip)(`is verified by Python${hasPython ? '' : ' (skipped: there is no python3 here)'}`, () => {
    const code = `${documented('python')}
import json, sys
print(json.dumps([is_fleetwall(b.encode(), h, b'${SECRET}', n) for b, h, n in json.loads(sys.argv[1])]))`;
    const said = execFileSync('python3', ['-c', code, ours], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual(expected);
  });
});
