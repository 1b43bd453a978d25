import type { TopicPartition } from '@fleetwall/core';

/** A partition that this member of a group holds, from the join that gave it until it has given it up. */
export class HeldPartition implements TopicPartition {
  /** The next offset to hand over; unknown until `onAssigned` has succeeded. */
  position: number | undefined;
  /** Never goes back, even when records before it are read again to rebuild state. */
  committed = 0;
  /** `onAssigned` succeeded, so `onRevoked` is owed. */
  told = false;
  /** To be given up: no further batch begins. */
  leaving = false;
  /** The member lost its place in the group, and the partition with it: commits would be refused. */
  forfeited = false;
  /** Failed batches in a row; waiting before the next try while `retry` is set. */
  failures = 0;
  retry: NodeJS.Timeout | undefined;
  underWay: Promise<void> | undefined;
  lastProgressMs = Date.now();

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  get isReady(): boolean {
    return this.position !== undefined && !this.leaving && this.retry === undefined;
  }

  get isDirty(): boolean {
    return this.position !== undefined && this.position > this.committed && !this.forfeited;
  }

  moveTo(position: number): void {
    this.position = position;
    this.lastProgressMs = Date.now();
  }
}
