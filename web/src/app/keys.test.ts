import { describe, expect, it, jest } from '@jest/globals';
import { Keyboard } from './keys.js';

describe('the keyboard', () => {
  it('takes one key, or two in a row within a second or so', () => {
    const keyboard = new Keyboard();
    const [a, ga] = [jest.fn(), jest.fn()];
    keyboard.bind({ a, 'g a': ga });
    expect(keyboard.press('g', 0)).toBe(true);
    expect(keyboard.press('a', 500)).toBe(true);
    expect([a, ga].map((fn) => fn.mock.calls.length)).toEqual([0, 1]);
    keyboard.press('g', 1_000);
    keyboard.press('a', 5_000);
    expect([a, ga].map((fn) => fn.mock.calls.length)).toEqual([1, 1]);
  });

  it('asks what was bound last first, until that is taken away', () => {
    const keyboard = new Keyboard();
    const [page, dialog] = [jest.fn(), jest.fn()];
    keyboard.bind({ Escape: page });
    const unbind = keyboard.bind({ Escape: dialog });
    keyboard.press('Escape', 0);
    unbind();
    keyboard.press('Escape', 1);
    expect([page, dialog].map((fn) => fn.mock.calls.length)).toEqual([1, 1]);
  });

  it('leaves other keys alone', () => {
    const keyboard = new Keyboard();
    keyboard.bind({ 'g a': jest.fn() });
    expect(keyboard.press('q', 0)).toBe(false);
    expect(keyboard.press('constructor', 0)).toBe(false);
  });
});
