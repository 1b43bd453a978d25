import { type SqlServerText, sqlServerText } from '../windows/sql-server-text.js';

/** `Error: 18456, Severity: 14, State: 8.`, which comes before the text and has the same form in every language. */
export interface ErrorHead {
  error: number;
  state: number;
  /** Whether the text that follows is about a logon. */
  isLogon: boolean;
}

const HEAD =
  /^\p{L}{3,12}\s?[:：]\s?(\d{3,6})[,、，]\s?\p{L}{2,16}\s?[:：]\s?\d{1,2}[,、，]\s?\p{L}{2,16}\s?[:：]\s?(\d{1,3})[.。]\s*$/u;

/** Login failed: from an untrusted domain, for a user, disabled, locked, expired, to be changed. */
const LOGON_ERRORS = new Set([18452, 18456, 18470, 18486, 18487, 18488]);

export function errorHead(text: string): ErrorHead | undefined {
  const match = HEAD.exec(text);
  if (match === null) return undefined;
  const error = Number(match[1]);
  return { error, state: Number(match[2]), isLogon: LOGON_ERRORS.has(error) };
}

/** How the text begins in the languages of SQL Server; in Chinese, Japanese and Korean the name comes in between. */
const FAILED =
  /^(?:Login failed for user ['"]|Login failed\. |Échec de (?:la connexion|l['’]ouverture de session) de l['’]utilisateur |Fehler bei der Anmeldung (?:für den|des) Benutzers? |Error de inicio de sesión (?:del|para el) usuario |Accesso non riuscito per l['’]utente |Falha (?:de|no) logon (?:do|para o) usuário |Ошибка входа пользователя |用户 ?['"].*登录失败|ユーザー ?['"].*ログインできません|사용자 ?['"].*로그인하지 못했)/su;

export function isFailureText(text: string): boolean {
  return FAILED.test(text);
}

/** What Windows answers to NTLM with a wrong name or password (SEC_E_LOGON_DENIED). */
export const SSPI_DENIED = /^SSPI handshake failed with error code 0x8009030c,/i;

const LOCKED = /^Login failed for user '(.*)' because the account is currently locked out\. [^'[]{1,80}$/s;
const SUCCESS = /^Login succeeded for user '(.*)'\. Connection(?: made using|:) [^'[]{1,80}$/s;

/** What stands before the client, where the text ends with one. */
function beforeClient(text: string): { said: string; client: string } | undefined {
  const { client } = sqlServerText(text);
  return client === undefined ? undefined : { said: text.slice(0, text.lastIndexOf('[')), client };
}

/** A logon; undefined when the text is none. */
export function successText(text: string): SqlServerText | undefined {
  const parts = text.startsWith('Login succeeded') ? beforeClient(text) : undefined;
  const user = parts === undefined ? undefined : SUCCESS.exec(parts.said)?.[1];
  return user === undefined ? undefined : { user, reason: undefined, client: parts?.client };
}

/** What a refusal says. The name is whatever the peer sent: what counts is how the text ends. */
export function failureText(text: string): SqlServerText & { error: number } {
  const said = sqlServerText(text);
  const locked = LOCKED.exec(beforeClient(text)?.said ?? '')?.[1];
  if (locked !== undefined) return { ...said, user: locked, error: 18486 };
  const { reason = '' } = said;
  if (reason.startsWith('The account is disabled')) return { ...said, error: 18470 };
  if (reason.startsWith('The password of the account has expired')) return { ...said, error: 18487 };
  return { ...said, error: reason.startsWith('The password of the account must be changed') ? 18488 : 18456 };
}
