// Each by its own file: what the package's index loads besides would be counted, too, and counting is what costs here.
import { BeatsReader } from '../../libs/sources/dist/beats/beats-reader.js';
import { JsonRecord } from '../../libs/sources/dist/beats/json-record.js';
import { LineParser } from '../../libs/sources/dist/line-parser.js';
import { mapWindowsRecord } from '../../libs/sources/dist/windows/map-record.js';
import { parseEventXml } from '../../libs/sources/dist/windows/xml/read-event-xml.js';

/**
 * What is fuzzed: reads a stream of lines and gives one result after the other. Text as the collector reads it, by all
 * sources at once; records of Windows' event log as XML, those of Beats as JSON.
 */
export function targetOf(name) {
  return TARGETS[name] ?? readText;
}

const TARGETS = { windows: readWindows, beats: readBeats };

function* readText(lines) {
  const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'sample-host' });
  for (const line of lines) yield parser.parse(line);
}

function* readWindows(lines) {
  for (const line of lines) {
    for (const record of parseEventXml(line, () => {})) yield mapWindowsRecord(record, { host: 'sample-host' });
  }
}

function* readBeats(lines) {
  const reader = new BeatsReader({ host: 'sample-host', zone: 'UTC' });
  for (const line of lines) {
    const record = JsonRecord.read(line);
    const result = record && reader.read(record);
    if (result !== undefined) yield result;
  }
}
