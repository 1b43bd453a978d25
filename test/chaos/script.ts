import { randomOf } from '@fleetwall/testkit';

/** What must have become of an alert. */
export interface ExpectedAlert {
  /** Failures of an account that its address has logged on to before: told, never blocked. */
  knownGood: boolean;
  count: number;
  contributors: string[];
}

/** One line that is not written yet: of which host, and what follows its stamp and the host's name. */
export interface Line {
  host: string;
  rest: string;
}

/** What belongs together: the lines of one connection, in their order. */
export type Act = Line[];

export interface Script {
  /** In the order in which they are to be written; every line of all is unique, and every one gives an event. */
  acts: Act[];
  /** `<rule> <key>` to what must be told of it. */
  alerts: Map<string, ExpectedAlert>;
  /** Targets of blocks. */
  blocked: Set<string>;
}

/** One who tries: their acts, in order. */
interface Play {
  acts: Act[];
}

type User = { name: string; exists: boolean };

/** Lines of a {@link probe}. */
export const PROBE_EVENTS = 5;
const BOTNET = 24;
const MIXED_PLAYS = 40;

/**
 * Attackers and innocents of every kind, from a seed, all of it meant for a few minutes. Plays are mixed, some forty at a
 * time, so that whatever is cut off at whatever moment, many windows are half full and many attempts half told.
 *
 * Whoever logs on in the end does all on one host: between hosts there is no order, and a success that is known before
 * the failures it follows is none that follows them.
 *
 * @param rounds each is 8 attackers and 5 innocents; the last one has the botnet
 */
export function writeScript(seed: number, rounds: number, hosts: readonly string[]): Script {
  const writer = new ScriptWriter(seed, hosts);
  for (let i = 0; i < rounds; i++) writer.round();
  writer.botnet();
  return writer.script();
}

/** What else is in a log and leads to nothing; the first kind is an event, the second none. */
export function idleLine(host: string, serial: number): Line & { isEvent: boolean } {
  const isEvent = serial % 3 !== 0;
  const closed = `sshd[${serial}]: Connection closed by 198.19.${(serial >> 8) & 255}.${serial & 255} port 4022 [preauth]`;
  return { host, isEvent, rest: isEvent ? closed : `backupd[7]: file ${serial} is up to date` };
}

/** Five failures at once, whose block tells that everything from a log line to a block works again. */
export function probe(address: string, host: string, serial: number): { acts: Act[]; alerts: Script['alerts'] } {
  const script: Script = { acts: [], alerts: new Map(), blocked: new Set() };
  for (let i = 0; i < PROBE_EVENTS; i++) {
    const pid = 900_000 + serial * 10 + i;
    script.acts.push([
      { host, rest: `sshd[${pid}]: Failed password for probe${serial} from ${address} port ${2_000 + i} ssh2` },
    ]);
  }
  expectAlerts(script, address, PROBE_EVENTS, ['fast-brute-force', 'slow-grind']);
  return script;
}

class ScriptWriter {
  readonly #random: () => number;
  readonly #hosts: readonly string[];
  readonly #plays: Play[] = [];
  readonly #script: Script = { acts: [], alerts: new Map(), blocked: new Set() };
  #addresses = 0;
  #connections = 0;

  constructor(seed: number, hosts: readonly string[]) {
    this.#random = randomOf(seed);
    this.#hosts = hosts;
  }

  round(): void {
    for (let i = 0; i < 3; i++) this.#brute();
    this.#walk();
    this.#spray();
    this.#ipv6Prefix();
    for (let i = 0; i < 2; i++) this.#intruder();
    for (let i = 0; i < 2; i++) this.#tooFew();
    for (let i = 0; i < 2; i++) this.#mistypes();
    this.#forgetfulOwner();
  }

