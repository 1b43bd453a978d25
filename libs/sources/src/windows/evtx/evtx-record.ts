import { BaseRecord } from '../base-record.js';
import type { EventContents } from '../event-contents.js';
import type { XmlElement } from '../xml-tree.js';
import type { Instance } from './nodes.js';
import { treesOf } from './tree.js';
import { xmlText } from './xml-program.js';

/** Where a record lies. */
export interface EvtxPlace {
  /** Index of the chunk in the file, from 0. */
  chunk: number;
  /** Bytes from the file's start. */
  offset: number;
  /** Whether all checksums of the chunk hold. Where they do not, a value may be another than was logged. */
  intact: boolean;
  /**
   * Whether its beginning was searched for, behind something unreadable. What looks like a record may then be text that
   * somebody sent: it is good for looking at, never for acting on.
   */
  searched: boolean;
}

/** A record of an EVTX file. It keeps its chunk (64 KiB) in memory, for `xml` and `tree`. */
export class EvtxRecord extends BaseRecord {
  readonly place: EvtxPlace;
  readonly #instance: Instance;

  constructor(contents: EventContents, instance: Instance, place: EvtxPlace) {
    super(contents);
    this.#instance = instance;
    this.place = place;
  }

  /** The whole event as elements. */
  tree(): XmlElement {
    return treesOf(this.#instance)[0] as XmlElement;
  }

  xml(): string {
    return xmlText(this.#instance);
  }
}
