import { expect, it } from '@jest/globals';
import { murmur2, partitionOf } from './murmur2.js';

// Vectors of Kafka's own UtilsTest.testMurmur2.
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('%s hashes as in Kafka', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

it('places a key by the positive hash', () => {
  expect(partitionOf('21', 7)).toBe((-973932308 & 0x7fffffff) % 7);
  expect(partitionOf('21', 1)).toBe(0);
});
