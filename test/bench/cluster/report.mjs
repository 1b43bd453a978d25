// The figures of `npm run bench:cluster` as text.
import { quantile } from '../quantile.mjs';

const MILLION = 1_000_000;
/** Below it, a rate says nothing. */
const MANY = 10_000;

/** @param {object} figures as `--json` prints them */
export function report({ mixed, failures, restore, latency, sizes }) {
  return [
    loadText('20 % lines of failed tries, 15 % of logons, 45 % of cron, 20 % of sudo', mixed),
    loadText('failures only, each a try of its own', failures),
    restoreText(restore),
    latencyText(latency),
    sizesText(sizes),
  ].join('\n\n');
}

/** What matching and counting cost, in floors: the floor is the mean of the one before and the one after. */
export function floorsOf({ gateway, floors, correlation }) {
  const floor = floors.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / floors.length;
  return { floor, ratio: correlation.cpuSeconds / floor, events: gateway.events };
}

function loadText(what, load) {
  const { gateway, floors, correlation, response, indexer } = load;
  const { events } = gateway;
  const rows = [
    ...floors.map((floor, i) => row(`floor, ${i === 0 ? 'before' : 'after'}`, events, floor)),
    row('gateway', events, gateway),
    row('correlation', events, correlation),
    row('response', events, response),
    ...(indexer ? [row('indexer', events, indexer)] : []),
  ];
  const { ratio } = floorsOf(load);
  return [
    `## ${events} events: ${what}`,
    `${gateway.failures} failures from ${gateway.addresses} addresses; ${correlation.observations} observations, ${correlation.alertChanges} alert changes, ${response.blocks} blocks; ${number(gateway.rawBytesPerEvent)} bytes an event, ${number(gateway.gzipBytesPerEvent)} on the wire`,
    '',
    table(['', 'events/s', 'CPU s per 1M events', 'of Kafka', 'of Elasticsearch', 'peak MB'], rows),
    '',
    `matching and correlating: ${ratio.toFixed(1)} floors (target: 2)`,
  ].join('\n');
}

function row(name, events, { seconds, cpuSeconds, kafkaCpuSeconds, elasticsearchCpuSeconds, memoryMb }) {
  const perMillion = (spent) => (spent === undefined ? '' : ((spent * MILLION) / events).toFixed(1));
  return [
    name,
    Math.round(events / seconds),
    perMillion(cpuSeconds),
    perMillion(kafkaCpuSeconds),
    name === 'indexer' ? perMillion(elasticsearchCpuSeconds) : '',
    Math.round(memoryMb),
  ];
}

function restoreText(restore) {
  const rows = Object.entries({
    'no snapshot: from the log': restore.log,
    'killed; snapshot on its disk': restore.disk,
    'snapshot in the topic': restore.topic,
  }).map(([how, { restoreMs, observations, cpuSeconds, goneMs, memoryMb }]) => {
    const perMillion = observations > MANY ? ((restoreMs / observations) * 1_000).toFixed(1) : '';
    return [how, observations, restoreMs, perMillion, cpuSeconds.toFixed(1), Math.round(goneMs), Math.round(memoryMb)];
  });
  const head = ['observations read again', 'restoreMs', 's per 1M', 'CPU s', 'ms until it counts on', 'peak MB'];
  return `${restore.log.inWindows} records of observations\n\n${table(['restore', ...head], rows)}`;
}

function latencyText({ rate, seconds, events, attackers, blocked, cpuSeconds, memoryMb, ...steps }) {
  const rows = [
    ['to the observation', steps.toObservation],
    ['to the alert', steps.toAlert],
    ['to the block', steps.toBlock],
  ].map(([what, values]) => [what, ...[0.5, 0.9, 0.99].map((share) => quantile(values, share)), Math.max(...values)]);
  const share = (name) => ((cpuSeconds[name] / seconds) * 100).toFixed(0);
  return [
    `## ${rate} events/s for ${seconds} s (${events} events), ${blocked} of ${attackers} attackers blocked`,
    '',
    table(['from the record of the fifth failure, ms', 'p50', 'p90', 'p99', 'most'], rows),
    '',
    table(
      ['at this rate', '% of a core', 'peak MB'],
      Object.keys(cpuSeconds).map((name) => [name, share(name), Math.round(memoryMb[name])]),
    ),
  ].join('\n');
}

function sizesText(sizes) {
  const { kafkaBytesPerEvent, kafkaBytesPerObservation, elasticsearchBytesPerEvent } = sizes;
  return `bytes on disk: ${number(kafkaBytesPerEvent)} an event and ${number(kafkaBytesPerObservation)} an observation in Kafka, ${number(elasticsearchBytesPerEvent)} an event in Elasticsearch (segments merged)`;
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function number(value) {
  return Math.round(value).toString();
}
