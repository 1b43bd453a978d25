// Each by its own file: what the package's index loads besides would be counted, too, and counting is what costs here.
import { BeatsReader } from '../../libs/sources/dist/beats/beats-reader.js';
import { JsonRecord } from '../../libs/sources/dist/beats/json-record.js';
import { LineParser } from '../../libs/sources/dist/line-parser.js';
import { mapWindowsRecord } from '../../libs/sources/dist/windows/map-record.js';
import { parseEventXml } from '../../libs/sources/dist/windows/xml/read-event-xml.js';

/**
 * Reads the lines of one stream, in their order. Text as the collector reads it, by all sources at once; records of
 * Windows' event log as XML, those of Beats as JSON. Undefined for a line that holds no record.
 */
export function readerOf(name) {
  return (READERS[name] ?? textReader)();
}

const READERS = { windows: windowsReader, beats: beatsReader };

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
