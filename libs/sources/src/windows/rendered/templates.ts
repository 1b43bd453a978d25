/** One label of a message: how it reads, in which data its value belongs, whether every version of the message has it. */
export interface Label {
  texts: readonly string[];
  data?: string;
  optional?: boolean;
}

/** The labels of a message in the order in which Windows prints them. */
export type Template = readonly Label[];

function value(data: string, ...texts: string[]): Label {
  return { texts, data };
}

/** Between the values; a title that a translation words otherwise is not missed. */
function title(...texts: string[]): Label {
  return { texts, optional: true };
}

function maybe(...texts: string[]): Label {
  return { texts, optional: true };
}

function sidAndName(sid: string, name: string): Label[] {
  return [value(sid, 'Security ID:', 'Sicherheits-ID:'), value(name, 'Account Name:', 'Kontoname:')];
}

function account(prefix: string, ...rest: Label[]): Label[] {
  return [
    ...sidAndName(`${prefix}UserSid`, `${prefix}UserName`),
    value(`${prefix}DomainName`, 'Account Domain:', 'Kontodomäne:'),
    ...rest,
  ];
}

const logonId = (prefix: string) => value(`${prefix}LogonId`, 'Logon ID:', 'Anmelde-ID:');
const subject = [title('Subject:', 'Antragsteller:'), ...account('Subject', logonId('Subject'))];
const logonType = value('LogonType', 'Logon Type:', 'Anmeldetyp:');
const packageName = value('AuthenticationPackageName', 'Authentication Package:', 'Authentifizierungspaket:');
const peerAddress = value('IpAddress', 'Source Network Address:', 'Quellnetzwerkadresse:');
const peerPort = value('IpPort', 'Source Port:', 'Quellport:');
const moreInformation = title('Additional Information:', 'Weitere Informationen:', 'Zusätzliche Informationen:');

const network = [
  title('Network Information:', 'Netzwerkinformationen:'),
  value('WorkstationName', 'Workstation Name:', 'Arbeitsstationsname:'),
  peerAddress,
  peerPort,
  title('Detailed Authentication Information:', 'Detaillierte Authentifizierungsinformationen:'),
  value('LogonProcessName', 'Logon Process:', 'Anmeldeprozess:'),
  packageName,
  maybe('Transited Services:', 'Übertragene Dienste:', 'Durchlaufene Dienste:'),
  maybe('Package Name (NTLM only):', 'Paketname (nur NTLM):'),
  maybe('Key Length:', 'Schlüssellänge:'),
];

const logon: Template = [
  ...subject,
  title('Logon Information:', 'Anmeldeinformationen:'),
  logonType,
  maybe('Restricted Admin Mode:', 'Eingeschränkter Administratormodus:'),
  maybe('Remote Credential Guard:'),
  maybe('Virtual Account:', 'Virtuelles Konto:'),
  maybe('Elevated Token:', 'Token mit erhöhten Rechten:'),
  maybe('Impersonation Level:', 'Identitätswechselebene:'),
  title('New Logon:', 'Neue Anmeldung:'),
  ...account('Target', logonId('Target')),
  maybe('Linked Logon ID:', 'Verknüpfte Anmelde-ID:'),
  maybe('Network Account Name:', 'Netzwerk-Kontoname:'),
  maybe('Network Account Domain:', 'Netzwerk-Kontodomäne:'),
  maybe('Logon GUID:', 'Anmelde-GUID:'),
  title('Process Information:', 'Prozessinformationen:'),
  value('ProcessId', 'Process ID:', 'Prozess-ID:'),
  value('ProcessName', 'Process Name:', 'Prozessname:'),
  ...network,
];

const failedLogon: Template = [
  ...subject,
  logonType,
  title('Account For Which Logon Failed:', 'Konto, für das die Anmeldung fehlgeschlagen ist:'),
  ...account('Target'),
  title('Failure Information:', 'Fehlerinformationen:'),
  value('FailureReason', 'Failure Reason:', 'Fehlerursache:'),
  value('Status', 'Status:'),
  value('SubStatus', 'Sub Status:', 'Unterstatus::', 'Unterstatus:'),
  title('Process Information:', 'Prozessinformationen:'),
  value('ProcessId', 'Caller Process ID:', 'Aufrufprozess-ID:'),
  value('ProcessName', 'Caller Process Name:', 'Aufrufprozessname:'),
  ...network,
];

