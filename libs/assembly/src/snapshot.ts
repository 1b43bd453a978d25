import { Connection } from './connection.js';
import type { WindowsSnapshot } from './windows-assembler.js';

const VERSION = 1;

export interface SavedConnection {
  /** Every key it is found under: its own pid, and those of PAM's children. */
  keys: string[];
  connection: Connection;
}

export interface SavedState {
  connections: SavedConnection[];
  /** Absent where no event of Windows was read. */
  windows: WindowsSnapshot | undefined;
}

export function writeSnapshot(entries: Iterable<[string, Connection]>, windows: WindowsSnapshot): string {
  const keysOf = new Map<Connection, string[]>();
  for (const [key, connection] of entries) {
    const keys = keysOf.get(connection);
    if (keys === undefined) keysOf.set(connection, [key]);
    else keys.push(key);
  }
  return JSON.stringify({
    version: VERSION,
    connections: [...keysOf].map(([connection, keys]) => ({ keys, connection })),
    ...(windows.hosts.length + windows.waiting.length > 0 ? { windows } : {}),
  });
}

/** Throws SyntaxError on what is no snapshot of this version. */
export function readSnapshot(json: string): SavedState {
  const saved = JSON.parse(json) as ({ version?: number } & Partial<SavedState>) | null;
  if (saved?.version !== VERSION || !Array.isArray(saved.connections)) {
    throw new SyntaxError('This is no snapshot of the assembler, or one of another version.');
  }
  const connections = saved.connections.map(({ keys, connection: fields }) => {
    const { host, group, pid, firstMs } = fields;
    return { keys, connection: Object.assign(new Connection(host, group, pid, firstMs), fields) };
  });
  return { connections, windows: saved.windows };
}
