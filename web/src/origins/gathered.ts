/**
 * Joins calls of the same moment into requests of several keys: a page asks for each address where it draws it, and the server is
 * asked once for all. A request that fails fails all of its calls.
 *
 * @param load answers as many values as it is given keys, in their order
 * @param most keys of one request
 * @param wait calls back when the moment is over
 */
export function gathered<T>(
  load: (keys: string[]) => Promise<T[]>,
  most: number,
  wait: (then: () => void) => void = (then) => void setTimeout(then, 10),
): (key: string) => Promise<T> {
  let waiting = new Map<string, Promise<T>>();
  let moment: Promise<Map<string, () => Promise<T>>> | undefined;
  const begin = () =>
    new Promise<Map<string, () => Promise<T>>>((resolve) =>
      wait(() => {
        const keys = [...waiting.keys()];
        waiting = new Map();
        moment = undefined;
        resolve(requested(keys, most, load));
      }),
    );
  return (key) => {
    const known = waiting.get(key);
    if (known) return known;
    moment ??= begin();
    const value = moment.then((answers) => (answers.get(key) as () => Promise<T>)());
    waiting.set(key, value);
    return value;
  };
}

/** For each key how to get its value out of the request that it is part of. */
function requested<T>(keys: string[], most: number, load: (keys: string[]) => Promise<T[]>) {
  const answers = new Map<string, () => Promise<T>>();
  for (let at = 0; at < keys.length; at += most) {
    const part = keys.slice(at, at + most);
    const request = load(part);
    for (const [i, key] of part.entries()) answers.set(key, async () => (await request)[i] as T);
  }
  return answers;
}
