import { type Source, unknownMessage } from '../source.js';
import { nxlog } from './nxlog.js';
import { snare } from './snare.js';

/** Records of Windows' event log that a shipper has made lines of. */
export const windowsSyslog: Source = {
  name: 'windows-syslog',
  addressFirst: true,
  programs: [],
  formats: [snare, nxlog],
  parse: unknownMessage,
};
