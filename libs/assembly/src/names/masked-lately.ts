import type { FleetEvent } from '@fleetwall/core';
import type { MaskedName } from './masked-name.js';

const MAX_PLACES = 1_000;
const MAX_NAMES = 8;

/**
 * The last masked names of each peer and each process, in memory alone: later lines about the same peer or of the same
 * process may repeat one where nobody looks for a name.
 */
export class MaskedLately {
  readonly #places = new Map<string, readonly MaskedName[]>();

  add(event: FleetEvent, masked: MaskedName): void {
    for (const place of placesOf(event)) {
      const others = (this.#places.get(place) ?? []).filter(({ name }) => name !== masked.name);
      this.#places.delete(place);
      this.#places.set(place, [...others.slice(1 - MAX_NAMES), masked]);
      if (this.#places.size > MAX_PLACES) this.#places.delete(this.#places.keys().next().value as string);
    }
  }

  of(event: FleetEvent): readonly MaskedName[] {
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
