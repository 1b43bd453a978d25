export type ExportFormat = 'ndjson' | 'csv';

/** What an export is so far, or was. */
export interface ExportProgress {
  bytes: number;
  /** Events, without the heading of CSV and the closing line. */
  rows: number;
}

/** Whether the file says of itself that it is whole; `code` of what failed, as the API's errors have it. */
export type ExportEnd =
  | { state: 'complete'; events: number; missingDays: string[] }
  | { state: 'failed'; events: number; code: string }
  | { state: 'cut' };

const LF = 10;
const QUOTE = 34;
/** The closing line is shorter. */
const KEPT_BYTES = 16_384;
const DAYS = String.raw`((?:,?"\d{4}-\d\d-\d\d")*)`;
const NDJSON_END = new RegExp(
  String.raw`^\{"fleetwall\.export":"(complete|failed)","events":(\d+)(?:,"missingDays":\[${DAYS}\])?(?:,"code":"([A-Z_]+)")?\}$`,
);
const CSV_END = new RegExp(String.raw`^"(complete|failed)","(\d+)"(?:,"([A-Z_]*)"${DAYS})?$`);

/** Reads an export as it comes: counts its rows in constant memory, and finds its closing line. */
export class ExportReader {
  readonly #isCsv: boolean;
  #bytes = 0;
  #lines = 0;
  /** Of CSV: a cell may have a line end in it. */
  #isQuoted = false;
  #tail: Uint8Array = new Uint8Array();

  constructor(format: ExportFormat) {
    this.#isCsv = format === 'csv';
  }

  push(chunk: Uint8Array): ExportProgress {
    for (const byte of chunk) {
      if (byte === LF && !this.#isQuoted) this.#lines++;
      else if (byte === QUOTE && this.#isCsv) this.#isQuoted = !this.#isQuoted;
    }
    this.#bytes += chunk.length;
    const joined = new Uint8Array(this.#tail.length + Math.min(chunk.length, KEPT_BYTES));
    joined.set(this.#tail);
    joined.set(chunk.subarray(-KEPT_BYTES), this.#tail.length);
    this.#tail = joined.subarray(-KEPT_BYTES);
    return this.progress;
  }

  get progress(): ExportProgress {
    return { bytes: this.#bytes, rows: Math.max(0, this.#lines - (this.#isCsv ? 1 : 0)) };
  }

  /** When no more comes. */
  end(): ExportEnd {
    const lines = new TextDecoder().decode(this.#tail).split(/\r?\n/);
    // After the last line end nothing stands.
    if (lines.pop() !== '') return { state: 'cut' };
    const last = lines.pop() ?? '';
    return (this.#isCsv ? csvEnd(last) : ndjsonEnd(last)) ?? { state: 'cut' };
  }
}

function ndjsonEnd(line: string): ExportEnd | undefined {
  const [, state, events, days, code] = NDJSON_END.exec(line) ?? [];
  return endOf(state, events, code, days);
}

function csvEnd(line: string): ExportEnd | undefined {
  const [, state, events, code, days] = CSV_END.exec(line) ?? [];
  return endOf(state, events, code, days);
}

function endOf(state: string | undefined, events: string | undefined, code = '', days = ''): ExportEnd | undefined {
  if (state === 'complete') return { state, events: Number(events), missingDays: days.match(/\d{4}-\d\d-\d\d/g) ?? [] };
  return state === 'failed' ? { state, events: Number(events), code } : undefined;
}