  /** Many addresses, one failure each, on one account. */
  botnet(): void {
    const addresses = Array.from({ length: BOTNET }, () => this.#address());
    for (const address of addresses) {
      this.#play([this.#failure(this.#host(), address, { name: 'backup', exists: true })]);
      this.#script.blocked.add(address);
    }
    const alert = { knownGood: false, count: BOTNET, contributors: [...addresses].sort() };
    this.#script.alerts.set('distributed-brute-force backup', alert);
  }

  /** Plays mixed: always the next act of one of those that are on. */
  script(): Script {
    const on: Play[] = [];
    const waiting = [...this.#plays];
    while (waiting.length > 0 || on.length > 0) {
      while (on.length < MIXED_PLAYS && waiting.length > 0) {
        on.push(waiting.splice(this.#int(waiting.length), 1)[0] as Play);
      }
      const i = this.#int(on.length);
      const play = on[i] as Play;
      this.#script.acts.push(play.acts.shift() as Act);
      if (play.acts.length === 0) on.splice(i, 1);
    }
    return this.#script;
  }

  #brute(): void {
    const address = this.#address();
    const user = this.#stranger();
    const count = 5 + this.#int(6);
    // Never on so many hosts that it is a walk through the fleet as well.
    const hosts = [0, 1, 2].map(() => this.#host());
    this.#play(times(count, (i) => this.#failure(hosts[i % 3] as string, address, user)));
    expectAlerts(this.#script, address, count, ['fast-brute-force', 'slow-grind']);
  }

  #walk(): void {
    const address = this.#address();
    const user = this.#stranger();
    this.#play(this.#hosts.map((host) => this.#failure(host, address, user)));
    expectAlerts(this.#script, address, this.#hosts.length, ['fast-brute-force', 'slow-grind']);
    expectAlerts(this.#script, address, this.#hosts.length, ['many-hosts'], [...this.#hosts].sort());
  }

  #spray(): void {
    const address = this.#address();
    const accounts = times(10, (i) => `staff${this.#addresses}-${i}`);
    const hosts = [this.#host(), this.#host()];
    this.#play(accounts.map((name, i) => this.#failure(hosts[i % 2] as string, address, { name, exists: true })));
    expectAlerts(this.#script, address, accounts.length, ['fast-brute-force', 'slow-grind']);
    expectAlerts(this.#script, address, accounts.length, ['password-spraying'], accounts.sort());
  }

  /** Each time from another address of its /64. */
  #ipv6Prefix(): void {
    const prefix = `2001:db8:5:${(++this.#addresses).toString(16)}`;
    const hosts = [this.#host(), this.#host()];
    const user = this.#stranger();
    this.#play(times(6, (i) => this.#failure(hosts[i % 2] as string, `${prefix}::${i + 1}`, user)));
    expectAlerts(this.#script, `${prefix}::/64`, 6, ['fast-brute-force', 'slow-grind']);
  }

  /** Guesses until it gets in. */
  #intruder(): void {
    const address = this.#address();
    const host = this.#host();
    const user = { name: `victim${this.#addresses}`, exists: true };
    const failures = times(6, () => this.#failure(host, address, user));
    this.#play([...failures, this.#success(host, address, user)]);
    expectAlerts(this.#script, address, 6, ['fast-brute-force', 'slow-grind']);
    expectAlerts(this.#script, address, 6, ['success-after-failures'], [user.name]);
  }

  #tooFew(): void {
    const address = this.#address();
    const user = this.#stranger();
    this.#play(times(4, () => this.#failure(this.#host(), address, user)));
  }

  #mistypes(): void {
    const address = this.#address();
    const host = this.#host();
    const user = { name: `user${this.#addresses}`, exists: true };
    const failures = times(1 + this.#int(2), () => this.#failure(host, address, user));
    this.#play([...failures, this.#success(host, address, user), this.#success(host, address, user)]);
  }

  /** Someone who has logged on from there fails again and again. */
  #forgetfulOwner(): void {
    const address = this.#address();
    const host = this.#host();
    const user = { name: `owner${this.#addresses}`, exists: true };
    this.#play([this.#success(host, address, user), ...times(6, () => this.#failure(host, address, user))]);
    for (const rule of ['fast-brute-force', 'slow-grind']) {
      this.#script.alerts.set(`${rule} ${address}`, { knownGood: true, count: 6, contributors: [] });
    }
  }

  #play(acts: Act[]): void {
    this.#plays.push({ acts });
  }

  /** One connection with one failed password, as OpenSSH and PAM tell of it: three or four lines, one attempt. */
  #failure(host: string, address: string, { name, exists }: User): Act {
    const { program, from, port } = this.#connection(address);
    const invalid = exists ? '' : 'invalid user ';
    const account = exists ? `  user=${name}` : '';
    const pam = `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${address}${account}`;
    const closed = `Connection closed by ${exists ? 'authenticating' : 'invalid'} user ${name} ${address} ${port} [preauth]`;
    return [
      ...(exists ? [] : [`Invalid user ${name} ${from}`]),
      pam,
      `Failed password for ${invalid}${name} ${from} ssh2`,
      closed,
    ].map((text) => ({ host, rest: `${program}: ${text}` }));
  }

  #success(host: string, address: string, { name }: User): Act {
    const { program, from } = this.#connection(address);
    return [
      `Accepted password for ${name} ${from} ssh2`,
      `pam_unix(sshd:session): session opened for user ${name}(uid=1001) by (uid=0)`,
    ].map((text) => ({ host, rest: `${program}: ${text}` }));
  }

  #connection(address: string): { program: string; from: string; port: string } {
    const port = `port ${1_025 + this.#int(60_000)}`;
    return { program: `sshd[${100_000 + ++this.#connections}]`, from: `from ${address} ${port}`, port };
  }

  #address(): string {
    const n = ++this.#addresses;
    return `198.18.${n >> 8}.${n & 255}`;
  }

  #host(): string {
    return this.#hosts[this.#int(this.#hosts.length)] as string;
  }

  /** Each tries another account: what many addresses fail at is an attack of its own. */
  #stranger(): User {
    return { name: `guest${this.#addresses}`, exists: this.#random() < 0.4 };
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }
}

function expectAlerts(
  script: Script,
  target: string,
  count: number,
  rules: string[],
  contributors: string[] = [],
): void {
  for (const rule of rules) script.alerts.set(`${rule} ${target}`, { knownGood: false, count, contributors });
  script.blocked.add(target);
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
