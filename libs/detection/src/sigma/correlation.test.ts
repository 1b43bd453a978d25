import { describe, expect, it } from '@jest/globals';
import { loadRules, parseDuration } from './index.js';

const rule = (name: string, id = '') =>
  `title: ${name}\n${id && `id: ${id}\n`}name: ${name}\ntaxonomy: ecs\nlogsource: {category: web}\ndetection: {s: {f: a}, condition: s}\nlevel: high\n`;

const correlation = (name: string, body: string) =>
  `title: ${name}\nname: ${name}\ntaxonomy: ecs\ncorrelation:\n${body.replace(/^/gm, '    ')}\n`;

const count = (rules: string, condition = 'gte: 5', more = '') =>
  `type: event_count\nrules: [${rules}]\ngroup-by: [source.ip]\ntimespan: 30m\ncondition: {${condition}}${more}`;

/** Loads documents as one file; problems as `code line:column hint`. */
function load(...documents: string[]) {
  const { rules, correlations, problems } = loadRules([{ path: 'rules/set.yml', text: documents.join('---\n') }]);
  const told = problems.map(({ code, line, column, hint }) => `${code} ${line}:${column} ${hint}`);
  return { rules, correlations, problems, told };
}

describe('a correlation', () => {
  it('is read whole, its references resolved by id, name or file name', () => {
    const uuid = '5638f7c0-ac70-491d-8465-2a65075e0d86';
    const text = `title: C\nid: 0e95725d-7320-415d-80f7-004da920fc11\ntaxonomy: ecs\ntags: [attack.t1110]\nlevel: critical\nfleetwall:\n    lateness: 6h\ncorrelation:\n    type: value_count\n    rules: [${uuid}, named, by-file]\n    group-by: [user.name, host.name]\n    timespan: 5790m\n    condition: {field: source.ip, gt: 19}\n`;
    const { correlations, rules, problems } = loadRules([
      { path: 'rules/mine.yml', text },
      { path: 'rules/by-id.yml', text: rule('other', uuid) },
      { path: 'rules/x.yaml', text: rule('named') },
      { path: String.raw`C:\rules\by-file.yml`, text: rule('whatever') },
    ]);
    expect(problems).toEqual([]);
    expect(rules.map(({ name, id, generate }) => ({ name, id, generate }))).toEqual([
      { name: 'by-id', id: uuid, generate: false },
      { name: 'x', id: 'x', generate: false },
      { name: 'by-file', id: 'by-file', generate: false },
    ]);
    expect(correlations).toEqual([
      {
        name: 'mine',
        ruleId: '0e95725d-7320-415d-80f7-004da920fc11',
        title: 'C',
        level: 'critical',
        tags: ['attack.t1110'],
        type: 'value_count',
        rules: ['by-id', 'x', 'by-file'],
        groupBy: ['user.name', 'host.name'],
        windowMs: 347_400_000,
        latenessMs: 21_600_000,
        condition: { atLeast: 20 },
        field: 'source.ip',
        generate: true,
        file: { path: expect.any(String), line: 1 },
      },
    ]);
  });

  it('comes after what it refers to, wherever it stands in the files', () => {
    const chain = `type: temporal_ordered\nrules: [many, b]\ngroup-by: [source.ip]\ntimespan: 1h`;
    const { correlations, told } = load(
      correlation('top', chain),
      correlation('many', count('a')),
      rule('a'),
      rule('b'),
    );
    expect(told).toEqual([]);
    expect(correlations.map(({ name, condition }) => ({ name, ...condition }))).toEqual([
      { name: 'many', atLeast: 5 },
      { name: 'top', atLeast: 2 },
    ]);
  });

  it('silences what it refers to, unless one correlation generates; informational never alerts', () => {
    const documents = (more: string) => [
      correlation('c', count('a, quiet', 'gte: 5', more)),
      correlation('d', count('a')),
      rule('a'),
      rule('quiet').replace('high', 'informational'),
      rule('free'),
    ];
    const alerting = (set: ReturnType<typeof load>) =>
      [...set.rules, ...set.correlations].filter(({ generate }) => generate).map(({ name }) => name);
    expect(alerting(load(...documents('')))).toEqual(['free', 'c', 'd']);
    expect(alerting(load(...documents('\ngenerate: true')))).toEqual(['a', 'free', 'c', 'd']);
    expect(alerting(load(`generate: true\n${documents('')[0]}`, ...documents('').slice(1)))).toEqual([
      'a',
      'free',
      'c',
      'd',
    ]);
  });

  it('of type temporal may ask for some of its rules', () => {
    const temporal = (condition: string) =>
      correlation('t', `type: temporal\nrules: [a, b, c]\ngroup-by: [user.name]\ntimespan: 1h${condition}`);
    const bases = [rule('a'), rule('b'), rule('c')];
    expect(load(temporal(''), ...bases).correlations[0]?.condition.atLeast).toBe(3);
    expect(load(temporal('\ncondition: {gt: 1}'), ...bases).correlations[0]?.condition.atLeast).toBe(2);
    expect(load(temporal('\ncondition: {gte: 4}'), ...bases).told).toEqual([
      'SIGMA_VALUE 9:22 The number of rules that must be seen.',
    ]);
  });
});

