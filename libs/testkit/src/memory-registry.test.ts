import { createMemoryRegistry } from './memory-registry.js';
import { registryConformance } from './registry-conformance.js';

registryConformance('memory', async () => {
  const registry = createMemoryRegistry();
  return { registry, openAnother: async () => registry, dispose: () => registry.close() };
});
