import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A certificate of localhost, and its key, as files would have them. */
export function localCertificate(): { cert: string; key: string } {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-mail-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  const read = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  rmSync(directory, { recursive: true });
  return read;
}

export interface TakenMail {
  from: string;
  to: string[];
  raw: string;
  isSecure: boolean;
  user: string | undefined;
}

/** A real SMTP server on loopback that keeps what it takes. */
export class MailSite {
  readonly mails: TakenMail[] = [];
  readonly #server: SMTPServer;

  /** @param judge of each mail before it is taken: throws what the server answers */
  constructor(options: SMTPServerOptions = {}, judge: (mail: TakenMail) => void = () => undefined) {
    this.#server = new SMTPServer({
      disabledCommands: options.key ? [] : ['STARTTLS'],
      authOptional: true,
      disableReverseLookup: true,
      onAuth: ({ username = '', password }, _, callback) =>
        password === 'correct horse battery' ? callback(null, { user: username }) : callback(new Error('no')),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          const mail: TakenMail = {
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString('utf8'),
            isSecure: session.secure,
            user: session.user,
          };
          try {
            judge(mail);
            this.mails.push(mail);
            callback(null, `queued as ${this.mails.length}`);
          } catch (error) {
            callback(error as Error);
          }
        });
      },
      ...options,
    });
    // A client that goes away is no failure of the test.
    this.#server.on('error', () => undefined);
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** What an SMTP server answers with this code. */
export function smtpAnswer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** Header fields unfolded, by lower-case name; the last one of a name. */
export function headersOf(raw: string): Map<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]/g, ' ');
  return new Map(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** The decoded leaves of a MIME message by content type: RFC 2045, as far as nodemailer writes it. */
export function partsOf(raw: string): { type: string; name: string | undefined; text: string }[] {
  const headers = headersOf(raw);
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary !== undefined)
    return body
      .split(`--${boundary}`)
      .slice(1, -1)
      .flatMap((part) => partsOf(part.replace(/^\r\n/, '')));
  const name = /filename="?([^";]+)"?/.exec(headers.get('content-disposition') ?? '')?.[1];
  return [{ type: type.split(';')[0] as string, name, text: decoded(body, headers.get('content-transfer-encoding')) }];
}

function decoded(body: string, encoding = '7bit'): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
