import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { notRelevant, type Source } from '../source.js';

/**
 * Nagios' NRPE: hosts that may not talk to it. There are no accounts, so nobody guesses one: these are events without an
 * outcome. Source: src/nrpe.c (handle_conn_process, is_an_allowed_host).
 */
export const nrpe: Source = {
  name: 'nrpe',
  programs: ['nrpe'],
  parse: (line) => readForms('nrpe', FORMS, line) ?? notRelevant(line),
};

const FORMS: readonly MessageForm[] = [
  {
    pattern: /^Host (?<peer>\S+) is not allowed to talk to us!$/,
    action: 'nrpe-connection-denied',
    type: TYPE.denied,
  },
];
