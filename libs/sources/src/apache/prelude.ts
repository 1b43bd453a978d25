/** What Apache itself writes before a message of its error log. */
export interface Prelude {
  /** `auth_basic`; empty where the module is not named (2.2, and modules of others). */
  module: string;
  /** The other end of the connection as an address or a name; undefined where the message is about no connection. */
  client: string | undefined;
  port: number | undefined;
  /** Where the message begins. */
  end: number;
}

/** `[error] `; `[auth_basic:error] [pid 12:tid 34] `, `[:error] [pid 12] `; perhaps an error of the system: `(70014)End of file found: `. */
const HEAD =
  /^(?:\[(?:emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])\] |\[(\w{0,64}):(?:emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])\] (?:\[pid \d{1,20}(?::tid \d{1,20})?\] )?)(?:\(\d{1,10}\)[\w ,.'/-]{1,100}: )?/;
const CLIENT = /^\[client (\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?|[\w.:-]{1,255})\] /;
const MAX_PRELUDE = 700;

/**
 * The part of a line after its stamp: 2.2 `[error] [client ADDR] `, 2.4 `[MODULE:LEVEL] [pid N:tid N] [client ADDR:PORT] `.
 * Only what stands there at once is read: `[client …]` further on may be somebody's name. Sources: server/log.c of 2.2
 * (log_error_core) and 2.4 (do_errorlog_default, log_remote_address).
 */
export function readPrelude(text: string, start: number): Prelude | undefined {
  const part = text.slice(start, start + MAX_PRELUDE);
  const head = HEAD.exec(part);
  if (head === null) return undefined;
  const module = head[1];
  const client = CLIENT.exec(part.slice(head[0].length));
  const end = start + head[0].length + (client?.[0].length ?? 0);
  return { module: module ?? '', end, ...readPeer(client?.[1], module !== undefined) };
}

/** 2.4 writes the port behind every address, behind one of IPv6 without brackets too; 2.2 writes none. */
function readPeer(text: string | undefined, hasPort: boolean): Pick<Prelude, 'client' | 'port'> {
  if (text === undefined) return { client: undefined, port: undefined };
  const match = /^\[(.*)\](?::(\d{1,5}))?$/.exec(text) ?? (hasPort ? /^(.*):(\d{1,5})$/.exec(text) : null);
  if (match === null) return { client: text, port: undefined };
  return { client: match[1], port: match[2] === undefined ? undefined : Number(match[2]) };
}
