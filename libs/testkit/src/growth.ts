/** Below this, {@link growthOf} is in proportion: sixteen times the length costs 16 times as much, a square 256 times. */
export const IN_PROPORTION = 64;

const TIMES = 16;
/** In microseconds; what is too cheap to measure is no cost. */
const NEGLIGIBLE = 2_000;
const ROUNDS = 8;

/**
 * How many times as much of the processor work takes on what is sixteen times as long. The least of some rounds counts:
 * what else the process does meanwhile (compiling, collecting garbage), it does not do in each of them.
 *
 * @param workOn makes what is so long, and says what to do with it; it is done again in every round
 * @param short the shorter of the two lengths, in units of the caller
 */
export function growthOf(workOn: (length: number) => () => void, short = 65_536): number {
  const shortCost = leastCostOf(workOn(short));
  const longCost = leastCostOf(workOn(short * TIMES));
  shortCost();
  let growth = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && growth >= IN_PROPORTION; round++)
    growth = longCost() / Math.max(shortCost(), NEGLIGIBLE);
  return growth;
}

/** Measures once more, and gives the least so far, in microseconds. */
function leastCostOf(work: () => void): () => number {
  let least = Number.POSITIVE_INFINITY;
  return () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
    return least;
  };
}
