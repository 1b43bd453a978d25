import { describe, expect, it } from '@jest/globals';
import { loadRules } from './index.js';

const HEAD = 'title: T\ntaxonomy: ecs\nlogsource:\n    category: web\n';

/** The first problem of a rule with this detection, as `code line:column hint`. */
function refusal(text: string): string {
  const { rules, correlations, problems } = loadRules([{ path: 'rules/a.yml', text }]);
  expect(rules).toEqual([]);
  expect(correlations).toEqual([]);
  const [problem] = problems;
  return problem ? `${problem.code} ${problem.line}:${problem.column} ${problem.hint}` : 'accepted';
}

const detection = (item: string, condition = 's') =>
  `${HEAD}detection:\n    s:\n        ${item}\n    condition: ${condition}\n`;

describe('a refusal', () => {
  it('says what, where, what was expected and what to write instead', () => {
    const { problems } = loadRules([{ path: 'rules/a.yml', text: detection('user.name|contians: root') }]);
    expect(problems).toEqual([
      {
        code: 'SIGMA_UNKNOWN_MODIFIER',
        path: 'rules/a.yml',
        line: 7,
        column: 19,
        message:
          'There is no modifier "contians"; expected one of contains, startswith, endswith, re, cidr, exists, gt, gte, lt, lte, fieldref, all, cased, neq, i, m, s.',
        hint: 'Did you mean "contains"?',
        caret: '        user.name|contians: root\n                  ^',
      },
    ]);
  });

  it('tells of all faults of a document at once, and loads the other documents of the file', () => {
    const broken = `title: A\ntaxonomy: ecs\nlevel: hihg\nlogsource: {product: linux}\ndetection:\n    a: {f|foo: 1}\n    b: word\n    condition: a\n`;
    const { rules, problems } = loadRules([{ path: 'a.yml', text: `${broken}---\nname: good\n${detection('f: 1')}` }]);
    expect(problems.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
      'SIGMA_VALUE 3:8',
      'SIGMA_LOGSOURCE 4:12',
      'SIGMA_UNKNOWN_MODIFIER 6:11',
      'SIGMA_TYPE 7:8',
    ]);
    expect(rules.map(({ name }) => name)).toEqual(['good']);
  });

  it('counts columns in CRLF files with a byte order mark, shows tabs as one column and cuts long lines', () => {
    expect(refusal(`\uFEFF${detection('f|foo: 1').replaceAll('\n', '\r\n')}`)).toMatch(/^SIGMA_UNKNOWN_MODIFIER 7:11 /);
    const long = detection(`f: ["${'x'.repeat(500)}", null, "${'y'.repeat(500)}"]`);
    const caret = loadRules([{ path: 'a.yml', text: long }]).problems[0]?.caret ?? '';
    const [line = '', mark = ''] = caret.split('\n');
    expect(line).toHaveLength(100);
    expect(line.slice(mark.length - 1).startsWith('null')).toBe(true);
  });
});

