import type { Logsource } from './rule.js';

/** How rules of one taxonomy speak of events: the seam for the pipelines of other taxonomies. */
export interface Mapping {
  /** The `taxonomy` attribute it is for; Sigma's default taxonomy is `sigma`. */
  taxonomy: string;
  /** The field of an event for a field of a rule, or undefined when there is none. */
  fieldName(field: string): string | undefined;
  /** The fields and values that make an event one of this log source, or what is wrong with it. */
  logsource(logsource: Logsource): { fields: Record<string, string> } | { expected: string; instead: string };
}

/** Values of `event.category` (https://www.elastic.co/guide/en/ecs/current/ecs-allowed-values-event-category.html). */
const CATEGORIES = [
  'api',
  'authentication',
  'configuration',
  'database',
  'driver',
  'email',
  'file',
  'host',
  'iam',
  'intrusion_detection',
  'library',
  'malware',
  'network',
  'package',
  'process',
  'registry',
  'session',
  'threat',
  'vulnerability',
  'web',
];

/** ECS names as they are; `category` is `event.category`, `service` is `event.module`. */
export const ECS_MAPPING: Mapping = {
  taxonomy: 'ecs',
  fieldName: (field) => field,
  logsource({ category, product, service }) {
    if (product !== undefined) {
      return {
        expected: 'category or service',
        instead: 'Remove "product"; "service" names one source, such as sshd.',
      };
    }
    if (category !== undefined && !CATEGORIES.includes(category)) {
      return {
        expected: `a category of ${CATEGORIES.join(', ')}`,
        instead: 'Under "taxonomy: ecs" the category is the one of event.category.',
      };
    }
    return {
      fields: {
        ...(category !== undefined && { 'event.category': category }),
        ...(service !== undefined && { 'event.module': service }),
      },
    };
  },
};
