import { setImmediate } from 'node:timers/promises';
import { getSystemErrorMap } from 'node:util';
import type { FleetwallError } from '@fleetwall/core';
import { firewallError } from '../../errors.js';
import type { Libc } from './libc.js';
import { type Reply, readReplies } from './reader.js';
import { NetlinkWriter } from './writer.js';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_NETFILTER = 12;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const MSG_DONTWAIT = 0x40;

/** More than any datagram of the kernel, which fills at most 32 KiB when it dumps. */
const RECEIVE_BYTES = 65_536;
const RECEIVE_QUEUE_BYTES = 4 << 20;
/** Less than every socket may send as it is. */
const SEND_BUFFER_BYTES = 65_536;
/** What the kernel handles in well below a millisecond; a longer batch is sent from another thread. */
const SYNC_BYTES = 16_384;
/** Datagrams of a dump that are read before other work gets its turn. */
const DUMP_SLICE = 4;

/**
 * A netlink socket to nf_tables. One call at a time: the caller queues. The kernel handles messages while they are being
 * sent, so all answers are there when `send` returns and nothing waits for them.
 */
export class NetlinkSocket {
  readonly #received = Buffer.allocUnsafe(RECEIVE_BYTES);
  #sendBufferBytes = SEND_BUFFER_BYTES;
  #sequence = 1;

  private constructor(
    private readonly libc: Libc,
    private readonly fd: number,
  ) {}

