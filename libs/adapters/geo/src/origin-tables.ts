import {
  embeddedIpv4,
  type FleetwallError,
  type Measured,
  measuredOf,
  type Network,
  networkText,
  type Origin,
  type OriginSource,
  type Origins,
  parseNetwork,
  Recent,
  specialOf,
} from '@fleetwall/core';
import { DatabaseFile } from './database-file.js';
import { openShippedTables } from './shipped.js';
import type { OriginTable } from './table.js';

export interface OriginTablesOptions {
  /** Databases of the operator's own (`.mmdb`): the first that knows a thing says it. */
  databases: readonly string[];
  /** Whether the tables that come with Fleetwall say what those do not. */
  isShippedUsed: boolean;
  /** What cannot be used, once for each change of it. */
  onError: (error: FleetwallError) => void;
  /** From one look at the databases to the next, milliseconds; 10,000 when absent. */
  lookEveryMs?: number;
}

const LOOK_EVERY_MS = 10_000;
/** Addresses whose origin is kept ready, about 150 bytes each. */
const RECENT = 20_000;
const NOTHING: Origin = Object.freeze({});

/**
 * The tables one after the other. Special addresses are looked for in the operator's own databases only: shipped ones give some of
 * them a country.
 */
export class OriginTables implements Origins {
  readonly #options: OriginTablesOptions;
  readonly #files: readonly DatabaseFile[];
  readonly #shipped: readonly OriginTable[];
  readonly #recent = new Recent<string, Origin>(RECENT);
  readonly #refused = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  /** A table that cannot be used is told of, and the others are used. Takes some tenths of a second for the shipped ones. */
  static async open(options: OriginTablesOptions): Promise<OriginTables> {
    const files = options.databases.map((path) => new DatabaseFile(path));
    const shipped = options.isShippedUsed ? await shippedOrNone(options.onError) : [];
    const tables = new OriginTables(options, files, shipped);
    for (const file of files) tables.#told(file, await file.open());
    return tables;
  }

  private constructor(options: OriginTablesOptions, files: DatabaseFile[], shipped: OriginTable[]) {
    this.#options = options;
    this.#files = files;
    this.#shipped = shipped;
    if (files.length === 0) return;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, options.lookEveryMs ?? LOOK_EVERY_MS);
    this.#timer.unref();
  }

  of(target: string): Origin {
    const known = this.#recent.get(target);
    if (known) return known;
    const origin = this.#find(target);
    this.#recent.set(target, origin);
    return origin;
  }

  sources(): OriginSource[] {
    const all = [...this.#files.flatMap(({ table }) => table ?? []), ...this.#shipped].flatMap(
      ({ sources }) => sources,
    );
    return [...new Map(all.map((source) => [source.name, source])).values()];
  }

  /** For metrics. */
  numbers(): Measured[] {
    const stats = {
      databases: this.#files.filter(({ table }) => table !== undefined).length,
      refused: this.#refused.size,
      recent: this.#recent.size,
    };
    return measuredOf('geo', 'Tables of addresses', stats);
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #find(target: string): Origin {
    const network = networkOrNone(target);
    if (!network) return NOTHING;
    const address = networkText({ ...network, prefix: network.family === 4 ? 32 : 128 });
    const origin: Origin = {};
    for (const { table } of this.#files) if (table) fill(origin, table.find(network, address));
    const special = specialOf(network);
    if (special !== undefined) return { ...origin, special };
    for (const table of this.#shipped) fill(origin, table.find(network, address));
    return origin;
  }

  async #look(): Promise<void> {
    for (const file of this.#files) {
      const found = await file.look();
      if (found === undefined) continue;
      this.#told(file, found === true ? undefined : found);
      this.#recent.clear();
    }
  }

  #told({ path }: DatabaseFile, error: FleetwallError | undefined): void {
    if (!error) {
      this.#refused.delete(path);
      return;
    }
    this.#refused.add(path);
    this.#options.onError(error);
  }
}

async function shippedOrNone(onError: (error: FleetwallError) => void): Promise<OriginTable[]> {
  try {
    return await openShippedTables();
  } catch (error) {
    onError(error as FleetwallError);
    return [];
  }
}

/** Adds what is not known yet; a number and its name come from the same table. */
function fill(origin: Origin, more: Origin | undefined): void {
  if (more?.country !== undefined) origin.country ??= more.country;
  if (more?.asNumber === undefined || origin.asNumber !== undefined) return;
  origin.asNumber = more.asNumber;
  if (more.asName !== undefined) origin.asName = more.asName;
}

/** An address that carries an IPv4 one is looked for as that one. */
function networkOrNone(target: string): Network | undefined {
  try {
    const network = parseNetwork(target);
    const carried = embeddedIpv4(network);
    return carried === undefined ? network : parseNetwork(carried);
  } catch {
    return undefined;
  }
}
