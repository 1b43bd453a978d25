/** Error codes that a disk gives when it is full, broken or read-only. */
export type DiskFault = 'ENOSPC' | 'EIO' | 'EROFS';

export interface HostileFiles<F extends object> {
  /** The same file system, which now and then fails. */
  files: F;
  /** Asked before every call (`write`, `sync`, `open` …); the call fails with the code it answers. */
  fault: (method: string) => DiskFault | undefined;
  /** How many calls failed. */
  failures: number;
}

/**
 * Wraps an object of asynchronous functions, and the objects that these answer, so that calls fail when a test says so.
 * A `write(bytes, position)` that fails writes the first half of its bytes before, as a disk that fills up does; a failed
 * `sync` has written nothing back that one could count on, and a failed `close` has let go of the file, as close(2) does.
 */
export function hostileFiles<F extends object>(real: F): HostileFiles<F> {
  const hostile: HostileFiles<F> = { files: real, fault: () => undefined, failures: 0 };
  hostile.files = wrap(real, hostile);
  return hostile;
}

function wrap<T extends object>(real: T, hostile: HostileFiles<object>): T {
  return new Proxy(real, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return async (...args: unknown[]) => {
        const code = hostile.fault(name);
        if (!code) {
          const answer: unknown = await member.apply(target, args);
          return isObjectOfFunctions(answer) ? wrap(answer, hostile) : answer;
        }
        hostile.failures++;
        const [bytes, position] = args;
        if (name === 'write' && Buffer.isBuffer(bytes)) {
          await member.apply(target, [bytes.subarray(0, bytes.length >> 1), position]);
        }
        if (name === 'close') await member.apply(target, args);
        throw Object.assign(new Error(`${code}: injected into ${name}`), { code });
      };
    },
  });
}

function isObjectOfFunctions(answer: unknown): answer is object {
  return typeof answer === 'object' && answer !== null && !Array.isArray(answer) && !Buffer.isBuffer(answer);
}
