/** One try to log on to a host, and the records that told of it. */
export interface WindowsTry {
  id: string;
  timeMs: number;
  /** The account in any case, as {@link WindowsTold.user}; unknown to 140 of RdpCoreTS. */
  user: string | undefined;
  /** The same as the record has it. */
  name: string | undefined;
  /** Digest of that name, where it has one. */
  hash?: string | undefined;
  ip: string | undefined;
  /** The event id that named the address. */
  ipFrom: string | undefined;
  /** Event ids, each at most once: every kind of record tells of every try by itself. */
  codes: string[];
  /** Ids that the records would have alone, to know a record that is read again. */
  records: string[];
}

/** What one record says. */
export interface WindowsTold {
  /** The id of a try that this record alone tells of. */
  ownId: string;
  timeMs: number;
  code: string;
  /** The account, however its name is written: digest or name in lower case. */
  user: string | undefined;
  name: string | undefined;
  hash: string | undefined;
  ip: string | undefined;
}

/** Records of one try are written within this. */
const TOGETHER_MS = 2_000;
/** Tries remembered for a host; beyond it each record is a try by itself. */
const MAX_TRIES = 128;

/**
 * Tries of one host in the last seconds. A wrong password over NTLM is in 4776 and 4625, at SQL Server in 18456 as well, over
 * RDP in 140: whichever comes first names the try. The fields are the state, saved as they are.
 */
export class WindowsTries {
  tries: WindowsTry[] = [];

  /** The try that a record tells of. */
  place(told: WindowsTold): WindowsTry {
    const read = this.tries.find(({ records }) => records.includes(told.ownId));
    if (read !== undefined) return read;
    const found = this.tries.find((known) => isSame(known, told));
    if (found !== undefined) return join(found, told);
    const { ownId, timeMs, code, user, name, hash, ip } = told;
    const ipFrom = ip === undefined ? undefined : code;
    const begun = { id: ownId, timeMs, user, name, hash, ip, ipFrom, codes: [code], records: [ownId] };
    this.tries = this.tries.filter((known) => known.timeMs >= timeMs - 2 * TOGETHER_MS);
    if (this.tries.length >= MAX_TRIES) this.tries.shift();
    this.tries.push(begun);
    return begun;
  }
}

function isSame(known: WindowsTry, told: WindowsTold): boolean {
  if (Math.abs(known.timeMs - told.timeMs) > TOGETHER_MS || known.codes.includes(told.code)) return false;
  if (known.ip !== undefined && told.ip !== undefined && known.ip !== told.ip) return false;
  if (known.user !== undefined && told.user !== undefined) return known.user === told.user;
  // 140 has no name: it is about RDP, as is a 4625.
  const codes = [...known.codes, told.code];
  return codes.includes('140') && codes.includes('4625');
}

function join(found: WindowsTry, { ownId, code, user, name, hash, ip }: WindowsTold): WindowsTry {
  found.codes.push(code);
  found.records.push(ownId);
  if (found.user === undefined) Object.assign(found, { user, name, hash });
  if (found.ip === undefined && ip !== undefined) {
    found.ip = ip;
    found.ipFrom = code;
  }
  return found;
}
