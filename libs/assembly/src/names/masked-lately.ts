import type { FleetEvent } from '@fleetwall/core';

const MAX_PLACES = 1_000;
const MAX_NAMES = 8;

/** A name and what stands in its place. */
export type Masked = readonly [name: string, mask: string];

/**
 * The last masked names of each peer and each process, in memory alone: later lines about the same peer or of the same
 * process may repeat one where nobody looks for a name.
 */
export class MaskedLately {
  readonly #places = new Map<string, Masked[]>();

  add(event: FleetEvent, masked: Masked): void {
    for (const place of placesOf(event)) {
      const others = (this.#places.get(place) ?? []).filter(([name]) => name !== masked[0]);
      this.#places.delete(place);
      this.#places.set(place, [...others.slice(1 - MAX_NAMES), masked]);
      if (this.#places.size > MAX_PLACES) this.#places.delete(this.#places.keys().next().value as string);
    }
  }

  of(event: FleetEvent): readonly Masked[] {
    if (this.#places.size === 0) return [];
    return placesOf(event).flatMap((place) => this.#places.get(place) ?? []);
  }
}

function placesOf(event: FleetEvent): string[] {
  const { 'source.ip': ip, 'process.pid': pid } = event;
  const places: string[] = [];
  if (ip !== undefined) places.push(ip);
  if (pid !== undefined) places.push(`${event['host.name']} ${event['process.name']} ${pid}`);
  return places;
}
