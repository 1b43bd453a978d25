// `npm start`: installs and builds what is missing or stale, then runs Fleetwall standalone in this very process.
import { setUp, withSetupErrors } from './setup.mjs';

await withSetupErrors(setUp);
process.argv.splice(2, 0, 'standalone');
await import('../cli/dist/main.js');
