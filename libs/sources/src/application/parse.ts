import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { failedLogon, logon } from '../event-builder.js';
import { type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import type { Source, Unparsed } from '../source.js';

/** The result of one logon, as an application tells it. */
export interface LogonResult {
  application: string;
  user: string;
  /** The peer of the application's own connection, canonical. */
  address: string;
  outcome: 'success' | 'failure';
  /** Milliseconds since 1970 UTC. */
  timeMs: number;
  /** Whether there is such an account. */
  known?: boolean;
  reason?: string;
  session?: string;
  /** The application's own number of it. */
  id?: string;
}

const BEGINNING = '{"logon":';

/** The line of one result; its own format, so that no log file can hold one by chance. */
export function logonLine(result: LogonResult): string {
  return `${BEGINNING}${JSON.stringify(result)}}`;
}

const format: LogFormat = {
  name: 'application',
  begins: '{',
  recognises: (raw) => raw.startsWith(BEGINNING),
  open: (stream) => (raw) => readLogon(raw, stream),
};

/**
 * Logon results that an application sends over HTTP. Not among the sources of log lines: it reads only what the HTTP input wrote,
 * after it knew the application by its token. Whatever else it is given gives nothing.
 */
export const applicationLogons: Source = {
  name: 'application',
  // What lost its end is no JSON.
  addressFirst: true,
  programs: [],
  formats: [format],
  parse: ({ program }) => ({ unparsed: 'unknown-program', program }),
};

function readLogon(raw: string, stream: StreamContext): FleetEvent | Unparsed | undefined {
  if (!raw.startsWith(BEGINNING)) return undefined;
  const result = resultIn(raw);
  if (result === undefined) return { unparsed: 'unknown-message', program: 'application' };
  const { application, user, address, outcome, timeMs, known, reason, session } = result;
  const draft =
    outcome === 'failure'
      ? failedLogon('application', 'application-logon-failed')
      : logon('application', 'application-logon');
  if (outcome === 'failure') draft.role = 'attempt';
  draft.user = user;
  draft.userKnown = known;
  draft.ip = address;
  draft.reason = reason;
  const event = draft.finish(lineOf(raw, stream, application, timeMs));
  event['service.name'] = application;
  event['network.application'] = 'http';
  if (session !== undefined) event['fleetwall.session.id'] = session;
  return event;
}

function resultIn(raw: string): LogonResult | undefined {
  try {
    const { logon: result } = JSON.parse(raw) as { logon?: LogonResult };
    const isWhole =
      typeof result === 'object' && typeof result.user === 'string' && Number.isSafeInteger(result.timeMs);
    return isWhole && canonicalAddress(result.address) === result.address ? result : undefined;
  } catch {
    return undefined;
  }
}
