// Compiles every package (libs first). Answers soon when nothing changed since the last build.
import { build, checkNode, withSetupErrors } from './setup.mjs';

await withSetupErrors(() => {
  checkNode();
  build();
});
