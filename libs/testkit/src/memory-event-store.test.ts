import { eventStoreConformance } from './event-store-conformance.js';
import { createMemoryEventStore } from './memory-event-store.js';

eventStoreConformance('memory', async ({ clock }) => {
  const store = createMemoryEventStore({ clock });
  return { store, dispose: () => store.close() };
});
