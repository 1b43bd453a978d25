import { TextDecoder } from 'node:util';
import type { OnDamage } from '../damage.js';
import { encodingOf } from './encoding.js';
import { EventXmlReader } from './event-xml-reader.js';
import type { XmlRecord } from './xml-record.js';

/** Enough for a declaration. */
const HEAD_SIZE = 256;
/** Characters that are read at once. */
const PIECE_SIZE = 65_536;

/**
 * Reads the events in XML text, as `wevtutil qe /f:xml`, "Save as XML" of the Event Viewer, `EvtRender` and subscriptions
 * write it: one or many, with or without an element around them, in any encoding. `source` gives the bytes in pieces of any
 * size. Rejects only with what `source` throws.
 */
export async function* readEventXml(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onDamage: OnDamage,
): AsyncGenerator<XmlRecord> {
  const reader = new EventXmlReader(onDamage);
  let text = '';
  for await (const piece of textOf(source)) {
    text += piece;
    if (text.length < PIECE_SIZE) continue;
    yield* reader.push(text);
    text = '';
  }
  yield* reader.push(text);
  reader.end();
}

/** The events in a text that is there as a whole. */
export function parseEventXml(text: string, onDamage: OnDamage): XmlRecord[] {
  const reader = new EventXmlReader(onDamage);
  const records = reader.push(text);
  reader.end();
  return records;
}

async function* textOf(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let head = Buffer.alloc(0);
  for await (const piece of source) {
    if (decoder !== undefined) {
      yield decoder.decode(piece, { stream: true });
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < HEAD_SIZE) continue;
    decoder = new TextDecoder(encodingOf(head));
    yield decoder.decode(head, { stream: true });
  }
  decoder ??= new TextDecoder(encodingOf(head));
  yield decoder.decode(head.length < HEAD_SIZE ? head : undefined);
}
