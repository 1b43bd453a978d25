import { describe, expect, it } from '@jest/globals';
import { caretOf } from './caret.js';

describe('the caret', () => {
  it('stands below the column', () => {
    expect(caretOf('user.name:"a', 11)).toBe('user.name:"a\n          ^');
    expect(caretOf('a', 2)).toBe('a\n ^');
    expect(caretOf('', 1)).toBe('\n^');
  });

  it('cuts a long query about it', () => {
    const [line, caret] = caretOf(`${'a'.repeat(500)}"${'b'.repeat(500)}`, 501).split('\n') as [string, string];
    expect(line.length).toBeLessThan(100);
    expect(line[caret.indexOf('^')]).toBe('"');
  });

  it('stands right behind a character that is shown as its escape', () => {
    const [line, caret] = caretOf('a\u202e"', 3).split('\n') as [string, string];
    expect(line[caret.indexOf('^')]).toBe('"');
  });
});
