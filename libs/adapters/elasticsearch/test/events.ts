import type { FleetEvent } from '@fleetwall/core';

export const NOW_MS = Date.UTC(2026, 10, 22, 12);
export const EVER = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };

export function sampleEvent(id: string, fields: Record<string, unknown> = {}): FleetEvent {
  const required = {
    '@timestamp': NOW_MS,
    'event.id': id,
    'event.original': `line of ${id}`,
    'event.category': ['authentication'],
  };
  return { ...required, ...fields } as unknown as FleetEvent;
}

export function sampleEvents(count: number): FleetEvent[] {
  return Array.from({ length: count }, (_, i) => sampleEvent(`e${i}`, { 'user.name': `user${i}` }));
}
