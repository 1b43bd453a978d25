import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = 'web/src';
const sources = (readdirSync(ROOT, { recursive: true }) as string[])
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

const holding = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

describe('the sources of the console', () => {
  it('write no markup as text', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(
      holding(/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/),
    ).toEqual([]);
  });

  it('reach the server through the generated client alone', () => {
    expect(holding(/\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon/)).toEqual([]);
    expect(holding(/from 'openapi-fetch'/)).toEqual(['api/client.ts']);
  });

  it('have the types of the API as it is documented', () => {
    expect(() => execFileSync(process.execPath, ['web/scripts/client.mjs', '--check'])).not.toThrow();
  });
});
