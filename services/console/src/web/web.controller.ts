import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { HttpReply } from '../api/ask.js';
import { consoleError } from '../api/errors.js';
import { WebFiles } from './web-files.js';

/** What other parts of the process answer: a page there would hide that they did not. */
const NOT_PAGES = /^\/(api|v1|control|health|metrics)(?:[/?]|$)/;

/** The front end. */
@Controller()
export class WebController {
  constructor(@Inject(WebFiles) private readonly files: WebFiles) {}

  @Get('*')
  page(@Req() { url }: { url: string }, @Res() reply: HttpReply): void {
    const file = NOT_PAGES.test(url) ? undefined : this.files.of(url);
    if (!file) throw consoleError('NOT_FOUND', { what: 'page' });
    reply.header('cache-control', file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    reply.type(file.type).send(file.body);
  }
}
