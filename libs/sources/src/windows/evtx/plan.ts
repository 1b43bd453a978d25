import { indexOfField } from '../event-contents.js';
import { datumName, type Field, fieldOfAttribute, fieldOfText, innerPlace, type Place } from '../event-schema.js';
import {
  type AttributeNode,
  type ElementNode,
  isElement,
  type Part,
  slotsOf,
  type Template,
  textSize,
} from './nodes.js';

/** One thing to do for a record: all that an element, without the elements in it, asks for. */
export interface Step {
  /** Values without any of which the element is left out. */
  needs: readonly number[];
  /** Values in it. */
  slots: readonly number[];
  literalSize: number;
  /** Whether each value of an array in it gets an element of its own. */
  repeats: boolean;
  /** Where elements stand that come as a value. */
  inner: Place;
  does: 'field' | 'datum' | 'leaf' | 'nothing';
  /** Of a field, by `indexOfField`. */
  field: number;
  /** Of a datum or leaf. */
  name: readonly Part[];
  text: readonly Part[];
}

/** Steps in the order of the elements. */
export type Plan = readonly Step[];

/** What to do with the values of a template's instance that stands at this place; made once a chunk. */
export function planOf(template: Template, place: Place): Plan {
  let plan = template.plans.get(place);
  if (plan === undefined) {
    plan = stepsOf(template.root, place, []);
    template.plans.set(place, plan);
  }
  return plan;
}

function stepsOf(element: ElementNode, place: Place, outerNeeds: readonly number[]): Step[] {
  const needs = [...outerNeeds, ...element.needs];
  const inner = innerPlace(element.name, place);
  const steps = ownSteps(element, place, needs, inner);
  if (!element.hasElements) return steps;
  for (const child of element.children) {
    if (isElement(child)) steps.push(...stepsOf(child, inner, needs));
    else if (typeof child === 'object') steps.push({ ...NOTHING, needs, slots: [child.slot], inner });
  }
  return steps;
}

const NOTHING: Step = {
  needs: [],
  slots: [],
  literalSize: 0,
  repeats: false,
  inner: 'elsewhere',
  does: 'nothing',
  field: -1,
  name: [],
  text: [],
};

/** The steps of an element itself; values between the elements in it get theirs in turn with these. */
function ownSteps(element: ElementNode, place: Place, needs: readonly number[], inner: Place): Step[] {
  const { name, attributes, literalSize, hasElements } = element;
  const slots = hasElements ? attributes.flatMap(({ parts }) => slotsOf(parts)) : element.slots;
  const text = element.children.filter((child) => !isElement(child)) as Part[];
  const step: Step = { ...NOTHING, needs, slots, literalSize, repeats: !hasElements, inner, text };
  if (place === 'eventData') return [{ ...step, does: 'datum', name: nameOf(name, attributes) }];
  if (place === 'userData' && !hasElements) return [{ ...step, does: 'leaf', name: [name] }];
  const fields = attributes.flatMap((attribute) => {
    const field = fieldOfAttribute(name, attribute.name, place);
    return field === undefined ? [] : [attributeStep(step, attribute, field)];
  });
  const field = fieldOfText(name, place);
  if (field !== undefined) return [...fields, { ...step, does: 'field', field: indexOfField(field) }];
  return slots.length === 0 ? fields : [step, ...fields];
}

function attributeStep({ needs }: Step, { parts }: AttributeNode, field: Field): Step {
  const own = { needs: [...needs, ...optionalSlots(parts)], slots: slotsOf(parts), literalSize: textSize(parts) };
  return { ...NOTHING, ...own, does: 'field', field: indexOfField(field), text: parts };
}

/** Values without any of which an attribute is left out. */
export function optionalSlots(parts: readonly Part[]): number[] {
  return parts.flatMap((part) => (typeof part === 'object' && part.optional ? [part.slot] : []));
}

function nameOf(element: string, attributes: readonly AttributeNode[]): readonly Part[] {
  return attributes.find((attribute) => attribute.name === 'Name')?.parts ?? [datumName(element, undefined)];
}
