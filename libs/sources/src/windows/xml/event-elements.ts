import type { DamageReason } from '../damage.js';
import { EventContents, indexOfField } from '../event-contents.js';
import { datumName, fieldOfAttribute, fieldOfText, innerPlace, type Place } from '../event-schema.js';
import { attributesOf, localName } from './tokens.js';

const MAX_DEPTH = 64;

interface Open {
  /** As written. */
  name: string;
  local: string;
  place: Place;
  inner: Place;
  text: string;
  hasElements: boolean;
  /** Its attribute Name. */
  called: string | undefined;
}

/** The elements of one event, from its start tag to its end tag. */
export class EventElements {
  readonly contents = new EventContents();
  /** The text of a closed event that holds no element: a subscription's envelope has the event in it as text. */
  envelope = '';
  readonly #open: Open[] = [];

  get isClosed(): boolean {
    return this.#open.length === 0;
  }

  /** What was wrong with it. */
  open(name: string, attributes: string): DamageReason | undefined {
    if (this.#open.length >= MAX_DEPTH) return 'depth';
    const outer = this.#open.at(-1);
    if (outer !== undefined) outer.hasElements = true;
    const local = localName(name);
    const place = outer?.inner ?? 'document';
    const called = this.#look(local, place, attributes);
    this.#open.push({ name, local, place, inner: innerPlace(local, place), text: '', hasElements: false, called });
    return undefined;
  }

  text(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  /** What was wrong with it. */
  close(name: string): DamageReason | undefined {
    const element = this.#open.pop();
    if (element?.name !== name) return 'markup';
    if (this.isClosed && !element.hasElements) this.envelope = element.text.trim();
    const { local, place, text } = element;
    const field = fieldOfText(local, place);
    if (field !== undefined) this.contents.setField(indexOfField(field), text);
    else if (place === 'eventData') this.contents.addDatum(datumName(local, element.called), text);
    else if (place === 'userData' && !element.hasElements) this.contents.addLeaf(local, text);
    return undefined;
  }

  /** Takes the attributes that are fields, and gives the one that names a datum. */
  #look(element: string, place: Place, attributes: string): string | undefined {
    if (place !== 'system' && place !== 'eventData') return undefined;
    let called: string | undefined;
    for (const [name, value] of attributesOf(attributes)) {
      const field = fieldOfAttribute(element, name, place);
      if (field !== undefined) this.contents.setField(indexOfField(field), value);
      if (name === 'Name') called ??= value;
    }
    return called;
  }
}
