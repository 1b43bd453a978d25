import { printable } from '@fleetwall/core';
import { SIGMA_ERRORS, type SigmaErrorCode } from './errors.js';
import type { RuleProblem } from './rule.js';

/** The text of one rule file, which knows the line and column of every offset. */
export class SourceText {
  readonly path: string;
  readonly text: string;
  private lineStarts: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    // A byte order mark is no character of the first line.
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  /** Line and column, both from 1. */
  position(offset: number): { line: number; column: number } {
    this.lineStarts ??= startsOfLines(this.text);
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.lineStarts[low] as number) + 1 };
  }

  /** The line, cut to at most 100 characters around the column, and a `^` under it. */
  caret(offset: number): string {
    const { column } = this.position(offset);
    const start = offset - column + 1;
    const lineEnd = this.text.indexOf('\n', start);
    const line = this.text.slice(start, lineEnd < 0 ? undefined : lineEnd).replace(/\r$/, '');
    const from = Math.max(0, Math.min(column - 1 - 60, line.length - 100));
    const clean = (part: string) => printable(part.replaceAll('\t', ' '), Number.POSITIVE_INFINITY);
    return `${clean(line.slice(from, from + 100))}\n${' '.repeat(clean(line.slice(from, column - 1)).length)}^`;
  }
}

/** Thrown while a document is read; the loader turns it into a {@link RuleProblem}. */
export class Refusal extends Error {
  readonly code: SigmaErrorCode;
  readonly offset: number;
  readonly details: Record<string, string>;

  constructor(code: SigmaErrorCode, offset: number, details: Record<string, string>) {
    super(code);
    this.code = code;
    this.offset = offset;
    this.details = details;
  }

  problem(source: SourceText): RuleProblem {
    const { message, hint } = SIGMA_ERRORS[this.code];
    const fill = (template: string) =>
      template.replace(/\{(\w+)\}/g, (all, name: string) => printable(this.details[name] ?? all, 400));
    return {
      code: this.code,
      path: source.path,
      ...source.position(this.offset),
      message: fill(message),
      hint: fill(hint),
      caret: source.caret(this.offset),
    };
  }
}

/** Collects the refusals of one document, so that a person sees all its faults at once (at most 20). */
export class Refusals {
  readonly list: Refusal[] = [];

  /** Runs the reader; a refusal is kept and gives undefined. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (this.list.length < 20) this.list.push(error);
      return undefined;
    }
  }
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
