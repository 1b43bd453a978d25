// From the record of an attacker's fifth failure to the record of its block, by the broker's own append times.

/**
 * Reads what was appended since `from` (offsets by topic and partition).
 *
 * @returns `{ attackers, blocked, toObservation, toAlert, toBlock }`, the last three in ms, one number for each attacker
 */
export async function stepsToBlock({ bus, topics, from, attackers, threshold }) {
  const wanted = new Set(attackers);
  const append = (map, address, timeMs) => map.set(address, [...(map.get(address) ?? []), timeMs]);
  const failures = new Map();
  await readFrom(bus, topics.securityEvents, from, ({ value, timestampMs }) => {
    const event = JSON.parse(value.toString());
    const address = event['source.ip'];
    if (wanted.has(address) && event['event.outcome'] === 'failure') append(failures, address, timestampMs);
  });
  const observations = new Map();
  await readFrom(bus, topics.observations, from, ({ key, value, timestampMs }) => {
    if (!key.startsWith('source.ip ')) return;
    for (const { address } of [JSON.parse(value.toString())].flat())
      if (wanted.has(address)) append(observations, address, timestampMs);
  });
  const alerts = new Map();
  await readFrom(bus, topics.alerts, from, ({ value, timestampMs }) => {
    const address = JSON.parse(value.toString()).key?.['source.ip'];
    if (wanted.has(address)) append(alerts, address, timestampMs);
  });
  const blocks = new Map();
  await readFrom(bus, topics.blocks, from, ({ value, timestampMs }) => {
    const { target } = value.length > 0 ? JSON.parse(value.toString()) : {};
    if (wanted.has(target)) append(blocks, target, timestampMs);
  });
  const nth = (times, n) => times?.sort((a, b) => a - b)[n];
  const steps = { attackers: wanted.size, blocked: 0, toObservation: [], toAlert: [], toBlock: [] };
  for (const address of wanted) {
    const begin = nth(failures.get(address), threshold - 1);
    const block = nth(blocks.get(address), 0);
    if (begin === undefined || block === undefined) continue;
    steps.blocked++;
    steps.toObservation.push(nth(observations.get(address), threshold - 1) - begin);
    steps.toAlert.push(nth(alerts.get(address), 0) - begin);
    steps.toBlock.push(block - begin);
  }
  return steps;
}

/** Where each partition of the topics ends now. */
export async function endsOf(bus, topics) {
  const ranges = await Promise.all(topics.map((topic) => bus.ranges(topic)));
  return new Map(topics.map((topic, i) => [topic, new Map(ranges[i].map(({ partition, high }) => [partition, high]))]));
}

async function readFrom(bus, topic, from, onRecord) {
  const follower = await bus.follow({ topic, from: from.get(topic), onRecord });
  await follower.caughtUp;
  await follower.stop();
}
