// A fleet on paper: what 1,000, 10,000 and 100,000 servers need, from what this repository's benches measured.
//   node test/bench/scaling.mjs [--figures test/bench/cluster/figures.json]
// Prints the tables of docs/scaling.md. Figures of the cluster: `node test/bench/cluster.mjs --json`.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    figures: { type: 'string', default: fileURLToPath(new URL('cluster/figures.json', import.meta.url)) },
  },
});
const figures = JSON.parse(readFileSync(options.figures, 'utf8'));

const SIZES = [1_000, 10_000, 100_000];

/** What is not measured. docs/scaling.md says why. */
const LOADS = {
  quiet: { eventsPerServerPerDay: 2_000, mix: 'mixed' },
  attack: { eventsPerServerPerDay: 20_000, mix: 'failures' },
};
const PEAK_FACTOR = 5;
/** Of a core, so that a peak, a rebalance or a restart finds room. */
const CORE_SHARE = 0.6;
const ADDRESSES_PER_SERVER_PER_DAY = 50;
/** However many servers look: the attackers of a fleet are largely the same ones. */
const MOST_ADDRESSES_PER_DAY = 500_000;
const BLOCKED_SHARE = 0.2;
const KAFKA_COPIES = 3;
const ELASTICSEARCH_COPIES = 2;
const DAYS = { kafkaEvents: 7, observations: 9, elasticsearch: 30, windows: 8 };
/** A core works off so many seconds of CPU in a second. */
const RECONNECT_WITHIN_SECONDS = 600;

/** From other benches; the command is in docs/scaling.md. */
const MEASURED = {
  bytesPerConnection: 30 * 1_024,
  handshakesPerSecond: 73,
  cpuSecondsPerBlockMessage: 50e-6,
  bytesPerBlockMessage: 190,
  windowBytesPerAddress: 97,
};

const columns = SIZES.flatMap((servers) => Object.entries(LOADS).map(([load, about]) => plan(servers, load, about)));
console.log(measuredText());
console.log(`\n${tableText()}`);

/** CPU seconds of a stage for one event of a mix. Sizes and the indexer were measured on the mixed load alone. */
function costsOf(mix) {
  const { gateway, correlation, response, floors } = figures[mix];
  const { indexer } = figures.mixed;
  const per = (part, key = 'cpuSeconds') => part[key] / figures[mix].gateway.events;
  const perIndexed = (key) => indexer[key] / figures.mixed.gateway.events;
  return {
    floor: floors.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / floors.length / gateway.events,
    gateway: per(gateway),
    correlation: per(correlation),
    // A start costs a little more or less each time; where little is left of it, nothing can be told.
    response: Math.max(0, per(response)),
    indexer: perIndexed('cpuSeconds'),
    kafka:
      per(gateway, 'kafkaCpuSeconds') +
      per(correlation, 'kafkaCpuSeconds') +
      per(response, 'kafkaCpuSeconds') +
      perIndexed('kafkaCpuSeconds'),
    elasticsearch: perIndexed('elasticsearchCpuSeconds'),
    observations: correlation.observations / gateway.events,
    wireBytes: gateway.gzipBytesPerEvent,
  };
}

