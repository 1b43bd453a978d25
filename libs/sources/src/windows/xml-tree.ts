/** An element of an event as it would stand in XML; names as they are written there. */
export interface XmlElement {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: readonly (XmlElement | string)[];
}

const TEXT = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
const ATTRIBUTE = /[&<>"\u0000-\u001f]/g;
const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML text without white space between elements. What no text may hold raw, control characters too, is a reference. */
export function xmlText(element: XmlElement): string {
  const attributes = [...element.attributes].map(([name, value]) => ` ${name}="${escaped(value, ATTRIBUTE)}"`).join('');
  if (element.children.length === 0) return `<${element.name}${attributes}/>`;
  const content = element.children.map((child) => (typeof child === 'string' ? escaped(child, TEXT) : xmlText(child)));
  return `<${element.name}${attributes}>${content.join('')}</${element.name}>`;
}

function escaped(text: string, characters: RegExp): string {
  return text.replace(characters, (character) => NAMED[character] ?? `&#${character.charCodeAt(0)};`);
}
