/**
 * What a value of a field is. `line` and `id` are never listed: each event has another one; `time` is written, not chosen.
 */
export const FIELD_TYPES = ['text', 'number', 'address', 'flag', 'time', 'line', 'id'] as const;

export interface EventField {
  /** ECS name, or Fleetwall's own. */
  field: string;
  type: (typeof FIELD_TYPES)[number];
  meaning: string;
}

/**
 * The fields of events that people search by, the most useful first. Windows' own (`winlog.event_data.*`,
 * `winlog.user_data.*`) are as many as there are records, and are searched by their names as well.
 */
export const EVENT_FIELDS: readonly EventField[] = [
  { field: 'source.ip', type: 'address', meaning: 'Address the attempt came from' },
  { field: 'user.name', type: 'text', meaning: 'Account that was tried or used' },
  { field: 'host.name', type: 'text', meaning: 'Host that wrote the line' },
  { field: 'event.outcome', type: 'text', meaning: 'success, failure or unknown' },
  { field: 'event.action', type: 'text', meaning: 'What happened, in one word' },
  { field: 'event.module', type: 'text', meaning: 'Log source that read the line' },
  { field: 'event.category', type: 'text', meaning: 'ECS: authentication, network, malware …' },
  { field: 'event.type', type: 'text', meaning: 'ECS: start, denied, change …' },
  { field: 'event.reason', type: 'text', meaning: 'Why it failed, in the words of the program' },
  { field: 'event.code', type: 'text', meaning: 'Number of a Windows event, or of another numbered message' },
  { field: 'event.provider', type: 'text', meaning: 'Provider of a Windows event' },
  { field: 'process.name', type: 'text', meaning: 'Program that wrote the line' },
  { field: 'process.pid', type: 'number', meaning: 'Its number' },
  { field: 'process.executable', type: 'text', meaning: 'Path of the program' },
  { field: 'process.command_line', type: 'text', meaning: 'Command that was run' },
  { field: 'process.parent.name', type: 'text', meaning: 'Program that started it' },
  { field: 'process.parent.executable', type: 'text', meaning: 'Path of the program that started it' },
  { field: 'process.parent.pid', type: 'number', meaning: 'Number of the program that started it' },
  { field: 'source.port', type: 'number', meaning: 'Port the attempt came from' },
  { field: 'source.domain', type: 'text', meaning: 'Name the program gave for the source; anyone may choose it' },
  { field: 'destination.ip', type: 'address', meaning: 'Address that was reached' },
  { field: 'destination.port', type: 'number', meaning: 'Port that was reached' },
  { field: 'destination.domain', type: 'text', meaning: 'Name of what was reached' },
  { field: 'user.domain', type: 'text', meaning: 'Domain of the account' },
  { field: 'user.id', type: 'text', meaning: 'Id of the account, such as a SID' },
  { field: 'user.effective.name', type: 'text', meaning: 'Account whose rights were taken' },
  { field: 'user.target.name', type: 'text', meaning: 'Account that was changed' },
  { field: 'user.target.domain', type: 'text', meaning: 'Domain of the account that was changed' },
  { field: 'user.target.id', type: 'text', meaning: 'Id of the account that was changed' },
  { field: 'group.name', type: 'text', meaning: 'Group that was changed' },
  { field: 'group.domain', type: 'text', meaning: 'Domain of the group' },
  { field: 'group.id', type: 'text', meaning: 'Id of the group' },
  { field: 'service.type', type: 'text', meaning: 'Service behind a logon: http, imap, ftp …' },
  { field: 'service.name', type: 'text', meaning: 'Name of the service' },
  { field: 'network.application', type: 'text', meaning: 'Application of the connection' },
  { field: 'network.protocol', type: 'text', meaning: 'Protocol of the connection' },
  { field: 'network.transport', type: 'text', meaning: 'tcp, udp or another' },
  { field: 'network.direction', type: 'text', meaning: 'ingress or egress' },
  { field: 'network.iana_number', type: 'text', meaning: 'Number of the protocol' },
  { field: 'http.request.method', type: 'text', meaning: 'Method of the request' },
  { field: 'http.response.status_code', type: 'number', meaning: 'Status of the answer' },
  { field: 'url.path', type: 'text', meaning: 'Path of the request' },
  { field: 'rule.id', type: 'text', meaning: 'Rule of the program that decided' },
  { field: 'rule.name', type: 'text', meaning: 'Name of that rule' },
  { field: 'file.path', type: 'text', meaning: 'File that was found' },
  { field: 'file.hash.md5', type: 'text', meaning: 'MD5 of the file' },
  { field: 'device.id', type: 'text', meaning: 'Device that was plugged in' },
  { field: 'device.model.name', type: 'text', meaning: 'Its model' },
  { field: 'device.manufacturer', type: 'text', meaning: 'Its maker' },
  { field: 'observer.vendor', type: 'text', meaning: 'Maker of the device that wrote the line' },
  { field: 'observer.product', type: 'text', meaning: 'Product that wrote the line' },
  { field: 'observer.ingress.interface.name', type: 'text', meaning: 'Interface where the packet came in' },
  { field: 'observer.egress.interface.name', type: 'text', meaning: 'Interface where the packet left' },
  { field: 'winlog.channel', type: 'text', meaning: 'Channel of a Windows event' },
  { field: 'winlog.computer_name', type: 'text', meaning: 'Computer named in a Windows event' },
  { field: 'winlog.logon.type', type: 'text', meaning: 'Network, RemoteInteractive …' },
  { field: 'winlog.logon.id', type: 'text', meaning: 'Id of the logon session' },
  { field: 'winlog.record_id', type: 'number', meaning: 'Number of the record in its channel' },
  { field: 'winlog.activity_id', type: 'text', meaning: 'Activity of a Windows event' },
  {
    field: 'fleetwall.evidence',
    type: 'text',
    meaning: 'handshake, spoofable or unauthenticated: what the source address proves',
  },
  { field: 'fleetwall.attempt.role', type: 'text', meaning: 'attempt, part or summary' },
  { field: 'fleetwall.attempt.id', type: 'text', meaning: 'The same for all lines of one try' },
  { field: 'fleetwall.attempt.ids', type: 'text', meaning: 'All tries that the line tells of' },
  { field: 'fleetwall.attempt.count', type: 'number', meaning: 'Tries that the line tells of' },
  { field: 'fleetwall.auth.method', type: 'text', meaning: 'How the user was to prove it: password, publickey …' },
  { field: 'fleetwall.session.id', type: 'text', meaning: 'Session of the program' },
  { field: 'fleetwall.user.known', type: 'flag', meaning: 'Whether the program knows the account' },
  { field: 'fleetwall.user.by', type: 'text', meaning: 'Account that acted' },
  { field: 'fleetwall.source.recovered', type: 'flag', meaning: 'The address was found in another record' },
  { field: 'fleetwall.pam.module', type: 'text', meaning: 'PAM module that answered' },
  { field: 'fleetwall.pam.service', type: 'text', meaning: 'PAM service that asked' },
  { field: 'fleetwall.account.state', type: 'text', meaning: 'disabled, locked, expired …' },
  { field: 'fleetwall.malware.name', type: 'text', meaning: 'Malware that was found' },
  { field: 'fleetwall.malware.severity', type: 'text', meaning: 'How grave the antivirus holds it' },
  { field: 'fleetwall.malware.action', type: 'text', meaning: 'What the antivirus did' },
  { field: 'fleetwall.firewall.profile', type: 'text', meaning: 'Profile of the firewall' },
  { field: 'fleetwall.firewall.setting', type: 'text', meaning: 'Setting of the firewall that changed' },
  { field: 'fleetwall.firewall.value', type: 'text', meaning: 'Value that it got' },
  { field: 'fleetwall.mssql.state', type: 'number', meaning: 'State of a failed logon at SQL Server' },
  { field: 'fleetwall.history', type: 'flag', meaning: 'The line was there before the first start' },
  { field: 'fleetwall.truncated', type: 'flag', meaning: 'The line was too long, and cut' },
  { field: 'organization.id', type: 'text', meaning: 'Tenant of the host' },
  { field: 'host.id', type: 'text', meaning: 'Host by its credential' },
  { field: 'event.kind', type: 'text', meaning: 'ECS: event' },
  { field: 'event.id', type: 'id', meaning: 'One event' },
  { field: 'event.original', type: 'line', meaning: 'The whole line; words without a field look here' },
  { field: '@timestamp', type: 'time', meaning: 'When it happened, by the clock of the host' },
  { field: 'event.ingested', type: 'time', meaning: 'When it arrived, by the clock of the centre' },
];

const TYPES = new Map(EVENT_FIELDS.map(({ field, type }) => [field, type]));

/** Undefined for what is not in the table. */
export function columnTypeOf(field: string): EventField['type'] | undefined {
  return TYPES.get(field);
}

/** Whether the values of a field are few enough to choose among. Of fields that are not in the table nobody knows. */
export function hasListableValues(field: string): boolean {
  const type = TYPES.get(field);
  return type !== 'line' && type !== 'id' && type !== 'time';
}
