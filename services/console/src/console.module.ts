import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule, type Provider } from '@nestjs/common';
import { AbuseController } from './abuse/abuse.controller.js';
import { AbuseReports } from './abuse/abuse-reports.js';
import { AlertController } from './alerts/alert.controller.js';
import { AlertNotes } from './alerts/alert-notes.js';
import { Alerts } from './alerts/alerts.js';
import { Prevention } from './alerts/prevention.js';
import { ActRecorder } from './api/act-recorder.js';
import { ApiGuard } from './api/api-guard.js';
import { ClientAddress } from './api/client-address.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditChain } from './audit/audit-chain.js';
import { AuditLog } from './audit/audit-log.js';
import { BlockController } from './blocks/block.controller.js';
import { BlockViews } from './blocks/block-view.js';
import { Blocks } from './blocks/blocks.js';
import { EnforcementBoard } from './blocks/enforcement-board.js';
import { Rails } from './blocks/rails.js';
import { CONSOLE_OPTIONS, type ConsoleOptions } from './console-options.js';
import { ConsoleService } from './console-service.js';
import { DetectionController } from './detections/detection.controller.js';
import { RuleBook } from './detections/rule-book.js';
import { RuleTrial } from './detections/rule-trial.js';
import { ErasureController } from './erasure/erasure.controller.js';
import { ErasureControlController } from './erasure/erasure-control.controller.js';
import { Erasures } from './erasure/erasures.js';
import { EventController } from './events/event.controller.js';
import { EventExports } from './events/event-export.js';
import { Events } from './events/events.js';
import { Tail } from './events/tail.js';
import { ValueCounts } from './events/value-counts.js';
import { DecisionBoard } from './feeds/decision-board.js';
import { DecisionFeed } from './feeds/decision-feed.js';
import { FeedController } from './feeds/feed.controller.js';
import { PullPositions } from './feeds/pull-positions.js';
import { HostController } from './hosts/host.controller.js';
import { Hosts } from './hosts/hosts.js';
import { Denied } from './lists/denied.js';
import { EntryLists } from './lists/entry-lists.js';
import { ListController } from './lists/list.controller.js';
import { ListPreviews } from './lists/list-previews.js';
import { openChannels } from './notifications/channels/open-channel.js';
import { KnownAccounts } from './notifications/known-accounts.js';
import { Notifier } from './notifications/notifier.js';
import { Outbox } from './notifications/outbox.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { OriginController } from './origins/origin.controller.js';
import { ReverseNames } from './origins/reverse-names.js';
import { TopNetworks } from './origins/top-networks.js';
import { OverviewController } from './overview/overview.controller.js';
import { Overview } from './overview/overview.js';
import { ReportController } from './reports/report.controller.js';
import { Reports } from './reports/reports.js';
import { Summaries } from './reports/summary.js';
import { SavedSearches } from './searches/saved-searches.js';
import { SearchController } from './searches/search.controller.js';
import { AccountController } from './session/account.controller.js';
import { Accounts } from './session/accounts.js';
import { Passwords } from './session/passwords.js';
import { SessionController } from './session/session.controller.js';
import { Sessions } from './session/sessions.js';
import { SetupLink } from './session/setup-link.js';
import { SignIn } from './session/sign-in.js';
import { Throttle } from './session/throttle.js';
import { TokenController } from './session/token.controller.js';
import { Tokens } from './session/tokens.js';
import { AccountLogons } from './subjects/account-logons.js';
import { SubjectController } from './subjects/subject.controller.js';
import { SubjectReports } from './subjects/subject-report.js';
import { DiskWatch } from './system/disk-watch.js';
import { SystemController } from './system/system.controller.js';
import { SystemState } from './system/system-state.js';
import { TenantController } from './tenancy/tenant.controller.js';
import { TenantErasure } from './tenancy/tenant-erasure.js';
import { TenantHosts } from './tenancy/tenant-hosts.js';
import { Tenants } from './tenancy/tenants.js';
import { securityHeaders } from './web/security-headers.js';
import { WebController } from './web/web.controller.js';
import { WebFiles } from './web/web-files.js';

