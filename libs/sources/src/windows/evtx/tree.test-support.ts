import type { EvtxRecord } from './evtx-record.js';
import { elementsOf } from './fragment.js';
import { isLeftOut, repeatsOf, textOf } from './gather.js';
import { type ElementNode, type Instance, isElement, type Part } from './nodes.js';
import { optionalSlots } from './plan.js';
import { ALL, type TemplateValues } from './template-values.js';

/** An element of an event as it would stand in XML; names as they are written there. */
export interface XmlElement {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: readonly (XmlElement | string)[];
}

/** The whole event of a record as elements. */
export function treeOf(record: EvtxRecord): XmlElement {
  return treesOf(record.instance)[0] as XmlElement;
}

/** The element with its values in place: none when it is left out, several when an array repeats it. */
function treesOf({ template, values }: Instance): XmlElement[] {
  return elementTrees(template.root, values);
}

function elementTrees(element: ElementNode, values: TemplateValues): XmlElement[] {
  if (isLeftOut(element.needs, values)) return [];
  if (element.hasElements) return [elementTree(element, values, ALL)];
  return Array.from({ length: repeatsOf(element.slots, values) }, (_, index) => elementTree(element, values, index));
}

function elementTree(element: ElementNode, values: TemplateValues, index: number): XmlElement {
  const attributes = new Map<string, string>();
  for (const { name, parts } of element.attributes) {
    if (!isLeftOut(optionalSlots(parts), values)) attributes.set(name, textOf(parts, values, index));
  }
  const children: (XmlElement | string)[] = [];
  for (const child of element.children) {
    if (isElement(child)) children.push(...elementTrees(child, values));
    else addPart(children, child, values, index);
  }
  return { name: element.name, attributes, children };
}

function addPart(children: (XmlElement | string)[], part: Part, values: TemplateValues, index: number): void {
  if (typeof part === 'object' && values.hasElements(part.slot)) {
    for (const element of elementsOf(values, part.slot)) children.push(...treesOf(element));
    return;
  }
  const text = textOf([part], values, index);
  const last = children.at(-1);
  if (typeof last === 'string') children[children.length - 1] = last + text;
  else if (text !== '') children.push(text);
}
