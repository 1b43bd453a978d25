import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Whether this host may enforce: a file that `arm` writes and `disarm` removes, so that neither a restart nor a reboot
 * changes it, and so that `disarm` needs no running service.
 */
export class ArmedMarker {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get armed(): boolean {
    return existsSync(this.path);
  }

  /** Who armed it and when, for the banner and `status`. */
  describe(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8').trim();
    } catch {
      return undefined;
    }
  }

  arm(by: string, nowMs: number): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, `armed by ${by} at ${new Date(nowMs).toISOString()}\n`, { mode: 0o600 });
  }

  disarm(): void {
    rmSync(this.path, { force: true });
  }
}
