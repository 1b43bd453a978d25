/**
 * A duration as Go writes it: `3h59m59s`. Whole seconds, rounded up, at least one, since some bouncers read a number of
 * milliseconds as one of seconds; negative once it is over.
 */
export function goDuration(durationMs: number): string {
  const isOver = durationMs < 0;
  const seconds = Math.max(1, Math.ceil(Math.abs(durationMs) / 1_000));
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const parts = [hours > 0 ? `${hours}h` : '', hours > 0 || minutes > 0 ? `${minutes}m` : '', `${seconds % 60}s`];
  return `${isOver ? '-' : ''}${parts.join('')}`;
}
