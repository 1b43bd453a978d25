import type { ErrorHead } from './texts.js';

/** States of 18456 that the server has only of logins that exist, and so of names that nobody made up. */
const KNOWN_LOGIN = new Set([7, 8]);

/**
 * Whether somebody writes line ends into names. A name of 128 characters has room for all that a line of the log has, up to a
 * client of its choice; what the server prints behind it then begins a line of its own. One such line cannot be told from a
 * real one, but what follows it can: a line that breaks off, one without a head that ends with a client, or a failure for which
 * no line with an error has come. From then on the client of a failure is only believed where the name was one that the server knows.
 */
export class Injection {
  #isSeen = false;
  #hasHeads = false;
  /** Errors whose texts have not come yet: those of several connections may mix. */
  #awaited = 0;

  /** A line with error and state. */
  head(head: ErrorHead): void {
    if (!head.isLogon) return;
    this.#hasHeads = true;
    this.#awaited++;
  }

  /** The text of a failure. */
  failure(): void {
    if (this.#awaited > 0) this.#awaited--;
    else if (this.#hasHeads) this.#isSeen = true;
  }

  /** A line that is a piece of what was one. */
  piece(): void {
    this.#isSeen = true;
  }

  /** @param head error and state of the failure, where the line before it had them */
  trusts(head: ErrorHead | undefined): boolean {
    if (!this.#isSeen) return true;
    return head !== undefined && (head.error !== 18456 || KNOWN_LOGIN.has(head.state));
  }
}
