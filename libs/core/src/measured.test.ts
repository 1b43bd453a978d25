import { describe, expect, it } from '@jest/globals';
import { countedOf, measuredOf, prometheusText, sumOf } from './measured.js';

describe('measured numbers', () => {
  it('are named by area and key, and are numbers only', () => {
    expect(measuredOf('input', 'Input', { linesRead: 3, name: 'x', problems: [] }, { input: 'a' })).toEqual([
      { name: 'fleetwall_input_lines_read', help: 'Input: linesRead', value: 3, labels: { input: 'a' } },
    ]);
  });

  it('are counters or gauges, and Prometheus is told which', () => {
    const numbers = countedOf('input', 'Input', { linesRead: 3, openFiles: 2, name: 'x' }, ['openFiles'], {
      input: 'a',
    });
    expect(prometheusText(numbers)).toBe(
      '# HELP fleetwall_input_lines_read Input: linesRead\n# TYPE fleetwall_input_lines_read counter\n' +
        'fleetwall_input_lines_read{input="a"} 3\n' +
        '# HELP fleetwall_input_open_files Input: openFiles\n# TYPE fleetwall_input_open_files gauge\n' +
        'fleetwall_input_open_files{input="a"} 2\n',
    );
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
