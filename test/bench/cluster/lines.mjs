// The lines that the hosts of the bench write: what sshd, PAM, cron and sudo print, in known shares.

/** Shares of events by what they tell of; each kind of act writes the lines of one whole story. */
export const MIXES = {
  mixed: { tryLines: 0.2, logonLines: 0.15, cronLines: 0.45, sudoLines: 0.2 },
  failures: { failureLine: 1 },
};

/** Addresses that come back: each of the 200 heavy ones makes an equal part of half of all tries. */
const HEAVY_ADDRESSES = 200;
/** The rest comes from addresses drawn out of so many, so that most of them come once or twice. */
const LIGHT_ADDRESSES = 130_000;
const ACCOUNTS = 2_000;
const PEOPLE = 300;

/** Writes acts of a mix, host by host, from a seed. */
export class LineWriter {
  #random;
  #acts;
  #pid = 1_000;

  /** @param {{ mix: keyof MIXES, seed: number }} options */
  constructor({ mix, seed }) {
    this.#random = randomOf(seed);
    const kinds = {
      tryLines: () => this.#failedTry(),
      logonLines: () => this.#logon(),
      cronLines: () => this.#cron(),
      sudoLines: () => this.#sudo(),
      failureLine: () => this.#failure(this.#attacker(), `user${this.#int(ACCOUNTS)}`),
    };
    let sum = 0;
    this.#acts = Object.entries(MIXES[mix]).map(([name, share]) => {
      sum += share / kinds[name]().length;
      return { upTo: sum, act: kinds[name] };
    });
    for (const entry of this.#acts) entry.upTo /= sum;
  }

  /** The lines of one act, without time and host. */
  next() {
    const draw = this.#random();
    return this.#acts.find(({ upTo }) => draw < upTo).act();
  }

  /** One failed password of an attacker that the bench follows. */
  failure(address, account) {
    return this.#failure(address, account);
  }

  #failedTry() {
    const [address, port, user] = [this.#attacker(), this.#port(), `user${this.#int(ACCOUNTS)}`];
    const who = `${user} from ${address} port ${port}`;
    const sshd = `sshd[${this.#nextPid()}]`;
    return [
      `${sshd}: Invalid user ${who}`,
      `${sshd}: Failed password for invalid user ${who} ssh2`,
      `${sshd}: Connection closed by invalid user ${user} ${address} port ${port} [preauth]`,
    ];
  }

  #failure(address, account) {
    return [`sshd[${this.#nextPid()}]: Failed password for ${account} from ${address} port ${this.#port()} ssh2`];
  }

  #logon() {
    const person = this.#int(PEOPLE);
    const sshd = `sshd[${this.#nextPid()}]`;
    const key = 'ED25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU';
    return [
      `${sshd}: Accepted publickey for person${person} from 192.0.2.${1 + (person % 254)} port ${this.#port()} ssh2: ${key}`,
      `${sshd}: pam_unix(sshd:session): session opened for user person${person}(uid=${1_000 + person}) by (uid=0)`,
      `${sshd}: pam_unix(sshd:session): session closed for user person${person}`,
    ];
  }

  #cron() {
    const cron = `CRON[${this.#nextPid()}]: pam_unix(cron:session): session`;
    return [`${cron} opened for user root(uid=0) by (uid=0)`, `${cron} closed for user root`];
  }

  #sudo() {
    const person = `person${this.#int(PEOPLE)}`;
    const sudo = `sudo[${this.#nextPid()}]:`;
    return [
      `${sudo} ${person} : TTY=pts/0 ; PWD=/home/${person} ; USER=root ; COMMAND=/usr/bin/systemctl status nginx`,
      `${sudo} pam_unix(sudo:session): session opened for user root(uid=0) by ${person}(uid=1000)`,
      `${sudo} pam_unix(sudo:session): session closed for user root`,
    ];
  }

  /** Benchmark addresses (RFC 2544): the heavy ones at the beginning, the light ones behind. */
  #attacker() {
    const isHeavy = this.#random() < 0.5;
    const n = isHeavy ? this.#int(HEAVY_ADDRESSES) : HEAVY_ADDRESSES + this.#int(LIGHT_ADDRESSES);
    return `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
  }

  #nextPid() {
    this.#pid = this.#pid >= 4_000_000 ? 1_000 : this.#pid + 1;
    return this.#pid;
  }

  #port() {
    return 1_025 + this.#int(64_000);
  }

  #int(below) {
    return Math.floor(this.#random() * below);
  }
}

/** Mulberry32. */
function randomOf(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
