import { toUSVString } from 'node:util';
import { registryError } from './errors.js';

/**
 * Keys of documents: the collection in UTF-8 with each zero byte as 00 FF, then 00 00, then the id in UTF-8. So keys are
 * in order of collection, then of id by code point, and no text can reach into another collection.
 */
const MAX_BYTES = { collection: 128, id: 512 };

export function documentKey(collection: string, id: string): Buffer {
  return Buffer.concat([collectionPrefix(collection), encoded('id', id)]);
}

/** First key of the collection, and the first after it. */
export function collectionRange(collection: string): { start: Buffer; end: Buffer } {
  const start = collectionPrefix(collection);
  const end = Buffer.from(start);
  end[end.length - 1] = 1;
  return { start, end };
}

/** The id in a key of the collection. */
export function idOfKey(collection: string, key: Uint8Array): string {
  return Buffer.from(key).toString('utf8', collectionPrefix(collection).length);
}

function collectionPrefix(collection: string): Buffer {
  const bytes = encoded('collection', collection);
  const escaped = bytes.includes(0) ? [...bytes].flatMap((byte) => (byte === 0 ? [0, 0xff] : [byte])) : bytes;
  return Buffer.from([...escaped, 0, 0]);
}

function encoded(what: 'collection' | 'id', text: string): Buffer {
  const bytes = Buffer.from(text);
  const refuse = (reason: string) => registryError('REGISTRY_NAME_REFUSED', { what, reason });
  if (bytes.length > MAX_BYTES[what]) throw refuse(`it has ${bytes.length} bytes, more than ${MAX_BYTES[what]}`);
  // Every half surrogate becomes the same replacement character, so two ids would be one.
  if (toUSVString(text) !== text) throw refuse('it is not well-formed Unicode');
  return bytes;
}
