import { describe, expect, it } from '@jest/globals';
import { conditionOf, filtered } from './query-text.js';

describe('a value as a condition', () => {
  it.each([
    ['source.ip', '203.0.113.7', 'source.ip:203.0.113.7'],
    ['source.ip', '2001:db8::1', 'source.ip:2001:db8::1'],
    ['user.name', 'a b', 'user.name:"a b"'],
    ['user.name', 'svc*', 'user.name:"svc*"'],
    ['user.name', 'x" OR user.name:*', 'user.name:"x\\" OR user.name:*"'],
    ['user.name', 'AND', 'user.name:"AND"'],
    ['user.name', '', 'user.name:""'],
  ])('%s %j is %s', (field, value, text) => expect(conditionOf(field, value)).toBe(text));
});

describe('a filter', () => {
  it('is only the value, the value besides, or all without it', () => {
    expect(filtered('event.outcome:failure', 'user.name', 'root', '=')).toBe('user.name:root');
    expect(filtered('event.outcome:failure', 'user.name', 'root', '+')).toBe(
      'event.outcome:failure AND user.name:root',
    );
    expect(filtered('', 'user.name', 'root', '-')).toBe('NOT user.name:root');
  });

  it('keeps what an OR meant', () => {
    expect(filtered('a:1 OR b:2', 'user.name', 'root', '-')).toBe('(a:1 OR b:2) AND NOT user.name:root');
  });
});