describe('aliases', () => {
  const aliased = (aliases: string, groupBy = 'ip') =>
    correlation(
      't',
      `type: temporal\nrules: [a, 5638f7c0-ac70-491d-8465-2a65075e0d86]\ngroup-by: [${groupBy}]\ntimespan: 1h\naliases: {${aliases}}`,
    );
  const bases = [rule('a'), rule('b', '5638f7c0-ac70-491d-8465-2a65075e0d86')];

  it('name a field of each rule, which may be called by its id', () => {
    const { correlations, told } = load(
      aliased('ip: {a: source.ip, 5638f7c0-ac70-491d-8465-2a65075e0d86: destination.ip}', 'ip, host.id'),
      ...bases,
    );
    expect(told).toEqual([]);
    expect(correlations[0]).toMatchObject({
      groupBy: ['ip', 'host.id'],
      aliases: { ip: { a: 'source.ip', b: 'destination.ip' } },
    });
  });

  it.each([
    ['no map', 'ip: source.ip', 'SIGMA_TYPE'],
    [
      'a rule without field',
      'ip: {a: source.ip}',
      'SIGMA_MISSING 9:15 Add "5638f7c0-ac70-491d-8465-2a65075e0d86: field".',
    ],
    ['a rule that it does not refer to', 'ip: {a: source.ip, b: x, c: y}', 'SIGMA_UNKNOWN_KEY 9:40 Did you mean "a"?'],
    ['no field', 'ip: {a: 7, b: x}', 'SIGMA_TYPE'],
  ])('are refused with %s', (_what, aliases, expected) => {
    expect(load(aliased(aliases), ...bases).told).toEqual([expect.stringContaining(expected)]);
  });
});

