import type { FleetEvent } from '@fleetwall/core';
import { isUnparsed, type Unparsed } from '../source.js';
import { sshd } from '../sshd/parse.js';
import type { WindowsContext } from './map-record.js';
import { type WindowsRecord, writeRecord } from './record.js';

/** Before it had a channel of its own, OpenSSH wrote to Application: `sshd: PID 50650: Invalid user …`. */
const OLD_PREFIX = /^sshd: PID (\d{1,10}): /;

/**
 * A line of sshd on Windows, read as every line of sshd; undefined when it is none of OpenSSH's records. Windows keeps the
 * process that wrote it, so its lines come together as elsewhere.
 */
export function readOpenSsh(record: WindowsRecord, context: WindowsContext): FleetEvent | Unparsed | undefined {
  const provider = record.provider.toLowerCase();
  if (provider !== 'openssh' && provider !== 'sshd') return undefined;
  const said = record.data.get('payload') ?? record.data.get('param1') ?? record.message ?? '';
  const program = record.data.get('process') ?? 'sshd';
  if (!sshd.programs.includes(program)) return { unparsed: 'unknown-program', program };
  const old = OLD_PREFIX.exec(said);
  const event = sshd.parse({
    original: record.xml(),
    timeMs: record.timeMs,
    host: context.host,
    program,
    pid: old === null ? record.processId : Number(old[1]),
    message: old === null ? said : said.slice(old[0].length),
    evidence: context.evidence ?? 'handshake',
  });
  if (isUnparsed(event)) return event;
  writeRecord(event, record);
  return event;
}