describe('refused by name', () => {
  it.each([
    ['unknown modifier', detection('f|foo: a'), /^SIGMA_UNKNOWN_MODIFIER 7:11 Remove it/],
    ['unknown modifier after a good one, quoted', detection("'f|contains|foo': a"), /^SIGMA_UNKNOWN_MODIFIER 7:21 /],
    ['windash', detection('f|windash: a'), /^SIGMA_UNSUPPORTED 7:11 List the spellings/],
    ['expand', detection("f|expand: '%a%'"), /^SIGMA_UNSUPPORTED 7:11 Write the values/],
    ['base64offset', detection('f|base64offset|contains: a'), /^SIGMA_UNSUPPORTED 7:11 /],
    ['two kinds', detection('f|contains|re: a'), /^SIGMA_MODIFIER_USE 7:20 Remove it/],
    ['a modifier twice', detection('f|cased|cased: a'), /^SIGMA_MODIFIER_USE 7:17 /],
    ['flags without re', detection('f|i: a'), /^SIGMA_MODIFIER_USE 7:11 Write it after re/],
    ['all with one value', detection('f|contains|all: a'), /^SIGMA_MODIFIER_USE 7:20 Remove \|all/],
    ['keywords with cidr', detection("'|cidr': 192.0.2.0/24"), /^SIGMA_MODIFIER_USE 7:9 /],
    ['null in a list', detection("f: ['', null]"), /^SIGMA_TYPE 7:17 Make a selection/],
    ['null with contains', detection('f|contains: null'), /^SIGMA_TYPE 7:21 /],
    ['a map as value', detection('f: {g: 1}'), /^SIGMA_TYPE 7:12 /],
    ['an empty list', detection('f: []'), /^SIGMA_TYPE 7:12 /],
    ['exists with a text', detection('f|exists: maybe'), /^SIGMA_TYPE 7:19 Write true or false/],
    ['gt with a text', detection("f|gt: '5'"), /^SIGMA_VALUE 7:15 Write a number/],
    ['a network that is none', detection('f|cidr: 10.0.0.0/33'), /^SIGMA_VALUE 7:17 Write a network like/],
    ['look-around', detection("f|re: '(?=a)b'"), /^SIGMA_REGEX 7:15 RE2 runs in linear time/],
    ['back-reference', detection(String.raw`f|re: '(a)\1'`), /^SIGMA_REGEX 7:15 /],
    ['a text as selection', detection('').replace('s:\n', 's: word\n'), /^SIGMA_TYPE 6:8 Keywords stand in a list/],
    ['an unknown selection', detection('f: a', 's and filterr'), /^SIGMA_UNKNOWN_SELECTION 8:22 Add the selection/],
    [
      'a misspelt selection',
      `${HEAD}detection:\n    filter: {f: a}\n    condition: filtre\n`,
      /^SIGMA_UNKNOWN_SELECTION 7:16 Did you mean "filter"/,
    ],
    ['a pattern without selections', detection('f: a', '1 of x*'), /^SIGMA_UNKNOWN_SELECTION 8:21 /],
    ['more than there are', detection('f: a', '2 of s*'), /^SIGMA_CONDITION 8:16 /],
    ['a missing operand', detection('f: a', 's and'), /^SIGMA_CONDITION 8:21 Example/],
    ['a missing parenthesis', detection('f: a', 'not (s'), /^SIGMA_CONDITION 8:22 /],
    ['two selections without operator', detection('f: a', 's s'), /^SIGMA_CONDITION 8:18 /],
    ['an operator in capitals', detection('f: a', 's AND s'), /^SIGMA_CONDITION 8:18 Example/],
    ['aggregation', detection('f: a', 's | count() > 5'), /^SIGMA_UNSUPPORTED 8:18 Sigma dropped it/],
    ['near', detection('f: a', 's near s'), /^SIGMA_UNSUPPORTED 8:18 /],
    ['timeframe', `${HEAD}detection:\n    s: {f: a}\n    timeframe: 5m\n    condition: s\n`, /^SIGMA_UNSUPPORTED 7:5 /],
    [
      'no condition',
      `${HEAD}detection:\n    s: {f: a}\n    conditon: s\n`,
      /^SIGMA_MISSING 6:5 Did you mean "conditon"/,
    ],
    ['no detection', `${HEAD}detecton: {}\n`, /^SIGMA_MISSING 1:1 Did you mean "detecton"/],
    ['no title', detection('f: a').slice(9), /^SIGMA_MISSING 1:1 Add "title:"/],
    ['an unknown level', `level: hihg\n${detection('f: a')}`, /^SIGMA_VALUE 1:8 Did you mean "high"/],
    ['another taxonomy', detection('f: a').replace('ecs', 'sigma'), /^SIGMA_TAXONOMY 2:11 /],
    ['no taxonomy, which is sigma', detection('f: a').replace('taxonomy: ecs\n', ''), /^SIGMA_TAXONOMY 5:5 /],
    ['an unknown category', detection('f: a').replace('web', 'webserver'), /^SIGMA_LOGSOURCE 4:5 /],
    ['an empty log source', detection('f: a').replace('category: web', 'definition: x'), /^SIGMA_TYPE 4:5 /],
    ['a filter document', `title: T\nlogsource: {category: web}\nfilter:\n    rules: any\n`, /^SIGMA_UNSUPPORTED 3:1 /],
    ['a rule collection', `action: global\n${detection('f: a')}`, /^SIGMA_UNSUPPORTED 1:1 /],
    ['a key that stands twice', detection('f: a\n        f: b'), /^SIGMA_DUPLICATE_KEY 8:9 /],
    ['broken YAML', 'title: [a\ndetection: b', /^SIGMA_YAML \d+:\d+ /],
    ['a list as document', '- a\n', /^SIGMA_TYPE 1:1 /],
    ['an empty file', '# nothing\n', /^SIGMA_TYPE 1:1 Remove the file/],
    ['a tag without namespace', `tags: [T1110]\n${detection('f: a')}`, /^SIGMA_VALUE 1:7 Example: attack/],
  ])('%s', (_name, text, expected) => {
    expect(refusal(text)).toMatch(expected);
  });
});
