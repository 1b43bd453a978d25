import { describe, expect, it } from '@jest/globals';
import { FormatIndex } from './format-index.js';
import { SOURCES } from './registry.js';
import { SAMPLED, sampleFiles } from './samples.test-support.js';

/** Access logs may come through syslog under the name of their server. */
const RELATED: Readonly<Record<string, string>> = { apache: 'web-access', nginx: 'web-access' };

const formats = SOURCES.flatMap(({ name, formats: own = [] }) => own.map((format) => ({ source: name, format })));

describe.each(SAMPLED)('a log with a form of its own, in the lines of %s', (folder) => {
  it('is not found when it is that of another source', () => {
    const claims = sampleFiles(folder)
      .flat()
      .flatMap((line) =>
        formats
          .filter(({ source, format }) => source !== folder && source !== RELATED[folder] && format.recognises(line))
          .map(({ source }) => `${source}: ${line}`),
      );
    expect(claims).toEqual([]);
  });

  it('is found by the first character of its lines, too', () => {
    const missed = sampleFiles(folder)
      .flat()
      .flatMap((line) =>
        formats
          .filter(({ format }) => format.recognises(line) && new FormatIndex([format]).find(line) === undefined)
          .map(({ source }) => `${source}: ${line}`),
      );
    expect(missed).toEqual([]);
  });
});
