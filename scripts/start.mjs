// `npm start`: installs and builds what is missing or stale, then runs Fleetwall standalone in this very process.
import { setUp, withSetupErrors } from './setup.mjs';

const SAME_KEYPRESS_MS = 1_000;

await withSetupErrors(setUp);
countKeypressOnce();
process.argv.splice(2, 0, 'standalone');
await import('../cli/dist/main.js');

/**
 * The terminal sends Ctrl-C to every process in it, and npm passes it on once more where its shell has made way for this
 * process; to the service a second signal means "at once". So what follows within a second is the same keypress.
 */
function countKeypressOnce() {
  const { emit } = process;
  let lastMs = Number.NEGATIVE_INFINITY;
  process.emit = function (name, ...details) {
    if (name !== 'SIGINT') return emit.call(this, name, ...details);
    const sinceMs = performance.now() - lastMs;
    if (sinceMs < SAME_KEYPRESS_MS) return true;
    lastMs = performance.now();
    return emit.call(this, name, ...details);
  };
}
