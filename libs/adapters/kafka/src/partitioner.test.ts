import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { partitionOf } from './partitioner.js';

it('places every key where the default partitioner of kafkajs, and so of Java, places it', () => {
  const theirs = kafkajs.Partitioners.DefaultPartitioner();
  for (const partitions of [1, 2, 7, 12, 100]) {
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 0,
      replicas: [0],
      isr: [0],
    }));
    for (let length = 0; length < 40; length++) {
      const key = randomBytes(length);
      const wanted = theirs({ topic: 't', partitionMetadata, message: { key, value: null } });
      expect({ key: key.toString('hex'), at: partitionOf(key, partitions) }).toEqual({
        key: key.toString('hex'),
        at: wanted,
      });
    }
  }
});
