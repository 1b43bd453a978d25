import { elementsOf } from './fragment.js';
import { isLeftOut, repeatsOf } from './gather.js';
import { type AttributeNode, type ElementNode, type Instance, isElement, type Part } from './nodes.js';
import { optionalSlots } from './plan.js';
import { ALL, type TemplateValues } from './template-values.js';

/** A template as XML text with its slots still open. */
export type XmlPiece =
  | string
  | { does: 'slot'; slot: number; inAttribute: boolean }
  /** What is left out without one of these values. */
  | { does: 'need'; needs: readonly number[]; pieces: readonly XmlPiece[] }
  /** What stands there once for each value of an array among these. */
  | { does: 'repeat'; slots: readonly number[]; pieces: readonly XmlPiece[] };

/**
 * The element as XML text, as Windows writes it: no white space, and what may not stand raw in a text or attribute as a
 * reference, control characters too.
 */
export function xmlText({ template, values }: Instance): string {
  template.xml ??= piecesOf(template.root);
  return textOf(template.xml, values, ALL);
}

function textOf(pieces: readonly XmlPiece[], values: TemplateValues, index: number): string {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else if (piece.does === 'slot') text += slotText(piece, values, index);
    else if (piece.does === 'need') text += isLeftOut(piece.needs, values) ? '' : textOf(piece.pieces, values, index);
    else
      for (let i = 0, count = repeatsOf(piece.slots, values); i < count; i++) text += textOf(piece.pieces, values, i);
  }
  return text;
}

function slotText(
  { slot, inAttribute }: { slot: number; inAttribute: boolean },
  values: TemplateValues,
  index: number,
) {
  if (inAttribute) return escaped(values.text(slot, index), ATTRIBUTE);
  if (!values.hasElements(slot)) return escaped(values.text(slot, index), TEXT);
  return elementsOf(values, slot).map(xmlText).join('');
}

function piecesOf(element: ElementNode): XmlPiece[] {
  const pieces: XmlPiece[] = [];
  addElement(pieces, element);
  return pieces;
}

function addElement(pieces: XmlPiece[], element: ElementNode): void {
  const { needs, slots } = element;
  const inner = needs.length === 0 ? pieces : [];
  if (slots.length === 0 || element.hasElements) addTags(inner, element);
  else {
    const copy: XmlPiece[] = [];
    addTags(copy, element);
    inner.push({ does: 'repeat', slots, pieces: copy });
  }
  if (inner !== pieces) pieces.push({ does: 'need', needs, pieces: inner });
}

function addTags(pieces: XmlPiece[], { name, attributes, children }: ElementNode): void {
  addText(pieces, `<${name}`);
  for (const attribute of attributes) addAttribute(pieces, attribute);
  addText(pieces, children.length === 0 ? '/>' : '>');
  for (const child of children) {
    if (isElement(child)) addElement(pieces, child);
    else addPart(pieces, child, false);
  }
  if (children.length > 0) addText(pieces, `</${name}>`);
}

function addAttribute(pieces: XmlPiece[], { name, parts }: AttributeNode): void {
  const needs = optionalSlots(parts);
  const inner = needs.length === 0 ? pieces : [];
  addText(inner, ` ${name}="`);
  for (const part of parts) addPart(inner, part, true);
  addText(inner, '"');
  if (inner !== pieces) pieces.push({ does: 'need', needs, pieces: inner });
}

function addPart(pieces: XmlPiece[], part: Part, inAttribute: boolean): void {
  if (typeof part === 'object') pieces.push({ does: 'slot', slot: part.slot, inAttribute });
  else addText(pieces, escaped(part, inAttribute ? ATTRIBUTE : TEXT));
}

function addText(pieces: XmlPiece[], text: string): void {
  const last = pieces.at(-1);
  if (typeof last === 'string') pieces[pieces.length - 1] = last + text;
  else pieces.push(text);
}

const TEXT = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
const ATTRIBUTE = /[&<>"\u0000-\u001f]/g;
const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string, characters: RegExp): string {
  return text.replace(characters, (character) => NAMED[character] ?? `&#${character.charCodeAt(0)};`);
}
