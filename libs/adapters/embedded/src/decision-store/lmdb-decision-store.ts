import { mkdirSync } from 'node:fs';
import {
  type AlertChange,
  type AlertsPage,
  type AlertsRequest,
  alertWithout,
  type Block,
  type BlocksPage,
  type BlocksRequest,
  type DecisionSelection,
  type DecisionStore,
  type ErasedDecisions,
  isErasable,
  isNewerBlock,
  matchesAlert,
  matchesBlock,
  mergeAlert,
  positionOfAlert,
  positionOfBlock,
  type StoredAlert,
} from '@fleetwall/core';
import { open, type RootDatabase } from 'lmdb';
import { LmdbWrites } from '../lmdb-writes.js';
import { decisionStoreError } from './errors.js';
import { NewestFirst } from './newest-first.js';

export interface LmdbDecisionStoreOptions {
  /** Made when it does not exist; several processes may have it open. */
  directory: string;
}

/** The alerts and blocks of a single machine: an LMDB environment in a directory. */
export function createLmdbDecisionStore(options: LmdbDecisionStoreOptions): DecisionStore {
  return new LmdbDecisionStore(options.directory);
}

class LmdbDecisionStore implements DecisionStore {
  readonly #root: RootDatabase;
  readonly #alerts: NewestFirst<StoredAlert>;
  readonly #blocks: NewestFirst<Block>;
  readonly #writes: LmdbWrites;
  #closed = false;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    // Without overlapping syncs a transaction resolves when it is on disk.
    this.#root = open({ path: directory, noSubdir: false, maxDbs: 4, overlappingSync: false });
    this.#writes = new LmdbWrites(this.#root);
    this.#alerts = new NewestFirst(this.#root, 'alerts', positionOfAlert);
    this.#blocks = new NewestFirst(this.#root, 'blocks', positionOfBlock);
  }

  async putAlerts(changes: AlertChange[]): Promise<void> {
    await this.#write(() => {
      for (const change of changes) {
        const stored = this.#alerts.get(change.id);
        const merged = mergeAlert(stored, change);
        if (merged !== stored) this.#alerts.put(merged);
      }
    });
  }

  async putBlocks(blocks: Block[]): Promise<void> {
    await this.#write(() => {
      for (const block of blocks) if (isNewerBlock(block, this.#blocks.get(block.id))) this.#blocks.put(block);
    });
  }

  async alerts(request: AlertsRequest): Promise<AlertsPage> {
    this.#refresh();
    const matches = (alert: StoredAlert) => matchesAlert(alert, request);
    const { page, cursor } = this.#alerts.page(request, matches, (lastMs) => lastMs >= request.fromMs);
    return { alerts: page, ...(cursor !== undefined && { cursor }) };
  }

  async blocks(request: BlocksRequest): Promise<BlocksPage> {
    this.#refresh();
    // A block that began long ago may still hold.
    const { page, cursor } = this.#blocks.page(
      request,
      (block) => matchesBlock(block, request),
      () => true,
    );
    return { blocks: page, ...(cursor !== undefined && { cursor }) };
  }

  async alertById(id: string): Promise<StoredAlert | undefined> {
    this.#refresh();
    return this.#alerts.get(id);
  }

  dropBefore(timeMs: number): Promise<{ alerts: number; blocks: number }> {
    return this.#write(() => ({
      alerts: this.#alerts.removeWhere(({ lastMs }) => lastMs < timeMs),
      blocks: this.#blocks.removeWhere(({ untilMs }) => untilMs < timeMs),
    }));
  }

  erase(selection: DecisionSelection): Promise<ErasedDecisions> {
    return this.#write(() => {
      const { removed, changed } = this.#alerts.changeWhere((alert) => alertWithout(alert, selection));
      const blocks = this.#blocks.removeWhere((block) => isErasable(block, selection));
      return { alerts: removed, changed, blocks };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writes.settled();
    await this.#root.close();
  }

  async #write<T>(work: () => T): Promise<T> {
    this.#check();
    return this.#writes.run(work);
  }

  /** Reads from here on see what other processes have committed. */
  #refresh(): void {
    this.#check();
    this.#root.resetReadTxn();
  }

  #check(): void {
    if (this.#closed) throw decisionStoreError('DECISION_STORE_CLOSED');
  }
}
