/** What the whole message of a logon at SQL Server says. */
export interface SqlServerText {
  user: string | undefined;
  reason: string | undefined;
  client: string | undefined;
}

/** `Login failed for user '`, and what other languages have before the first quote that follows a blank. */
const BEGINNING = /^[^\n]{4,120}?\s['’"„«]\s?/u;
/** Behind the name: the closing quote, a point, and the reason's word. */
const REASON = /['’"“»]\s?\.\s{1,3}(?:Reason|Raison|Ursache|Grund|Motivo|Причина)\s?:\s/gu;
/** `[CLIENT: …]`, in Spanish `[CLIENTE: …]`, in Chinese `[客户端: …]`: always the end of the message. */
const CLIENT = /\[\p{L}{3,12}\s?[:：]\s?[^[\]]{1,60}\]\s{0,4}$/u;

/**
 * The name is whatever the peer sent, so it may read like the rest: the client is the bracket that ends the message, and the
 * reason begins at the last place that looks like its beginning (SQL Server's own reasons hold none).
 */
export function sqlServerText(message: string): SqlServerText {
  const client = CLIENT.exec(message);
  const begin = BEGINNING.exec(message)?.[0].length;
  const said = message.slice(0, client?.index ?? message.length).trimEnd();
  if (begin === undefined || begin > said.length) return { user: undefined, reason: undefined, client: client?.[0] };
  let last: RegExpExecArray | undefined;
  for (const found of said.matchAll(REASON)) last = found;
  if (last === undefined) return { user: nameAt(said, begin), reason: undefined, client: client?.[0] };
  const reason = said.slice(last.index + last[0].length).trim();
  return { user: said.slice(begin, last.index), reason, client: client?.[0] };
}

/** SQL Server 2005 says no reason: the name is all up to the point at the end. */
function nameAt(said: string, begin: number): string | undefined {
  const tail = /['’"“»]\s?\.$/u.exec(said.slice(-3));
  return tail === null ? undefined : said.slice(begin, said.length - tail[0].length);
}
