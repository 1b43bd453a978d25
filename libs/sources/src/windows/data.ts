import type { WindowsRecord } from './record.js';
import { renderedData } from './rendered/read.js';

/** Names and values beyond this are in `event.original` only. */
const MAX_NAMES = 128;
const MAX_NAME_LENGTH = 64;

/**
 * The data of a record by name, whether EventData, UserData or the rendered message has them. Names are compared as
 * Winlogbeat writes them: every character but letters and digits is `_` (`Threat Name` is `Threat_Name`).
 */
export class WindowsData {
  /** Where data that no field of ECS takes are kept. */
  readonly prefix: string;
  readonly #values = new Map<string, string>();
  readonly #moved = new Set<string>();

  constructor(record: WindowsRecord, positions: readonly (string | undefined)[] = []) {
    const isUserData = record.data.size === 0 && record.userData !== undefined;
    this.prefix = isUserData ? 'winlog.user_data.' : 'winlog.event_data.';
    const values = isUserData ? record.userData : record.data;
    for (const [name, value] of values ?? []) this.#add(name, value, positions);
    if (this.#values.size > 0 || record.message === undefined) return;
    for (const [name, value] of renderedData(record.eventId, record.message)) this.#add(name, value, positions);
  }

  /** The first of these that says something: `-` and nothing are what Windows writes for what it does not know. */
  get(names: string | readonly string[]): string | undefined {
    for (const name of typeof names === 'string' ? [names] : names) {
      const value = this.#values.get(name);
      if (value !== undefined && value !== '' && value !== '-') return value;
    }
    return undefined;
  }

  /** Said elsewhere in the event: not kept a second time. */
  moved(names: string | readonly string[]): void {
    for (const name of typeof names === 'string' ? [names] : names) {
      if (this.get(name) === undefined) continue;
      this.#moved.add(name);
      return;
    }
  }

  /** What no field has taken, by name. */
  *rest(): Iterable<[string, string]> {
    for (const entry of this.#values) if (entry[1] !== '' && !this.#moved.has(entry[0])) yield entry;
  }

  #add(name: string, value: string, positions: readonly (string | undefined)[]): void {
    if (this.#values.size >= MAX_NAMES || name === '' || name.length > MAX_NAME_LENGTH) return;
    const position = name.startsWith('param') ? positions[Number(name.slice(5)) - 1] : undefined;
    const known = position ?? name.replace(/[^A-Za-z0-9]/g, '_');
    if (!this.#values.has(known)) this.#values.set(known, value);
  }
}
