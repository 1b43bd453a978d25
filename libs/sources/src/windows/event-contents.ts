import { FIELDS, type Field } from './event-schema.js';

const INDEX = new Map(FIELDS.map((field, index) => [field, index]));

/** Index of a field among the texts of `EventContents`. */
export function indexOfField(field: Field): number {
  return INDEX.get(field) as number;
}

/** What a reader gathers of one event. The first of two that are called the same stays, as in Winlogbeat. */
export class EventContents {
  /** By `indexOfField`; undefined where nothing was said. */
  readonly texts: (string | undefined)[] = new Array(FIELDS.length).fill(undefined);
  /** TimeCreated, where it is known as a number: ms since 1970 UTC. */
  timeMs: number | undefined;
  readonly data = new Map<string, string>();
  readonly userData = new Map<string, string>();
  /** Data so far, the named ones included. */
  #count = 0;

  setField(index: number, text: string): void {
    if (text !== '') this.texts[index] ??= text;
  }

  /** A datum without a name is called by its place among all of them: `param1` is the first. */
  addDatum(name: string, text: string): void {
    this.#count++;
    setFirst(this.data, name === '' ? `param${this.#count}` : name, text);
  }

  addLeaf(name: string, text: string): void {
    setFirst(this.userData, name, text);
  }
}

function setFirst(map: Map<string, string>, name: string, text: string): void {
  if (!map.has(name)) map.set(name, text);
}
