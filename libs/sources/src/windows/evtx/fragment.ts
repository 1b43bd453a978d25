import { BinXmlError } from './binxml-error.js';
import type { ChunkBytes } from './chunk-bytes.js';
import { Cursor } from './cursor.js';
import { readElement, skipInstruction, TOKEN } from './elements.js';
import { type ElementNode, type Instance, isElement, type Template } from './nodes.js';
import { TemplateValues } from './template-values.js';

/** Before the body of a definition: next:u32 guid:16 size:u32. */
const DEFINITION_HEADER = 24;
const FRAGMENT_HEADER = 4;

/**
 * Reads a stretch of BinXML, a record's or a value's:
 *
 *     fragment   = *(0f major:u8 minor:u8 flags:u8) *(element / instance / instruction) [00]
 *     instance   = 0c 01 id:u32 place:u32 [definition, when that place is here] values
 *     definition = next:u32 guid:16 size:u32 body         ; body of `size`: a fragment with one element
 *
 * `next` links definitions for whoever writes the chunk; nothing here follows it. Each definition is read once a chunk.
 */
export function readFragment(chunk: ChunkBytes, start: number, end: number, nesting: number): Instance[] {
  const cursor = new Cursor(chunk, start, end);
  const instances: Instance[] = [];
  while (!cursor.isAtEnd) {
    const token = cursor.peek();
    if (token === TOKEN.end) break;
    if (token === TOKEN.fragmentHeader) cursor.skip(FRAGMENT_HEADER);
    else if (token === TOKEN.templateInstance) instances.push(readInstance(cursor, nesting));
    else if (!skipInstruction(cursor)) {
      const template = templateOf(readElement(cursor, false));
      instances.push({ template, values: TemplateValues.none(chunk, nesting) });
    }
  }
  return instances;
}

/** The elements that a value of type BinXML is. */
export function elementsOf(values: TemplateValues, slot: number): readonly Instance[] {
  let elements = values.elements.get(slot);
  if (elements === undefined) {
    const start = values.start(slot);
    elements = readFragment(values.chunk, start, start + values.size(slot), values.nesting + 1);
    values.elements.set(slot, elements);
  }
  return elements;
}

function readInstance(cursor: Cursor, nesting: number): Instance {
  cursor.skip(6);
  const place = cursor.u32();
  const isHere = place === cursor.position;
  const template = templateAt(cursor.chunk, place);
  if (isHere) cursor.skip(definitionSize(cursor.chunk, place));
  return { template, values: TemplateValues.read(cursor, nesting) };
}

function definitionSize(chunk: ChunkBytes, place: number): number {
  if (place + DEFINITION_HEADER > chunk.bytes.length) throw new BinXmlError('bounds', place);
  return DEFINITION_HEADER + chunk.bytes.readUInt32LE(place + 20);
}

function templateAt(chunk: ChunkBytes, place: number): Template {
  const known = chunk.templates.get(place) ?? readDefinition(chunk, place);
  chunk.templates.set(place, known);
  if (known instanceof BinXmlError) throw known;
  return known;
}

function readDefinition(chunk: ChunkBytes, place: number): Template | BinXmlError {
  try {
    return definitionAt(chunk, place);
  } catch (error) {
    if (error instanceof BinXmlError) return error;
    throw error;
  }
}

function definitionAt(chunk: ChunkBytes, place: number): Template {
  const size = definitionSize(chunk, place);
  const cursor = new Cursor(chunk, place + DEFINITION_HEADER, place + size);
  chunk.spendLiteral(size, place);
  while (cursor.peek() === TOKEN.fragmentHeader) cursor.skip(FRAGMENT_HEADER);
  return templateOf(readElement(cursor, true));
}

function templateOf(root: ElementNode): Template {
  return { root, literalSize: sizeOf(root), plans: new Map(), xml: undefined };
}

function sizeOf(element: ElementNode): number {
  return element.children.reduce((size, child) => size + (isElement(child) ? sizeOf(child) : 0), element.literalSize);
}
