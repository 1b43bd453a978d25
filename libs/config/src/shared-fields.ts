import { z } from 'zod';

/** Text that says something. */
export const text = z.string().min(1);

/** `UTC` or a name of the IANA database. */
export const zone = text.refine((name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}, 'expected UTC or an IANA name like Europe/Berlin');
