import { PAGES } from './pages.js';

/** What keys do, by key or by two keys in a row: `j`, `g a`. */
export type Bindings = Record<string, () => void>;

/** The second key of two comes within this time, milliseconds. */
const SECOND_WITHIN_MS = 1_200;

/** Keys and who wants them: what was bound last is asked first, so that a dialog goes before its page. */
export class Keyboard {
  readonly #layers: Bindings[] = [];
  #first: { key: string; atMs: number } | undefined;

  /** Answers what takes the bindings away again. */
  bind(bindings: Bindings): () => void {
    this.#layers.push(bindings);
    return () => {
      const at = this.#layers.indexOf(bindings);
      if (at >= 0) this.#layers.splice(at, 1);
    };
  }

  /** Whether the key did something, or is the first of two. */
  press(key: string, atMs: number): boolean {
    const first = this.#first;
    this.#first = undefined;
    if (first && atMs - first.atMs <= SECOND_WITHIN_MS && this.#run(`${first.key} ${key}`)) return true;
    if (this.#run(key)) return true;
    const isFirst = this.#layers.some((layer) => Object.keys(layer).some((bound) => bound.startsWith(`${key} `)));
    if (isFirst) this.#first = { key, atMs };
    return isFirst;
  }

  #run(key: string): boolean {
    const layer = this.#layers.findLast((bindings) => Object.hasOwn(bindings, key));
    layer?.[key]?.();
    return layer !== undefined;
  }
}

/** Every key of the console, for the help; each has a button. */
export const KEY_HELP: { keys: string; does: string }[] = [
  { keys: '/', does: 'search' },
  { keys: '?', does: 'this help' },
  ...PAGES.flatMap((page) => ('key' in page ? [{ keys: `g ${page.key}`, does: `go to ${page.label}` }] : [])),
  { keys: 'j k', does: 'next and previous row' },
  { keys: 'Enter', does: 'open the row' },
  { keys: 'Esc', does: 'back' },
  { keys: 'x', does: 'select the row' },
  { keys: 'a', does: 'acknowledge' },
  { keys: 'm', does: 'assign to me' },
  { keys: 'e 1', does: 'close as true positive' },
  { keys: 'e 2', does: 'close as false positive' },
  { keys: 'n', does: 'comment' },
  { keys: 'l', does: 'lift, with preview' },
  { keys: 'u', does: 'undo' },
  { keys: '= + -', does: 'filter by the value: only, with, without' },
  { keys: 's', does: 'lines around the event' },
  { keys: 'v', does: 'raw or parsed' },
  { keys: 'p', does: 'live events; pause them, and go on' },
  { keys: '[ ]', does: 'earlier and later range' },
  { keys: 'z', does: 'previous range' },
  { keys: 'y', does: 'copy the value' },
  { keys: 'Y', does: 'copy a link to what is shown' },
];
