/**
 * A fleet's authentication log of known truth, from a seed: attackers of every kind, people of every kind, and noise.
 * Written from what OpenSSH and PAM print, not from the detection rules. All addresses are made up from the
 * documentation and benchmark ranges (RFC 5737, RFC 2544, RFC 3849).
 */
export interface CorpusOptions {
  seed: number;
  /** Multiplies the number of attackers and people; 1 gives about 20,000 lines. */
  scale?: number;
  /** Multiplies the lines that tell of nobody's logon beside them; 1 gives a third of all. */
  noise?: number;
  days?: number;
  hosts?: number;
  /** The first hosts that log as `sshd-session` (OpenSSH 9.8 and later). */
  sessionHosts?: number;
  startMs?: number;
}

export type Expectation = 'block' | 'contribute' | 'spare';

export interface Corpus {
  /** In order of time. */
  lines: { timeMs: number; rest: string }[];
  /** Address (as blocked) to what must become of it. */
  truth: Map<string, { expectation: Expectation; kind: string }>;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STRANGERS = [
  'admin',
  'oracle',
  'test',
  'ubuntu',
  'git',
  'x x',
  "o'hara",
  'from 192.0.2.66 port 22',
  'пользователь',
];
const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy', 'mallory', 'niaj'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function generateCorpus(options: CorpusOptions): Corpus {
  const writer = new CorpusWriter(options);
  const times = (count: number, act: () => void) => {
    for (let i = 0; i < Math.max(1, Math.round(count * (options.scale ?? 1))); i++) act();
  };
  times(20, () => writer.burst());
  times(15, () => writer.slowGrind('one host'));
  times(15, () => writer.slowGrind('fleet'));
  times(5, () => writer.overManyHosts());
  times(2, () => writer.distributed());
  times(5, () => writer.ipv6Prefix());
  times(60, () => writer.mistypes());
  times(5, () => writer.sharedAddress());
  times(6, () => writer.staleClient());
  times(5, () => writer.passwordChange());
  times(10, () => writer.tooManyKeys());
  times(20, () => writer.scanner());
  times(2_500 * (options.noise ?? 1), () => writer.noise());
  return writer.corpus();
}

/** One line of the corpus as syslog writes it: RFC 3164 (UTC, whole seconds) or with an ISO 8601 stamp. */
export function corpusLine({ timeMs, rest }: Corpus['lines'][number], format: 'rfc3164' | 'iso'): string {
  const date = new Date(timeMs);
  if (format === 'iso') return `${date.toISOString().replace('Z', '+00:00')} ${rest}`;
  const clock = date.toISOString().slice(11, 19);
  return `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock} ${rest}`;
}

