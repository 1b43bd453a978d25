import type { CredentialRow } from '@fleetwall/protocol';
import { LineCounter, parseDocument } from 'yaml';
import { gatewayError } from '../errors.js';

export interface ReadCredentials {
  rows: CredentialRow[];
  /** Rows passed over because they repeat an agent, a host or a token of an earlier one, in words. */
  repeated: string[];
}

const MAX_ROWS = 200_000;
const NAME = /^[^\s\p{C}]{1,256}$/u;
const HASH = /^[0-9a-f]{64}$/;
const NAMES = ['agent', 'host', 'tenant'] as const;

/**
 * A YAML list of rows: `agent`, `host`, `tenant` (names without blanks, at most 256 characters) and `tokenSha256` (64
 * lower-case hex digits). Of rows that share an agent, a host or a token the first one counts.
 *
 * @throws CREDENTIALS_INVALID with file:line:column
 */
export function readCredentialRows(text: string, path: string): ReadCredentials {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, customTags: [], merge: false });
  const wrong = (offset: number, reason: string) => {
    const { line, col } = lines.linePos(offset);
    return gatewayError('CREDENTIALS_INVALID', { path, reason }, { position: `${path}:${line}:${col}` });
  };
  const [error] = document.errors;
  if (error) throw wrong(error.pos[0], error.message.split('\n')[0] as string);
  let list: unknown;
  try {
    list = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw wrong(0, 'it has aliases, which no list of credentials needs');
  }
  if (list === null) return { rows: [], repeated: [] };
  if (!Array.isArray(list) || list.length > MAX_ROWS) throw wrong(0, `it is no list of at most ${MAX_ROWS} rows`);
  const offsetOf = (row: number) => {
    const node = document.getIn([row], true) as { range?: [number, number, number] } | undefined;
    return node?.range?.[0] ?? 0;
  };
  const rows: CredentialRow[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  for (const [i, value] of list.entries()) {
    const reason = faultOf(value);
    if (reason !== undefined) throw wrong(offsetOf(i), reason);
    const { agent, host, tenant, tokenSha256 } = value as CredentialRow;
    const marks = [`agent ${agent}`, `host ${host}`, `token ${tokenSha256}`];
    const again = marks.find((mark) => seen.has(mark));
    if (again === undefined) {
      for (const mark of marks) seen.add(mark);
      rows.push({ agent, host, tenant, tokenSha256 });
    } else {
      const { line } = lines.linePos(offsetOf(i));
      repeated.push(
        `${path}:${line}: ${again.startsWith('token') ? `the token of agent ${agent}` : again} comes again`,
      );
    }
  }
  return { rows, repeated };
}

function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a row is no list of fields';
  const row = value as Record<string, unknown>;
  const known: readonly string[] = [...NAMES, 'tokenSha256'];
  const stranger = Object.keys(row).find((name) => !known.includes(name));
  if (stranger !== undefined) return `there is no field "${stranger}"; expected ${known.join(', ')}`;
  const unnamed = NAMES.find((name) => typeof row[name] !== 'string' || !NAME.test(row[name]));
  if (unnamed !== undefined) return `${unnamed} is no name without blanks`;
  if (typeof row['tokenSha256'] === 'string' && HASH.test(row['tokenSha256'])) return undefined;
  return 'tokenSha256 is not 64 lower-case hex digits';
}
