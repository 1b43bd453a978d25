import { styleText } from 'node:util';
import { FleetwallError, printable } from '@fleetwall/core';

type Style = Parameters<typeof styleText>[0];

/** Characters that a terminal may obey and that JSON leaves as they are: C1 controls, directions, invisible ones. */
const OBEYED = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * JSON on one line that is harmless on a terminal: what a terminal may obey is written as `\uXXXX`, which every reader of
 * JSON turns back.
 */
export function safeJson(json: string): string {
  return json.replace(OBEYED, (c) =>
    c
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Characters that are written at once. */
const PIECE_LENGTH = 1 << 16;

/** Standard output for what was asked for, standard error for everything else. */
export class Output {
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream = process.stdout, err: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
    this.#err = err;
  }

  /** Whether a person looks at standard error. */
  get isWatched(): boolean {
    return this.#err.isTTY === true;
  }

  get isTerminal(): boolean {
    return this.#out.isTTY === true;
  }

  line(text = ''): void {
    this.#out.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(safeJson(JSON.stringify(value)));
  }

  /** One long JSON value, which comes in pieces that end between two characters. */
  async jsonPieces(pieces: AsyncIterable<string>): Promise<void> {
    let held = '';
    for await (const piece of pieces) {
      held += piece;
      if (held.length < PIECE_LENGTH) continue;
      await this.write(safeJson(held));
      held = '';
    }
    await this.write(`${safeJson(held)}\n`);
  }

  /** Resolves when the reader has room for more. */
  async write(text: string): Promise<void> {
    if (this.#out.write(text)) return;
    await new Promise((resolve) => this.#out.once('drain', resolve));
  }

  note(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** Replaces the last line of a terminal; empty clears it. */
  status(text: string): void {
    if (this.isWatched) this.#err.write(`\r\x1b[2K${text}`);
  }

  error(error: unknown): void {
    if (!(error instanceof FleetwallError)) {
      this.note(`fleetwall: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return;
    }
    const place = error.position === undefined ? '' : `${error.position}: `;
    this.note(`fleetwall: ${place}${error.message}`);
    if (error.hint !== '') this.note(`  ${error.hint}`);
  }

  /** Only on a terminal, and not when NO_COLOR (https://no-color.org) is set. */
  styled(style: Style, text: string): string {
    return this.isTerminal && !process.env['NO_COLOR'] ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Columns as wide as their widest cell; cells are made printable. The first row is the heading. */
  table(rows: readonly (readonly string[])[]): void {
    const cells = rows.map((row) => row.map((cell) => printable(cell)));
    const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
    cells.forEach((row, at) => {
      const text = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ');
      this.line(at === 0 ? this.styled('bold', text) : text);
    });
  }
}
