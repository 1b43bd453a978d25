import { Assembler, type NameMask } from '@fleetwall/assembly';
import type { Clock, EvidenceClass, FleetEvent } from '@fleetwall/core';
import {
  applicationLogons,
  cutShort,
  evidenceOfWriter,
  LineParser,
  type Source,
  type TrustedProxies,
  UnparsedCounts,
} from '@fleetwall/sources';
import { EventIds } from './event-ids.js';
import { Glob } from './inputs/file-tail/glob.js';
import type { LineOrigin, LineSender, RawLine } from './inputs/input.js';

export interface LineReaderOptions {
  agentId: string;
  /** Secret numbers of this collector, kept as long as its id. */
  seed: readonly number[];
  /** Host of lines that name none. */
  host: string;
  /** Zone of stamps that name none. */
  zone: string;
  /** Log sources that the operator wrote. */
  customSources?: readonly Source[];
  /** Proxies whose `X-Forwarded-For` is believed. */
  trustedProxies?: TrustedProxies;
  /** Masks names that may be passwords, before anything remembers them. */
  names?: NameMask;
  clock: Clock;
}

/** Logons under way that are remembered; they go into every stored state. */
const MAX_CONNECTIONS = 2_000;
/** Streams whose parser (year, wall clock) is remembered. */
const MAX_PARSERS = 4_096;

/** Lines to events: parse, normalise, mask, assemble. Pure but for its memory of streams and connections. */
export class LineReader {
  readonly unparsed = new UnparsedCounts();
  readonly #options: LineReaderOptions;
  readonly #parsers = new Map<string, LineParser>();
  readonly #assembler: Assembler;
  readonly #ids: EventIds;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#ids = new EventIds(options.agentId, options.seed);
    this.#assembler = new Assembler({ maxConnections: MAX_CONNECTIONS, site: options.host });
  }

  /** The event of a line, or undefined (counted) when it gives none. */
  read(line: RawLine): FleetEvent | undefined {
    const parsed = this.#parserOf(line).parse(line.text);
    if (!('event.module' in parsed)) {
      this.unparsed.add(parsed);
      return undefined;
    }
    const event = this.#normalise(parsed, line);
    return this.#assembler.assemble(this.#options.names?.apply(event) ?? event);
  }

  /** What the assembler needs to go on after a restart. */
  snapshot(): string {
    return this.#assembler.snapshot();
  }

  restore(snapshot: string): void {
    this.#assembler.restore(snapshot);
  }

  /** The kernel says who wrote a journal entry: what an ordinary user wrote in the name of sshd (`logger -t sshd`) proves nothing. */
  #normalise(parsed: FleetEvent, line: RawLine): FleetEvent {
    const event = line.truncated ? cutShort(parsed) : parsed;
    event['event.id'] = this.#ids.of(line.id);
    if (line.history) event['fleetwall.history'] = true;
    if (line.origin && evidenceOf(line.origin, event) !== 'handshake') event['fleetwall.evidence'] = 'unauthenticated';
    return event;
  }

  #parserOf({ stream, sender, directives = [] }: RawLine): LineParser {
    const known = this.#parsers.get(stream);
    if (known) return known;
    if (this.#parsers.size >= MAX_PARSERS) this.#parsers.delete(this.#parsers.keys().next().value as string);
    const { zone, host, clock, trustedProxies, customSources = [] } = this.#options;
    const custom = customSources.filter((source) => isFor(source, stream));
    const live = { zone, year: { nowMs: clock }, custom, trustedProxies, path: stream };
    const parser = new LineParser(sender ? { ...live, ...fromAfar(sender) } : { ...live, defaultHost: host });
    // It goes on in the middle of a file: what the directives before it said holds for it.
    for (const directive of directives) parser.parse(directive);
    this.#parsers.set(stream, parser);
    return parser;
  }
}

/** A source for certain files reads no others: somebody could write such a line elsewhere. */
function isFor({ programs, formats = [] }: Source, stream: string): boolean {
  const files = formats.flatMap((format) => format.files ?? []);
  return programs.length > 0 || files.length === 0 || files.some((file) => new Glob(file).matches(stream));
}

/** Whatever the line says of its host; an application's lines are no log. */
function fromAfar({ host, evidence, application }: LineSender) {
  const sender = { defaultHost: host, evidence, hostFrom: 'default' } as const;
  return application === undefined ? sender : { ...sender, sources: [], custom: [applicationLogons] };
}

/** Of a line that was made of an entry of the journal: by its writer, whom the kernel knows. */
function evidenceOf({ comm, uid, unit, transport }: LineOrigin, event: FleetEvent): EvidenceClass {
  return evidenceOfWriter({ identifier: event['process.name'], comm, uid, unit, transport });
}
