import type { FleetEvent } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { evidences, failedTries, readLogs, strangers, successes, type Try } from './events.test-support.js';
import { GUESSER, missing, OWNER, Site } from './site.test-support.js';

/** What is done to a daemon, and what its logs must have told in the end. */
export interface Proof {
  /** Absolute paths of Debian. */
  programs: readonly string[];
  /** Sets the daemon up, and starts it. */
  start(site: Site): Promise<void>;
  /** Clients try to log on. */
  attack(site: Site): Promise<void> | void;
  /** Then the logs are read once this one holds a line that matches, or so many. */
  logged: readonly [name: string, pattern: RegExp, times?: number];
  /** Names of files in /var/log, each set of them read as one collector would. */
  logs: readonly (readonly string[])[];
  /** Names that {@link GUESSER} tried, in order: one failure each, whichever lines tell of it. */
  failures: readonly string[];
  /** Names that {@link OWNER} logged on with; empty where the program tells of no logon. */
  successes: readonly string[];
  /** Several kinds of lines tell of each try also within one file: which of them belong together is not known. */
  mixed?: boolean;
  /** The name that was tried, of a name as the log escapes it. */
  unescaped?: (name: string) => string;
  /** Classes of evidence that events of logons have. Default: `handshake`. */
  evidence?: readonly string[];
}

/** A suite about a daemon; skipped under its name and the reason where it cannot run. */
export function provenBy(name: string, proof: Proof, more?: (site: () => Site) => void): void {
  const why = missing(...proof.programs);
  (why === undefined ? describe : describe.skip)(`${name}${why === undefined ? '' : ` (${why})`}`, () => {
    let site: Site;
    beforeAll(async () => {
      site = await Site.start();
      await proof.start(site);
      await proof.attack(site);
      await site.logged(...proof.logged);
    }, 120_000);
    afterAll(() => site?.stop());

    for (const names of proof.logs) {
      const read = () => readLogs(...names.map((file) => site.log(file)));
      it(`${names.join(' and ')}: every failed try is one failure, with who tried what`, () => {
        const found = failedTries(read(), proof.unescaped);
        const wanted = proof.failures.map((user) => ({ ip: GUESSER, user }));
        if (names.length === 1 && !proof.mixed) expectTries(found, wanted, site);
        else expectSameTries(found, wanted, site);
      });
      it(`${names.join(' and ')}: every logon is a success`, () => {
        expectTries(
          successes(read()),
          proof.successes.map((user) => ({ ip: OWNER, user })),
          site,
        );
      });
      it(`${names.join(' and ')}: no text of a client becomes an address, and the evidence is right`, () => {
        expect(strangers(read(), [GUESSER, OWNER])).toEqual([]);
        expect(evidences(read())).toEqual(proof.evidence ?? ['handshake']);
      });
      it(`${names.join(' and ')}: a second pass gives the same events`, () => {
        expect(ids(read())).toEqual(ids(read()));
      });
    }
    more?.(() => site);
  });
}

function expectTries(found: readonly Try[], wanted: readonly Try[], site: Site): void {
  const sorted = (tries: readonly Try[]) => tries.map(({ ip, user }) => `${ip} ${user}`).sort();
  try {
    expect(sorted(found)).toEqual(sorted(wanted));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${site.logs()}`);
  }
}

/** Several logs tell of tries at the same time in different orders: how many there were is known, not which is which. */
function expectSameTries(found: readonly Try[], wanted: readonly Try[], site: Site): void {
  const ofAll = (user: string) => ({ ip: GUESSER, user });
  const users = (tries: readonly Try[]) => [...new Set(tries.flatMap(({ user }) => user.split('|')))].map(ofAll);
  expectTries(users(found), users(wanted), site);
  expectTries(
    found.map(({ ip }) => ({ ip, user: '' })),
    wanted.map(() => ofAll('')),
    site,
  );
}

function ids(events: readonly FleetEvent[]): unknown[] {
  return events.map((event) => [event['event.id'], event['fleetwall.attempt.id'], event['fleetwall.attempt.ids']]);
}
