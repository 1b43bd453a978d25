import { describe, expect, it } from '@jest/globals';
import { spansOf } from './spans.js';

const event = (original: string, fields: Record<string, unknown>) => ({ 'event.original': original, ...fields });
const marked = (of: Record<string, unknown>) =>
  spansOf(of).flatMap(({ field, text }) => (field ? [`${field}=${text}`] : []));

describe('what was parsed out of a line', () => {
  it('is marked where it stands, and nothing of the line is lost', () => {
    const line = 'Failed password for root from 203.0.113.7 port 4022 ssh2';
    const failed = event(line, { 'source.ip': '203.0.113.7', 'user.name': 'root', 'source.port': 4022 });
    expect(marked(failed)).toEqual(['user.name=root', 'source.ip=203.0.113.7', 'source.port=4022']);
    expect(
      spansOf(failed)
        .map(({ text }) => text)
        .join(''),
    ).toBe(line);
  });

  it('is not marked where an attacker wrote it a second time, or in a longer word', () => {
    const line = 'Invalid user x from 203.0.113.7 from 203.0.113.7 port 22';
    expect(marked(event(line, { 'source.ip': '203.0.113.7', 'user.name': 'in' }))).toEqual([]);
  });

  it('is nothing for what the line does not hold', () => {
    expect(marked(event('a', { 'source.ip': '192.0.2.1' }))).toEqual([]);
    expect(spansOf({})).toEqual([]);
  });
});
