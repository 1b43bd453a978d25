import type { Connection } from './connection.js';

/** The one connection of each collector. */
export class Roster {
  readonly #connections = new Map<string, Connection>();

  get size(): number {
    return this.#connections.size;
  }

  all(): Connection[] {
    return [...this.#connections.values()];
  }

  /**
   * The same instance takes the place of its old connection at once, which may well be dead without either side knowing.
   * Another instance with the same credential does not: the first keeps working, and shows within seconds that it lives.
   *
   * @returns what was there: nothing, the old connection that was replaced, or the first of two that stays
   */
  enter(connection: Connection): { replaced?: Connection; first?: Connection } {
    const { agentId } = connection.identity;
    const other = this.#connections.get(agentId);
    if (other && other.instance !== connection.instance) {
      other.probe();
      return { first: other };
    }
    this.#connections.set(agentId, connection);
    return other ? { replaced: other } : {};
  }

  leave(connection: Connection): void {
    const { agentId } = connection.identity;
    if (this.#connections.get(agentId) === connection) this.#connections.delete(agentId);
  }
}
