import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, plainDraft, TYPE } from '../event-builder.js';
import type { LogLine } from '../source.js';

/** Auditing itself: it stopped, or was switched off. Whoever breaks in does that early. Undefined for other records. */
export function auditStateEvent(line: LogLine, type: string, text: string): FleetEvent | undefined {
  const action = stateAction(type, text);
  if (action === undefined) return undefined;
  return plainDraft('auditd', action, CATEGORY.configuration, TYPE.change).finish(line);
}

function stateAction(type: string, text: string): string | undefined {
  if (type === 'DAEMON_END') return 'audit-stopped';
  if (type === 'DAEMON_START') return 'audit-started';
  if (type !== 'CONFIG_CHANGE') return undefined;
  if (/ audit_enabled=0 /.test(text)) return 'audit-disabled';
  if (/ audit_enabled=[12] /.test(text)) return 'audit-enabled';
  return / op="?remove_rule"? /.test(text) ? 'audit-rule-removed' : undefined;
}
