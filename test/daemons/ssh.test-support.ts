import { BYSTANDER } from './events.test-support.js';
import { GUESSER, OWNER, PASSWORD, SERVER, type Site, USER } from './site.test-support.js';

/** What {@link attackSsh} tries in vain; the client sends no quotes. */
export const SSH_FAILURES = [
  USER,
  'nobody-here',
  `root from ${BYSTANDER} port 22`,
  `a rhost=${BYSTANDER} user=root`,
  `[${BYSTANDER}]`,
];

/** Wrong passwords, one connection each, and a right one, by the client of OpenSSH. */
export function attackSsh(site: Site): void {
  for (const name of SSH_FAILURES) site.run(`! ${client(GUESSER, name, 'wrong')}`);
  site.run(client(OWNER, USER, PASSWORD));
}

function client(from: string, user: string, password: string): string {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'NumberOfPasswordPrompts=1'];
  const only = ['PreferredAuthentications=password', 'PubkeyAuthentication=no', 'LogLevel=ERROR'];
  return `(printf '#!/bin/sh\\necho ${password}\\n' >/run/ask; chmod 755 /run/ask
SSH_ASKPASS=/run/ask SSH_ASKPASS_REQUIRE=force DISPLAY=:0 ssh -b ${from} ${[...options, ...only].map((option) => `-o ${option}`).join(' ')} \\
  -l '${user}' ${SERVER} true </dev/null 2>&1)`;
}