  /** Belongs for good to the network namespace of the calling thread. Throws FIREWALL_UNAVAILABLE. */
  static open(libc: Libc): NetlinkSocket {
    const fd = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER);
    if (fd < 0) throw unavailable(libc.errno());
    const socket = new NetlinkSocket(libc, fd);
    // Where one of these is not to be had, refusals come without their text and queues have their default length.
    socket.#setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1);
    socket.#setOption(SOL_NETLINK, NETLINK_EXT_ACK, 1);
    socket.#setOption(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_QUEUE_BYTES);
    return socket;
  }

  /** For the next call. */
  writer(): NetlinkWriter {
    return new NetlinkWriter(this.#sequence);
  }

  /**
   * Sends the messages that `body` writes as one batch. Throws FIREWALL_REFUSED, FIREWALL_BUSY, FIREWALL_UNAVAILABLE or
   * FIREWALL_BATCH_TOO_LARGE when nothing was changed, FIREWALL_ANSWER_LOST when that is not known.
   *
   * @param complete false: everything is tried and undone
   */
  async commit(action: string, body: (w: NetlinkWriter) => void, complete = true): Promise<void> {
    const w = this.writer();
    const acked = w.batch(() => body(w), complete);
    const data = this.#prepare(w);
    // What was refused on the other thread left no trace, and its errno is not to be had: so send it again here.
    const sent = data.length > SYNC_BYTES && (await this.libc.sendElsewhere(this.fd, data, data.length, 0)) >= 0;
    if (!sent) this.#send(action, data);
    this.#readOutcome(action, w.firstSequence, acked);
  }

  /** As {@link commit}, at once, however long it takes. */
  commitSync(action: string, body: (w: NetlinkWriter) => void): void {
    const w = this.writer();
    const acked = w.batch(() => body(w));
    this.#send(action, this.#prepare(w));
    this.#readOutcome(action, w.firstSequence, acked);
  }

  /** Sends single questions and hands on their replies, also refusals, by sequence number. */
  ask(action: string, writer: NetlinkWriter, onReply: (reply: Reply) => void): void {
    this.#send(action, this.#prepare(writer));
    for (let replies = this.#receive(action); replies; replies = this.#receive(action)) {
      for (const reply of replies) if (reply.sequence >= writer.firstSequence) onReply(reply);
    }
  }

  /**
   * Sends one dump request and hands on its data, in slices between which other work gets its turn.
   *
   * @returns whether the ruleset stood still meanwhile; if not, entries may be missing or double
   */
  async dump(action: string, writer: NetlinkWriter, onData: (attributes: Buffer) => void): Promise<boolean> {
    let consistent = true;
    this.#send(action, this.#prepare(writer));
    for (let datagrams = 1; ; datagrams++) {
      const replies = this.#receive(action);
      if (!replies) throw firewallError('FIREWALL_ANSWER_LOST', { action, reason: 'the list has no end' });
      for (const reply of replies) {
        if (reply.sequence < writer.firstSequence) continue;
        if (reply.errno) throw kernelError(action, reply.errno, reply.text);
        if (reply.interrupted) consistent = false;
        if (reply.done) return consistent;
        onData(reply.attributes);
      }
      if (datagrams % DUMP_SLICE === 0) await setImmediate();
    }
  }

  close(): void {
    this.libc.close(this.fd);
  }

  #prepare(writer: NetlinkWriter): Buffer {
    const data = writer.bytes();
    this.#sequence = writer.sequence + 1 > 0xf000_0000 ? 1 : writer.sequence + 1;
    if (data.length > this.#sendBufferBytes) {
      // Only root of the first user namespace may force it; others get up to net.core.wmem_max.
      const forced = this.#setOption(SOL_SOCKET, SO_SNDBUFFORCE, data.length);
      if (!forced) this.#setOption(SOL_SOCKET, SO_SNDBUF, data.length);
      this.#sendBufferBytes = data.length;
    }
    return data;
  }

  #send(action: string, data: Buffer): void {
    while (this.libc.send(this.fd, data, data.length, 0) < 0) {
      const errno = this.libc.errno();
      if (nameOf(errno) === 'EMSGSIZE') throw firewallError('FIREWALL_BATCH_TOO_LARGE', { bytes: data.length });
      if (nameOf(errno) !== 'EINTR') throw kernelError(action, errno);
    }
  }

  /** The replies of one datagram, or undefined when there is none left. */
  #receive(action: string): Iterable<Reply> | undefined {
    for (;;) {
      const length = this.libc.recv(this.fd, this.#received, RECEIVE_BYTES, MSG_DONTWAIT);
      if (length >= 0) return readReplies(this.#received.subarray(0, length));
      const errno = this.libc.errno();
      if (nameOf(errno) === 'EAGAIN') return undefined;
      if (nameOf(errno) !== 'EINTR') {
        throw firewallError('FIREWALL_ANSWER_LOST', { action, reason: describe(errno), errno: nameOf(errno) });
      }
    }
  }

  /** Refusals come before the acknowledgement of the last message, one for each message that was refused. */
  #readOutcome(action: string, firstSequence: number, acked: number): void {
    let refusal: FleetwallError | undefined;
    for (let replies = this.#receive(action); replies; replies = this.#receive(action)) {
      for (const { sequence, errno, text } of replies) {
        if (sequence < firstSequence) continue;
        if (errno) refusal ??= kernelError(action, errno, text);
        if (sequence < acked) continue;
        if (refusal) throw refusal;
        return;
      }
    }
    throw refusal ?? firewallError('FIREWALL_ANSWER_LOST', { action, reason: 'there was no acknowledgement' });
  }

  #setOption(level: number, name: number, value: number): boolean {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return this.libc.setsockopt(this.fd, level, name, bytes, bytes.length) === 0;
  }
}

/** The error for a number of the kernel; `details.errno` has its name. */
export function kernelError(action: string, errno: number, text?: string): FleetwallError {
  const name = nameOf(errno);
  if (name === 'EPERM' || name === 'EACCES') return unavailable(errno);
  const reason = text ? `${text} (${name})` : describe(errno);
  const busy = ['ENOMEM', 'ENOBUFS', 'EAGAIN', 'EBUSY', 'ETIMEDOUT'].includes(name);
  return firewallError(busy ? 'FIREWALL_BUSY' : 'FIREWALL_REFUSED', { action, reason, errno: name });
}

function unavailable(errno: number): FleetwallError {
  const reason = ['EPERM', 'EACCES'].includes(nameOf(errno))
    ? 'this process may not change it; run it as root or with the capability CAP_NET_ADMIN (containers: --cap-add NET_ADMIN --network host)'
    : `the kernel has no netfilter netlink (${nameOf(errno)}); load the module nf_tables`;
  return firewallError('FIREWALL_UNAVAILABLE', { reason, errno: nameOf(errno) });
}

function nameOf(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

function describe(errno: number): string {
  const [name, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown'];
  return `${text} (${name})`;
}
