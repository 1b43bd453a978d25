import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ExportFormat, ExportReader } from './export-progress.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function read(format: ExportFormat, text: string, cuts: number[] = []) {
  const reader = new ExportReader(format);
  const all = bytes(text);
  const places = [0, ...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length];
  for (let i = 1; i < places.length; i++) reader.push(all.slice(places[i - 1], places[i]));
  return { rows: reader.progress.rows, end: reader.end() };
}

const NDJSON = '{"a":"x\\n\\"y"}\n{"a":"ü"}\n{"fleetwall.export":"complete","events":2}\n';
const CSV = '"a","b"\r\n"x\ny","1"\r\n"say ""hi""\r\n","2"\r\n"complete","2"\r\n';

describe('an export as it comes', () => {
  it('is complete when its last line says so, however it is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
        expect(read('ndjson', NDJSON, cuts)).toEqual({
          rows: 3,
          end: { state: 'complete', events: 2, missingDays: [] },
        });
        expect(read('csv', CSV, cuts)).toEqual({ rows: 3, end: { state: 'complete', events: 2, missingDays: [] } });
      }),
    );
  });

  it('may be complete but for days that can be read only in part', () => {
    const end = { state: 'complete', events: 1, missingDays: ['2026-11-21', '2026-11-22'] };
    const ndjson = '{"fleetwall.export":"complete","events":1,"missingDays":["2026-11-21","2026-11-22"]}\n';
    expect(read('ndjson', `{"a":1}\n${ndjson}`).end).toEqual(end);
    expect(read('csv', '"a"\r\n"1"\r\n"complete","1","","2026-11-21","2026-11-22"\r\n').end).toEqual(end);
  });

  it('failed, when its last line says that', () => {
    const failed = '{"fleetwall.export":"failed","events":1,"code":"EVENT_STORE_TIMEOUT"}\n';
    expect(read('ndjson', `{"a":1}\n${failed}`).end).toEqual({
      state: 'failed',
      events: 1,
      code: 'EVENT_STORE_TIMEOUT',
    });
    expect(read('csv', '"a"\r\n"failed","0","INTERNAL"\r\n').end).toEqual({
      state: 'failed',
      events: 0,
      code: 'INTERNAL',
    });
  });

  it('is cut wherever it ends before that', () => {
    for (let at = 0; at < NDJSON.length; at++)
      expect(read('ndjson', NDJSON.slice(0, at)).end).toEqual({ state: 'cut' });
    for (let at = 0; at < CSV.length; at++) expect(read('csv', CSV.slice(0, at)).end).toEqual({ state: 'cut' });
  });
});
