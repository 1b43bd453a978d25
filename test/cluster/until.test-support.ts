const DEADLINE_MS = 120_000;

/** Polls until it holds; fails by name at the deadline. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = DEADLINE_MS) {
  for (const endMs = Date.now() + deadlineMs; !(await holds()); ) {
    if (Date.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