describe('F04: refused by name', () => {
  it.each([
    ['a missing rule', count('loggon-failure'), 'SIGMA_UNKNOWN_RULE 6:13 Did you mean "logon-failure"?'],
    ['itself', count('c'), 'SIGMA_CYCLE 6:13 Let one of them refer to a rule with a logsource and a detection.'],
    [
      'eq',
      count('logon-failure', 'eq: 5'),
      'SIGMA_UNSUPPORTED 9:17 An alert is raised as soon as the count is reached: write gte: number.',
    ],
    [
      'lt',
      count('logon-failure', 'lt: 5'),
      'SIGMA_UNSUPPORTED 9:17 An alert is raised as soon as the count is reached: write gte: number.',
    ],
    [
      'a range',
      count('logon-failure', 'gte: 5, lte: 9'),
      'SIGMA_UNSUPPORTED 9:25 An alert is raised as soon as the count is reached: write gte: number.',
    ],
    ['an unknown operator', count('logon-failure', 'gtee: 5'), 'SIGMA_UNKNOWN_KEY 9:17 Did you mean "gte"?'],
    [
      'no number',
      count('logon-failure', 'gte: five'),
      'SIGMA_VALUE 9:22 To alert on every match, use the rule without a correlation.',
    ],
    [
      'a count of 1',
      count('logon-failure', 'gt: 0'),
      'SIGMA_VALUE 9:21 To alert on every match, use the rule without a correlation.',
    ],
    [
      'two units',
      count('logon-failure').replace('30m', '4d30m'),
      'SIGMA_VALUE 8:15 Sigma knows one number and one unit: write 5790m.',
    ],
    [
      'no time',
      count('logon-failure').replace('30m', '0m'),
      'SIGMA_VALUE 8:15 A number and one unit: 90s, 30m, 12h or 4d.',
    ],
    [
      'no group-by',
      count('logon-failure').replace('group-by: [source.ip]\n', ''),
      'SIGMA_MISSING 5:5 Add "group-by:" to this map.',
    ],
    [
      'an unknown attribute',
      count('logon-failure').replace('timespan', 'timespam'),
      'SIGMA_UNKNOWN_KEY 8:5 Did you mean "timespan"?',
    ],
    [
      'an unknown type',
      count('logon-failure').replace('event_count', 'events_count'),
      'SIGMA_VALUE 5:11 Did you mean "event_count"?',
    ],
    [
      'value_avg',
      count('logon-failure').replace('event_count', 'value_avg'),
      'SIGMA_UNSUPPORTED 5:11 Count events (event_count) or distinct values (value_count) in its place.',
    ],
    [
      'aliases where attempts are counted',
      count('logon-failure', 'gte: 5', '\naliases: {ip: {a: b}}'),
      'SIGMA_UNSUPPORTED 10:5 Group by the ECS field, such as source.ip, which events of all sources have.',
    ],
    ['the same rule twice', count('logon-failure, logon-failure'), 'SIGMA_VALUE 6:28 Remove the repetition.'],
    [
      'value_count without field',
      count('logon-failure').replace('event', 'value'),
      'SIGMA_MISSING 9:16 Add "field:" to this map.',
    ],
    [
      'several fields',
      count('logon-failure', 'field: [a, b], gte: 5').replace('event', 'value'),
      'SIGMA_UNSUPPORTED 9:28 Count the field that varies, and add the others to group-by.',
    ],
  ])('%s', (_name, body, expected) => {
    const { correlations, told, rules } = load(correlation('c', body), rule('logon-failure'));
    expect(told).toEqual([expected]);
    expect(correlations).toEqual([]);
    expect(rules.map(({ name }) => name)).toEqual(['logon-failure']);
  });

  it('a circle, and what stands on it', () => {
    const { correlations, told, problems } = load(
      correlation('a', count('b')),
      correlation('b', count('a')),
      correlation('c', count('a')),
      correlation('fine', count('r')),
      rule('r'),
    );
    expect(told.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'SIGMA_REFUSED_RULE 6:13',
      'SIGMA_CYCLE 16:13',
      'SIGMA_REFUSED_RULE 26:13',
    ]);
    expect(problems[1]?.message).toBe(
      'The correlations refer to each other in a circle: a -> b -> a; expected an end at a rule.',
    );
    expect(correlations.map(({ name }) => name)).toEqual(['fine']);
  });

  it('a correlation over a refused rule, with the place of the cause', () => {
    const { told } = load(correlation('c', count('broken')), rule('broken').replace('f: a', 'f|foo: a'));
    expect(told[0]).toBe('SIGMA_REFUSED_RULE 6:13 Repair rules/set.yml:15 first.');
  });

  it('a second rule with the same id or name', () => {
    const { problems, rules } = loadRules([
      { path: 'a/x.yml', text: rule('one', 'same-id') },
      { path: 'b/y.yml', text: rule('two', 'same-id') },
      { path: 'b/x.yml', text: rule('three') },
    ]);
    expect(problems.map(({ code, path, line, message, hint }) => [code, path, line, message, hint])).toEqual([
      [
        'SIGMA_DUPLICATE_RULE',
        'b/y.yml',
        2,
        'The id "same-id" is taken by a/x.yml:1; expected one that no other rule has.',
        'Give the copy a new UUID.',
      ],
      [
        'SIGMA_DUPLICATE_RULE',
        'b/x.yml',
        1,
        'The name "x" is taken by a/x.yml:1; expected one that no other rule has.',
        'Rename the file, or change its "name".',
      ],
    ]);
    expect(rules.map(({ name }) => name)).toEqual(['x']);
  });

  it('a chain that is too long', () => {
    const links = Array.from({ length: 30 }, (_, i) => correlation(`c${i}`, count(i === 29 ? 'r' : `c${i + 1}`)));
    const { correlations, told } = load(...links, rule('r'));
    expect(told.some((line) => line.startsWith('SIGMA_LIMIT'))).toBe(true);
    expect(correlations.length).toBeLessThan(30);
  });
});

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['6h', 21_600_000],
    ['4d', 345_600_000],
    ['5790m', 347_400_000],
    ['0s', undefined],
    ['4d30m', undefined],
    ['1.5h', undefined],
    ['30M', undefined],
    ['-5m', undefined],
    [' 5m', undefined],
    ['', undefined],
    ['99999999999s', undefined],
  ])('%s is %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });
});
