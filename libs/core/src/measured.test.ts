import { describe, expect, it } from '@jest/globals';
import { measuredOf, prometheusText, sumOf } from './measured.js';

describe('measured numbers', () => {
  it('are named by area and key, and are numbers only', () => {
    expect(measuredOf('input', 'Input', { linesRead: 3, name: 'x', problems: [] }, { input: 'a' })).toEqual([
      { name: 'fleetwall_input_lines_read', help: 'Input: linesRead', value: 3, labels: { input: 'a' } },
    ]);
  });

  it('add up by key', () => {
    expect(sumOf([{ a: 1, b: 2, name: 'x' }, { a: 3 }])).toEqual({ a: 4, b: 2 });
  });

  it('are written as Prometheus reads them: one head a name, what attackers write escaped', () => {
    const text = prometheusText([
      { name: 'a', help: 'one\nline', value: 1, labels: { user: 'x"\\\n} 7' } },
      { name: 'b', help: 'b', value: Number.NaN },
      { name: 'a', help: 'one\nline', value: Number.POSITIVE_INFINITY },
    ]);
    expect(text).toBe(
      '# HELP a one\\nline\n# TYPE a gauge\na{user="x\\"\\\\\\n} 7"} 1\na +Inf\n# HELP b b\n# TYPE b gauge\nb NaN\n',
    );
  });
});
