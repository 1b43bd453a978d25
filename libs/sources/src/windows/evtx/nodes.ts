import type { Place } from '../event-schema.js';
import type { Plan } from './plan.js';
import type { TemplateValues } from './template-values.js';
import type { XmlPiece } from './xml-program.js';

/** Where a value of the template's instance goes. */
export interface Slot {
  /** Index of the value. */
  slot: number;
  /** Without the value there is no attribute around it ([MS-EVEN6] 3.1.4.7.2); elements have their dependency for that. */
  optional: boolean;
}

/** Text, or where a value's text goes. */
export type Part = string | Slot;

export interface AttributeNode {
  name: string;
  parts: readonly Part[];
}

export interface ElementNode {
  name: string;
  attributes: readonly AttributeNode[];
  children: readonly (Part | ElementNode)[];
  /** Values without any of which the element is left out. */
  needs: readonly number[];
  /** Values that stand right in it, in content or attributes. Of one that is an array, each gets an element of its own. */
  slots: readonly number[];
  /** Characters that it has as XML text without its values and the elements in it. */
  literalSize: number;
  hasElements: boolean;
}

/** An element whose values are still open. */
export interface Template {
  root: ElementNode;
  /** Characters as XML text without any value. */
  literalSize: number;
  /** Made when first asked for, one for each place in an event where it stands. */
  plans: Map<Place, Plan>;
  /** Made when first asked for. */
  xml: readonly XmlPiece[] | undefined;
}

/** An element with its values. */
export interface Instance {
  template: Template;
  values: TemplateValues;
}

export function isElement(node: Part | ElementNode): node is ElementNode {
  return typeof node === 'object' && 'children' in node;
}

export function slotsOf(parts: readonly (Part | ElementNode)[]): number[] {
  return parts.flatMap((part) => (typeof part === 'object' && !isElement(part) ? [part.slot] : []));
}

export function textSize(parts: readonly (Part | ElementNode)[]): number {
  return parts.reduce((size, part) => size + (typeof part === 'string' ? part.length : 0), 0);
}
