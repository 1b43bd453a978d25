import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule, type Provider } from '@nestjs/common';
import { AlertController } from './alerts/alert.controller.js';
import { AlertNotes } from './alerts/alert-notes.js';
import { Alerts } from './alerts/alerts.js';
import { ActRecorder } from './api/act-recorder.js';
import { ApiGuard } from './api/api-guard.js';
import { ClientAddress } from './api/client-address.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditLog } from './audit/audit-log.js';
import { BlockController } from './blocks/block.controller.js';
import { BlockViews } from './blocks/block-view.js';
import { Blocks } from './blocks/blocks.js';
import { EnforcementBoard } from './blocks/enforcement-board.js';
import { Rails } from './blocks/rails.js';
import { CONSOLE_OPTIONS, type ConsoleOptions } from './console-options.js';
import { ConsoleService } from './console-service.js';
import { DetectionController } from './detections/detection.controller.js';
import { ErasureController } from './erasure/erasure.controller.js';
import { ErasureControlController } from './erasure/erasure-control.controller.js';
import { Erasures } from './erasure/erasures.js';
import { EventController } from './events/event.controller.js';
import { EventExports } from './events/event-export.js';
import { Events } from './events/events.js';
import { HostController } from './hosts/host.controller.js';
import { Hosts } from './hosts/hosts.js';
import { AllowList } from './lists/allow-list.js';
import { ListController } from './lists/list.controller.js';
import { OriginController } from './origins/origin.controller.js';
import { ReverseNames } from './origins/reverse-names.js';
import { TopNetworks } from './origins/top-networks.js';
import { OverviewController } from './overview/overview.controller.js';
import { Overview } from './overview/overview.js';
import { AccountController } from './session/account.controller.js';
import { Accounts } from './session/accounts.js';
import { Passwords } from './session/passwords.js';
import { SessionController } from './session/session.controller.js';
import { Sessions } from './session/sessions.js';
import { SetupLink } from './session/setup-link.js';
import { SignIn } from './session/sign-in.js';
import { Throttle } from './session/throttle.js';
import { Tokens } from './session/tokens.js';
import { AccountLogons } from './subjects/account-logons.js';
import { SubjectController } from './subjects/subject.controller.js';
import { SubjectReports } from './subjects/subject-report.js';
import { TenantHosts } from './tenancy/tenant-hosts.js';
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
        AccountController,
        OverviewController,
        AlertController,
        EventController,
        BlockController,
        SubjectController,
        OriginController,
        HostController,
        DetectionController,
        ListController,
        AuditController,
        ErasureController,
        ErasureControlController,
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
  const parts = [
    accounts,
    sessions,
    setup,
    rails,
    notes,
    alerts,
    events,
    hosts,
    new Tokens(registry, clock),
    new SignIn({ accounts, throttle: new Throttle(clock), clock, host, report, onError }),
    new ClientAddress(options.proxies),
    new AuditLog(bus, clock),
    new EventExports(),
    new Blocks({ decisions, desk, clock, views, board, rails, tenantHosts }),
    new Overview({ decisions, notes, events, hosts, views, clock, localHost }),
    new SubjectReports(store, alerts),
    new AccountLogons(store),
    new Erasures({ store, decisions, notes, clock, auditDays: options.auditDays }),
    new TopNetworks(store),
    new ReverseNames({ ...options.reverseNames, clock }),
    new AllowList(registry, clock),
    new WebFiles(options.webRoot),
    new ConsoleService({ board, sessions, setup, onError }),
  ];
  return parts.map((part) => ({ provide: part.constructor, useValue: part }));
}
