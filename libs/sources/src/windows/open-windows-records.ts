import type { OnDamage } from './damage.js';
import { FILE_MAGIC, readEvtx } from './evtx/read-evtx.js';
import type { WindowsRecord } from './record.js';
import { encodingOf } from './xml/encoding.js';
import { readEventXml } from './xml/read-event-xml.js';

/** Enough to tell. */
const HEAD_SIZE = 256;
const XML_START = /^\s*<(?:\?xml[\s?]|!--|!DOCTYPE\s|(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*[\s/>])/;

export interface WindowsRecords {
  format: 'evtx' | 'xml';
  records: AsyncGenerator<WindowsRecord>;
}

/**
 * Records of Windows' event log from a file's bytes, whether EVTX or XML text: the first bytes tell. Undefined when they are
 * neither; a few of them have then been taken from `source`. To be given a read stream, from the file's start.
 */
export async function openWindowsRecords(
  source: AsyncIterable<Uint8Array>,
  onDamage: OnDamage,
): Promise<WindowsRecords | undefined> {
  const pieces = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < HEAD_SIZE) {
    const { value, done } = await pieces.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const format = formatOf(head);
  if (format === undefined) {
    await pieces.return?.();
    return undefined;
  }
  const bytes = following(head, pieces);
  return { format, records: format === 'evtx' ? readEvtx(bytes, onDamage) : readEventXml(bytes, onDamage) };
}

/** What a file is that begins so; XML of any kind is taken for events. */
export function formatOf(head: Buffer): WindowsRecords['format'] | undefined {
  if (head.toString('latin1', 0, FILE_MAGIC.length) === FILE_MAGIC) return 'evtx';
  const text = new TextDecoder(encodingOf(head)).decode(head.subarray(0, HEAD_SIZE));
  return XML_START.test(text) ? 'xml' : undefined;
}

async function* following(head: Buffer, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  } finally {
    await pieces.return?.();
  }
}
