import { type BusUnderTest, busConformance } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { testBroker, whyNoBroker } from '../test/broker.js';
import { createKafkaBus } from './kafka-bus.js';

const START_TIMEOUT_MS = 180_000;

if (whyNoBroker) {
  describe.skip(`kafka (${whyNoBroker})`, () => {
    it.todo('passes the conformance suite of the bus on a real broker');
  });
} else {
  let broker: Awaited<ReturnType<typeof testBroker>>;
  beforeAll(async () => {
    broker = await testBroker();
  }, START_TIMEOUT_MS);
  afterAll(() => broker.stop(), START_TIMEOUT_MS);

  const createBus = async (): Promise<BusUnderTest> => {
    const open = () => createKafkaBus({ brokers: broker.brokers, clientId: 'test' });
    let bus = await open();
    const reopen = async () => {
      await bus.close();
      bus = await open();
      return bus;
    };
    return { bus, reopen, destroy: () => bus.close() };
  };

  busConformance('kafka', createBus);
}
