import type { AttemptRole, FleetEvent } from '@fleetwall/core';
import type { LogLine } from './source.js';

/** Lists shared by all events: nobody changes an event's list in place. */
export const CATEGORY = {
  authentication: ['authentication'],
  session: ['session'],
  network: ['network'],
  process: ['process'],
  iam: ['iam'],
  web: ['web'],
  malware: ['malware'],
  configuration: ['configuration'],
  host: ['host'],
  intrusionDetection: ['intrusion_detection'],
};

export const TYPE = {
  start: ['start'],
  end: ['end'],
  info: ['info'],
  denied: ['denied'],
  connection: ['connection'],
  access: ['access'],
  allowed: ['allowed'],
  change: ['change'],
  creation: ['creation'],
  deletion: ['deletion'],
  error: ['error'],
};

/** Why nobody gets into an account, whatever the password. */
export type AccountState = 'disabled' | 'expired' | 'locked' | 'removed';

/**
 * What is known of an event while its line is read. The event is made at the end and its fields always in the same
 * order, so that events have few shapes and the engine keeps its fast ways to them.
 */
export class EventDraft {
  user: string | undefined = undefined;
  /** Whether the account exists, where the program says so. */
  userKnown: boolean | undefined = undefined;
  accountState: AccountState | undefined = undefined;
  ip: string | undefined = undefined;
  domain: string | undefined = undefined;
  port: number | undefined = undefined;
  method: string | undefined = undefined;
  reason: string | undefined = undefined;
  role: AttemptRole | undefined = undefined;
  count: number | undefined = undefined;
  pamModule: string | undefined = undefined;
  pamService: string | undefined = undefined;
  /** `service.type`: what PAM's and other processes' lines about the same try have in common; see the assembler. */
  service: string | undefined = undefined;

  constructor(
    readonly module: string,
    public action: string,
    readonly category: string[],
    readonly type: string[],
    readonly outcome: 'success' | 'failure' | undefined,
  ) {}

  /** The event of the line, with the fields that are known and no others. */
  finish(line: LogLine): FleetEvent {
    const event = this.outcome === undefined ? this.#plain(line) : this.#withOutcome(line, this.outcome);
    if (line.pid !== undefined) event['process.pid'] = line.pid;
    if (this.user !== undefined) event['user.name'] = this.user;
    if (this.ip !== undefined) event['source.ip'] = this.ip;
    if (this.port !== undefined) event['source.port'] = this.port;
    if (this.userKnown !== undefined) event['fleetwall.user.known'] = this.userKnown;
    if (this.accountState !== undefined) event['fleetwall.account.state'] = this.accountState;
    if (this.method !== undefined) event['fleetwall.auth.method'] = this.method;
    if (this.role !== undefined) event['fleetwall.attempt.role'] = this.role;
    if (this.pamModule !== undefined) event['fleetwall.pam.module'] = this.pamModule;
    if (this.pamService !== undefined) event['fleetwall.pam.service'] = this.pamService;
    if (this.service !== undefined) event['service.type'] = this.service;
    if (this.domain !== undefined) event['source.domain'] = this.domain;
    if (this.reason !== undefined) event['event.reason'] = this.reason;
    if (this.count !== undefined) event['fleetwall.attempt.count'] = this.count;
    return event;
  }

  #plain(line: LogLine): FleetEvent {
    return {
      '@timestamp': line.timeMs,
      'event.original': line.original,
      'event.kind': 'event',
      'event.module': this.module,
      'event.category': this.category,
      'event.type': this.type,
      'event.action': this.action,
      'host.name': line.host,
      'process.name': line.program,
      'fleetwall.evidence': line.evidence,
    };
  }

  #withOutcome(line: LogLine, outcome: 'success' | 'failure'): FleetEvent {
    return {
      '@timestamp': line.timeMs,
      'event.original': line.original,
      'event.kind': 'event',
      'event.module': this.module,
      'event.category': this.category,
      'event.type': this.type,
      'event.action': this.action,
      'host.name': line.host,
      'process.name': line.program,
      'fleetwall.evidence': line.evidence,
      'event.outcome': outcome,
    };
  }
}

/** A try to log on that did not get in. */
export function failedLogon(module: string, action: string): EventDraft {
  return new EventDraft(module, action, CATEGORY.authentication, TYPE.start, 'failure');
}

/** A logon. */
export function logon(module: string, action: string): EventDraft {
  return new EventDraft(module, action, CATEGORY.authentication, TYPE.start, 'success');
}

/** Any other event, without an outcome. */
export function plainDraft(module: string, action: string, category: string[], type: string[]): EventDraft {
  return new EventDraft(module, action, category, type, undefined);
}
