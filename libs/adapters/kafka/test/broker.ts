import { startKafka, whatIsMissing } from '../../../../scripts/kafka.mjs';

/** `host:port` of a broker that runs already. */
const given = process.env['FLEETWALL_TEST_KAFKA'];

/** Why tests that need a broker of their own cannot run here; undefined when they can. */
export const whyNoOwnBroker = ownBrokerObstacle();

/** Why tests that need any broker cannot run here; undefined when they can. */
export const whyNoBroker = given ? undefined : whyNoOwnBroker;

function ownBrokerObstacle(): string | undefined {
  if (process.env['FLEETWALL_TEST_REAL'] !== '1')
    return 'needs FLEETWALL_TEST_REAL=1 or FLEETWALL_TEST_KAFKA=host:port';
  const missing = whatIsMissing();
  return missing && `needs ${missing}`;
}

/** The broker that was given, or a new one. */
export async function testBroker(): Promise<{ brokers: string[]; stop: () => Promise<void> }> {
  if (given) return { brokers: [given], stop: async () => undefined };
  const kafka = await startKafka();
  return { brokers: [`127.0.0.1:${kafka.port}`], stop: kafka.stop };
}
