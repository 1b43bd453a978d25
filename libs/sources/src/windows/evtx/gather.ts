import { type EventContents, indexOfField } from '../event-contents.js';
import type { Place } from '../event-schema.js';
import { elementsOf } from './fragment.js';
import type { Instance, Part } from './nodes.js';
import { planOf, type Step } from './plan.js';
import { ALL, type TemplateValues } from './template-values.js';
import { VALUE } from './value-text.js';
import { filetimeMs } from './value-time.js';

const TIME = indexOfField('time');

/** Takes what an element with its values tells, step by step of its plan. Throws BinXmlError on damage. */
export function gather({ template, values }: Instance, place: Place, contents: EventContents): void {
  values.chunk.spendCharacters(template.literalSize, 0);
  for (const step of planOf(template, place)) {
    if (isLeftOut(step.needs, values)) continue;
    const repeats = step.slots.length === 0 ? 1 : lookAtSlots(step, values, contents);
    if (step.does === 'field') takeField(step, values, contents);
    else if (step.does === 'datum') takeData(step, values, contents, repeats);
    else if (step.does === 'leaf') takeLeaves(step, values, contents, repeats);
  }
}

/** How often the element stands there. Elements that come as a value are gathered where they are to stand. */
function lookAtSlots(step: Step, values: TemplateValues, contents: EventContents): number {
  const { slots, inner } = step;
  for (const slot of slots) {
    if (!values.hasElements(slot)) continue;
    for (const element of elementsOf(values, slot)) gather(element, inner, contents);
  }
  const repeats = step.repeats ? repeatsOf(slots, values) : 1;
  values.chunk.spendCharacters(charactersOf(step, values, repeats), 0);
  return repeats;
}

/** An element has as many copies as the longest array in it has values. */
export function repeatsOf(slots: readonly number[], values: TemplateValues): number {
  let repeats = 1;
  for (const slot of slots) if (values.isArray(slot)) repeats = Math.max(repeats, values.texts(slot).length);
  return repeats;
}

/** At most, as XML text: no type takes more than six characters a byte. */
function charactersOf(step: Step, values: TemplateValues, repeats: number): number {
  let characters = repeats === 1 ? 0 : repeats * step.literalSize;
  for (const slot of step.slots) characters += 6 * values.size(slot) * (values.isArray(slot) ? 1 : repeats);
  return characters;
}

function takeField(step: Step, values: TemplateValues, contents: EventContents): void {
  const part = step.text[0];
  if (step.field !== TIME || typeof part !== 'object' || values.type(part.slot) !== VALUE.filetime) {
    contents.setField(step.field, textOf(step.text, values, ALL));
  } else if (values.size(part.slot) === 8) {
    contents.timeMs ??= filetimeMs(values.chunk.bytes, values.start(part.slot));
  }
}

function takeData(step: Step, values: TemplateValues, contents: EventContents, repeats: number): void {
  for (let i = 0; i < repeats; i++) contents.addDatum(textOf(step.name, values, i), textOf(step.text, values, i));
}

/** An element that holds elements is no leaf. */
function takeLeaves(step: Step, values: TemplateValues, contents: EventContents, repeats: number): void {
  if (step.slots.some((slot) => values.hasElements(slot))) return;
  for (let i = 0; i < repeats; i++) contents.addLeaf(step.name[0] as string, textOf(step.text, values, i));
}

export function isLeftOut(needs: readonly number[], values: TemplateValues): boolean {
  for (const slot of needs) if (values.type(slot) === VALUE.null) return true;
  return false;
}

/** `index`: which one of the values of an array, or `ALL`. */
export function textOf(parts: readonly Part[], values: TemplateValues, index: number): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : values.text(part.slot, index);
  return text;
}
