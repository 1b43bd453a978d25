import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { AbuseController } from './abuse/abuse.controller.js';
import { AlertController } from './alerts/alert.controller.js';
import { ActRecorder } from './api/act-recorder.js';
import { ApiGuard } from './api/api-guard.js';
import { AuditController } from './audit/audit.controller.js';
import { BlockController } from './blocks/block.controller.js';
import { CONSOLE_OPTIONS, type ConsoleOptions } from './console-options.js';
import { consoleParts } from './console-parts.js';
import { ConsoleService } from './console-service.js';
import { DetectionController } from './detections/detection.controller.js';
import { ErasureController } from './erasure/erasure.controller.js';
import { ErasureControlController } from './erasure/erasure-control.controller.js';
import { EventController } from './events/event.controller.js';
import { FeedController } from './feeds/feed.controller.js';
import { HostController } from './hosts/host.controller.js';
import { ListController } from './lists/list.controller.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OriginController } from './origins/origin.controller.js';
import { OverviewController } from './overview/overview.controller.js';
import { ReportController } from './reports/report.controller.js';
import { SearchController } from './searches/search.controller.js';
import { AccountController } from './session/account.controller.js';
import { SessionController } from './session/session.controller.js';
import { TokenController } from './session/token.controller.js';
import { SubjectController } from './subjects/subject.controller.js';
import { SystemController } from './system/system.controller.js';
import { TenantController } from './tenancy/tenant.controller.js';
import { securityHeaders } from './web/security-headers.js';
import { WebController } from './web/web.controller.js';

/** The API of the console and its pages. Whoever imports it starts and stops {@link ConsoleService}. */
@Module({})
export class ConsoleModule implements NestModule {
  static register(options: ConsoleOptions): DynamicModule {
    const parts = consoleParts(options).map((part) => ({ provide: part.constructor, useValue: part }));
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
      providers: [{ provide: CONSOLE_OPTIONS, useValue: options }, ApiGuard, ActRecorder, ...parts],
      exports: [ConsoleService],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(securityHeaders).forRoutes('{*path}');
  }
}
