import { decisionStoreConformance } from './decision-store-conformance.js';
import { createMemoryDecisionStore } from './memory-decision-store.js';

decisionStoreConformance('memory', async () => {
  const store = createMemoryDecisionStore();
  return { store, openAnother: async () => store, dispose: () => store.close() };
});
