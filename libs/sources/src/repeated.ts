import type { FleetEvent } from '@fleetwall/core';
import { parsePam } from './pam/parse.js';
import { numberBetween } from './scan.js';
import { isUnparsed, type LogLine, type Unparsed, unknownMessage } from './source.js';

const BEGINNING = 'message repeated ';
const TIMES = ' times: [ ';

/**
 * A parser that knows rsyslog's `message repeated N times: [ MESSAGE]` (`$RepeatedMsgReduction`): the inner message, N
 * times. The first one stands in a line of its own before it. PAM's messages are read, too.
 */
export function repeated(parse: (line: LogLine) => FleetEvent | Unparsed): (line: LogLine) => FleetEvent | Unparsed {
  return (line) => {
    const { message } = line;
    if (!message.startsWith(BEGINNING)) return parse(line);
    const numberEnd = message.indexOf(' ', BEGINNING.length);
    const count = numberBetween(message, BEGINNING.length, numberEnd, 6);
    if (count < 1 || !message.startsWith(TIMES, numberEnd) || !message.endsWith(']')) return unknownMessage(line);
    const inner = message.slice(numberEnd + TIMES.length, -1);
    const event = inner.startsWith('pam_') ? parsePam(line, inner) : parse({ ...line, message: inner });
    if (isUnparsed(event)) return event;
    // A summary says how many there were in all, however often.
    const role = event['fleetwall.attempt.role'];
    if (role === undefined || role === 'summary') return event;
    event['fleetwall.attempt.count'] = (event['fleetwall.attempt.count'] ?? 1) * count;
    return event;
  };
}
