import { Session } from 'node:inspector';

/** Which blocks of the built packages have run in this thread, by the counters of V8 itself: nothing is instrumented. */
export class Coverage {
  #session = new Session();
  #seen = new Set();
  #isOurs;

  /** @param isOurs whether the script of a URL is to be counted */
  constructor(isOurs) {
    this.#isOurs = isOurs;
    this.#session.connect();
    this.#ask('Profiler.enable');
    this.#ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get blocks() {
    return this.#seen.size;
  }

  /** Blocks that ran since the last call and never before; they stay unknown until {@link learn}. */
  fresh() {
    const fresh = [];
    for (const { scriptId, url, functions } of this.#ask('Profiler.takePreciseCoverage').result) {
      if (!this.#isOurs(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          const block = `${scriptId}:${startOffset}:${endOffset}`;
          if (count > 0 && !this.#seen.has(block)) fresh.push(block);
        }
      }
    }
    return fresh;
  }

  learn(blocks) {
    for (const block of blocks) this.#seen.add(block);
  }

  /** The session answers before `post` returns. */
  #ask(method, params) {
    let answer;
    this.#session.post(method, params, (error, result) => {
      if (error) throw new Error(`${method}: ${error.message}`);
      answer = result;
    });
    return answer;
  }
}
