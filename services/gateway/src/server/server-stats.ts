/** What the server counted; each is a metric. Two are of now: `connections` and `bytesUnderWay`. */
export interface ServerStats {
  connections: number;
  /** Bytes of events that are not durable yet. */
  bytesUnderWay: number;
  accepted: number;
  /** Dropped before the handshake: too many at once, or too fast from one address. */
  droppedFull: number;
  droppedRate: number;
  handshakeTimeouts: number;
  tlsErrors: number;
  /** Upgrades refused: by reason. */
  refusedUpgrades: number;
  refusedCredentials: number;
  refusedVersions: number;
  refusedFull: number;
  /** A second machine with a credential in use. */
  cloned: number;
  replaced: number;
  revoked: number;
  withoutHello: number;
  invalidMessages: number;
  unknownMessages: number;
  tooLarge: number;
  brokenSequences: number;
  exceededWindows: number;
  /** Times that reading paused: for too many messages, or for events that are not durable yet. */
  pausedForRate: number;
  pausedForMemory: number;
  silent: number;
  /** Slow collectors whose waiting changes gave way to a fresh snapshot. */
  resyncs: number;
  failedPublishes: number;
  receivedBytes: number;
}

export function noStats(): ServerStats {
  return {
    connections: 0,
    bytesUnderWay: 0,
    accepted: 0,
    droppedFull: 0,
    droppedRate: 0,
    handshakeTimeouts: 0,
    tlsErrors: 0,
    refusedUpgrades: 0,
    refusedCredentials: 0,
    refusedVersions: 0,
    refusedFull: 0,
    cloned: 0,
    replaced: 0,
    revoked: 0,
    withoutHello: 0,
    invalidMessages: 0,
    unknownMessages: 0,
    tooLarge: 0,
    brokenSequences: 0,
    exceededWindows: 0,
    pausedForRate: 0,
    pausedForMemory: 0,
    silent: 0,
    resyncs: 0,
    failedPublishes: 0,
    receivedBytes: 0,
  };
}
