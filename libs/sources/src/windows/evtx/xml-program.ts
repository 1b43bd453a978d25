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
  const { name, attributes, children, needs, slots } = element;
  const content = children.flatMap((child) => (isElement(child) ? piecesOf(child) : [partPiece(child, false)]));
  const end = children.length === 0 ? ['/>'] : ['>', ...content, `</${name}>`];
  const pieces = joined([`<${name}`, ...attributes.flatMap(attributePieces), ...end]);
  const all: XmlPiece[] = slots.length > 0 && !element.hasElements ? [{ does: 'repeat', slots, pieces }] : pieces;
  return needs.length === 0 ? all : [{ does: 'need', needs, pieces: all }];
}

function attributePieces({ name, parts }: AttributeNode): XmlPiece[] {
  const pieces = joined([` ${name}="`, ...parts.map((part) => partPiece(part, true)), '"']);
  const needs = optionalSlots(parts);
  return needs.length === 0 ? pieces : [{ does: 'need', needs, pieces }];
}

function partPiece(part: Part, inAttribute: boolean): XmlPiece {
  if (typeof part === 'object') return { does: 'slot', slot: part.slot, inAttribute };
  return escaped(part, inAttribute ? ATTRIBUTE : TEXT);
}

function joined(pieces: readonly XmlPiece[]): XmlPiece[] {
  const all: XmlPiece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') all[all.length - 1] = last + piece;
    else all.push(piece);
  }
  return all;
}

const TEXT = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
const ATTRIBUTE = /[&<>"\u0000-\u001f]/g;
const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string, characters: RegExp): string {
  return text.replace(characters, (character) => NAMED[character] ?? `&#${character.charCodeAt(0)};`);
}