/** Mulberry32: small, seeded, good enough to draw test cases with. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class CorpusWriter {
  readonly #lines: Corpus['lines'] = [];
  readonly #truth: Corpus['truth'] = new Map();
  readonly #random: () => number;
  readonly #hosts: string[];
  readonly #sessionHosts: number;
  readonly #startMs: number;
  readonly #lengthMs: number;
  readonly #used = new Set<string>();

  constructor({ seed, days = 9, hosts = 20, sessionHosts = 5, startMs = Date.UTC(2026, 10, 1) }: CorpusOptions) {
    this.#random = randomOf(seed);
    this.#hosts = Array.from({ length: hosts }, (_, i) => `web-${String(i + 1).padStart(2, '0')}`);
    this.#sessionHosts = sessionHosts;
    this.#startMs = startMs;
    this.#lengthMs = days * DAY_MS;
  }

  corpus(): Corpus {
    this.#lines.sort((a, b) => a.timeMs - b.timeMs);
    return { lines: this.#lines, truth: this.#truth };
  }

  burst(): void {
    const address = this.#expect('block', 'burst');
    const host = this.#pick(this.#hosts);
    let timeMs = this.#when(2 * HOUR_MS);
    for (let i = this.#int(6, 40); i > 0; i--) {
      this.#try(timeMs, host, address, this.#stranger());
      timeMs += this.#between(SECOND_MS, 60 * SECOND_MS);
    }
  }

  slowGrind(where: 'one host' | 'fleet'): void {
    const address = this.#expect('block', `slow grind, ${where}`);
    const host = this.#pick(this.#hosts);
    let timeMs = this.#when(4 * DAY_MS);
    for (let i = 0; i < 5; i++) {
      this.#try(timeMs, where === 'fleet' ? this.#pick(this.#hosts) : host, address, this.#stranger());
      timeMs += this.#between(18 * HOUR_MS, 23 * HOUR_MS);
    }
  }

  overManyHosts(): void {
    const address = this.#expect('block', 'over many hosts');
    const timeMs = this.#when(HOUR_MS);
    for (const host of this.#hosts.slice(0, this.#int(6, this.#hosts.length))) {
      this.#try(timeMs + this.#between(0, 8 * MINUTE_MS), host, address, this.#stranger());
    }
  }

  /** Its owner, who mistypes in the middle of it and gets in, must be spared. */
  distributed(): void {
    const account = this.#pick(['root', 'deploy', 'backup']);
    const timeMs = this.#when(2 * HOUR_MS);
    for (let i = this.#int(30, 80); i > 0; i--) {
      const address = this.#expect('contribute', 'distributed');
      this.#try(timeMs + this.#between(0, 40 * MINUTE_MS), this.#pick(this.#hosts), address, {
        name: account,
        known: true,
      });
    }
    const owner = this.#expect('spare', 'owner of an attacked account');
    const hostTime = timeMs + this.#between(15 * MINUTE_MS, 35 * MINUTE_MS);
    this.#try(hostTime, this.#pick(this.#hosts), owner, { name: account, known: true }, 1, true);
  }

  /** One attacker, each time from another address of its /64. */
  ipv6Prefix(): void {
    const prefix = `2001:db8:${this.#int(1, 0xffff).toString(16)}:${this.#int(1, 0xffff).toString(16)}`;
    this.#truth.set(`${prefix}::/64`, { expectation: 'block', kind: 'IPv6 prefix' });
    let timeMs = this.#when(HOUR_MS);
    for (let i = 0; i < 6; i++) {
      const address = `${prefix}::${this.#int(1, 0xffff).toString(16)}`;
      this.#try(timeMs, this.#pick(this.#hosts), address, this.#stranger());
      timeMs += this.#between(20 * SECOND_MS, 4 * MINUTE_MS);
    }
  }

  mistypes(): void {
    const address = this.#expect('spare', 'mistype');
    this.#try(this.#when(HOUR_MS), this.#pick(this.#hosts), address, this.#person(), this.#int(1, 2), true);
  }

  sharedAddress(): void {
    const address = this.#expect('spare', 'shared address');
    let timeMs = this.#when(3 * HOUR_MS);
    for (const name of PEOPLE.slice(0, 8)) {
      this.#try(timeMs, this.#pick(this.#hosts), address, { name, known: true }, 1, true);
      timeMs += this.#between(2 * MINUTE_MS, 10 * MINUTE_MS);
    }
  }

  staleClient(): void {
    const address = this.#expect('spare', 'stale client');
    const person = this.#person();
    const host = this.#pick(this.#hosts);
    let timeMs = this.#when(5 * DAY_MS);
    for (let i = 0; i < 5; i++) {
      this.#try(timeMs, host, address, person, 0, true);
      timeMs += this.#between(8 * HOUR_MS, 16 * HOUR_MS);
    }
    for (let i = 0; i < 20; i++) {
      this.#try(timeMs, host, address, person);
      timeMs += this.#between(10 * MINUTE_MS, 40 * MINUTE_MS);
    }
  }

  passwordChange(): void {
    const address = this.#expect('spare', 'password change');
    const hosts = [this.#pick(this.#hosts), this.#pick(this.#hosts)];
    const timeMs = this.#when(4 * DAY_MS);
    for (const name of PEOPLE)
      this.#try(timeMs + this.#between(0, DAY_MS), this.#pick(hosts), address, { name, known: true }, 0, true);
    for (const name of PEOPLE) {
      const morningMs = timeMs + 2 * DAY_MS + this.#between(0, 50 * MINUTE_MS);
      this.#try(morningMs, this.#pick(hosts), address, { name, known: true }, this.#int(1, 2), true);
    }
  }

  tooManyKeys(): void {
    const address = this.#expect('spare', 'too many keys');
    const host = this.#pick(this.#hosts);
    const { name } = this.#person();
    for (let i = 0; i < 4; i++) {
      const timeMs = this.#when(HOUR_MS);
      const write = this.#connection(host, address);
      write(timeMs, (from) => `error: maximum authentication attempts exceeded for ${name} ${from} ssh2 [preauth]`);
      write(
        timeMs + 10,
        (from) =>
          `Disconnecting authenticating user ${name} ${from.slice(5)}: Too many authentication failures [preauth]`,
      );
      this.#try(timeMs + this.#between(5 * SECOND_MS, 60 * SECOND_MS), host, address, { name, known: true }, 0, true);
    }
  }

  scanner(): void {
    const address = this.#expect('spare', 'scanner');
    for (let i = 0; i < 10; i++) {
      const write = this.#connection(this.#pick(this.#hosts), address);
      const text = this.#pick(['Connection closed by', 'Connection reset by', 'Received disconnect from']);
      write(this.#when(0), (from) => `${text} ${from.slice(5)} [preauth]`);
    }
  }

  noise(): void {
    const host = this.#pick(this.#hosts);
    const timeMs = this.#when(0);
    const pid = this.#int(300, 90_000);
    const { name } = this.#person();
    const texts = [
      `CRON[${pid}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)`,
      `systemd[1]: Started session-${pid}.scope - Session ${pid} of User ${name}.`,
      `sudo[${pid}]:    ${name} : TTY=pts/0 ; PWD=/home/${name} ; USER=root ; COMMAND=/usr/bin/journalctl -u ssh`,
      `kernel: [${pid}.000000] audit: type=1400 apparmor="STATUS" operation="profile_replace"`,
    ];
    this.#lines.push({ timeMs, rest: `${host} ${this.#pick(texts)}` });
  }

  /** One connection: failed passwords, then perhaps a success. */
  #try(
    timeMs: number,
    host: string,
    address: string,
    user: { name: string; known: boolean },
    failures = 1,
    ok = false,
  ): void {
    const write = this.#connection(host, address);
    const invalid = user.known ? '' : 'invalid user ';
    let atMs = timeMs;
    if (failures > 0 && !user.known) write(atMs, (from) => `Invalid user ${user.name} ${from}`);
    for (let i = 0; i < failures; i++) {
      const account = user.known ? `  user=${user.name}` : '';
      if (i === 0)
        write(
          atMs + 20,
          () =>
            `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${address}${account}`,
        );
      atMs += this.#between(1_500, 3_000);
      write(atMs, (from) => `Failed password for ${invalid}${user.name} ${from} ssh2`);
    }
    atMs += this.#between(SECOND_MS, 4 * SECOND_MS);
    if (!ok) {
      write(
        atMs,
        (from) =>
          `Connection closed by ${user.known ? 'authenticating' : 'invalid'} user ${user.name} ${from.slice(5)} [preauth]`,
      );
      return;
    }
    write(atMs, (from) => `Accepted password for ${user.name} ${from} ssh2`);
    write(atMs + 50, () => `pam_unix(sshd:session): session opened for user ${user.name}(uid=1001) by (uid=0)`);
  }

  #connection(host: string, address: string) {
    const program = this.#hosts.indexOf(host) < this.#sessionHosts ? 'sshd-session' : 'sshd';
    const head = `${host} ${program}[${this.#int(300, 99_999)}]`;
    const from = `from ${address} port ${this.#int(1_025, 65_535)}`;
    return (timeMs: number, text: (from: string) => string) => {
      this.#lines.push({ timeMs: Math.round(timeMs), rest: `${head}: ${text(from)}` });
    };
  }

  #expect(expectation: Expectation, kind: string): string {
    for (;;) {
      const address = `198.${this.#int(18, 19)}.${this.#int(0, 255)}.${this.#int(1, 254)}`;
      if (this.#used.has(address)) continue;
      this.#used.add(address);
      this.#truth.set(address, { expectation, kind });
      return address;
    }
  }

  #stranger(): { name: string; known: boolean } {
    return this.#random() < 0.6 ? { name: this.#pick(STRANGERS), known: false } : { name: 'root', known: true };
  }

  #person(): { name: string; known: boolean } {
    return { name: this.#pick(PEOPLE), known: true };
  }

  /** A time that leaves room for what follows it. */
  #when(roomMs: number): number {
    return this.#startMs + this.#between(0, this.#lengthMs - roomMs - MINUTE_MS);
  }

  #between(least: number, most: number): number {
    return least + this.#random() * (most - least);
  }

  #int(least: number, most: number): number {
    return Math.floor(this.#between(least, most + 1));
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#int(0, values.length - 1)] as T;
  }
}
