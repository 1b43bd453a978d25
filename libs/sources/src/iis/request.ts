import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import type { EventDraft } from '../event-builder.js';
import type { StreamContext } from '../log-format.js';
import { clientOf } from '../proxy/client-of.js';
import { setSource } from '../scan.js';
import type { LogLine } from '../source.js';
import type { W3cValues } from '../w3c/columns.js';
import { finishHttp } from '../web-access/web-event.js';
import { writeAccount } from '../windows/account.js';

export const NAME = 'iis';
const MAX_PATH_CHARS = 256;

/** One request as IIS logs it. */
export interface IisRequest {
  /** Whose request it was; undefined where a proxy says what cannot be read. */
  client: string | undefined;
  /** `cs-username`: who the client says it is, once IIS has looked at that; undefined for nobody. */
  user: string | undefined;
  method: string;
  path: string;
  /** In lower case. */
  lowerPath: string;
  query: string;
  status: number;
  substatus: number;
  win32Status: number;
  /** Where the answer sends the client, if that is logged. */
  location: string;
}

/** Columns that administrators add for the client before a proxy, under whatever name. */
const FORWARDED = ['x-forwarded-for', 'cs(x-forwarded-for)', 'xforwardedfor', 'xff'];

/** Undefined when the line's own columns are not what IIS writes there. */
export function requestOf(values: W3cValues, { trustedProxies }: StreamContext): IisRequest | undefined {
  const peer = canonicalAddress(values.get('c-ip') ?? '');
  const status = values.number('sc-status');
  const method = values.get('cs-method');
  if (peer === undefined || status === undefined || method === undefined) return undefined;
  const path = values.get('cs-uri-stem') ?? '';
  const forwarded = FORWARDED.map((name) => values.get(name)).find((value) => value !== undefined);
  return {
    client: clientOf(peer, forwarded?.replaceAll('+', ' '), trustedProxies),
    user: values.get('cs-username'),
    method,
    path,
    lowerPath: path.toLowerCase(),
    query: values.get('cs-uri-query') ?? '',
    status,
    substatus: values.number('sc-substatus') ?? 0,
    win32Status: values.number('sc-win32-status') ?? 0,
    location: values.get('sc(location)') ?? values.get('location') ?? '',
  };
}

/** @param user who it was, where another request of the same logon said so */
export function requestEvent(line: LogLine, draft: EventDraft, request: IisRequest, user = request.user): FleetEvent {
  if (request.client !== undefined) setSource(draft, request.client);
  const event = finishHttp(draft, line);
  writeAccount(event, user);
  event['http.request.method'] = request.method;
  event['http.response.status_code'] = request.status;
  event['url.path'] = request.path.slice(0, MAX_PATH_CHARS);
  return event;
}
