/** What is due when: a binary heap of times. Entries are not removed early; the owner checks what is still true. */
export class DueQueue<T> {
  readonly #heap: { dueMs: number; item: T }[] = [];

  add(dueMs: number, item: T): void {
    const heap = this.#heap;
    let i = heap.push({ dueMs, item }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.dueMs <= heap[i]!.dueMs) break;
      [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
      i = parent;
    }
  }

  /** Whether something is due at this time. */
  isDue(nowMs: number): boolean {
    const first = this.#heap[0];
    return first !== undefined && first.dueMs <= nowMs;
  }

  /** Takes the next item that is due at or before the time. */
  take(nowMs: number): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || !this.isDue(nowMs)) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first.item;
  }

  #sink(): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && heap[child]!.dueMs < heap[least]!.dueMs) least = child;
      }
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}
