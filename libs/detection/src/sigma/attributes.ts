import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { Refusal } from './refusal.js';
import { didYouMean } from './suggest.js';

/** One `key: value` of a YAML map, with the nodes that know their places. */
export interface Entry {
  key: string;
  keyNode: Node;
  value: Node;
}

export function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Where the character `index` of a scalar's text stands in the file; the scalar's start where folding or escapes blur it. */
export function offsetInText(node: Node, index: number): number {
  if (!isScalar(node) || !node.range) return offsetOf(node);
  const quote = node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE' ? 1 : 0;
  const written = node.range[1] - node.range[0] - 2 * quote;
  return written === String(node.value).length ? node.range[0] + quote + index : node.range[0];
}

/** The entries of a map; refuses keys that stand twice or are no plain text. */
export function entriesOf(map: YAMLMap): Entry[] {
  const seen = new Set<string>();
  return map.items.map((pair) => {
    const keyNode = pair.key as Node;
    const at = offsetOf(keyNode);
    if (!isScalar(keyNode)) throw typeRefusal(at, 'key', kindOf(keyNode), 'a text as key');
    const key = keyNode.value === null ? '' : String(keyNode.value);
    if (seen.has(key)) throw new Refusal('SIGMA_DUPLICATE_KEY', at, { key });
    seen.add(key);
    return { key, keyNode, value: (pair.value ?? keyNode) as Node };
  });
}

export function kindOf(node: Node): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  const value = isScalar(node) ? node.value : undefined;
  if (value === null) return 'empty';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

export function typeRefusal(offset: number, attribute: string, actual: string, expected: string, instead?: string) {
  return new Refusal('SIGMA_TYPE', offset, {
    attribute,
    actual,
    expected,
    instead: instead ?? `Write ${expected}, and put texts that look like numbers or dates into quotes.`,
  });
}

/** A map whose attributes are read by name. `path` is put before names in messages: `correlation.timespan`. */
export class Attributes {
  readonly entries: ReadonlyMap<string, Entry>;
  private readonly node: Node;
  private readonly path: string;

  constructor(node: Node, path: string) {
    if (!isMap(node)) throw typeRefusal(offsetOf(node), path || 'document', kindOf(node), 'a map of attributes');
    this.node = node;
    this.path = path;
    this.entries = new Map(entriesOf(node).map((entry) => [entry.key, entry]));
  }

  name(key: string): string {
    return this.path ? `${this.path}.${key}` : key;
  }

  /** Refuses keys that are not in the list. */
  allowOnly(known: readonly string[]): void {
    for (const { key, keyNode } of this.entries.values()) {
      if (known.includes(key)) continue;
      throw new Refusal('SIGMA_UNKNOWN_KEY', offsetOf(keyNode), {
        attribute: this.path,
        key,
        expected: known.join(', '),
        instead: didYouMean(key, known, 'Remove it.'),
      });
    }
  }

  find(key: string): Node | undefined {
    return this.entries.get(key)?.value;
  }

  required(key: string, expected: string): Node {
    const entry = this.entries.get(key);
    if (entry) return entry.value;
    throw new Refusal('SIGMA_MISSING', offsetOf(this.node), {
      attribute: this.name(key),
      expected,
      instead: didYouMean(key, this.entries.keys(), `Add "${key}:" to this map.`),
    });
  }

  text(key: string): string | undefined {
    const node = this.find(key);
    return node && this.textOf(node, key);
  }

  requiredText(key: string): string {
    return this.textOf(this.required(key, 'a text'), key);
  }

  /** A list of texts; a single text is a list of one, nothing after the colon is none. */
  texts(key: string): string[] | undefined {
    const node = this.find(key);
    if (!node || (isScalar(node) && node.value === null)) return undefined;
    return (isSeq(node) ? (node.items as Node[]) : [node]).map((item) => this.textOf(item, key));
  }

  boolean(key: string): boolean | undefined {
    const node = this.find(key);
    if (!node) return undefined;
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    throw typeRefusal(offsetOf(node), this.name(key), kindOf(node), 'true or false');
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T | undefined {
    const node = this.find(key);
    if (!node) return undefined;
    const value = this.textOf(node, key);
    if ((allowed as readonly string[]).includes(value)) return value as T;
    throw new Refusal('SIGMA_VALUE', offsetOf(node), {
      attribute: this.name(key),
      value,
      expected: `one of ${allowed.join(', ')}`,
      instead: didYouMean(value, allowed, `Write one of ${allowed.join(', ')}.`),
    });
  }

  private textOf(node: Node, key: string): string {
    if (isScalar(node) && node.value !== null && node.value !== '') {
      // As written: 2026-11-22 and 1.10 are texts here, whatever YAML makes of them.
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    throw typeRefusal(offsetOf(node), this.name(key), isScalar(node) ? 'empty' : kindOf(node), 'a text');
  }
}
