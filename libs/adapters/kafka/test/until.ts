const DEADLINE_MS = 60_000;

/** Polls until it holds; fails by name at the deadline. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = Date.now() + DEADLINE_MS;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`waited ${DEADLINE_MS} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
