import { FleetwallError } from '@fleetwall/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { safeJson } from './output.js';
import { recordedOutput } from './recorded-output.test-support.js';

describe('safeJson', () => {
  it.each(['\x9b2J', '\x7f', '‮ evil ⁦', '\u{e0001}', '\u2028', '\x1b[2J', 'plain ü 漢'])(
    '%j keeps its meaning and obeys no terminal',
    (text) => {
      const json = safeJson(JSON.stringify({ text }));
      expect(JSON.parse(json)).toEqual({ text });
      expect(json).not.toMatch(/[\x00-\x1f\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/u);
    },
  );
});

describe('Output', () => {
  const before = process.env['NO_COLOR'];
  afterEach(() => {
    if (before === undefined) delete process.env['NO_COLOR'];
    else process.env['NO_COLOR'] = before;
  });

  it('writes columns as wide as their widest cell, what an attacker wrote escaped', () => {
    const { output, texts } = recordedOutput();
    output.table([
      ['ADDRESS', 'REASON'],
      ['198.51.100.7', 'user \x1b[2J'],
      ['2001:db8::/64', ''],
    ]);
    expect(texts.out).toBe('ADDRESS        REASON\n198.51.100.7   user \\x1b[2J\n2001:db8::/64  \n');
  });

  it('colours a terminal only, and not when NO_COLOR is set', () => {
    delete process.env['NO_COLOR'];
    expect(recordedOutput({ isTTY: true }).output.styled('red', 'x')).not.toBe('x');
    expect(recordedOutput().output.styled('red', 'x')).toBe('x');
    process.env['NO_COLOR'] = '1';
    expect(recordedOutput({ isTTY: true }).output.styled('red', 'x')).toBe('x');
  });

  it('shows a status line to a terminal only', () => {
    const [terminal, pipe] = [recordedOutput({ isTTY: true }), recordedOutput()];
    for (const { output } of [terminal, pipe]) output.status('half way');
    expect(terminal.texts.err).toContain('half way');
    expect(pipe.texts.err).toBe('');
  });

  it('tells an error with its place and its hint on standard error', () => {
    const { output, texts } = recordedOutput();
    const row = { retryable: false, message: 'wrong', hint: 'do it right' };
    output.error(new FleetwallError('X', row, {}, { position: 'rules/x.yml:3:5' }));
    expect(texts).toEqual({ out: '', err: 'fleetwall: rules/x.yml:3:5: wrong\n  do it right\n' });
  });
});
