// Each by its own file: what the package's index loads besides would be counted, too, and counting is what costs here.
import { BeatsReader } from '../../libs/sources/dist/beats/beats-reader.js';
import { JsonRecord } from '../../libs/sources/dist/beats/json-record.js';
import { LineParser } from '../../libs/sources/dist/line-parser.js';
import { CHUNK_SIZE, readChunk } from '../../libs/sources/dist/windows/evtx/chunk.js';
import { mapWindowsRecord } from '../../libs/sources/dist/windows/map-record.js';
import { parseEventXml } from '../../libs/sources/dist/windows/xml/read-event-xml.js';
import { withEvtxChecksums } from '../../libs/testkit/dist/evtx-builder.js';

/**
 * Reads the lines of one stream, in their order. Text as the collector reads it, by all sources at once; records of
 * Windows' event log as XML, those of Beats as JSON. Undefined for a line that holds no record.
 */
export function readerOf(name) {
  return (READERS[name] ?? textReader)();
}

const READERS = { windows: windowsReader, beats: beatsReader, evtx: evtxReader };

function textReader() {
  const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'sample-host' });
  return (line) => parser.parse(line);
}

function windowsReader() {
  return (line) => {
    const [record] = parseEventXml(line, () => {});
    return record && mapWindowsRecord(record, { host: 'sample-host' });
  };
}

function beatsReader() {
  const reader = new BeatsReader({ host: 'sample-host', zone: 'UTC' });
  return (line) => {
    const record = JsonRecord.read(line);
    return record && reader.read(record);
  };
}

/** Every other chunk with checksums that hold, since a chunk whose records are as they were written is searched less. */
function evtxReader() {
  return (line) => {
    const chunk = Buffer.alloc(CHUNK_SIZE);
    chunk.write(line, 'latin1');
    const bytes = line.length % 2 === 0 ? chunk : withEvtxChecksums(chunk);
    let last;
    for (const record of readChunk(bytes, { index: 0, offset: 4_096 }, () => {})) {
      record.xml();
      last = mapWindowsRecord(record, { host: 'sample-host' });
    }
    // Its text is UTF-16, and an address may be a number: where it stands cannot be looked for in the line.
    if (last !== undefined && !('unparsed' in last)) delete last['source.ip'];
    return last;
  };
}
