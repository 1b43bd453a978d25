import { type AlertChange, type Contributor, mergeContributor, type OutRecord } from '@fleetwall/core';
import { MAX_TOLD_BYTES, toldBytesOf } from '@fleetwall/detection';

/** One change, or several of an open alert that go out as one: the last one, and what all of them tell. */
interface Unsent {
  last: AlertChange;
  contributors: Map<string, Contributor>;
  cleared: Set<string>;
  bytes: number;
}

/**
 * Alert changes that are still to be published. An alert may change with every record of a batch, as when each names
 * another account: what readers would be told at the same time anyway becomes one change, with the last one's version.
 */
export class UnsentAlerts {
  /** Those that a failed publish may have written: they go first, unchanged. */
  #failed: OutRecord[] = [];
  #unsent: Unsent[] = [];
  readonly #lastOf = new Map<string, Unsent>();

  add(change: AlertChange): void {
    const before = this.#lastOf.get(change.id);
    if (before && goTogether(before, change)) {
      join(before, change);
      return;
    }
    const unsent = { last: change, contributors: new Map<string, Contributor>(), cleared: new Set<string>(), bytes: 0 };
    join(unsent, change);
    this.#lastOf.set(change.id, unsent);
    this.#unsent.push(unsent);
  }

  /** As records, each under its alert's id. Nothing is left. */
  take(): OutRecord[] {
    const records = [...this.#failed, ...this.#unsent.map(recordOf)];
    this.#failed = [];
    this.#unsent = [];
    this.#lastOf.clear();
    return records;
  }

  /** What could not be published is first in line for the next time. */
  putBack(records: readonly OutRecord[]): void {
    this.#failed = [...records, ...this.#failed];
  }
}

/**
 * An end is told by itself; so is a block to count from now, after those that count from the past. What goes together fits
 * into a record.
 */
function goTogether({ last, bytes }: Unsent, change: AlertChange): boolean {
  const fits = bytes + toldBytesOf(change.contributors) <= MAX_TOLD_BYTES;
  return fits && last.state === 'open' && change.state === 'open' && last.history === change.history;
}

/** A contributor that was cleared later is cleared; one that was cleared and came again contributes. */
function join(unsent: Unsent, change: AlertChange): void {
  unsent.last = change;
  unsent.bytes += toldBytesOf(change.contributors);
  for (const value of change.cleared) {
    unsent.contributors.delete(value);
    unsent.cleared.add(value);
  }
  for (const contributor of change.contributors) {
    unsent.cleared.delete(contributor.value);
    const before = unsent.contributors.get(contributor.value);
    unsent.contributors.set(contributor.value, mergeContributor(before, contributor));
  }
}

function recordOf({ last, contributors, cleared }: Unsent): OutRecord {
  const change = { ...last, contributors: [...contributors.values()], cleared: [...cleared] };
  return { key: change.id, value: Buffer.from(JSON.stringify(change)) };
}
