import type { Ask } from '../api/ask.js';
import { SESSION_COOKIE } from '../api/names.js';

/** Never sent along by another site, never read by a script; over plain HTTP only on the host itself. */
export function setSessionCookie(
  { reply, isLoopback }: Pick<Ask, 'reply' | 'isLoopback'>,
  cookie: string,
  lastsMs: number,
) {
  const secure = isLoopback ? '' : '; Secure';
  const value = `${SESSION_COOKIE}=${cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${lastsMs / 1_000}${secure}`;
  reply.header('set-cookie', value);
}
