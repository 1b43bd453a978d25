import type { XmlElement } from './tree.test-support.js';

type Json = string | null | Json[] | { [name: string]: Json };

/**
 * A record as evtx_dump prints it, all values as text: attributes under `#attributes`, data by name, further elements of
 * the same name with `_1`, `_2` …
 */
export function referenceJson(element: XmlElement): Json {
  return { [element.name]: elementJson(element, false) };
}

function elementJson(element: XmlElement, isContainer: boolean): Json {
  const elements = elementsIn(element);
  const text = textIn(element);
  const attributes = [...element.attributes].filter(([, value]) => value !== '');
  if (elements.length === 0 && attributes.length === 0) return text === '' ? null : text;
  const json: { [name: string]: Json } = {};
  if (attributes.length > 0) json['#attributes'] = Object.fromEntries(attributes);
  if (text !== '') json['#text'] = text;
  const data = isContainer ? elements.filter(({ name }) => name === 'Data') : [];
  const named = data.filter((datum) => datum.attributes.get('Name'));
  for (const datum of named) add(json, datum.attributes.get('Name') as string, dataValue(datum));
  if (data.length > 0 && named.length === 0) {
    const values = data.map(dataValue);
    json['Data'] = { '#text': values.length === 1 ? (values[0] as Json) : values };
  }
  for (const child of elements) {
    if (data.includes(child)) continue;
    add(json, child.name, elementJson(child, child.name === 'EventData' || child.name === 'UserData'));
  }
  return json;
}

function dataValue(datum: XmlElement): Json {
  return elementsIn(datum).length > 0 ? elementJson(datum, false) : textIn(datum);
}

function add(json: { [name: string]: Json }, name: string, value: Json): void {
  let key = name;
  for (let i = 1; Object.hasOwn(json, key); i++) key = `${name}_${i}`;
  json[key] = value;
}

function elementsIn(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string') as XmlElement[];
}

function textIn(element: XmlElement): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}

const GUID = /\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?/gi;
/** Digits behind the microseconds: the reference cuts them off, and writes none where all are zero. */
const TIME = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z/g;

/** Levelled out: braces and case of GUIDs, digits of times, numbers as text, empty as absent, no
 * white space at the end (which the makers of some references cut off).
 */
export function levelled(json: unknown): unknown {
  if (json === null || json === '') return undefined;
  if (Array.isArray(json)) return json.map(levelled);
  if (typeof json !== 'object') {
    return String(json)
      .trimEnd()
      .replace(GUID, (_, guid: string) => guid.toLowerCase())
      .replace(TIME, (_, time: string, fraction = '') => `${time}.${fraction.padEnd(6, '0')}Z`);
  }
  const entries = Object.entries(json).map(([name, value]) => [name, levelled(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
