import { fold } from './fold.js';
import type { ValueTest } from './value-test.js';

/** A Sigma text taken apart: literal pieces, `?` (one character) and `*` (any run, also an empty one). */
export type Piece = { literal: string } | 'one' | 'run';

/**
 * Reads wildcards and escapes (Sigma 2.1.0, "Escape Character"): `\*`, `\?` and `\\` stand for the second character
 * itself, any other backslash for itself. So one or two backslashes are one, three or four are two, `\\*` is a
 * backslash and a wildcard, `\\\*` a backslash and an asterisk.
 */
export function readPattern(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') pieces.push({ literal });
    literal = '';
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    const next = text[i + 1];
    if (character === '\\' && (next === '\\' || next === '*' || next === '?')) {
      literal += next;
      i++;
    } else if (character === '*' || character === '?') {
      flush();
      if (character === '?') pieces.push('one');
      else if (pieces.at(-1) !== 'run') pieces.push('run');
    } else {
      literal += character;
    }
  }
  flush();
  return pieces;
}

/** The test for a pattern over the whole value; without `cased`, letters compare by {@link fold}. */
export function patternTest(pattern: readonly Piece[], cased: boolean): ValueTest {
  const folds = !cased;
  const pieces = cased
    ? pattern
    : pattern.map((piece) => (isLiteral(piece) ? { literal: fold(piece.literal) } : piece));
  const literal = pieces.find(isLiteral)?.literal ?? '';
  const shape = pieces.map((piece) => (piece === 'run' ? '*' : piece === 'one' ? '?' : 'x')).join('');
  switch (shape) {
    case '':
    case 'x':
      return { folds, equals: folds ? literal : undefined, test: (value) => value === literal };
    case '*':
      return { folds: false, test: () => true };
    case 'x*':
      return { folds, test: (value) => value.startsWith(literal) };
    case '*x':
      return { folds, test: (value) => value.endsWith(literal) };
    case '*x*':
      return { folds, test: (value) => value.includes(literal) };
    default: {
      const segments = segmentsOf(pieces);
      return { folds, test: (value) => matchesSegments(value, segments) };
    }
  }
}

function isLiteral(piece: Piece): piece is { literal: string } {
  return typeof piece !== 'string';
}

/** What stands between two `*`: literals, and `one` for each `?`. */
type Segment = readonly Exclude<Piece, 'run'>[];

function segmentsOf(pieces: readonly Piece[]): Segment[] {
  const segments: Exclude<Piece, 'run'>[][] = [[]];
  for (const piece of pieces) {
    if (piece === 'run') segments.push([]);
    else segments.at(-1)?.push(piece);
  }
  return segments;
}

/** The first segment at the start, the last one at the end, those between at their first places one after another. */
function matchesSegments(value: string, segments: readonly Segment[]): boolean {
  const first = segments[0] as Segment;
  let at = endAfter(value, 0, first);
  if (at < 0) return false;
  if (segments.length === 1) return at === value.length;
  for (let i = 1; i < segments.length - 1; i++) {
    at = endOfFirst(value, at, segments[i] as Segment);
    if (at < 0) return false;
  }
  return startBefore(value, segments.at(-1) as Segment) >= at;
}

/** Where the segment ends when it starts exactly at `at`; -1 when it does not. */
function endAfter(value: string, at: number, segment: Segment): number {
  let end = at;
  for (const piece of segment) {
    if (piece === 'one') {
      if (end >= value.length) return -1;
      end += (value.codePointAt(end) as number) > 0xffff ? 2 : 1;
    } else {
      if (!value.startsWith(piece.literal, end)) return -1;
      end += piece.literal.length;
    }
  }
  return end;
}

/** Where the segment starts when it ends exactly at the end of the value; -1 when it does not. */
function startBefore(value: string, segment: Segment): number {
  let start = value.length;
  for (let i = segment.length - 1; i >= 0; i--) {
    const piece = segment[i] as Segment[number];
    if (piece === 'one') {
      if (start <= 0) return -1;
      start -= start >= 2 && (value.codePointAt(start - 2) as number) > 0xffff ? 2 : 1;
    } else {
      if (!value.endsWith(piece.literal, start)) return -1;
      start -= piece.literal.length;
    }
  }
  return start;
}

function endOfFirst(value: string, from: number, segment: Segment): number {
  const head = segment[0];
  for (let at = from; at <= value.length; at++) {
    if (head !== undefined && head !== 'one') {
      at = value.indexOf(head.literal, at);
      if (at < 0) return -1;
    }
    const end = endAfter(value, at, segment);
    if (end >= 0) return end;
    // Never start between the halves of a surrogate pair.
    if ((value.codePointAt(at) ?? 0) > 0xffff) at++;
  }
  return -1;
}
