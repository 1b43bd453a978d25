import { describe, expect, it } from '@jest/globals';
import { durationText } from './duration.js';
import { Progress, progressText } from './progress.js';
import { recordedOutput } from './recorded-output.test-support.js';

describe('progressText', () => {
  it('has percent, speed and time left', () => {
    expect(progressText('replay', 50e6, 100e6, 2_000)).toBe(
      'replay  [############------------]  50 %  25.0 MB/s  2 s left',
    );
    expect(progressText('replay', 0, 100e6, 0)).toBe('replay  [------------------------]   0 %');
    expect(progressText('replay', 0, 0, 10)).toBe('replay  [########################] 100 %');
  });
});

describe('Progress', () => {
  it('says nothing unless a person looks', () => {
    const pipe = recordedOutput();
    new Progress(pipe.output, 'replay', 0).update(1, 2, 1_000);
    expect(pipe.texts.err).toBe('');
  });

  it('is told at most ten times a second', () => {
    const { output, texts } = recordedOutput({ isTTY: true });
    const progress = new Progress(output, 'replay', 0);
    for (let ms = 0; ms <= 1_000; ms++) progress.update(ms, 1_000, ms);
    expect(texts.err.split('\r').length - 1).toBe(10);
  });
});

describe('durationText', () => {
  it.each([
    [0, '0 s'],
    [59_600, '1 min'],
    [3_600_000, '1 h'],
    [3_661_000, '1 h 1 min'],
    [3_601_000, '1 h'],
    [90_061_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));
});
