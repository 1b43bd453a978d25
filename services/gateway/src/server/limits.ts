import { PROTOCOL_LIMITS } from '@fleetwall/protocol';

/** What a gateway takes, so that nobody who connects can use up its memory or its time. */
export interface GatewayLimits {
  /** Collectors connected at once. */
  connections: number;
  /** Connections that are no collector's yet: before and in the TLS handshake and the upgrade. */
  pendingConnections: number;
  pendingPerAddress: number;
  /** New connections of one address a second; twice as many at once. */
  connectionsPerAddressPerSecond: number;
  /** From accepting a connection to the end of its upgrade, and from there to the hello. */
  handshakeTimeoutMs: number;
  /** All headers of an upgrade together. */
  headerBytes: number;
  /** One WebSocket message; no larger one is gathered. */
  frameBytes: number;
  /** Pieces that one message may come in. */
  fragments: number;
  /** Messages of one connection a second; four times as many at once. Beyond it, reading pauses. */
  messagesPerSecond: number;
  /** Batches that a collector may have under way. */
  windowBatches: number;
  /** Bytes of them before compression. */
  windowBytes: number;
  /** Bytes of events in this process that are not durable yet; beyond it, reading pauses. */
  bytesUnderWay: number;
  /** Block messages that wait for one slow collector; beyond it, they give way to a fresh snapshot. */
  waitingBlockMessages: number;
  /** How often each collector is pinged; without a sign for two and a half times as long, it is gone. */
  pingMs: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  connections: 20_000,
  pendingConnections: 1_000,
  pendingPerAddress: 250,
  connectionsPerAddressPerSecond: 100,
  handshakeTimeoutMs: 10_000,
  headerBytes: 8_192,
  frameBytes: PROTOCOL_LIMITS.frameBytes,
  fragments: 64,
  messagesPerSecond: 500,
  windowBatches: 8,
  windowBytes: 8 << 20,
  bytesUnderWay: 256 << 20,
  waitingBlockMessages: 2_000,
  pingMs: 20_000,
};
