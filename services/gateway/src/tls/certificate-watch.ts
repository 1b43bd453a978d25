import type { Clock, FleetwallError } from '@fleetwall/core';
import { WatchedFiles } from '../watched-files.js';
import {
  type Certificate,
  type CertificatePaths,
  ensureOwnCertificate,
  ownCertificatePaths,
  readCertificate,
} from './certificate-files.js';

export interface CertificateWatchOptions {
  /** Files of the operator's; or a home directory, where the gateway makes its own. */
  source: CertificatePaths | { home: string };
  clock: Clock;
  /** How often the files are looked at; 2,000 when absent. */
  everyMs?: number;
  /** Told of a change that cannot be used; the certificate before it goes on. */
  onError: (error: FleetwallError) => void;
}

/** The certificate that is served, read again whenever its files change. */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions;
  readonly #paths: CertificatePaths;
  readonly #listeners = new Set<(certificate: Certificate) => void>();
  #current: Certificate;
  #watch: WatchedFiles | undefined;

  /** @throws CERTIFICATE_UNUSABLE when there is nothing to start with */
  static async open(options: CertificateWatchOptions): Promise<CertificateWatch> {
    const { source, clock, everyMs = 2_000 } = options;
    if ('home' in source) await ensureOwnCertificate(source.home, clock());
    const paths = 'home' in source ? ownCertificatePaths(source.home) : source;
    const opened = new CertificateWatch(options, paths, await readCertificate(paths));
    const files = [paths.certFile, paths.keyFile, ...(paths.nextCertFile === undefined ? [] : [paths.nextCertFile])];
    opened.#watch = await WatchedFiles.open(files, everyMs, () => opened.#read());
    await opened.#read();
    return opened;
  }

  private constructor(options: CertificateWatchOptions, paths: CertificatePaths, current: Certificate) {
    this.#options = options;
    this.#paths = paths;
    this.#current = current;
  }

  get current(): Certificate {
    return this.#current;
  }

  onChange(listener: (certificate: Certificate) => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }

  async #read(): Promise<void> {
    try {
      this.#current = await readCertificate(this.#paths);
      for (const listener of this.#listeners) listener(this.#current);
    } catch (error) {
      this.#options.onError(error as FleetwallError);
    }
  }
}
