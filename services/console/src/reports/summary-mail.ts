import { scopeText } from '@fleetwall/core';
import { iso } from '../api/iso.js';
import type { MailDocument, MailTable } from '../notifications/channels/mail-document.js';
import type { SummaryMessage } from '../notifications/message.js';
import { safeText } from '../notifications/safe-text.js';
import { countOf, numberText, timeText } from '../notifications/words.js';
import type { Summaries, Summary } from './summary.js';
import { summaryCsv } from './summary-csv.js';

export interface SummaryMail {
  document: Omit<MailDocument, 'footer'>;
  csv: { name: string; text: string };
}

export interface SummaryMailsOptions {
  summaries: Pick<Summaries, 'of'>;
  /** Without a slash at its end. */
  consoleUrl: string | undefined;
  zone: string;
  tenant: string | undefined;
}

const MOST_SHOWN = 20;

/** Summaries as mails: for each of a period that is over. */
export class SummaryMails {
  constructor(private readonly options: SummaryMailsOptions) {}

  async of(message: SummaryMessage, channel: string): Promise<SummaryMail> {
    const { fromMs, toMs, period, day } = message;
    const summary = await this.options.summaries.of({ fromMs, toMs }, this.options.tenant);
    const document = { ...this.#headOf(message, summary), tables: this.#tablesOf(summary) };
    return { document, csv: { name: `fleetwall-${channel}-${period}-${day}.csv`, text: summaryCsv(summary) } };
  }

  #headOf({ period, day, fromMs, toMs }: SummaryMessage, summary: Summary) {
    const { tenant, zone } = this.options;
    const { attempts, alertCount, alertsByLevel, blockCount, newBlocks, isCut } = summary;
    const least = isCut ? 'at least ' : '';
    const whose = tenant === undefined ? 'all tenants' : `tenant ${safeText(tenant)}`;
    const levels = alertsByLevel.map(({ level, count }) => `${numberText(count)} ${level}`).join(', ');
    const url = this.#urlOf(fromMs, toMs);
    const texts = [
      `${countOf(attempts, 'failed attempt', 'failed attempts')} to log on.`,
      `${least}${countOf(alertCount, 'alert', 'alerts')}${levels && `: ${levels}`}.`,
      `${least}${countOf(blockCount, 'block', 'blocks')} held; ${numberText(newBlocks)} of them began.`,
    ];
    return {
      subject: period === 'daily' ? `summary of ${day}` : `summary of the week from ${day}`,
      headline: `${whose}, ${timeText(fromMs, zone)} to ${timeText(toMs, zone)}.`,
      rows: texts.map((text, i) => ({ text, ...(i > 0 || url === undefined ? {} : { url }) })),
      notes: ['The file that is attached has the rows.'],
    };
  }

  #tablesOf({ topAddresses, alerts, alertCount, blocks, blockCount }: Summary): MailTable[] {
    const { zone } = this.options;
    const shownOf = (what: string, count: number) =>
      count > MOST_SHOWN ? `${what} (the newest ${MOST_SHOWN} of ${numberText(count)})` : what;
    return [
      {
        title: 'Addresses with the most failed attempts',
        columns: ['Address', 'Attempts'],
        rows: topAddresses.map(({ value, count }) => [safeText(value), numberText(count)]),
        empty: 'None.',
      },
      {
        title: shownOf('Alerts', alertCount),
        columns: ['Last', 'Level', 'Rule', 'Address', 'Count', 'Hosts'],
        rows: alerts
          .slice(0, MOST_SHOWN)
          .map(({ lastMs, level, title, key, count, hosts }) => [
            timeText(lastMs, zone),
            level,
            safeText(title),
            safeText(key['source.ip'] ?? ''),
            numberText(count),
            numberText(hosts.length),
          ]),
        empty: 'None.',
      },
      {
        title: shownOf('Blocks', blockCount),
        columns: ['From', 'Until', 'Target', 'Scope', 'State'],
        rows: blocks
          .slice(0, MOST_SHOWN)
          .map(({ atMs, untilMs, target, scope, state }) => [
            timeText(atMs, zone),
            timeText(untilMs, zone),
            target,
            safeText(scopeText(scope)),
            state,
          ]),
        empty: 'None.',
      },
    ];
  }

  /** The overview of the same range; its end is inclusive there. */
  #urlOf(fromMs: number, toMs: number): string | undefined {
    const { consoleUrl } = this.options;
    if (consoleUrl === undefined) return undefined;
    const range = new URLSearchParams({ from: iso(fromMs), to: iso(toMs - 1) });
    return `${consoleUrl}/overview?${range}`;
  }
}
