import { randomOf } from '@fleetwall/testkit';

export interface LogLine {
  /** Without its stamp. */
  rest: string;
  /** Whether the line gives an event. */
  isEvent: boolean;
}

/** What must become of an address: `active` or `held` block, or nothing. */
export type Fate = 'active' | 'held' | 'spared';

export interface AttackLog {
  /** Without their stamps, in the order in which they are to be written; every one is unique. */
  lines: LogLine[];
  fates: Map<string, Fate>;
  /** `<rule> <key>` to the count that the alert must have in the end. */
  alerts: Map<string, number>;
}

const HOSTS = ['web-01', 'web-02', 'web-03', 'web-04'];
/** Failures below the threshold of five that no success follows. */
const TOO_FEW = 4;
const BOTNET = 24;

interface Play {
  address: string;
  user: string;
  acts: ('fail' | 'succeed')[];
}

/**
 * Attackers and others whose lines are mixed, so that wherever the log is cut, many windows are half full. All lines are
 * meant for one half hour.
 *
 * @param plays how many of attackers, intruders, and innocents of each kind
 */
export function writeAttackLog(seed: number, plays: number): AttackLog {
  const random = randomOf(seed);
  const int = (most: number) => Math.floor(random() * most);
  const cast = castOf(plays, int);
  const log: AttackLog = { lines: [], fates: new Map(), alerts: new Map() };
  for (const play of cast) judge(play, log);
  log.alerts.set('distributed-brute-force backup', BOTNET);
  const waiting = [...cast];
  let serial = 0;
  while (waiting.length > 0) {
    const i = int(waiting.length);
    const { address, user, acts } = waiting[i] as Play;
    const act = acts.shift();
    if (acts.length === 0) waiting.splice(i, 1);
    const host = HOSTS[int(HOSTS.length)];
    const head = `${host} sshd[${100_000 + ++serial}]:`;
    const verb = act === 'fail' ? 'Failed' : 'Accepted';
    const rest = `${head} ${verb} password for ${user} from ${address} port ${1_025 + int(60_000)} ssh2`;
    log.lines.push({ rest, isEvent: true });
  }
  return log;
}

/** What else is in a log and leads to nothing: one in three is an event. */
export function idleLine(serial: number): LogLine {
  const isEvent = serial % 3 === 0;
  const connection = `sshd[${serial}]: Connection closed by 198.19.${(serial >> 8) & 255}.${serial & 255} port 4022 [preauth]`;
  return { rest: `web-01 ${isEvent ? connection : `backupd[7]: file ${serial} is up to date`}`, isEvent };
}

function castOf(plays: number, int: (most: number) => number): Play[] {
  const cast: Play[] = [];
  const play = (acts: Play['acts'], user = `user${cast.length}`) =>
    cast.push({ address: `198.18.${cast.length >> 8}.${cast.length & 255}`, user, acts });
  const fails = (count: number) => Array.from({ length: count }, () => 'fail' as const);
  for (let i = 0; i < plays; i++) {
    play(fails(5 + int(6)));
    play([...fails(6), 'succeed']);
    play(fails(TOO_FEW));
    play([...fails(2), 'succeed', 'succeed']);
  }
  for (let i = 0; i < BOTNET; i++) play(fails(1), 'backup');
  return cast;
}

function judge({ address, user, acts }: Play, { fates, alerts }: AttackLog): void {
  const failures = acts.filter((act) => act === 'fail').length;
  if (user === 'backup') {
    fates.set(address, 'held');
  } else if (failures < 5) {
    fates.set(address, 'spared');
  } else {
    fates.set(address, 'active');
    for (const rule of ['fast-brute-force', 'slow-grind']) alerts.set(`${rule} ${address}`, failures);
    if (acts.includes('succeed')) alerts.set(`success-after-failures ${address}`, failures);
  }
}
