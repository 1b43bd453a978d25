/**
 * One thing that was looked at. `bad` keeps Fleetwall from its work and must be mended; `note` is worth knowing (nothing is
 * armed, a dry run).
 */
export interface Check {
  area: 'node' | 'home' | 'config' | 'rules' | 'service' | 'reads' | 'firewall' | 'armed';
  state: 'ok' | 'note' | 'bad';
  text: string;
  /** What to do about it. */
  hint?: string;
}
