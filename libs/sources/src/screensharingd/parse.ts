import { type MessageForm, readForms } from '../message-forms.js';
import { type Source, unknownMessage } from '../source.js';

/**
 * macOS' screen sharing (VNC): `Authentication: FAILED :: User Name: NAME :: Viewer Address: ADDR :: Type: DH`. The name is the
 * peer's text and stands before the address; the type ends the line.
 */
export const screensharingd: Source = {
  name: 'screensharingd',
  programs: ['screensharingd'],
  parse: (line) => readForms('screensharingd', FORMS, line) ?? unknownMessage(line),
};

const TAIL = String.raw`:: User Name: (?<user>.*) :: Viewer Address: (?<peer>\S+) :: Type: [\w /.-]{1,40}$`;
const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`^Authentication: FAILED ${TAIL}`, 's'),
    action: 'vnc-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  { pattern: new RegExp(`^Authentication: SUCCEEDED ${TAIL}`, 's'), action: 'vnc-logon', outcome: 'success' },
];
