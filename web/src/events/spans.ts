/** A stretch of a raw line, and the field that holds it. */
export interface Span {
  /** Where it begins. */
  at: number;
  text: string;
  field?: string;
}

/** Shown in a line, in this order where several hold the same text. */
const SHOWN = ['source.ip', 'user.name', 'source.port', 'event.code', 'source.domain'];

/**
 * The raw line of an event cut where a parsed value stands. A value that stands in several places, or within a longer
 * word, is not marked: where it was taken from is not known here.
 */
export function spansOf(event: Record<string, unknown>): Span[] {
  const line = String(event['event.original'] ?? '');
  const found = SHOWN.flatMap((field) => {
    const value = event[field];
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    const at = text === '' ? -1 : onlyPlaceOf(text, line);
    return at < 0 ? [] : [{ at, text, field }];
  }).sort((a, b) => a.at - b.at);
  const spans: Span[] = [];
  let end = 0;
  for (const span of found) {
    if (span.at < end) continue;
    if (span.at > end) spans.push({ at: end, text: line.slice(end, span.at) });
    spans.push(span);
    end = span.at + span.text.length;
  }
  if (end < line.length) spans.push({ at: end, text: line.slice(end) });
  return spans;
}

/** -1 when there is none, or more than one. */
function onlyPlaceOf(text: string, line: string): number {
  const places: number[] = [];
  for (let at = line.indexOf(text); at >= 0 && places.length < 2; at = line.indexOf(text, at + 1)) {
    if (!isWordCharacter(line[at - 1]) && !isWordCharacter(line[at + text.length])) places.push(at);
  }
  return places.length === 1 ? (places[0] as number) : -1;
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
