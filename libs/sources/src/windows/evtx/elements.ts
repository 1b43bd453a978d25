import { BinXmlError } from './binxml-error.js';
import type { Cursor } from './cursor.js';
import { type AttributeNode, type ElementNode, isElement, type Part, slotsOf, textSize } from './nodes.js';
import { FIXED_SIZES, VALUE, valueText } from './value-text.js';

/** First byte of what stands in BinXML; some with 0x40 added, which says that more follows and tells nothing new. */
export const TOKEN = {
  end: 0x00,
  openElement: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  closeElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  charRef: 0x08,
  entityRef: 0x09,
  instructionTarget: 0x0a,
  instructionData: 0x0b,
  templateInstance: 0x0c,
  substitution: 0x0d,
  optionalSubstitution: 0x0e,
  fragmentHeader: 0x0f,
} as const;

const MORE = 0x40;
const MAX_DEPTH = 64;
const NO_DEPENDENCY = 0xffff;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads an element:
 *
 *     element   = (01 / 41) [dependency:u16] size:u32 name [attributes] (03 / 02 content 04)   ; attributes with 41
 *     attributes = size:u32 1*((06 / 46) name 1*part)
 *     content   = *(element / part / cdata / instruction)
 *     part      = (05 / 45) type:u8 value                 ; text, as good as always a string: count:u16 utf16le
 *               / (08 / 48) code:u16                      ; one UTF-16 unit
 *               / (09 / 49) name                          ; amp, lt, gt, quot, apos
 *               / (0d / 0e) slot:u16 type:u8              ; 0e: optional
 *     cdata     = (07 / 47) count:u16 utf16le
 *     instruction = 0a name 0b count:u16 utf16le          ; passed over
 *     name      = place:u32 [name at that place, when that is here]
 *
 * Only in the definition of a template does an element have a dependency: the value without which it is left out.
 * Sizes are not needed, and not looked at. Source: [MS-EVEN6] 2.2.12; libevtx, "Windows XML Event Log (EVTX) format".
 */
export function readElement(cursor: Cursor, isDefinition: boolean, depth = 0): ElementNode {
  if (depth > MAX_DEPTH) throw new BinXmlError('depth');
  const token = cursor.u8();
  if ((token & ~MORE) !== TOKEN.openElement) throw new BinXmlError('token');
  const dependency = isDefinition ? cursor.u16() : NO_DEPENDENCY;
  cursor.skip(4);
  const name = cursor.name();
  const attributes = (token & MORE) === 0 ? [] : readAttributes(cursor);
  const children = readContent(cursor, isDefinition, depth);
  const parts = [...attributes.flatMap((attribute) => attribute.parts), ...children];
  return {
    name,
    attributes,
    children,
    needs: dependency === NO_DEPENDENCY ? [] : [dependency],
    slots: slotsOf(parts),
    literalSize:
      2 * name.length + 5 + textSize(parts) + attributes.reduce((size, { name: { length } }) => size + length + 4, 0),
    hasElements: children.some(isElement),
  };
}

function readAttributes(cursor: Cursor): AttributeNode[] {
  cursor.skip(4);
  const attributes: AttributeNode[] = [];
  while ((cursor.peek() & ~MORE) === TOKEN.attribute) {
    cursor.skip(1);
    const name = cursor.name();
    const parts: Part[] = [];
    for (let part = readPart(cursor); part !== undefined; part = readPart(cursor)) parts.push(part);
    attributes.push({ name, parts });
  }
  return attributes;
}

function readContent(cursor: Cursor, isDefinition: boolean, depth: number): (Part | ElementNode)[] {
  const close = cursor.u8();
  if (close === TOKEN.closeEmpty) return [];
  if (close !== TOKEN.closeStart) throw new BinXmlError('token');
  const children: (Part | ElementNode)[] = [];
  for (;;) {
    const part = readPart(cursor);
    if (part !== undefined) {
      children.push(part);
      continue;
    }
    const token = cursor.peek() & ~MORE;
    if (token === TOKEN.openElement) children.push(readElement(cursor, isDefinition, depth + 1));
    else if (token === TOKEN.closeElement) break;
    else if (!skipInstruction(cursor)) throw new BinXmlError('token');
  }
  cursor.skip(1);
  return children;
}

/** Undefined, with nothing read, where no part begins. */
function readPart(cursor: Cursor): Part | undefined {
  const token = cursor.peek() & ~MORE;
  switch (token) {
    case TOKEN.value:
      cursor.skip(1);
      return readLiteral(cursor);
    case TOKEN.cdata:
      cursor.skip(1);
      return cursor.countedText();
    case TOKEN.charRef:
      cursor.skip(1);
      return characterOf(cursor.u16());
    case TOKEN.entityRef: {
      cursor.skip(1);
      const name = cursor.name();
      return ENTITIES[name] ?? `&${name};`;
    }
    case TOKEN.substitution:
    case TOKEN.optionalSubstitution: {
      cursor.skip(1);
      const slot = cursor.u16();
      cursor.skip(1);
      return { slot, optional: token === TOKEN.optionalSubstitution };
    }
    default:
      return undefined;
  }
}

function characterOf(unit: number): string {
  return unit >= 0xd800 && unit < 0xe000 ? '\ufffd' : String.fromCharCode(unit);
}

function readLiteral(cursor: Cursor): string {
  const type = cursor.u8();
  if (type === VALUE.string) return cursor.countedText();
  const size = FIXED_SIZES[type];
  if (size === undefined) throw new BinXmlError('token');
  return valueText(cursor.chunk.bytes, type, cursor.skip(size), size);
}

/** False, with nothing read, where no processing instruction begins. */
export function skipInstruction(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token !== TOKEN.instructionTarget && token !== TOKEN.instructionData) return false;
  cursor.skip(1);
  if (token === TOKEN.instructionTarget) cursor.name();
  else cursor.countedText();
  return true;
}
