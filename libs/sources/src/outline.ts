import { CATEGORY, TYPE } from './event-builder.js';

/**
 * What the beginning of a message tells of its event for certain, so that the rest need not be read by who wants no more:
 * these four fields, and that there is no outcome and no attempt in it.
 */
export interface Outline {
  readonly 'event.module': string;
  readonly 'event.action': string;
  readonly 'event.category': string[];
  readonly 'event.type': string[];
  /** Whether the event may have the fields of a peer (`source.*`). */
  readonly mayHaveSource: boolean;
}

function outline(module: string, action: string, category: string[], type: string[], mayHaveSource = false): Outline {
  return {
    'event.module': module,
    'event.action': action,
    'event.category': category,
    'event.type': type,
    mayHaveSource,
  };
}

export const OUTLINES = {
  pamOpened: outline('pam', 'session-opened', CATEGORY.session, TYPE.start),
  pamClosed: outline('pam', 'session-closed', CATEGORY.session, TYPE.end),
  logindOpened: outline('systemd-logind', 'session-opened', CATEGORY.session, TYPE.start),
  sudoCommand: outline('sudo', 'sudo-command', CATEGORY.process, TYPE.start),
  sshDisconnected: outline('sshd', 'ssh-disconnected', CATEGORY.network, TYPE.end, true),
  sshClosed: outline('sshd', 'ssh-connection-closed', CATEGORY.network, TYPE.end, true),
  sshReset: outline('sshd', 'ssh-connection-reset', CATEGORY.network, TYPE.end, true),
};
