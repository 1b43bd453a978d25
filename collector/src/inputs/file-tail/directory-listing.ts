import { readdir } from 'node:fs/promises';

interface Listing {
  begun: boolean;
  names: Promise<string[]>;
}

const last = new Map<string, Listing>();

/**
 * The names in a directory, read after this call. Calls that wait at the same time share one reading: when a thousand logs of one
 * directory are rotated at once, it is not read a thousand times.
 */
export function listDirectory(directory: string): Promise<string[]> {
  const previous = last.get(directory);
  if (previous !== undefined && !previous.begun) return previous.names;
  const listing: Listing = { begun: false, names: Promise.resolve([]) };
  const read = () => {
    listing.begun = true;
    return readdir(directory);
  };
  listing.names = Promise.resolve(previous?.names.catch(() => {})).then(read);
  last.set(directory, listing);
  const forget = () => {
    if (last.get(directory) === listing) last.delete(directory);
  };
  listing.names.then(forget, forget);
  return listing.names;
}
