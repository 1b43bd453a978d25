import { Readable } from 'node:stream';
import { FleetwallError } from '@fleetwall/core';

/** How rows are written to a file. */
export interface FileFormat<T> {
  /** Before the rows. */
  head?: string;
  rowOf: (row: T) => string;
  /** Says whether it is complete. @param code of what ended it before */
  endOf: (count: number, code: string | undefined) => string;
}

const CHUNK_CHARS = 64 << 10;

/**
 * Rows as a file, streamed in bounded memory: more of them are asked for only when the client has taken what there is. Where
 * they fail, the last line says so.
 */
export function exportFile<T>(rows: AsyncIterable<T>, format: FileFormat<T>): Readable {
  return Readable.from(chunksOf(rows, format), { objectMode: false, highWaterMark: CHUNK_CHARS });
}

async function* chunksOf<T>(rows: AsyncIterable<T>, format: FileFormat<T>): AsyncGenerator<string> {
  let chunk = format.head ?? '';
  let count = 0;
  let code: string | undefined;
  try {
    for await (const row of rows) {
      chunk += format.rowOf(row);
      count++;
      if (chunk.length < CHUNK_CHARS) continue;
      yield chunk;
      chunk = '';
    }
  } catch (error) {
    code = error instanceof FleetwallError ? error.code : 'INTERNAL';
  }
  yield chunk + format.endOf(count, code);
}

export function endState(code: string | undefined): 'complete' | 'failed' {
  return code === undefined ? 'complete' : 'failed';
}

/** The last line of a file of JSON lines: `{"fleetwall.export":"complete","events":1204}`. */
export function ndjsonEnd(counted: Record<string, unknown>, code: string | undefined): string {
  const why = code === undefined ? {} : { code };
  return `${JSON.stringify({ 'fleetwall.export': endState(code), ...counted, ...why })}\n`;
}
