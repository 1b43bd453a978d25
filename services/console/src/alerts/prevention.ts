import type { AlertsRequest, Clock, DecisionStore, StoredAlert } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { iso } from '../api/iso.js';
import { pagesOf } from '../api/pages.js';
import type { ConsoleOptions } from '../console-options.js';
import { plainRulesOf } from '../detections/plain-rules.js';

export interface PreventionParts {
  decisions: DecisionStore;
  detections: ConsoleOptions['detections'];
  clock: Clock;
}

const SINCE_MS = 30 * 86_400_000;
const PAGE = 1_000;
const MOST_PAGES = 10;

/** What would have kept a false positive from happening: an entry of the allowlist, or an exception in the rule. */
export class Prevention {
  constructor(private readonly parts: PreventionParts) {}

  async of(alert: StoredAlert, { tenant }: Caller) {
    const { key, rule, title } = alert;
    const field = 'source.ip' in key ? 'source.ip' : Object.keys(key)[0];
    const value = field === undefined ? undefined : key[field];
    const toMs = this.parts.clock();
    const fromMs = toMs - SINCE_MS;
    const about = value === undefined ? {} : { address: value };
    const request = { rule, ...about, fromMs, toMs: toMs + 1, limit: PAGE, ...(tenant !== undefined && { tenant }) };
    const target = tenant === undefined ? key['source.ip'] : undefined;
    return {
      since: iso(fromMs),
      ...(await this.#count(request, (one) => field === undefined || one.key[field] === value)),
      ...(target === undefined ? {} : { allow: { target, reason: `false positive of ${rule}: ${title}` } }),
      // Where the files are, and what is in them, is the operator's.
      ...(field === undefined || value === undefined || tenant !== undefined
        ? {}
        : { tuning: this.#tuning(rule, field, value) }),
    };
  }

  async #count(request: AlertsRequest, isAlike: (alert: StoredAlert) => boolean) {
    let alerts = 0;
    let isAll = true;
    const read = (at: { cursor?: string }) => this.parts.decisions.alerts({ ...request, ...at });
    for await (const page of pagesOf(MOST_PAGES, read)) {
      alerts += page.alerts.filter(isAlike).length;
      isAll = page.cursor === undefined;
    }
    return { alerts, isAll };
  }

  #tuning(name: string, field: string, value: string) {
    const rules = plainRulesOf(name, this.parts.detections.detections.rules);
    return {
      field,
      value,
      changes: rules.map(({ name: of, file, conditions }) => ({
        rule: of,
        file,
        yaml: exceptionOf(conditions, field, value),
      })),
    };
  }
}

/** A value is written as JSON, which YAML reads as the same text whatever is in it. */
function exceptionOf(conditions: readonly string[], field: string, value: string): string {
  const all = conditions.map((condition) => `(${condition})`).join(' or ');
  const either = conditions.length > 1 ? `(${all})` : all;
  return `    filter_known:\n        ${field}: ${JSON.stringify(value)}\n    condition: ${either} and not filter_known\n`;
}
