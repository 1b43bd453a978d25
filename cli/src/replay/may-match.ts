import type { FieldValue } from '@fleetwall/core';
import type { Rule } from '@fleetwall/detection';

/** Whether a rule may match an event of which only these fields are known; `undefined` stands for a field it does not have. */
export function mayMatch(rules: readonly Rule[], known: ReadonlyMap<string, FieldValue>): boolean {
  return rules.some(({ requires }) =>
    requires.every(({ field, values }) => {
      if (!known.has(field)) return true;
      const value = known.get(field);
      return (Array.isArray(value) ? value : [value]).some((one) => one !== undefined && values.has(String(one)));
    }),
  );
}