const logoff: Template = [
  title('Subject:', 'Antragsteller:'),
  ...account('Target', logonId('Target')),
  { ...logonType, optional: true },
];

const lockout: Template = [
  ...subject,
  title('Account That Was Locked Out:', 'Konto, das gesperrt wurde:', 'Gesperrtes Konto:'),
  ...sidAndName('TargetSid', 'TargetUserName'),
  moreInformation,
  value('TargetDomainName', 'Caller Computer Name:', 'Aufrufercomputername:'),
];

const preAuthentication: Template = [
  title('Account Information:', 'Kontoinformationen:'),
  ...sidAndName('TargetSid', 'TargetUserName'),
  title('Service Information:', 'Dienstinformationen:'),
  value('ServiceName', 'Service Name:', 'Dienstname:'),
  title('Network Information:', 'Netzwerkinformationen:'),
  value('IpAddress', 'Client Address:', 'Clientadresse:'),
  value('IpPort', 'Client Port:', 'Clientport:'),
  moreInformation,
  value('TicketOptions', 'Ticket Options:', 'Ticketoptionen:'),
  value('Status', 'Failure Code:', 'Fehlercode:'),
  maybe('Pre-Authentication Type:', 'Vorauthentifizierungstyp:'),
];

const validation: Template = [
  value('PackageName', 'Authentication Package:', 'Authentifizierungspaket:'),
  value('TargetUserName', 'Logon Account:', 'Anmeldekonto:'),
  value('Workstation', 'Source Workstation:', 'Quellarbeitsstation:'),
  value('Status', 'Error Code:', 'Fehlercode:'),
];

/** 529 to 537 and 539; Windows 2000 ends with the workstation. */
const failedBeforeVista: Template = [
  maybe('Reason:', 'Grund:'),
  value('TargetUserName', 'User Name:', 'Benutzername:'),
  value('TargetDomainName', 'Domain:', 'Domäne:'),
  logonType,
  value('LogonProcessName', 'Logon Process:', 'Anmeldevorgang:'),
  packageName,
  value('WorkstationName', 'Workstation Name:', 'Name der Arbeitsstation:', 'Arbeitsstationsname:'),
  { texts: ['Status code:', 'Statuscode:'], data: 'Status', optional: true },
  { texts: ['Substatus code:', 'Substatuscode:'], data: 'SubStatus', optional: true },
  maybe('Caller User Name:', 'Aufruferbenutzername:'),
  maybe('Caller Domain:', 'Aufruferdomäne:'),
  maybe('Caller Logon ID:', 'Aufruferanmeldekennung:'),
  maybe('Caller Process ID:', 'Aufruferprozesskennung:'),
  maybe('Transited Services:', 'Übertragene Dienste:'),
  peerAddress,
  peerPort,
];

/** By event id, English and German. */
export const TEMPLATES: ReadonlyMap<number, Template> = new Map<number, Template>([
  [4624, logon],
  [4625, failedLogon],
  [4634, logoff],
  [4647, logoff],
  [4740, lockout],
  [4771, preAuthentication],
  [4776, validation],
  ...[529, 530, 531, 532, 533, 534, 535, 536, 537, 539].map((id): [number, Template] => [id, failedBeforeVista]),
]);

/** Lines of the antivirus messages, wherever they stand: nothing of them is about a peer. */
export const ANTIVIRUS_LABELS: ReadonlyMap<string, string> = new Map([
  ['Name', 'Threat_Name'],
  ['Severity', 'Severity_Name'],
  ['Schweregrad', 'Severity_Name'],
  ['Path', 'Path'],
  ['Path Found', 'Path'],
  ['Pfad', 'Path'],
  ['Gefundener Pfad', 'Path'],
  ['Process Name', 'Process_Name'],
  ['Prozessname', 'Process_Name'],
  ['User', 'User'],
  ['Benutzer', 'User'],
  ['Action', 'Action'],
  ['Aktion', 'Action'],
]);
