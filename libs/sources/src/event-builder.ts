import type { FleetEvent } from '@fleetwall/core';
import type { LogLine } from './source.js';

/** Lists shared by all events: nobody changes an event's list in place. */
export const CATEGORY = {
  authentication: ['authentication'],
  session: ['session'],
  network: ['network'],
  process: ['process'],
  iam: ['iam'],
};

export const TYPE = {
  start: ['start'],
  end: ['end'],
  info: ['info'],
  denied: ['denied'],
  connection: ['connection'],
};

/** A try to log on that did not get in. */
export function failedLogon(line: LogLine, module: string, action: string): FleetEvent {
  return outcomeEvent(line, module, action, CATEGORY.authentication, TYPE.start, 'failure');
}

/** A logon. */
export function logon(line: LogLine, module: string, action: string): FleetEvent {
  return outcomeEvent(line, module, action, CATEGORY.authentication, TYPE.start, 'success');
}

/** Any other event, without an outcome. */
export function plainEvent(
  line: LogLine,
  module: string,
  action: string,
  category: string[],
  type: string[],
): FleetEvent {
  const event: FleetEvent = {
    '@timestamp': line.timeMs,
    'event.original': line.original,
    'event.kind': 'event',
    'event.module': module,
    'event.category': category,
    'event.type': type,
    'event.action': action,
    'host.name': line.host,
    'process.name': line.program,
    'fleetwall.evidence': line.evidence,
  };
  if (line.pid !== undefined) event['process.pid'] = line.pid;
  return event;
}

function outcomeEvent(
  line: LogLine,
  module: string,
  action: string,
  category: string[],
  type: string[],
  outcome: 'success' | 'failure',
): FleetEvent {
  const event: FleetEvent = {
    '@timestamp': line.timeMs,
    'event.original': line.original,
    'event.kind': 'event',
    'event.module': module,
    'event.category': category,
    'event.type': type,
    'event.action': action,
    'event.outcome': outcome,
    'host.name': line.host,
    'process.name': line.program,
    'fleetwall.evidence': line.evidence,
  };
  if (line.pid !== undefined) event['process.pid'] = line.pid;
  return event;
}
