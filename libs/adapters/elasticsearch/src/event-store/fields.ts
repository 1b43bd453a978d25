/**
 * How a field is stored. `keyword` holds texts and lists of texts, `ip` also checks them against networks, `long` whole
 * numbers, `date` milliseconds since 1970 UTC (written as ISO 8601), `boolean` flags.
 */
export type FieldType = 'keyword' | 'ip' | 'long' | 'date' | 'boolean';

const NAMES: Record<FieldType, string> = {
  date: '@timestamp event.ingested',
  ip: `client.ip destination.ip destination.nat.ip host.ip observer.ip related.ip server.ip source.ip source.nat.ip`,
  long: `client.port destination.bytes destination.packets destination.port event.duration event.sequence
    event.severity fleetwall.attempt.count http.response.status_code log.offset network.bytes network.packets
    process.exit_code process.parent.pid process.pid server.port source.as.number source.bytes source.packets source.port winlog.record_id`,
  boolean: 'fleetwall.history fleetwall.source.recovered fleetwall.truncated fleetwall.user.known',
  keyword: `agent.id agent.name agent.type agent.version client.domain destination.domain destination.geo.country_iso_code
    dns.question.name ecs.version error.code error.message event.action event.category event.code event.id event.kind
    event.module event.original event.outcome event.provider event.reason event.type file.extension file.hash.md5
    file.hash.sha1 file.hash.sha256 file.name file.path fleetwall.attempt.id fleetwall.attempt.ids fleetwall.attempt.role
    fleetwall.auth.method fleetwall.evidence fleetwall.pam.module fleetwall.pam.service fleetwall.session.id
    fleetwall.user.by group.id group.name host.hostname host.id host.name host.os.family
    host.os.name http.request.method input.type log.file.path log.level network.application network.direction
    network.protocol network.transport observer.name observer.product observer.vendor organization.id organization.name
    process.command_line process.executable process.name process.parent.executable process.parent.name
    related.hosts related.user rule.id rule.name rule.ruleset server.domain service.name service.type source.as.organization.name
    source.domain source.geo.city_name source.geo.country_iso_code source.mac tags threat.indicator.name
    url.domain url.original url.path user.domain user.effective.name user.email user.hash user.id user.name user.target.name
    user_agent.original winlog.activity_id winlog.channel winlog.computer_name winlog.event_id winlog.logon.id
    winlog.logon.type winlog.provider_name`,
};

/** The ECS and Fleetwall fields with a mapping of their own; all others are searched by `fleetwall.search.*`. */
export const FIELDS: ReadonlyMap<string, FieldType> = new Map(
  (Object.keys(NAMES) as FieldType[]).flatMap((type) =>
    NAMES[type].split(/\s+/).map((name): [string, FieldType] => [name, type]),
  ),
);

/** Longer texts are stored and not searched as a whole: Lucene takes terms of up to 32,766 bytes. */
export const MAX_TERM_LENGTH = 8_191;

/** Fields of the document that are no field of the event. */
export const OTHER_FIELDS = 'fleetwall.other';
export const BYTES_FIELD = 'fleetwall.bytes';
/** What only the index holds, by name; see `search-terms.ts`. */
export const SEARCH = {
  words: 'fleetwall.search.words',
  values: 'fleetwall.search.values',
  numbers: 'fleetwall.search.numbers',
  addresses: 'fleetwall.search.addresses',
} as const;

/** Own names: an event that uses one is given it back, but does not get at the index by it. */
export function isReserved(field: string): boolean {
  return field === OTHER_FIELDS || field === BYTES_FIELD || field.startsWith('fleetwall.search');
}
