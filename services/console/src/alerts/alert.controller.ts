import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { Events } from '../events/events.js';
import { Notifier } from '../notifications/notifier.js';
import { AlertNotes } from './alert-notes.js';
import { Alerts, alertView, noteView, threadView } from './alerts.js';
import { Prevention } from './prevention.js';

@Controller()
export class AlertController {
  constructor(
    @Inject(Alerts) private readonly alerts: Alerts,
    @Inject(AlertNotes) private readonly notes: AlertNotes,
    @Inject(Events) private readonly events: Events,
    @Inject(Notifier) private readonly notifier: Notifier,
    @Inject(Prevention) private readonly prevention: Prevention,
  ) {}

  @Endpoint('listAlerts')
  listAlerts(@Asks() { query, caller }: AskOf<'listAlerts'>) {
    const { state, status, rule, address, from, to, cursor, limit } = query;
    const wanted = {
      ...(state === undefined ? {} : { state }),
      ...(rule === undefined ? {} : { rule }),
      ...(address === undefined ? {} : { address }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    return this.alerts.page({ ...this.events.range({ from, to }), ...wanted, limit }, status, caller);
  }

  @Endpoint('getAlert')
  async getAlert(@Asks() { params, caller, reply }: AskOf<'getAlert'>) {
    const { full, version } = await this.alerts.inFull(params.id, caller);
    reply.header('etag', `"${version}"`);
    return full;
  }

  @Endpoint('preventAlert')
  async preventAlert(@Asks() { params, caller }: AskOf<'preventAlert'>) {
    return this.prevention.of(await this.alerts.stored(params.id, caller), caller);
  }

  @Endpoint('noteAlert')
  async noteAlert(@Asks() { params, body, caller, act, reply, ifMatch }: AskOf<'noteAlert'>) {
    act.about = params.id;
    const alert = await this.alerts.stored(params.id, caller);
    const { before, after } = await this.notes.change(params.id, body, versionOf(ifMatch));
    Object.assign(act, { before: noteView(before), after: noteView(after.value) });
    if (body.status !== undefined) await this.notifier.handled(alert, body.status, caller.name);
    reply.header('etag', `"${after.version}"`);
    return alertView(alert, after.value);
  }

  @Endpoint('commentAlert')
  async commentAlert(@Asks() { params, body, caller, act, reply }: AskOf<'commentAlert'>) {
    act.about = params.id;
    await this.alerts.stored(params.id, caller);
    const { after } = await this.notes.comment(params.id, caller.name, body.text);
    act.after = { text: body.text };
    reply.header('etag', `"${after.version}"`);
    return { thread: threadView(after.value) };
  }
}

/** Of `If-Match: "7"`; undefined without one. */
function versionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const version = /^"(\d{1,15})"$/.exec(ifMatch)?.[1];
  if (version === undefined)
    throw consoleError('INPUT_INVALID', { field: 'If-Match', reason: 'is no ETag of this alert' });
  return Number(version);
}
