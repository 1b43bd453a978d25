import { hash } from 'node:crypto';

/**
 * The id of one try to log on: 12 hex digits, the first 48 bits of a SHA-256. The same lines give the same id wherever
 * and however often they are read.
 *
 * @param connection what tells the connection apart: host, program group, pid, first time, address or user
 * @param ordinal which try of the connection, from 0
 */
export function attemptId(connection: string, ordinal: number): string {
  return hash('sha256', `${connection}\n${ordinal}`, 'hex').slice(0, 12);
}
