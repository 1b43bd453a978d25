import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the front end of this installation is built. */
export const WEB_ROOT = fileURLToPath(new URL('../../../../web/dist', import.meta.url));

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

export interface WebFile {
  type: string;
  body: Buffer;
  /** Its name has a hash of what is in it: it never changes. */
  isImmutable: boolean;
}

const NOT_BUILT: WebFile = {
  type: 'text/plain; charset=utf-8',
  body: Buffer.from('The pages of the console are not built: run `npm run build` in web/. The API is under /api/v1.\n'),
  isImmutable: false,
};

/**
 * The built front end, read once: a path is a key of a map, so none leads anywhere else. What is no file of its own is
 * the page, which knows its own paths.
 */
export class WebFiles {
  readonly #files = new Map<string, WebFile>();

  /** @param directory need not exist */
  constructor(directory: string) {
    for (const name of filesIn(directory)) {
      const path = `/${name.replaceAll('\\', '/')}`;
      const type = TYPES[extname(name)];
      if (type === undefined) continue;
      this.#files.set(path, {
        type,
        body: readFileSync(join(directory, name)),
        isImmutable: path.startsWith('/assets/'),
      });
    }
  }

  /** @param url path and query as they came. Undefined: there is no such file */
  of(url: string): WebFile | undefined {
    const path = pathOf(url);
    const file = path === undefined ? undefined : this.#files.get(path);
    if (file || path === undefined) return file;
    // The page of an address ends in a dot and digits, too.
    const isFile = path.startsWith('/assets/') || TYPES[extname(path)] !== undefined;
    return isFile ? undefined : (this.#files.get('/index.html') ?? NOT_BUILT);
  }
}

function filesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Decoded once; undefined for what cannot be, and for what tries to climb. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, ''));
    return path.split(/[/\\]/).includes('..') || path.includes('\0') ? undefined : path;
  } catch {
    // A % that stands for nothing.
    return undefined;
  }
}
