import type { LogFormat } from './log-format.js';

const NONE = -1;

/**
 * The formats of a stream by what their lines begin with, so that a line which nobody knows is shown only to those that it
 * might belong to. Asks in the order of the formats.
 */
export class FormatIndex {
  readonly #formats: readonly LogFormat[];
  /** By the kind of the first character; filled as kinds are met. */
  readonly #byKind = new Map<number, readonly LogFormat[]>();

  constructor(formats: readonly LogFormat[]) {
    this.#formats = formats;
  }

  /** The first format that recognises the line. */
  find(raw: string): LogFormat | undefined {
    const kind = kindOf(raw);
    let candidates = this.#byKind.get(kind);
    if (candidates === undefined) {
      candidates = this.#formats.filter(({ begins }) => begins === undefined || isAmong(kind, begins));
      this.#byKind.set(kind, candidates);
    }
    for (const format of candidates) if (format.recognises(raw)) return format;
    return undefined;
  }
}

/** All digits are one kind, all capital letters another, and so is all that is not ASCII. */
function kindOf(text: string): number {
  const code = text.charCodeAt(0);
  if (code >= 48 && code <= 57) return 48;
  if (code >= 65 && code <= 90) return 65;
  return code < 128 ? code : NONE;
}

function isAmong(kind: number, begins: string): boolean {
  return kind !== NONE && begins.includes(String.fromCharCode(kind));
}
