import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { RecentMap } from '../recent-map.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { LocalStamps } from './local-stamp.js';

const NAME = 'filezilla';
const PROGRAM = 'filezilla-server';
const MAX_SESSIONS = 10_000;
const ADDRESS = String.raw`[\da-fA-F:.]{2,45}`;

/** One line of a session: what the client sent, or what it was answered. */
interface SessionLine {
  session: string;
  peer: string;
  /** Who is logged on; undefined for nobody. */
  account: string | undefined;
  text: string;
}

/** `2026-11-22T07:00:00.069Z << [FTP Session 3636 192.0.2.1[ USER]] TEXT`, in UTC (logger/modularized.cpp). */
const RECENT_HEAD = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (==|!!|<<|>>|D[A-Z]|[A-Z?]{2}) \[/;
const RECENT_SESSION = new RegExp(
  `^\\[FTP Session (\\d{1,15}) (${ADDRESS})(?: (.{1,256}?))?\\] (\\d{3}[ -].*|USER .*)$`,
  's',
);
const RECENT_STAMP_CHARS = 25;

const recentLog: LogFormat = {
  name: 'FileZilla Server 1',
  begins: '0',
  files: ['C:/Program Files/FileZilla Server/Logs/*.log', '/opt/filezilla-server/share/filezilla-server/logs/*.log'],
  recognises: (raw) => raw.charCodeAt(23) === 90 && RECENT_HEAD.test(raw),
  open: (stream) => {
    const sessions = new Sessions('530 Login incorrect.', '230 Login successful.');
    return (raw) => {
      const mark = RECENT_HEAD.exec(raw)?.[1];
      const timeMs = mark === undefined ? -1 : stream.clock.readIso(raw, 0);
      if (timeMs < 0) return undefined;
      const match = RECENT_SESSION.exec(raw.slice(RECENT_STAMP_CHARS + 3));
      const isAnswer = mark === '<<';
      if (match === null || (!isAnswer && mark !== '>>')) return NOT_RELEVANT;
      const [, session = '', peer = '', account, text = ''] = match;
      if (isAnswer === text.startsWith('USER ')) return NOT_RELEVANT;
      return sessions.read(lineOf(raw, stream, PROGRAM, timeMs), { session, peer, account, text });
    };
  },
};

/** `(000175) 1/5/2022 19:04:11 PM - NAME (192.0.2.1)> TEXT`: 0.9, in local time as the host's language has it. */
const OLD_LINE = new RegExp(
  `^\\((\\d{6,10})\\) ?([\\d./: \\p{L}-]{14,40}?) - (\\(not logged in\\)|[^()]{1,256}) \\((${ADDRESS})\\)> (.*)$`,
  'su',
);
const NOBODY = '(not logged in)';

const oldLog: LogFormat = {
  name: 'FileZilla Server 0.9',
  begins: '(',
  files: ['C:/Program Files (x86)/FileZilla Server/Logs/*.log'],
  recognises: (raw) => raw.charCodeAt(0) === 40 && OLD_LINE.test(raw),
  open: openOld,
};

const NOT_RELEVANT: Unparsed = { unparsed: 'not-relevant', program: PROGRAM };
const UNKNOWN: Unparsed = { unparsed: 'unknown-message', program: PROGRAM };

function openOld(stream: StreamContext): FormatReader {
  const stamps = new LocalStamps();
  const sessions = new Sessions('530 Login or password incorrect!', '230 Logged on');
  return (raw) => {
    const match = raw.charCodeAt(0) === 40 ? OLD_LINE.exec(raw) : null;
    if (match === null) return undefined;
    const [, session = '', stamp = '', who = '', peer = '', text = ''] = match;
    const timeMs = stamps.read(stream.clock, stamp);
    if (timeMs < 0) return UNKNOWN;
    const account = who === NOBODY ? undefined : who;
    return sessions.read(lineOf(raw, stream, PROGRAM, timeMs), { session, peer, account, text });
  };
}

/** The sessions of one log: USER says who, an answer what came of it. */
class Sessions {
  readonly #users = new RecentMap<string>(MAX_SESSIONS);

  constructor(
    readonly refusal: string,
    readonly acceptance: string,
  ) {}

  read(line: LogLine, { session, peer, account, text }: SessionLine): FleetEvent | Unparsed {
    if (/^USER /i.test(text)) this.#users.set(session, text.slice(5));
    if (text === this.refusal && account === undefined) {
      const draft = failedLogon(NAME, 'ftp-logon-failed');
      draft.role = 'attempt';
      return finish(line, draft, peer, this.#users.get(session));
    }
    // Without a name it is a client that sends the server's own words.
    if (text !== this.acceptance || account === undefined) return notRelevant(line);
    return finish(line, logon(NAME, 'ftp-logon'), peer, account);
  }
}

function finish(line: LogLine, draft: EventDraft, peer: string, user: string | undefined): FleetEvent {
  setSource(draft, peer);
  draft.user = user;
  draft.service = NAME;
  const event = draft.finish(line);
  event['network.application'] = 'ftp';
  return event;
}

/** FileZilla Server 0.9 and 1.x, from its own log. */
export const filezilla: Source = {
  name: NAME,
  programs: [],
  formats: [recentLog, oldLog],
  parse: unknownMessage,
};
