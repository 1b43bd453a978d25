import type { FleetEvent } from '@fleetwall/core';
import { AccountDigest, isMask } from './account-digest.js';
import { isCommonName } from './common-names.js';
import { KnownAccounts } from './known-accounts.js';
import { MaskedLately } from './masked-lately.js';
import { lowerAscii, MaskedName } from './masked-name.js';
import { namesElsewhere } from './typed-elsewhere.js';

export interface NameMaskStats {
  /** Events in which a name was masked. */
  masked: number;
  /** Of those, the ones whose line could not be masked and is not kept. */
  withheld: number;
}

/** Who wrote the event, when, where from and what it is: nothing that was typed. */
const NOT_TYPED =
  /^(?:@timestamp$|agent\.|client\.ip$|container\.|destination\.(?:ip|port)$|ecs\.|event\.(?!original$|reason$)|fleetwall\.(?:attempt|auth|evidence|pam|session|source|user)|host\.|network\.|observer\.|log\.|organization\.|process\.(?:name|executable|pid)|service\.|source\.(?:ip|port)$|user\.(?:id|hash)$|winlog\.(?:channel|computer_name|event_id|logon|provider|record_id))/;
/** Behind it Dovecot writes the password itself, where `auth_verbose_passwords` is on. */
const GIVEN_PASSWORD = 'given password: ';

/**
 * People type passwords where a user name belongs. So the name of an account that is not known to exist is masked before
 * its event is kept anywhere: `~` and the account's keyed digest stand in its place in `user.name`, in the raw line and in
 * whatever other field has it. `user.hash` is the digest, of known accounts as well, so that what counts by account counts
 * the same whether names are masked or not.
 *
 * An account exists when a program says so, or when somebody logged on as it or has a session. Names that are tried
 * everywhere, and the names of the host and the program, are never masked. The name itself is not kept.
 */
export class NameMask {
  readonly stats: NameMaskStats = { masked: 0, withheld: 0 };
  #digest: AccountDigest;
  #known = new KnownAccounts();
  #lately = new MaskedLately();

  /**
   * @param key at least 16 random bytes, the same wherever accounts are to be counted together
   * @param known digests of accounts, as {@link known} told them under the same key
   */
  constructor(key: Buffer, known: readonly string[] = []) {
    this.#digest = new AccountDigest(key);
    for (const digest of known) this.#known.add(digest);
  }

  /** Another key from now on; what was known under the old one is learnt again. */
  use(key: Buffer): void {
    this.#digest = new AccountDigest(key);
    this.#known = new KnownAccounts();
    this.#lately = new MaskedLately();
  }

  /** Digests of the accounts that are known, the one unheard of for longest first. */
  known(): string[] {
    return this.#known.list();
  }

  /** Changes when another account is known. */
  get revision(): number {
    return this.#known.revision;
  }

  /** The same object. To be called once for each event, in the order of the log. Whatever the fields are, it never throws. */
  apply(event: FleetEvent): FleetEvent {
    hideGivenPassword(event);
    const name: unknown = event['user.name'];
    if (typeof name === 'string' && name !== '') {
      const digest = this.#digest.of(name);
      event['user.hash'] = digest;
      if (isOfAccount(event)) this.#learn(event, digest);
      else if (isTyped(event) && this.#isSecret(event, name)) this.#mask(event, name);
    }
    for (const other of namesElsewhere(event)) {
      if (other !== name && this.#isSecret(event, other)) this.#maskBeside(event, other);
    }
    const lately = this.#lately.of(event).filter(({ digest }) => !this.#known.has(digest));
    if (lately.length > 0) replace(event, lately);
    return event;
  }

  #learn(event: FleetEvent, digest: string): void {
    this.#known.add(digest);
    const domain = event['user.domain'];
    if (typeof domain === 'string') this.#known.add(this.#digest.of(domain));
  }

  /** Neither known to be an account nor known to everybody. */
  #isSecret(event: FleetEvent, name: string): boolean {
    return !isPublic(event, name) && !this.#known.has(this.#digest.of(name));
  }

  #mask(event: FleetEvent, name: string): void {
    this.stats.masked++;
    const original = String(event['event.original']);
    const { mask } = this.#maskBeside(event, name);
    // A password with a backslash in it is taken for a domain and a name.
    const domain = event['user.domain'];
    if (typeof domain === 'string' && domain !== '' && this.#isSecret(event, domain)) this.#maskBeside(event, domain);
    event['user.name'] = mask;
    if (event['event.original'] !== original) return;
    this.stats.withheld++;
    // Copies of a line are known by its text, and are to stay copies.
    event['event.original'] = `(a line that names ${mask} in a way of its own, ${this.#digest.of(original)})`;
  }

  #maskBeside(event: FleetEvent, name: string): MaskedName {
    const masked = new MaskedName(name, this.#digest.of(name));
    replace(event, [masked]);
    this.#lately.add(event, masked);
    return masked;
  }
}

function replace(event: FleetEvent, names: readonly MaskedName[]): void {
  const masked = (one: unknown) => (typeof one === 'string' ? maskedText(one, names) : one);
  for (const field of Object.keys(event)) {
    if (NOT_TYPED.test(field)) continue;
    const value = event[field];
    const now = Array.isArray(value) ? value.map(masked) : masked(value);
    if (now !== value) event[field] = now as typeof value;
  }
}

function maskedText(text: string, names: readonly MaskedName[]): string {
  let masked = text;
  let folded = lowerAscii(text);
  for (const name of names) {
    const before = masked;
    masked = name.maskedIn(before, folded);
    if (masked !== before) folded = lowerAscii(masked);
  }
  return masked;
}

/** Whether the event shows that its account exists. */
function isOfAccount(event: FleetEvent): boolean {
  if (event['fleetwall.user.known'] !== undefined) return event['fleetwall.user.known'] === true;
  const outcome = event['event.outcome'];
  if (outcome === 'success') return true;
  return outcome === undefined && isOf(event, 'session');
}

/** Whether somebody typed the name to log on: everywhere else it is that of an account. */
function isTyped(event: FleetEvent): boolean {
  return event['fleetwall.user.known'] === false || isOf(event, 'authentication');
}

function isOf(event: FleetEvent, category: string): boolean {
  const categories: unknown = event['event.category'];
  return Array.isArray(categories) && categories.includes(category);
}

/** Names that everybody knows; and masks of somebody who masked before. */
function isPublic(event: FleetEvent, name: string): boolean {
  const folded = name.toLowerCase();
  if ([event['host.name'], event['process.name']].some((own) => String(own).toLowerCase() === folded)) return true;
  return isCommonName(name) || isMask(name);
}

function hideGivenPassword(event: FleetEvent): void {
  if (event['event.module'] !== 'dovecot') return;
  const original = String(event['event.original']);
  const at = original.indexOf(GIVEN_PASSWORD);
  if (at >= 0) event['event.original'] = `${original.slice(0, at + GIVEN_PASSWORD.length)}~)`;
}
