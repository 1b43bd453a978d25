import { type Observation, recordKeyOf } from './observation.js';

/** A record's offset has room for so many alert changes, of which an observation leads to a few for each of its rules. */
const MAX_A_RECORD = 50;
/** Only what came at about the same time: the order of arrival is the clock of who counts. */
const MAX_APART_MS = 1_000;
/** Lists of rules that are remembered; there are a few. */
const MAX_LISTS = 1_000;

/** The value of a record: an observation, or a list of several under the same key. JSON. */
export interface ObservationRecord {
  key: string;
  value: Buffer;
}

/**
 * Records for the observations of a batch of events, in their order for each key. Those of one key go together: most of what
 * a record costs, it costs once.
 */
export function encodeObservations(observations: readonly Observation[]): ObservationRecord[] {
  const byKey = new Map<string, Observation[]>();
  const lists: { key: string; list: Observation[] }[] = [];
  for (const observation of observations) {
    const key = recordKeyOf(observation);
    const list = byKey.get(key);
    if (list !== undefined && goesWith(list, observation)) {
      list.push(observation);
      continue;
    }
    const begun = [observation];
    byKey.set(key, begun);
    lists.push({ key, list: begun });
  }
  return lists.map(({ key, list }) => ({
    key,
    value: Buffer.from(JSON.stringify(list.length === 1 ? list[0] : list)),
  }));
}

function goesWith(list: readonly Observation[], { ingestedMs }: Observation): boolean {
  const [first] = list as [Observation];
  return list.length < MAX_A_RECORD && Math.abs(ingestedMs - first.ingestedMs) <= MAX_APART_MS;
}

/** Reads records again; observations of the same rules have the same list of them. */
export class ObservationDecoder {
  readonly #lists = new Map<string, readonly string[]>();

  /** Throws SyntaxError on what is no JSON. */
  decode(value: Buffer): Observation[] {
    const decoded = JSON.parse(value.toString('utf8')) as Observation | Observation[];
    const observations = Array.isArray(decoded) ? decoded : [decoded];
    for (const observation of observations) if (Array.isArray(observation?.rules)) this.#share(observation);
    return observations;
  }

  #share(observation: Observation): void {
    const text = observation.rules.join();
    const known = this.#lists.get(text);
    if (known !== undefined) observation.rules = known;
    else if (this.#lists.size < MAX_LISTS) this.#lists.set(text, observation.rules);
  }
}
