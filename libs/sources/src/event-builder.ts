import type { AttemptRole, FleetEvent } from '@fleetwall/core';
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

/**
 * What is known of an event while its line is read. Writing fields one by one into an event costs several times more
 * than making the event at the end, when its shape is known.
 */
export class EventDraft {
  user: string | undefined = undefined;
  /** Whether the account exists, where the program says so. */
  userKnown: boolean | undefined = undefined;
  ip: string | undefined = undefined;
  domain: string | undefined = undefined;
  port: number | undefined = undefined;
  method: string | undefined = undefined;
  reason: string | undefined = undefined;
  role: AttemptRole | undefined = undefined;
  count: number | undefined = undefined;
  pamModule: string | undefined = undefined;
  pamService: string | undefined = undefined;

  constructor(
    readonly module: string,
    public action: string,
    readonly category: string[],
    readonly type: string[],
    readonly outcome: 'success' | 'failure' | undefined,
  ) {}

  /**
   * The event of the line, with the fields that are known and no others. What nearly all lines have is written at once:
   * fields that come later are kept apart from the object, which costs more than half of its making.
   */
  finish(line: LogLine): FleetEvent {
    const { pid } = line;
    const { user, ip, port, outcome } = this;
    const isFull = pid !== undefined && user !== undefined && ip !== undefined && port !== undefined;
    if (isFull && outcome !== undefined) return this.#finishRest(this.#logonOf(line, outcome, pid, user, ip, port));
    const event = outcome === undefined ? this.#plain(line) : this.#withOutcome(line, outcome);
    if (pid !== undefined) event['process.pid'] = pid;
    if (user !== undefined) event['user.name'] = user;
    if (ip !== undefined) event['source.ip'] = ip;
    if (port !== undefined) event['source.port'] = port;
    return this.#finishRest(event);
  }

  #finishRest(event: FleetEvent): FleetEvent {
    if (this.userKnown !== undefined) event['fleetwall.user.known'] = this.userKnown;
    if (this.method !== undefined) event['fleetwall.auth.method'] = this.method;
    if (this.role !== undefined) event['fleetwall.attempt.role'] = this.role;
    if (this.pamModule !== undefined) event['fleetwall.pam.module'] = this.pamModule;
    if (this.pamService !== undefined) event['fleetwall.pam.service'] = this.pamService;
    if (this.domain !== undefined) event['source.domain'] = this.domain;
    if (this.reason !== undefined) event['event.reason'] = this.reason;
    if (this.count !== undefined) event['fleetwall.attempt.count'] = this.count;
    return event;
  }

  #logonOf(
    line: LogLine,
    outcome: 'success' | 'failure',
    pid: number,
    user: string,
    ip: string,
    port: number,
  ): FleetEvent {
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
      'process.pid': pid,
      'user.name': user,
      'source.ip': ip,
      'source.port': port,
    };
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
