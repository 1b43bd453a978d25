import { promisify } from 'node:util';
import { gunzip, inflate as inflateZlib } from 'node:zlib';
import { type BatchFrame, protocolError, splitEvents } from '@fleetwall/protocol';

const inflaters = { gzip: promisify(gunzip), deflate: promisify(inflateZlib) };

/**
 * The events of a batch. Never makes more bytes than the header announces.
 *
 * @throws BATCH_TOO_LARGE when there are more, BATCH_INVALID when the payload is damaged
 */
export async function inflateBatch(batch: BatchFrame): Promise<string[]> {
  const { codec, payload, rawBytes } = batch;
  if (codec === 'identity') return splitEvents(payload, batch);
  let raw: Buffer;
  try {
    raw = await inflaters[codec](payload, { maxOutputLength: rawBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw protocolError('BATCH_TOO_LARGE', { reason: `it inflates to more than the ${rawBytes} bytes announced` });
    }
    throw protocolError('BATCH_INVALID', { reason: message }, { cause: error });
  }
  return splitEvents(raw, batch);
}
