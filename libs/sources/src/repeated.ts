import type { FleetEvent } from '@fleetwall/core';
import { parsePam } from './pam/parse.js';
import { isUnparsed, type LogLine, type Unparsed, unknownMessage } from './source.js';

const BEGINNING = 'message repeated ';
const REPEATED = /^message repeated (\d{1,6}) times: \[ /;

/**
 * `message repeated N times: [ MESSAGE]`, by rsyslog (`$RepeatedMsgReduction`): the inner message, and how often it came
 * besides the first, which stands in a line of its own before it; any other is itself, once.
 */
export function unrepeated(message: string): { text: string; count: number } {
  const match = message.endsWith(']') ? REPEATED.exec(message) : null;
  const count = Number(match?.[1] ?? 0);
  return match === null || count < 1
    ? { text: message, count: 1 }
    : { text: message.slice(match[0].length, -1), count };
}

/** A parser that knows repeated messages: the inner message's event, N times. PAM's messages are read, too. */
export function repeated(parse: (line: LogLine) => FleetEvent | Unparsed): (line: LogLine) => FleetEvent | Unparsed {
  return (line) => {
    if (!line.message.startsWith(BEGINNING)) return parse(line);
    const { text, count } = unrepeated(line.message);
    if (text === line.message) return unknownMessage(line);
    const event = text.startsWith('pam_') ? parsePam(line, text) : parse({ ...line, message: text });
    if (isUnparsed(event)) return event;
    // A summary says how many there were in all, however often.
    const role = event['fleetwall.attempt.role'];
    if (role === undefined || role === 'summary') return event;
    event['fleetwall.attempt.count'] = (event['fleetwall.attempt.count'] ?? 1) * count;
    return event;
  };
}
