import { type DynamicModule, Module } from '@nestjs/common';
import { ResponsePipeline } from '../pipeline.js';
import { BlockDesk, type BlockDeskParts } from './block-desk.js';
import { BlocksController } from './blocks.controller.js';

/** Blocks and the allowlist over the control socket of the process that decides. */
@Module({})
export class BlockControlModule {
  /** @param response the very module that the process imports besides */
  static register(response: DynamicModule, parts: Omit<BlockDeskParts, 'response'>): DynamicModule {
    const desk = {
      provide: BlockDesk,
      inject: [ResponsePipeline],
      useFactory: (pipeline: ResponsePipeline) => new BlockDesk({ ...parts, response: pipeline }),
    };
    return {
      module: BlockControlModule,
      imports: [response],
      controllers: [BlocksController],
      providers: [desk],
      exports: [BlockDesk],
    };
  }
}
