import { BaseRecord } from '../base-record.js';
import type { EventContents } from '../event-contents.js';
import type { Instance } from './nodes.js';
import { xmlText } from './xml-program.js';

/** Where a record lies. */
export interface EvtxPlace {
  /** Index of the chunk in the file, from 0. */
  chunk: number;
  /** Bytes from the file's start. */
  offset: number;
  /** Whether no checksum of the chunk is broken. Where one is, a value may be another than was logged. */
  intact: boolean;
  /**
   * Whether its beginning was searched for, behind something unreadable. What looks like a record may then be text that
   * somebody sent: it is good for looking at, never for acting on.
   */
  searched: boolean;
}

/** A record of an EVTX file. It keeps its chunk (64 KiB) in memory, for `xml`. */
export class EvtxRecord extends BaseRecord {
  readonly place: EvtxPlace;
  readonly #instance: Instance;

  constructor(contents: EventContents, instance: Instance, place: EvtxPlace) {
    super(contents);
    this.#instance = instance;
    this.place = place;
  }

  /** Its template, and the values for it. */
  get instance(): Instance {
    return this.#instance;
  }

  xml(): string {
    return xmlText(this.#instance);
  }
}
