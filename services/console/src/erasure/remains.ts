import { TOPICS, topicSpecs } from '@fleetwall/core';

const DAY_MS = 86_400_000;

/**
 * What an erasure does not reach: logs that are only ever added to, and what still has to work.
 *
 * @param missingDays of which what was stored cannot be read any more
 */
export function remainsOf(
  auditDays: number | undefined,
  missingDays: readonly string[],
): { what: string; until: string }[] {
  const daysOf = (topic: string) => daysIn(topic, auditDays);
  return [
    {
      what: 'Blocks in force, with their reasons and how often the address was blocked',
      until: '30 days after they end',
    },
    { what: 'Events on their way (topics fleetwall.events.*)', until: daysOf(TOPICS.securityEvents) },
    { what: 'What is being counted (observations and windows)', until: 'a day after the longest window of a rule' },
    { what: 'Changes of alerts (topic fleetwall.alerts)', until: daysOf(TOPICS.alerts) },
    { what: 'Requests of people about blocks (topic fleetwall.requests)', until: daysOf(TOPICS.requests) },
    { what: 'What people did in the console (audit log)', until: daysOf(TOPICS.audit) },
    { what: 'Records that could not be processed (dead letters)', until: daysOf(TOPICS.deadLetter) },
    { what: "Events that a collector could not send yet, and the hosts' own logs", until: 'the host deletes them' },
    {
      what: 'Messages that were sent, reports and exports that people made, entries of lists and saved searches',
      until: 'people delete them',
    },
    ...missingDays.map((day) => ({
      what: `Events of ${day} in a file that is damaged and lies aside (${day}.duckdb.damaged)`,
      until: 'somebody deletes the file, or retention drops the day',
    })),
  ];
}

function daysIn(topic: string, auditDays: number | undefined): string {
  const specs = topicSpecs(1, auditDays === undefined ? {} : { auditDays });
  const { retentionMs = 0 } = specs.find(({ name }) => name === topic) ?? {};
  return `${retentionMs / DAY_MS} days after they were written`;
}
