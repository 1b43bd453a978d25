const REPEATED = /^message repeated (\d{1,6}) times: \[ /;

/** `message repeated N times: [ MESSAGE]`, by rsyslog: the inner message, and how often it came; any other is itself, once. */
export function unrepeated(message: string): { text: string; count: number } {
  const match = message.endsWith(']') ? REPEATED.exec(message) : null;
  const count = Number(match?.[1] ?? 0);
  return match === null || count < 1
    ? { text: message, count: 1 }
    : { text: message.slice(match[0].length, -1), count };
}
