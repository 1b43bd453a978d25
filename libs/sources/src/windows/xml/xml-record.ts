import { BaseRecord } from '../base-record.js';
import type { EventContents } from '../event-contents.js';

/** A record that came as XML text; `xml` is that text, from `<Event` to `</Event>`. */
export class XmlRecord extends BaseRecord {
  readonly #text: string;

  constructor(contents: EventContents, text: string) {
    super(contents);
    this.#text = text;
  }

  xml(): string {
    return this.#text;
  }
}
