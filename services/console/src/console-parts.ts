import { AbuseReports } from './abuse/abuse-reports.js';
import { AlertNotes } from './alerts/alert-notes.js';
import { Alerts } from './alerts/alerts.js';
import { Prevention } from './alerts/prevention.js';
import { ClientAddress } from './api/client-address.js';
import { AuditChain } from './audit/audit-chain.js';
import { AuditLog } from './audit/audit-log.js';
import { BlockViews } from './blocks/block-view.js';
import { Blocks } from './blocks/blocks.js';
import { EnforcementBoard } from './blocks/enforcement-board.js';
import { Rails } from './blocks/rails.js';
import type { ConsoleOptions } from './console-options.js';
import { ConsoleService } from './console-service.js';
import { RuleBook } from './detections/rule-book.js';
import { RuleTrial } from './detections/rule-trial.js';
import { Erasures } from './erasure/erasures.js';
import { EventExports } from './events/event-export.js';
import { Events } from './events/events.js';
import { Tail } from './events/tail.js';
import { ValueCounts } from './events/value-counts.js';
import { DecisionBoard } from './feeds/decision-board.js';
import { DecisionFeed } from './feeds/decision-feed.js';
import { PullPositions } from './feeds/pull-positions.js';
import { Hosts } from './hosts/hosts.js';
import { Denied } from './lists/denied.js';
import { EntryLists } from './lists/entry-lists.js';
import { ListPreviews } from './lists/list-previews.js';
import { openChannels } from './notifications/channels/open-channel.js';
import { KnownAccounts } from './notifications/known-accounts.js';
import { Notifier } from './notifications/notifier.js';
import { Outbox } from './notifications/outbox.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { ReverseNames } from './origins/reverse-names.js';
import { TopNetworks } from './origins/top-networks.js';
import { Overview } from './overview/overview.js';
import { Reports } from './reports/reports.js';
import { Summaries } from './reports/summary.js';
import { SavedSearches } from './searches/saved-searches.js';
import { Accounts } from './session/accounts.js';
import { Passwords } from './session/passwords.js';
import { Sessions } from './session/sessions.js';
import { SetupLink } from './session/setup-link.js';
import { SignIn } from './session/sign-in.js';
import { Throttle } from './session/throttle.js';
import { Tokens } from './session/tokens.js';
import { AccountLogons } from './subjects/account-logons.js';
import { SubjectReports } from './subjects/subject-report.js';
import { DiskWatch } from './system/disk-watch.js';
import { SystemState } from './system/system-state.js';
import { TenantErasure } from './tenancy/tenant-erasure.js';
import { TenantHosts } from './tenancy/tenant-hosts.js';
import { Tenants } from './tenancy/tenants.js';
import { WebFiles } from './web/web-files.js';

/**
 * The plain classes of the console, joined by hand: a function for each subject, which takes what it needs of the subjects
 * before it. Controllers ask for whichever they use, by its class.
 */
export function consoleParts(options: ConsoleOptions): object[] {
  const people = peopleParts(options);
  const events = eventParts(options);
  const blocks = blockParts(options);
  const alerts = alertParts(options, blocks);
  const lists = listParts(options, blocks);
  const feeds = feedParts(options, blocks);
  const system = systemParts(options);
  const news = newsParts(options, { ...blocks, ...system });
  const subjects = subjectParts(options, { ...events, ...blocks, ...alerts });
  const erasures = erasureParts(options, { ...people, ...alerts, ...news, ...subjects });
  const service = new ConsoleService({ ...people, ...blocks, ...feeds, ...system, ...news, onError: options.onError });
  const all = [people, events, blocks, alerts, lists, feeds, system, news, subjects, erasures];
  return [...all.flatMap((parts) => Object.values<object>(parts)), service];
}

/** Who comes in, and from where. */
function peopleParts(options: ConsoleOptions) {
  const { registry, clock, host, report, onError } = options;
  const accounts = new Accounts(registry, new Passwords(), clock);
  const tenants = new Tenants(registry, clock);
  return {
    accounts,
    tenants,
    tokens: new Tokens(registry, accounts, clock),
    sessions: new Sessions(registry, accounts, clock),
    setup: new SetupLink(registry, accounts, options.setupFile),
    signIn: new SignIn({ accounts, tenants, throttle: new Throttle(clock), clock, host, report, onError }),
    provider: new OidcProvider(options.oidc),
    clientAddress: new ClientAddress(options.proxies),
  };
}

/** What was written, and how people look for it. */
function eventParts({ store, registry, clock, reverseNames }: ConsoleOptions) {
  const events = new Events(store, clock);
  return {
    events,
    exports: new EventExports(),
    values: new ValueCounts(store, events),
    tail: new Tail(store, events, clock),
    searches: new SavedSearches(registry, clock),
    networks: new TopNetworks(store),
    names: new ReverseNames({ ...reverseNames, clock }),
  };
}

