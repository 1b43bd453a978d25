import { createRequire } from 'node:module';
import type Koffi from 'koffi';
import { hostOrderKnown } from './writer.js';

/** The C library's calls that a netlink socket needs. They answer -1 on failure, with the reason in {@link Libc.errno}. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
  send(fd: number, data: Buffer, length: number, flags: number): number;
  /** As `send`, on another thread; the data must stay as they are until it resolves. */
  sendElsewhere(fd: number, data: Buffer, length: number, flags: number): Promise<number>;
  recv(fd: number, into: Buffer, length: number, flags: number): number;
  close(fd: number): number;
  errno(): number;
}

let loaded: Libc | Error | undefined;

/** The C library through koffi, loaded once; an error where that is not possible. Synchronous, for break glass. */
export function loadLibc(): Libc | Error {
  loaded ??= load();
  return loaded;
}

function load(): Libc | Error {
  if (process.platform !== 'linux') return new Error(`${process.platform} has no nf_tables`);
  if (!hostOrderKnown) return new Error('big-endian hosts are served by the nft command only');
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const library = koffi.load(null);
    const send = library.func('send', 'long', ['int', 'void *', 'size_t', 'int']);
    return {
      socket: library.func('socket', 'int', ['int', 'int', 'int']),
      setsockopt: library.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint']),
      send,
      sendElsewhere: (...call) =>
        new Promise((resolve, reject) => {
          send.async(...call, (error: Error | null, sent: number) => (error ? reject(error) : resolve(sent)));
        }),
      recv: library.func('recv', 'long', ['int', 'void *', 'size_t', 'int']),
      close: library.func('close', 'int', ['int']),
      errno: () => koffi.errno(),
    };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
