import { AccountDigest, maskOf } from '../../libs/assembly/src/names/account-digest.js';

/** Accounts of the script, in any text. */
const NAME = /\b(?:guest|owner|probe|staff|user|victim)\d+(?:-\d+)?\b/g;

/** A text with every account masked, since which of them a collector masks depends on what it has read by then. */
export type Unnamed = (text: string) => string;

/** @param key under which the gateways of the cluster mask */
export function unnamedBy(key: Buffer): Unnamed {
  const digest = new AccountDigest(key);
  return (text) => text.replace(NAME, (name) => maskOf(digest.of(name)));
}
