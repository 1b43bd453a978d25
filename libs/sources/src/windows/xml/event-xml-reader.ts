import { isEvent } from '../base-record.js';
import type { Damage, DamageReason, OnDamage } from '../damage.js';
import { EventElements } from './event-elements.js';
import { decoded, localName, type Token, tokenAt } from './tokens.js';
import { XmlRecord } from './xml-record.js';

/** Windows writes events of at most 64 KiB; as text, every byte in hexadecimal or every character a reference, that is less. */
export const MAX_EVENT_CHARACTERS = 1_048_576;

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event';

/**
 * Finds the events in XML text that comes in pieces, whatever stands around them:
 *
 *     text  = *(event / anything else)
 *     event = "<Event" attributes ">" System [EventData / UserData] [RenderingInfo] "</Event>"     ; with or without a prefix
 *
 * References are decoded once; what is not markup in the text never becomes markup. Document types are passed over, and no
 * entity but the five of XML is known. Values may hold control characters, raw or as references. An event that cannot be
 * read is told of, and reading goes on with the next `<Event`: no value can hold that, since whoever wrote the text wrote
 * `&lt;`. An element Event with nothing but text in it is an envelope (WS-Management): the text is read for events.
 */
export class EventXmlReader {
  readonly #onDamage: OnDamage;
  readonly #isEnvelope: boolean;
  /** What is still needed: from the present event's beginning, or from `#at`. */
  #text = '';
  /** Characters that were before `#text`. */
  #gone = 0;
  /** Behind the last token in `#text`. */
  #at = 0;
  #event: { elements: EventElements; start: number } | undefined;

  constructor(onDamage: OnDamage, isEnvelope = false) {
    this.#onDamage = onDamage;
    this.#isEnvelope = isEnvelope;
  }

  /** The events that are whole now. */
  push(piece: string): XmlRecord[] {
    this.#text += piece;
    const records: XmlRecord[] = [];
    for (let token = this.#next(); token !== undefined; token = this.#next()) {
      this.#take(token);
      if (this.#event?.elements.isClosed) records.push(...this.#finish(this.#event));
    }
    this.#forget();
    if (this.#text.length > MAX_EVENT_CHARACTERS) this.#giveUp();
    return records;
  }

  /** To be called when no more comes. */
  end(): void {
    if (this.#event !== undefined) this.#abandon('text-truncated', this.#event.start);
  }

  /** The next token, where it begins being `#at`; undefined when more text is needed for it. */
  #next(): Token | undefined {
    const start = this.#text.indexOf('<', this.#at);
    const token = start < 0 ? undefined : tokenAt(this.#text, start);
    if (token !== undefined && this.#event !== undefined) {
      this.#event.elements.text(decoded(this.#text.slice(this.#at, start)));
    }
    if (token !== undefined || this.#event === undefined) this.#at = start < 0 ? this.#text.length : start;
    return token;
  }

  #take(token: Token): void {
    const start = this.#at;
    this.#at = token.end;
    if (token.kind === 'doctype') this.#tell('doctype', start, 'nothing');
    if (beginsEvent(token, this.#event !== undefined)) {
      if (this.#event !== undefined) this.#abandon('markup', this.#event.start);
      this.#event = { elements: new EventElements(), start };
    }
    if (this.#event === undefined) return;
    const reason = takeInEvent(token, this.#event.elements);
    if (reason !== undefined) this.#abandon(reason, start);
  }

  #finish({ elements, start }: { elements: EventElements; start: number }): XmlRecord[] {
    const { contents, envelope } = elements;
    this.#event = undefined;
    if (this.#at - start > MAX_EVENT_CHARACTERS) {
      this.#tell('too-long', start, 'record');
      return [];
    }
    if (isEvent(contents)) return [new XmlRecord(contents, this.#text.slice(start, this.#at))];
    if (envelope.startsWith('<') && !this.#isEnvelope) return this.#open(envelope, start);
    this.#tell('no-event', start, 'record');
    return [];
  }

  #open(envelope: string, start: number): XmlRecord[] {
    const inner = new EventXmlReader(({ reason, lost }) => this.#tell(reason, start, lost), true);
    const records = inner.push(envelope);
    inner.end();
    return records;
  }

  #abandon(reason: DamageReason, at: number): void {
    this.#event = undefined;
    this.#tell(reason, at, 'record');
  }

  #forget(): void {
    const size = this.#event?.start ?? this.#at;
    this.#text = this.#text.slice(size);
    this.#gone += size;
    this.#at -= size;
    if (this.#event !== undefined) this.#event.start = 0;
  }

  /** On an event, or a comment, without an end. */
  #giveUp(): void {
    if (this.#event !== undefined) this.#abandon('too-long', this.#event.start);
    else this.#tell('too-long', this.#at, 'nothing');
    this.#at = this.#text.length;
    this.#forget();
  }

  #tell(reason: DamageReason, at: number, lost: Damage['lost']): void {
    this.#onDamage({ reason, offset: this.#gone + at, lost });
  }
}

/** Within an event, one that Windows wrote: that is the next, and the end of the one before is missing. */
function beginsEvent(token: Token, isInEvent: boolean): boolean {
  if (token.kind !== 'open' || localName(token.name) !== 'Event') return false;
  return !isInEvent || token.attributes.includes(NAMESPACE);
}

/** What was wrong with it. */
function takeInEvent(token: Token, elements: EventElements): DamageReason | undefined {
  switch (token.kind) {
    case 'open':
      return elements.open(token.name, token.attributes) ?? (token.isEmpty ? elements.close(token.name) : undefined);
    case 'close':
      return elements.close(token.name);
    case 'cdata':
      elements.text(token.text);
      return undefined;
    case 'broken':
      return 'markup';
    default:
      return undefined;
  }
}
