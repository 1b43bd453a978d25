import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { closingTests } from './bus-conformance/closing.js';
import { compactionTests } from './bus-conformance/compaction.js';
import { consumeTests } from './bus-conformance/consume.js';
import { followTests } from './bus-conformance/follow.js';
import { groupTests } from './bus-conformance/group.js';
import { type BusConformanceOptions, type BusUnderTest, Harness } from './bus-conformance/harness.js';
import { publishTests } from './bus-conformance/publish.js';

export type { BusConformanceOptions, BusUnderTest } from './bus-conformance/harness.js';

/**
 * Everything the `Bus` port promises, as a jest suite; call it at the top level of a test file. One bus serves all tests
 * (topics and groups have unique names) but those that close or reopen it.
 *
 * Assumes nothing that a real broker does not give: offsets may have gaps and need not start at 0, any member may get any
 * partition, and what must happen may take up to the deadline.
 */
export function busConformance(
  name: string,
  create: () => Promise<BusUnderTest>,
  options: BusConformanceOptions = {},
): void {
  describe(`bus conformance: ${name}`, () => {
    const harness = new Harness(create, options);
    beforeAll(() => harness.open(), harness.deadlineMs * 2);
    afterEach(() => harness.endTest(), harness.deadlineMs);
    afterAll(() => harness.destroy(), harness.deadlineMs);

    publishTests(harness);
    followTests(harness);
    consumeTests(harness);
    groupTests(harness);
    compactionTests(harness);
    closingTests(harness);
  });
}
