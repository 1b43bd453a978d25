import type { Message } from '../message.js';
import type { Told, ToldRow, Words } from '../words.js';
import type { Channel, Receipt, SendOptions } from './channel.js';
import type { HttpTarget } from './http-target.js';

/**
 * A workflow of Teams ("Post to a channel when a webhook request is received") takes a message with an Adaptive Card
 * (https://adaptivecards.io/explorer/, schema 1.4). Text is in runs, which know no Markdown.
 */
export class TeamsChannel implements Channel {
  constructor(
    private readonly target: HttpTarget,
    private readonly words: Words,
  ) {}

  get about(): string {
    return `Teams by ${this.target.host}`;
  }

  async send(message: Message, { signal }: SendOptions): Promise<Receipt> {
    return this.target.post(JSON.stringify(teamsBody(await this.words.of(message))), {}, signal);
  }
}

function teamsBody({ subject, headline, rows, notes }: Told): object {
  const lines: ToldRow[] = rows.length > 0 ? rows : [{ text: headline }];
  const card = {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.4',
    body: [
      richText({ type: 'TextRun', text: `Fleetwall: ${subject}`, weight: 'Bolder', size: 'Medium' }),
      ...lines.flatMap(rowItems),
      ...notes.map((text) => richText({ type: 'TextRun', text, isSubtle: true })),
    ],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }],
  };
}

function rowItems({ text, url }: ToldRow): object[] {
  const line = richText({ type: 'TextRun', text });
  if (url === undefined) return [line];
  return [line, { type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title: 'Evidence', url }] }];
}

function richText(run: object): object {
  return { type: 'RichTextBlock', inlines: [run] };
}
