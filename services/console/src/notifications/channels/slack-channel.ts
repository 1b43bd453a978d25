import type { Message } from '../message.js';
import type { Told, ToldRow, Words } from '../words.js';
import type { Channel, Receipt, SendOptions } from './channel.js';
import type { HttpTarget } from './http-target.js';

/** Limits of Block Kit (https://docs.slack.dev/reference/block-kit/blocks): 50 blocks, 150 and 3,000 characters. */
const MOST_HEADER = 150;
const MOST_TEXT = 3_000;

/** An incoming webhook of Slack. All text is `plain_text`: nothing in it becomes a link, a mention or a style. */
export class SlackChannel implements Channel {
  constructor(
    private readonly target: HttpTarget,
    private readonly words: Words,
  ) {}

  get about(): string {
    return `Slack by ${this.target.host}`;
  }

  async send(message: Message, { signal }: SendOptions): Promise<Receipt> {
    return this.target.post(JSON.stringify(slackBody(await this.words.of(message))), {}, signal);
  }
}

function slackBody({ subject, headline, rows, notes }: Told): object {
  const sections = rows.length > 0 ? rows.map(sectionOf) : [sectionOf({ text: headline })];
  const context = notes.map((note) => ({ type: 'context', elements: [plain(note, MOST_TEXT)] }));
  return {
    // What notifications show; `parse` keeps names and addresses from becoming links there.
    text: entityText(`Fleetwall: ${subject}`),
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
    blocks: [{ type: 'header', text: plain(`Fleetwall: ${subject}`, MOST_HEADER) }, ...sections, ...context],
  };
}

function sectionOf({ text, url }: ToldRow, index = 0): object {
  const button = { type: 'button', text: plain('Evidence', 75), url, action_id: `evidence-${index}` };
  return { type: 'section', text: plain(text, MOST_TEXT), ...(url === undefined ? {} : { accessory: button }) };
}

function plain(text: string, most: number): object {
  return { type: 'plain_text', text: text.length > most ? `${text.slice(0, most - 1)}…` : text, emoji: false };
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function entityText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
