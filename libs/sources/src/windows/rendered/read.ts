import { ANTIVIRUS_LABELS, type Label, TEMPLATES, type Template } from './templates.js';

/** Messages have some 2,000 characters; behind this no label is looked for. */
const MAX_LENGTH = 32_768;

/**
 * The values of a message as Event Viewer shows it, by the names that the event's data have, where a carrier kept nothing
 * else. Line ends may have become blanks on the way.
 *
 * A peer chose some of the values (the account, the workstation), and they may read like labels. So the labels must be those
 * of the event's own message, each once and in their order: any more or fewer, and there is nothing to be believed.
 */
export function renderedData(eventId: number, message: string): Iterable<[string, string]> {
  const text = message.slice(0, MAX_LENGTH);
  const template = TEMPLATES.get(eventId);
  return template === undefined ? antivirusLines(text) : valuesOf(text, template);
}

interface Found {
  label: string;
  start: number;
  end: number;
}

function valuesOf(text: string, template: Template): [string, string][] {
  const found = [...labelsIn(text, template)];
  const labels = placesOf(found, template);
  if (labels === undefined) return [];
  return found.flatMap(({ end }, i) => {
    const name = labels[i]?.data;
    return name === undefined ? [] : [[name, valueAt(text, end, found[i + 1]?.start)] as [string, string]];
  });
}

/** Which label of the template each one found is; undefined when they are not the message's own. */
function placesOf(found: readonly Found[], template: Template): Label[] | undefined {
  const labels: Label[] = [];
  let at = 0;
  for (const { label } of found) {
    while (at < template.length && !template[at]?.texts.includes(label)) {
      if (template[at]?.optional !== true) return undefined;
      at++;
    }
    const place = template[at++];
    if (place === undefined) return undefined;
    labels.push(place);
  }
  return template.slice(at).every(({ optional }) => optional === true) ? labels : undefined;
}

/** A value ends with its line, or with the next label; behind the last label stands an explanation. */
function valueAt(text: string, start: number, next: number | undefined): string {
  const line = text.indexOf('\n', start);
  const end = Math.min(next ?? text.length, line < 0 ? text.length : line);
  const value = text.slice(start, end).trim();
  return next === undefined ? (value.split(/\s/, 1)[0] ?? '') : value;
}

const patterns = new WeakMap<Template, RegExp>();

function* labelsIn(text: string, template: Template): Iterable<Found> {
  for (const match of text.matchAll(patternOf(template))) {
    const label = match[1] ?? '';
    const start = match.index + match[0].length - label.length;
    yield { label, start, end: start + label.length };
  }
}

/** Any of the labels behind a blank or at a line's beginning, the longest first: `Sub Status:` is no `Status:`. */
function patternOf(template: Template): RegExp {
  const known = patterns.get(template);
  if (known !== undefined) return known;
  const texts = template.flatMap((label) => label.texts).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(?:^|\\s)(${texts.map(escaped).join('|')})`, 'gu');
  patterns.set(template, pattern);
  return pattern;
}

function escaped(text: string): string {
  return text.replace(/[()]/g, '\\$&');
}

function* antivirusLines(text: string): Iterable<[string, string]> {
  for (const line of text.split('\n', 100)) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? undefined : ANTIVIRUS_LABELS.get(line.slice(0, colon).trim());
    if (name !== undefined) yield [name, line.slice(colon + 1).trim()];
  }
}