/** What is kept out, and on which hosts that holds. */
function blockParts(options: ConsoleOptions) {
  const { bus, store, decisions, registry, desk, clock, limits, exemptions, onError } = options;
  const board = new EnforcementBoard({ bus, onError });
  const tenantHosts = new TenantHosts(store, clock);
  const views = new BlockViews(board, tenantHosts, decisions);
  const rails = new Rails({ registry, clock, limits, exemptions });
  return {
    board,
    tenantHosts,
    views,
    rails,
    blocks: new Blocks({ decisions, desk, clock, views, board, rails, tenantHosts }),
    hosts: new Hosts(board, store, clock),
  };
}

/** What rules found, and the rules. */
function alertParts(options: ConsoleOptions, { views }: { views: BlockViews }) {
  const { decisions, store, registry, clock } = options;
  const notes = new AlertNotes(registry, clock);
  return {
    notes,
    alerts: new Alerts({ decisions, store, notes, views }),
    prevention: new Prevention(options),
    ruleBook: new RuleBook(options),
    ruleTrial: new RuleTrial({ ...options, custom: options.customSources ?? [] }),
  };
}

/** What is never blocked, and what always is. */
function listParts({ registry, clock }: ConsoleOptions, { blocks, rails }: { blocks: Blocks; rails: Rails }) {
  const lists = new EntryLists(registry, clock, rails);
  return { lists, previews: new ListPreviews(lists, blocks), denied: new Denied(lists, blocks, rails) };
}

/** What other programs keep out. */
function feedParts(
  options: ConsoleOptions,
  blocks: { board: EnforcementBoard; tenantHosts: TenantHosts; rails: Rails },
) {
  const { bus, registry, clock, onError } = options;
  const { board: enforcement, tenantHosts, rails } = blocks;
  const decisionBoard = new DecisionBoard({ bus, clock, onError });
  const positions = new PullPositions(registry, clock);
  return {
    decisionBoard,
    positions,
    feed: new DecisionFeed({ board: decisionBoard, enforcement, positions, tenantHosts, rails, clock, onError }),
  };
}

/** What people did, how this process is, and the pages that it serves. */
function systemParts(options: ConsoleOptions) {
  const { bus, registry, clock, host } = options;
  const audit = new AuditLog(bus, clock);
  const disk = new DiskWatch(registry, clock, options.dataDirectory, host);
  return {
    audit,
    chain: new AuditChain(audit, clock),
    disk,
    state: new SystemState(options, disk),
    webFiles: new WebFiles(options.webRoot),
  };
}

/** Who is told what. */
function newsParts(
  options: ConsoleOptions,
  { views, tenantHosts, audit }: { views: BlockViews; tenantHosts: TenantHosts; audit: AuditLog },
) {
  const { bus, store, decisions, registry, clock, host, onError, notifications: config } = options;
  const summaries = new Summaries({ store, decisions, views });
  const channels = openChannels(config, { accounts: new KnownAccounts(store, clock), summaries, clock, host });
  const outbox = new Outbox(registry);
  const told = { config, channels, outbox, clock };
  return {
    outbox,
    notifier: new Notifier({ ...told, bus, decisions, audit, tenantHosts, onError }),
    reports: new Reports(told),
  };
}

/** All that is known, on one page: of everything, of an address, of an account. */
function subjectParts(
  options: ConsoleOptions,
  parts: { events: Events; hosts: Hosts; views: BlockViews; rails: Rails; alerts: Alerts; notes: AlertNotes },
) {
  const { store, decisions, registry, clock, localHost } = options;
  const { events, hosts, views, rails, alerts, notes } = parts;
  return {
    overview: new Overview({ decisions, notes, events, hosts, views, clock, localHost }),
    subjects: new SubjectReports(store, alerts),
    logons: new AccountLogons(store),
    abuse: new AbuseReports({ store, registry, rails, clock }),
  };
}

/** What is removed for good. */
function erasureParts(
  { store, decisions, clock, auditDays }: ConsoleOptions,
  parts: {
    notes: AlertNotes;
    outbox: Outbox;
    abuse: AbuseReports;
    tenants: Tenants;
    accounts: Accounts;
    tokens: Tokens;
  },
) {
  const { notes, outbox, abuse, tenants, accounts, tokens } = parts;
  const tenantErasure = new TenantErasure({ tenants, accounts, tokens });
  return { erasures: new Erasures({ store, decisions, notes, outbox, abuse, tenantErasure, clock, auditDays }) };
}
