/** What stands in a queue; `before` and `after` are the queue's. */
export interface Queued<T> {
  host: number;
  before: T | undefined;
  after: T | undefined;
}

interface HostQueue<T> {
  first: T | undefined;
  last: T | undefined;
  count: number;
}

/** Items in the order they came, by host; the next to go is the oldest of a host with no less than an equal share. */
export class FairQueue<T extends Queued<T>> {
  readonly #hosts = new Map<number, HostQueue<T>>();
  #victim: number | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    let queue = this.#hosts.get(item.host);
    if (!queue) {
      queue = { first: undefined, last: undefined, count: 0 };
      this.#hosts.set(item.host, queue);
    }
    item.before = queue.last;
    item.after = undefined;
    if (queue.last) queue.last.after = item;
    else queue.first = item;
    queue.last = item;
    queue.count += 1;
    this.#size += 1;
  }

  remove(item: T): void {
    const queue = this.#hosts.get(item.host) as HostQueue<T>;
    if (item.before) item.before.after = item.after;
    else queue.first = item.after;
    if (item.after) item.after.before = item.before;
    else queue.last = item.before;
    item.before = undefined;
    item.after = undefined;
    queue.count -= 1;
    this.#size -= 1;
    if (queue.count === 0) this.#hosts.delete(item.host);
  }

  /** The one to go. The host it is of stays the victim until it is below its share. */
  oldest(): T | undefined {
    const known = this.#victim === undefined ? undefined : this.#hosts.get(this.#victim);
    if (known && this.#holdsShare(known)) return known.first;
    for (const [host, queue] of this.#hosts) {
      if (!this.#holdsShare(queue)) continue;
      this.#victim = host;
      return queue.first;
    }
    return undefined;
  }

  clear(): void {
    this.#hosts.clear();
    this.#victim = undefined;
    this.#size = 0;
  }

  #holdsShare(queue: HostQueue<T>): boolean {
    return queue.count * this.#hosts.size >= this.#size;
  }
}
