import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { randomOf } from '@fleetwall/testkit';
import { until } from '../../scripts/local-cluster.mjs';
import { allFaults, type Fault, type Lengths, randomKill } from './faults.js';
import { LogWriter } from './log-writer.js';
import { type ExpectedAlert, PROBE_EVENTS, probe, writeScript } from './script.js';
import { logOf, Site } from './site.js';

export interface ChaosOptions {
  seed: number;
  /** The script is written in about so many minutes, if faults take as long. */
  scriptMinutes: number;
  /** Faults go on for at least so long, and until each has been; 0: one of each kind, and no more. */
  minutes: number;
  /** Random kills besides one fault of each kind. */
  kills: number;
  lengths: Lengths;
  /** Acts of a script have three or four lines. */
  actsPerSecond: number;
  idlePerSecond: number;
}

/** What ran, for the comparison. */
export interface Chaos {
  site: Site;
  paths: string[];
  writer: LogWriter;
  alerts: Map<string, ExpectedAlert>;
  blocked: Set<string>;
}

/** Five failures that are written, of an address of their own. */
interface Attack {
  address: string;
  atMs: number;
}

const HOSTS = ['web-01', 'web-02', 'web-03', 'web-04', 'web-05', 'web-06'];
/** About so many acts has a round of the script. */
const ACTS_OF_A_ROUND = 78;
const CATCH_UP_WITHIN_MS = 180_000;

/**
 * Starts a site, writes its logs while one thing after the other goes wrong, and waits after each until attacks are
 * blocked and stored again. Everything is said on the terminal and in `<directory>/chaos.log`.
 */
export class ChaosRun {
  /** How many faults there were so far. */
  faults = 0;
  readonly #options: ChaosOptions;
  readonly #directory: string;
  readonly #draw: (below: number) => number;
  readonly #beganMs = performance.now();
  #attacks = 0;

  constructor(directory: string, options: ChaosOptions) {
    this.#directory = directory;
    this.#options = options;
    const random = randomOf(options.seed + 1);
    this.#draw = (below) => Math.floor(random() * below);
  }

  /** Resolves when all is written that ever will be, and every process runs. The caller stops the site. */
  async run(): Promise<Chaos> {
    const { seed, scriptMinutes, actsPerSecond, idlePerSecond } = this.#options;
    const rounds = Math.ceil((scriptMinutes * 60 * actsPerSecond) / ACTS_OF_A_ROUND);
    const { acts, alerts, blocked } = writeScript(seed, rounds, HOSTS);
    const paths = new Map(HOSTS.map((host) => [host, logOf(this.#directory, host)]));
    const writer = new LogWriter(paths, acts, { actsPerSecond, idlePerSecond });
    this.say(`seed ${seed}, ${acts.length} acts, in ${this.#directory}`);
    const site = await Site.start(this.#directory, HOSTS);
    const chaos = { site, paths: [...paths.values()], writer, alerts, blocked };
    try {
      this.say('the site is up');
      writer.start();
      const first = await this.#caughtUp(this.#attack(chaos), site);
      this.say(`undisturbed, an attack is blocked after ${first.blocked} s and stored after ${first.stored} s`);
      await this.#goWrong(chaos);
      await writer.finish();
      const last = await this.#caughtUp(this.#attack(chaos), site);
      this.say(`the last attack of all is blocked after ${last.blocked} s and stored after ${last.stored} s`);
      return chaos;
    } catch (error) {
      this.say(`${error}`);
      await writer.finish();
      await site.stop();
      throw error;
    }
  }

  say(text: string): void {
    const line = `${((performance.now() - this.#beganMs) / 1_000).toFixed(1).padStart(7)} s  ${text}\n`;
    process.stdout.write(line);
    appendFileSync(join(this.#directory, 'chaos.log'), line);
  }

  /** All faults and some kills in a random order, then more kills until the time is over. */
  async #goWrong(chaos: Chaos): Promise<void> {
    const { lengths, kills, minutes } = this.#options;
    const endMs = performance.now() + minutes * 60_000;
    const kinds = allFaults(lengths, this.#draw);
    const faults = minutes > 0 ? kinds.flat() : kinds.map((kind) => kind[this.#draw(kind.length)] as Fault);
    for (let i = 0; i < kills; i++) faults.push(randomKill(lengths, this.#draw));
    while (faults.length > 0 || performance.now() < endMs) {
      const fault = faults.splice(this.#draw(faults.length), 1)[0] ?? randomKill(lengths, this.#draw);
      await this.#survive(fault, chaos);
    }
  }

  async #survive(fault: Fault, chaos: Chaos): Promise<void> {
    this.say(fault.name);
    const beganMs = performance.now();
    const makeGood = await fault.begin(chaos.site);
    const amid = this.#attack(chaos);
    await pause(fault.lastsSeconds * 1_000);
    await makeGood();
    const lasted = secondsSince(beganMs);
    const after = this.#attack(chaos);
    const { blocked } = await this.#caughtUp(amid, chaos.site);
    const { blocked: blockedAfter, stored: storedAfter } = await this.#caughtUp(after, chaos.site);
    this.faults++;
    const told = `good again after ${lasted} s; an attack in its midst was blocked after ${blocked} s`;
    this.say(`  ${told}, one after it after ${blockedAfter} s, and stored after ${storedAfter} s`);
  }

  #attack({ writer, alerts, blocked }: Chaos): Attack {
    const number = ++this.#attacks;
    // Beyond those of the script.
    const address = `198.18.${128 + (number >> 8)}.${number & 255}`;
    const attack = probe(address, HOSTS[this.#draw(HOSTS.length)] as string, number);
    for (const [name, alert] of attack.alerts) alerts.set(name, alert);
    blocked.add(address);
    writer.write(attack.acts.flat());
    return { address, atMs: performance.now() };
  }

  /** Resolves when the attack is blocked and stored; answers how long either took, seconds. */
  async #caughtUp({ address, atMs }: Attack, site: Site): Promise<{ blocked: number; stored: number }> {
    const isStored = async () => (await site.countEvents(address).catch(() => 0)) >= PROBE_EVENTS;
    const stored = until(`the events of ${address}`, isStored, CATCH_UP_WITHIN_MS).then(() => secondsSince(atMs));
    const blockedAtMs = until(`the block of ${address}`, () => site.blockedAtMs.get(address), CATCH_UP_WITHIN_MS);
    const [blocked, storedAfter] = await Promise.all([blockedAtMs, stored]);
    return { blocked: secondsSince(atMs, blocked), stored: storedAfter };
  }
}

function secondsSince(fromMs: number, toMs = performance.now()): number {
  return Math.round((toMs - fromMs) / 100) / 10;
}
