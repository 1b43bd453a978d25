import type { StandaloneService } from './standalone.service.js';

/** What a person at the terminal needs to know after the start. */
export function banner(service: StandaloneService): string {
  const { host, home, http, setup, armed, armedBy, firewall, watched, read, enforcing } = service.status();
  const lines = [
    '',
    `Fleetwall works on ${host}.`,
    '',
    `  listens   ${http}/health/ready and /metrics, and ${home}/control.sock for ./fleetwall`,
  ];
  if (setup !== undefined) lines.push(`  console   ${setup} creates the first administrator, once`);
  else lines.push(`  console   ${http}`);
  for (const { what, why, readable } of watched)
    lines.push(`  watches   ${what}${readable ? '' : `  NOT READABLE: ${why}`}`);
  if (!watched.some(({ readable }) => readable))
    lines.push('  watches   nothing yet: ./fleetwall doctor tells what to do');
  lines.push(
    `  read      ${read.lines} lines, ${read.events} events so far (${read.history} from before the first start)`,
  );
  if (enforcing) lines.push(`  enforces  blocks by ${firewall.name} (${armedBy})`);
  else if (armed) lines.push(`  reports   only: armed, but ${firewall.reason ?? 'the firewall is a dry run'}`);
  else
    lines.push(
      `  reports   only: nothing is blocked before ./fleetwall arm${firewall.enforces ? '' : ` (${firewall.reason ?? 'dry run'})`}`,
    );
  lines.push(
    `  data in   ${home}`,
    '',
    'Next: ./fleetwall status, ./fleetwall selftest, ./fleetwall doctor. Ctrl-C stops.',
    '',
  );
  return lines.join('\n');
}
