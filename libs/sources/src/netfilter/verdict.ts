export type Verdict = 'blocked' | 'allowed' | 'logged';

/**
 * What the rule did with the packet. The kernel does not say; whoever wrote the rule mostly says it in the prefix:
 * `[UFW BLOCK]`, `[UFW LIMIT BLOCK]`, `filter_IN_public_DENY:`, `FINAL_REJECT:`, `Shorewall:net2fw:DROP:`,
 * `Firewall: *TCP_IN Blocked*`, `SFW2-INext-ACC-TCP`, `[WAN_LOCAL-default-D]`. A prefix without such a word (`[UFW AUDIT]`)
 * is a packet that was logged, no more.
 */
export function verdictOf(prefix: string): Verdict {
  if (prefix === '') return 'logged';
  if (BLOCKED.test(prefix)) return 'blocked';
  return ALLOWED.test(prefix) ? 'allowed' : 'logged';
}

/** Words stand alone or between underscores and hyphens; `-D]`, `-R]` and `-A]` are those of VyOS, EdgeOS and UniFi. */
const BLOCKED =
  /(?:^|[^A-Za-z])(?:block(?:ed)?|drop(?:p?ed)?|den(?:y|ied)|reject(?:ed)?)(?![A-Za-z])|-[DR](?:-\d+)?\]/i;
const ALLOWED =
  /(?:^|[^A-Za-z])(?:allow(?:ed)?|accept(?:ed)?|ACC|pass(?:ed)?|permit(?:ted)?)(?![A-Za-z])|-A(?:-\d+)?\]/i;
