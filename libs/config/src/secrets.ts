import { readFileSync } from 'node:fs';
import { configError } from './errors.js';

/**
 * A secret as it is written in the options, or the content of the file that they name instead (as Docker and systemd hand
 * secrets over), without the line end. Throws SECRET_UNREADABLE.
 *
 * @param option its name, for the error: `kafka.sasl.passwordFile`
 */
export function readSecret(option: string, written: string | undefined, path: string | undefined): string | undefined {
  if (written !== undefined || path === undefined) return written;
  return readOptionFile(option, path).trimEnd();
}

/** The same of one that has to be there and of a certain form. Throws SECRET_INVALID, which does not show it. */
export function readNeededSecret(
  option: string,
  written: string | undefined,
  path: string | undefined,
  form: { expected: string; isMet: (secret: string) => boolean },
): string {
  const secret = readSecret(option, written, path) ?? '';
  if (!form.isMet(secret)) throw configError('SECRET_INVALID', { option, expected: form.expected });
  return secret;
}

/** The text of a file that an option names: a certificate, a key. Throws SECRET_UNREADABLE. */
export function readOptionFile(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw configError('SECRET_UNREADABLE', { option, path, reason }, { cause: error });
  }
}
