import { busConformance } from './bus-conformance.js';
import { createMemoryBus } from './memory-bus.js';

busConformance(
  'memory',
  async () => {
    const bus = createMemoryBus();
    return { bus, destroy: () => bus.close() };
  },
  { volatile: true, deadlineMs: 5_000 },
);
