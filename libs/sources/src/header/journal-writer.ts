import type { EvidenceClass } from '@fleetwall/core';

/** Who wrote an entry of the journal: what it calls itself, and what the kernel and systemd say of it. */
export interface JournalWriter {
  /** `SYSLOG_IDENTIFIER`: the writer's own word. */
  identifier: string;
  /** `_COMM`, at most 15 bytes; the rest likewise cannot be forged by the writer. */
  comm: string | undefined;
  uid: number | undefined;
  /** `_SYSTEMD_UNIT` */
  unit: string | undefined;
  /** `_TRANSPORT` */
  transport: string | undefined;
}

/** Units of daemons whose process has another name: `smtpd` of postfix.service. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  smtpd: ['postfix'],
  postscreen: ['postfix'],
  mysqld: ['mysql', 'mariadb'],
  mariadbd: ['mariadb', 'mysql'],
  postgres: ['postgresql'],
  named: ['named', 'bind9'],
  openvpn: ['openvpn', 'openvpn-server'],
};
const MAX_COMM = 15;

/**
 * Anyone on the host can write `sshd: Failed password …` into the journal (`logger -t sshd …`). What the kernel or a process
 * of root wrote is believed, if it is the program that it says; and a daemon that runs as a user of its own, in the unit of
 * that daemon. The rest proves nothing about an address. Source: systemd.journal-fields(7), "Trusted Journal Fields".
 */
export function evidenceOfWriter({ identifier, comm, uid = 0, unit, transport }: JournalWriter): EvidenceClass {
  if (transport === 'audit' || transport === 'kernel') return 'handshake';
  const isOther = comm === 'logger' || (identifier.startsWith('sshd') && comm?.startsWith('sshd') === false);
  if (isOther) return 'unauthenticated';
  if (uid === 0) return 'handshake';
  const program = identifier.slice(identifier.lastIndexOf('/') + 1);
  return comm === program.slice(0, MAX_COMM) && isUnitOf(unit, program) ? 'handshake' : 'unauthenticated';
}

/** `postgresql@15-main.service` is a unit of `postgresql`; users' own units have others around them. */
function isUnitOf(unit: string | undefined, program: string): boolean {
  const base = /^([\w-]+)(?:@[^/]*)?\.service$/.exec(unit ?? '')?.[1];
  return base !== undefined && (base === program || UNITS[program]?.includes(base) === true);
}