function plan(servers, load, { eventsPerServerPerDay, mix }) {
  const cost = costsOf(mix);
  const { sizes, restore } = figures;
  const eventsPerDay = servers * eventsPerServerPerDay;
  const average = eventsPerDay / 86_400;
  const peak = average * PEAK_FACTOR;
  const cores = (name) => peak * cost[name];
  const instances = (name) => Math.max(2, Math.ceil(cores(name) / CORE_SHARE));
  const addressesPerDay = Math.min(servers * ADDRESSES_PER_SERVER_PER_DAY, MOST_ADDRESSES_PER_DAY);
  const blocksPerDay = addressesPerDay * BLOCKED_SHARE;
  const messages = (blocksPerDay * servers * 2) / 86_400;
  const fanOutCores = messages * PEAK_FACTOR * MEASURED.cpuSecondsPerBlockMessage;
  const handshakes = servers / RECONNECT_WITHIN_SECONDS / MEASURED.handshakesPerSecond;
  const gateways = Math.max(2, Math.ceil((cores('gateway') + fanOutCores) / CORE_SHARE), Math.ceil(handshakes));
  const correlations = instances('correlation');
  const partitions = Math.max(12, 2 * Math.max(correlations, instances('indexer')));
  const observationsPerDay = eventsPerDay * cost.observations;
  const kafkaDay = eventsPerDay * sizes.kafkaBytesPerEvent * DAYS.kafkaEvents;
  const observationsHeld = observationsPerDay * DAYS.observations;
  const kafkaBytes = (kafkaDay + observationsHeld * sizes.kafkaBytesPerObservation) * KAFKA_COPIES;
  const written = sizes.kafkaBytesPerEvent + cost.observations * sizes.kafkaBytesPerObservation;
  return {
    servers,
    load,
    average,
    peak,
    gateways,
    connectionMb: (servers * MEASURED.bytesPerConnection) / gateways / 1e6,
    correlations,
    response: cores('response'),
    indexers: instances('indexer'),
    partitions,
    windowsMb: (addressesPerDay * DAYS.windows * MEASURED.windowBytesPerAddress) / 1e6,
    kafkaCores: cores('kafka'),
    kafkaTb: kafkaBytes / 1e12,
    elasticsearchCores: cores('elasticsearch') * ELASTICSEARCH_COPIES,
    elasticsearchTb:
      (eventsPerDay * DAYS.elasticsearch * sizes.elasticsearchBytesPerEvent * ELASTICSEARCH_COPIES) / 1e12,
    collectorMbit: (peak * cost.wireBytes * 8) / 1e6,
    // Once in, twice to the copies, twice out to the consumers of events, once to those of observations.
    kafkaMbit:
      (peak * (written * KAFKA_COPIES + sizes.kafkaBytesPerEvent * 2 + (written - sizes.kafkaBytesPerEvent)) * 8) / 1e6,
    blocksPerDay,
    fanOutMbit: (messages * MEASURED.bytesPerBlockMessage * 8) / 1e6,
    fanOutCores,
    rereadMinutes: ((observationsHeld / correlations) * (restore.log.restoreMs / restore.log.observations)) / 60_000,
  };
}

function measuredText() {
  const rows = [
    ['CPU s per 1M events, floor', (cost) => cost.floor * 1e6],
    ['… gateway', (cost) => cost.gateway * 1e6],
    ['… correlation', (cost) => cost.correlation * 1e6],
    ['… response', (cost) => cost.response * 1e6],
    ['… indexer (measured on the mixed load)', (cost) => cost.indexer * 1e6],
    ['… Kafka, all of the above', (cost) => cost.kafka * 1e6],
    ['… Elasticsearch (mixed load)', (cost) => cost.elasticsearch * 1e6],
    ['observations per event', (cost) => cost.observations],
    ['bytes per event from the collector, compressed', (cost) => cost.wireBytes],
  ].map(([what, of]) => [what, ...['mixed', 'failures'].map((mix) => short(of(costsOf(mix))))]);
  const { sizes, restore } = figures;
  const alike = [
    ['bytes per event in Kafka, one copy', sizes.kafkaBytesPerEvent],
    ['bytes per observation in Kafka, one copy', sizes.kafkaBytesPerObservation],
    ['bytes per event in Elasticsearch, one copy', sizes.elasticsearchBytesPerEvent],
    ['s to read 1M observations again, one instance', (restore.log.restoreMs / restore.log.observations) * 1_000],
  ].map(([what, value]) => [what, short(value), short(value)]);
  return table(['measured', 'quiet (mixed)', 'attack (failures only)'], [...rows, ...alike]);
}

function tableText() {
  const rows = [
    ['events/s, average', 'average'],
    ['events/s, peak', 'peak'],
    ['gateways', 'gateways'],
    ['MB of connections, each gateway', 'connectionMb'],
    ['partitions', 'partitions'],
    ['correlation instances', 'correlations'],
    ['MB of windows, all instances', 'windowsMb'],
    ['cores of the active response', 'response'],
    ['indexer instances', 'indexers'],
    ['Kafka cores', 'kafkaCores'],
    ['Kafka disk, TB (3 copies)', 'kafkaTb'],
    ['Elasticsearch cores (2 copies)', 'elasticsearchCores'],
    ['Elasticsearch disk, TB (30 days, 2 copies)', 'elasticsearchTb'],
    ['Mbit/s from collectors, peak', 'collectorMbit'],
    ['Mbit/s through the brokers, peak', 'kafkaMbit'],
    ['blocks a day', 'blocksPerDay'],
    ['Mbit/s of blocks to collectors', 'fanOutMbit'],
    ['gateway cores for blocks, peak', 'fanOutCores'],
    ['minutes to count everything again', 'rereadMinutes'],
  ].map(([what, key]) => [what, ...columns.map((column) => short(column[key]))]);
  return table(['', ...columns.map(({ servers, load }) => `${short(servers)} ${load}`)], rows);
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Two digits that mean something. */
function short(value) {
  if (value >= 100) return Number(value.toPrecision(2)).toLocaleString('en');
  return String(Number(value.toPrecision(2)));
}
