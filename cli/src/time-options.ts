import { cliError } from './errors.js';

const EARLIEST_YEAR = 1970;
const LATEST_YEAR = 2100;

/** `--from-year`: four digits. Throws OPTION_INVALID. */
export function readYear(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const year = /^\d{4}$/.test(text) ? Number(text) : Number.NaN;
  if (year >= EARLIEST_YEAR && year <= LATEST_YEAR) return year;
  throw cliError('OPTION_INVALID', {
    option: '--from-year',
    value: text,
    expected: `a year from ${EARLIEST_YEAR} to ${LATEST_YEAR}`,
    instead: 'It is the year of the first line, for stamps without a year like "Nov 22 07:00:00".',
  });
}

/** `--zone`: an IANA name. Throws OPTION_INVALID. */
export function readZone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch (error) {
    const options = { cause: error };
    const expected = 'UTC or an IANA time zone';
    const instead = 'Write it like Europe/Berlin; it is the zone of stamps that name none.';
    throw cliError('OPTION_INVALID', { option: '--zone', value: text, expected, instead }, options);
  }
}
