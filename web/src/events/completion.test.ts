import { describe, expect, it } from '@jest/globals';
import { completed, writingAt } from './completion.js';

/** The caret is where `|` stands. */
const at = (marked: string) => {
  const caret = marked.indexOf('|');
  return { text: marked.replace('|', ''), caret };
};
const writing = (marked: string) => {
  const { text, caret } = at(marked);
  return writingAt(text, caret);
};

describe('what is being written', () => {
  it.each([
    ['use|', 'use'],
    ['a:1 AND user.n|', 'user.n'],
    ['NOT us|', 'us'],
    ['-us|', 'us'],
    ['(us|', 'us'],
    ['@t|', '@t'],
    ['a:"x y" us|', 'us'],
  ])('%s is a field', (marked, written) => expect(writing(marked)).toMatchObject({ kind: 'field', written }));

  it.each([
    ['user.name:|', 'user.name', '', ''],
    ['user.name:ro|', 'user.name', 'ro', ''],
    ['user.name:"a b|', 'user.name', 'a b', ''],
    ['user.name:"a \\" b|', 'user.name', 'a " b', ''],
    ['user.name:a\\ b|', 'user.name', 'a b', ''],
    ['source.ip:2001:db8:|', 'source.ip', '2001:db8:', ''],
    ['event.outcome:failure AND user.name:ro|', 'user.name', 'ro', 'event.outcome:failure'],
    ['user.name:ro| AND event.outcome:failure', 'user.name', 'ro', 'event.outcome:failure'],
    ['a:1 AND NOT user.name:ro| b:2', 'user.name', 'ro', 'a:1 AND b:2'],
    ['a:1 -user.name:ro|', 'user.name', 'ro', 'a:1'],
    ['a:1 OR user.name:ro|', 'user.name', 'ro', ''],
    ['a:1 AND user.name:(root OR ad|', 'user.name', 'ad', ''],
  ])('%s is a value', (marked, field, written, rest) =>
    expect(writing(marked)).toMatchObject({ kind: 'value', field, written, rest }),
  );

  it.each(['|', 'a:1 |', 'a:1 AND|', 'user.name:a*|', 'source.port:>1|', 'source.port:[1|', 'failed-?|', '"us|'])(
    '%s is nothing to complete',
    (marked) => expect(writing(marked)).toBeUndefined(),
  );
});

describe('what is chosen', () => {
  it.each([
    ['us| AND a:1', 'user.name', 'user.name:| AND a:1'],
    ['-us|', 'user.name', '-user.name:|'],
    ['user.name:ro|', 'root', 'user.name:root |'],
    ['user.name:ro|ot AND a:1', 'robert', 'user.name:robert| AND a:1'],
    ['user.name:"a|"', 'a b', 'user.name:"a b" |'],
    ['user.name:(root OR ad|)', 'admin', 'user.name:(root OR admin|)'],
    ['user.name:|', 'x" OR user.name:*', 'user.name:"x\\" OR user.name:*" |'],
    ['user.name:|', 'AND', 'user.name:"AND" |'],
  ])('%s becomes, with %s, %s', (marked, chosen, expected) => {
    const { text, caret } = at(marked);
    expect(completed(text, writingAt(text, caret) as NonNullable<ReturnType<typeof writingAt>>, chosen)).toEqual(
      at(expected),
    );
  });
});
