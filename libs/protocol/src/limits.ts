/** What every gateway of version 1 accepts and no collector exceeds (docs/specs/protocol.md, "Limits"). */
export const PROTOCOL_LIMITS = {
  /** Events in one batch. */
  batchEvents: 10_000,
  /** A batch before compression: its lines with their line ends. */
  batchBytes: 8 << 20,
  /** One WebSocket message, header and compressed payload together. */
  frameBytes: 2 << 20,
  /** A text message from a collector, in bytes. */
  controlBytes: 1 << 20,
  /** Blocks to add, or ids to remove, in one message. */
  blocksPerMessage: 2_000,
  /** Blocks in one snapshot; a host cannot enforce more anyway. */
  blocksPerSnapshot: 1_000_000,
  /** Exceptions in one report. */
  exceptions: 1_000,
  /** Features that one side names. */
  features: 32,
  /** Public keys that a gateway announces. */
  pins: 8,
  /** Names and ids. */
  nameChars: 256,
  /** Sentences for people. */
  sentenceChars: 1_024,
} as const;
