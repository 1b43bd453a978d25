import type { Clock, Registry, Versioned } from '@fleetwall/core';
import { isRegistryConflict } from '@fleetwall/service';
import { consoleError } from '../api/errors.js';
import type { STATUSES, VERDICTS } from './alert-routes.js';

const COLLECTION = 'alert-notes';
const MOST_COMMENTS = 200;
const MOST_TRIES = 5;

/** What people made of an alert: a document of the registry by the alert's id. */
export interface AlertNote {
  status: (typeof STATUSES)[number];
  verdict?: (typeof VERDICTS)[number];
  assignee?: string;
  thread: { atMs: number; by: string; text: string }[];
}

export interface NoteChange {
  status?: AlertNote['status'] | undefined;
  verdict?: AlertNote['verdict'] | undefined;
  /** null: nobody. */
  assignee?: string | null | undefined;
}

const UNTOUCHED: AlertNote = { status: 'open', thread: [] };

/** What people noted on alerts, with the version of the registry. */
export class AlertNotes {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** Of an alert that nobody touched: open, version 0. */
  async of(id: string): Promise<Versioned<AlertNote>> {
    return (await this.registry.get<AlertNote>(COLLECTION, id)) ?? { id, version: 0, value: UNTOUCHED };
  }

  /** @param ifVersion absent: whatever is there. Throws CHANGED_MEANWHILE */
  change(id: string, change: NoteChange, ifVersion: number | undefined) {
    return this.#put(id, ifVersion, (note) => {
      const status = change.status ?? note.status;
      // A verdict is of what is closed; reopening takes it back.
      const verdict = status === 'closed' ? (change.verdict ?? note.verdict) : undefined;
      const assignee = change.assignee === undefined ? note.assignee : (change.assignee ?? undefined);
      return {
        status,
        ...(verdict === undefined ? {} : { verdict }),
        ...(assignee === undefined ? {} : { assignee }),
        thread: note.thread,
      };
    });
  }

  /** The oldest comments go when there are too many: what was said is in the audit log as well. */
  comment(id: string, by: string, text: string) {
    const added = { atMs: this.clock(), by, text };
    return this.#put(id, undefined, (note) => ({ ...note, thread: [...note.thread, added].slice(-MOST_COMMENTS) }));
  }

  /** Nothing is left of it. Answers whether there was any. */
  async erase(id: string): Promise<boolean> {
    if ((await this.registry.get(COLLECTION, id)) === undefined) return false;
    await this.registry.delete(COLLECTION, id);
    return true;
  }

  /** Answers the note before and after. */
  async #put(id: string, ifVersion: number | undefined, changed: (note: AlertNote) => AlertNote) {
    for (let tries = 1; ; tries++) {
      const before = await this.of(id);
      if (ifVersion !== undefined && before.version !== ifVersion) throw consoleError('CHANGED_MEANWHILE');
      const value = changed(before.value);
      try {
        const version = await this.registry.put(COLLECTION, id, value, before.version);
        return { before: before.value, after: { id, version, value } };
      } catch (error) {
        if (!isRegistryConflict(error)) throw error;
        if (ifVersion !== undefined || tries >= MOST_TRIES) throw consoleError('CHANGED_MEANWHILE');
      }
    }
  }
}
