import {
  close,
  fdatasync,
  fsync,
  ftruncate,
  mkdir,
  open,
  readdir,
  read as readFile,
  rename,
  stat,
  unlink,
  write as writeFile,
} from 'node:fs';
import { promisify } from 'node:util';

/** An open file. Every call may fail with the system's error codes. */
export interface LogFile {
  /** Writes all of it; answers only when all is written. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** Fills the buffer as far as the file goes; answers how many bytes. */
  read(into: Buffer, position: number): Promise<number>;
  /** Contents and length are on the disk when it resolves. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** What the log needs of a file system; tests pass one that fails. */
export interface LogFiles {
  makeDirectory(path: string): Promise<void>;
  list(directory: string): Promise<string[]>;
  size(path: string): Promise<number>;
  /** `create`: empty, for reading and writing; `write`: as it is, for both; `read`. */
  open(path: string, mode: 'create' | 'write' | 'read'): Promise<LogFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes created, renamed and removed names durable. */
  syncDirectory(path: string): Promise<void>;
}

const FLAGS = { create: 'w+', write: 'r+', read: 'r' } as const;
const openFd = promisify(open);
const closeFd = promisify(close);
const syncFd = promisify(fdatasync);
const fsyncFd = promisify(fsync);
const truncateFd = promisify(ftruncate);

/** The real files, through file descriptors. */
export const nodeFiles: LogFiles = {
  makeDirectory: async (path) => {
    await promisify(mkdir)(path, { recursive: true });
  },
  list: (directory) => promisify(readdir)(directory),
  size: async (path) => (await promisify(stat)(path)).size,
  open: async (path, mode) => new NodeFile(await openFd(path, FLAGS[mode])),
  rename: promisify(rename),
  remove: promisify(unlink),
  syncDirectory: async (path) => {
    // Windows cannot open a directory for this; NTFS journals names itself.
    if (process.platform === 'win32') return;
    const fd = await openFd(path, 'r');
    try {
      await fsyncFd(fd);
    } finally {
      await closeFd(fd);
    }
  },
};

/** Creates a file whose contents are durable when it resolves; it is to be renamed. One that failed takes no space. */
export async function writeDraft<T>(files: LogFiles, path: string, write: (file: LogFile) => Promise<T>): Promise<T> {
  const file = await files.open(path, 'create');
  try {
    const answer = await write(file);
    await file.sync();
    await file.close();
    return answer;
  } catch (error) {
    await file.close().catch(() => {});
    await files.remove(path).catch(() => {});
    throw error;
  }
}

class NodeFile implements LogFile {
  private isClosed = false;

  constructor(private readonly fd: number) {}

  async write(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += await new Promise<number>((resolve, reject) => {
        writeFile(this.fd, bytes, done, bytes.length - done, position + done, (error, written) =>
          error ? reject(error) : resolve(written),
        );
      });
    }
  }

  async read(into: Buffer, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const got = await new Promise<number>((resolve, reject) => {
        readFile(this.fd, into, done, into.length - done, position + done, (error, bytes) =>
          error ? reject(error) : resolve(bytes),
        );
      });
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  sync(): Promise<void> {
    return syncFd(this.fd);
  }

  truncate(length: number): Promise<void> {
    return truncateFd(this.fd, length);
  }

  /** Once only: after a failure, too, the number may already be another file's. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await closeFd(this.fd);
  }
}
