/** What was found broken, in a word that a counter can have as its label. */
export type DamageReason =
  /** No header of an EVTX file, or one whose checksum does not hold. Chunks are read all the same. */
  | 'file-header'
  /** The file ends within a chunk; what is there of it is read. */
  | 'chunk-truncated'
  | 'chunk-magic'
  /** A checksum of the chunk does not hold. It is read; its records say so (`intact`). */
  | 'chunk-checksum'
  /** No record begins where the one before it ends, or its two sizes differ: nobody knows where the next one begins. */
  | 'record-frame'
  /** A size, count or offset that leads out of its surroundings. */
  | 'bounds'
  /** A byte that begins nothing, or nothing that may stand here. */
  | 'token'
  | 'name'
  /** Elements or values nested deeper than any program writes. */
  | 'depth'
  /** Templates or values that refer to each other so often that their text would be many times the size of the chunk. */
  | 'expansion'
  /** Well-formed, but without a provider, an event id or a time. */
  | 'no-event'
  /** XML text: a tag that is none, or ends what was not begun. */
  | 'markup'
  /** XML text: a document type; nothing of it is looked at. */
  | 'doctype'
  /** XML text: an event of more characters than Windows writes. */
  | 'too-long'
  /** XML text: the end came before the event's. */
  | 'text-truncated';

/** One thing that was wrong, and what it cost. */
export interface Damage {
  reason: DamageReason;
  /** Where it was found: bytes from the file's start (XML text: characters). */
  offset: number;
  /** What was not read because of it; `rest`: the record and all behind it in its chunk. */
  lost: 'nothing' | 'record' | 'rest' | 'chunk';
}

export type OnDamage = (damage: Damage) => void;
