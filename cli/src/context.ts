import type { ControlClient } from './control-client.js';
import type { Home } from './home.js';
import type { Output } from './output.js';

/** What every verb works with. */
export interface Context {
  output: Output;
  home: Home;
  client: ControlClient;
  /** A verb that reports a failure, rather than throwing one, sets it. */
  exitCode: number;
}
