import type { Channel } from '../api/types.js';

type Outcome = Channel['deliveries'][number]['outcome'];

export const OUTCOMES: Record<Outcome, { word: string; tone: 'good' | 'warning' | 'danger' }> = {
  delivered: { word: 'Delivered', tone: 'good' },
  retried: { word: 'Retried', tone: 'warning' },
  'given-up': { word: 'Given up', tone: 'danger' },
};
