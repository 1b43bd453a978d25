import { answer, api } from '../api/client.js';
import { seenTenant } from '../api/seen-tenant.js';
import type { Looked } from './event-queries.js';
import { type ExportEnd, type ExportFormat, type ExportProgress, ExportReader } from './export-progress.js';
import { filtered } from './query-text.js';

const DIRECTORY = 'exports';

/** Whether this page may write to the browser's own disk: only over TLS, or on the host itself. */
export function isDiskHere(): boolean {
  return window.isSecureContext && 'storage' in navigator && 'getDirectory' in navigator.storage;
}

/** A download that the browser makes by itself sends no header of ours: the query says which tenant is looked at. */
export function exportUrl(looked: Looked, format: ExportFormat): string {
  const tenant = seenTenant();
  const query = tenant === undefined ? looked.query : filtered(looked.query, 'organization.id', tenant, '+');
  return `/api/v1/events/export?${new URLSearchParams({ ...looked, query, format })}`;
}

export interface Exported {
  end: ExportEnd;
  /** On disk; what is read of it is not held in memory. */
  file: File;
}

/**
 * Streams an export to the browser's own disk, piece by piece. Throws ProblemError as the server refused it, and what the
 * disk or the connection says; AbortError when it was cancelled, and then nothing stays on the disk.
 */
export async function runExport(
  looked: Looked,
  format: ExportFormat,
  signal: AbortSignal,
  tell: (progress: ExportProgress) => void,
): Promise<Exported> {
  const query = { ...looked, format };
  const body = await answer(api.GET('/events/export', { params: { query }, parseAs: 'stream', signal }));
  if (!body) return { end: { state: 'cut' }, file: new File([], '') };
  const directory = await emptyDirectory();
  const handle = await directory.getFileHandle(`events-${Date.now()}.${format}`, { create: true });
  const writable = await handle.createWritable();
  const reader = new ExportReader(format);
  const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, controller) => {
      tell(reader.push(chunk));
      controller.enqueue(chunk);
    },
  });
  // Piped, so that the server is asked for no more than the disk has taken.
  await body.pipeThrough(counting).pipeTo(writable, { signal });
  return { end: reader.end(), file: await handle.getFile() };
}

/** What an export before left there is no longer needed: the browser has copied it. */
async function emptyDirectory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(DIRECTORY, { recursive: true }).catch(() => undefined);
  return root.getDirectoryHandle(DIRECTORY, { create: true });
}