/** The API of the console and its pages. Whoever imports it starts and stops {@link ConsoleService}. */
@Module({})
export class ConsoleModule implements NestModule {
  static register(options: ConsoleOptions): DynamicModule {
    return {
      module: ConsoleModule,
      controllers: [
        SessionController,
        OidcController,
        AccountController,
        TokenController,
        TenantController,
        OverviewController,
        AlertController,
        EventController,
        SearchController,
        BlockController,
        SubjectController,
        OriginController,
        AbuseController,
        HostController,
        DetectionController,
        ListController,
        ReportController,
        AuditController,
        ErasureController,
        ErasureControlController,
        SystemController,
        FeedController,
        WebController,
      ],
      providers: [{ provide: CONSOLE_OPTIONS, useValue: options }, ApiGuard, ActRecorder, ...partsOf(options)],
      exports: [ConsoleService],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(securityHeaders).forRoutes('{*path}');
  }
}

/** Plain classes, joined by hand: each as it is, so that controllers ask for what they use. */
function partsOf(options: ConsoleOptions): Provider[] {
  const { bus, store, decisions, registry, desk, clock, limits, exemptions, host, report, localHost, onError } =
    options;
  const accounts = new Accounts(registry, new Passwords(), clock);
  const tenants = new Tenants(registry, clock);
  const tokens = new Tokens(registry, accounts, clock);
  const sessions = new Sessions(registry, accounts, clock);
  const setup = new SetupLink(registry, accounts, options.setupFile);
  const board = new EnforcementBoard({ bus, onError });
  const tenantHosts = new TenantHosts(store, clock);
  const views = new BlockViews(board, tenantHosts, decisions);
  const rails = new Rails({ registry, clock, limits, exemptions });
  const notes = new AlertNotes(registry, clock);
  const alerts = new Alerts({ decisions, store, notes, views });
  const events = new Events(store, clock);
  const hosts = new Hosts(board, store, clock);
  const audit = new AuditLog(bus, clock);
  const outbox = new Outbox(registry);
  const summaries = new Summaries({ store, decisions, views });
  const accountsKnown = new KnownAccounts(store, clock);
  const config = options.notifications;
  const channels = openChannels(config, { accounts: accountsKnown, summaries, clock, host });
  const told = { config, channels, outbox, clock };
  const notifier = new Notifier({ ...told, bus, decisions, audit, tenantHosts, onError });
  const blocks = new Blocks({ decisions, desk, clock, views, board, rails, tenantHosts });
  const lists = new EntryLists(registry, clock, rails);
  const decisionBoard = new DecisionBoard({ bus, clock, onError });
  const disk = new DiskWatch(registry, clock, options.dataDirectory, host);
  const positions = new PullPositions(registry, clock);
  const erasures = new Erasures({ store, decisions, notes, clock, auditDays: options.auditDays });
  const parts = [
    accounts,
    sessions,
    setup,
    rails,
    notes,
    alerts,
    events,
    hosts,
    tokens,
    tenants,
    tenantHosts,
    new TenantErasure({ tenants, accounts, tokens, erasures }),
    new SignIn({ accounts, tenants, throttle: new Throttle(clock), clock, host, report, onError }),
    new OidcProvider(options.oidc),
    new ClientAddress(options.proxies),
    audit,
    notifier,
    new Reports(told),
    new AuditChain(audit, clock),
    new SystemState(options, disk),
    new EventExports(),
    blocks,
    lists,
    new RuleBook(options),
    new RuleTrial({ ...options, custom: options.customSources ?? [] }),
    new Prevention(options),
    new ListPreviews(lists, blocks),
    new Denied(lists, blocks, rails),
    new ValueCounts(store, events),
    new Tail(store, events, clock),
    new SavedSearches(registry, clock),
    new Overview({ decisions, notes, events, hosts, views, clock, localHost }),
    new SubjectReports(store, alerts),
    new AccountLogons(store),
    erasures,
    new TopNetworks(store),
    new ReverseNames({ ...options.reverseNames, clock }),
    new AbuseReports({ store, registry, rails, clock }),
    new WebFiles(options.webRoot),
    new DecisionFeed({ board: decisionBoard, enforcement: board, positions, tenantHosts, registry, clock, onError }),
    new ConsoleService({ board, decisionBoard, positions, disk, sessions, setup, notifier, onError }),
  ];
  return parts.map((part) => ({ provide: part.constructor, useValue: part }));
}
