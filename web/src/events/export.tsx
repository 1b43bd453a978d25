import { Button, Menu } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { download } from '../parts/download.js';
import { Failure } from '../parts/failure.js';
import { counted, countOf } from '../parts/numbers.js';
import type { Looked } from './event-queries.js';
import styles from './events.module.css';
import { exportUrl, isDiskHere, runExport } from './export-job.js';
import type { ExportEnd, ExportFormat, ExportProgress } from './export-progress.js';
import { missingText } from './missing-days.js';

const FORMATS: { format: ExportFormat; label: string }[] = [
  { format: 'ndjson', label: 'NDJSON' },
  { format: 'csv', label: 'CSV' },
];

interface Props {
  looked: Looked;
  /** How many events the query finds, where that is known. */
  total: number | undefined;
}

/** Every event that the query finds, as a file that is complete, or said not to be. */
export function Export({ looked, total }: Props) {
  const { job, start, cancel } = useExport();
  const isHere = isDiskHere();
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="compact-sm" variant="default" disabled={job?.isRunning}>
            Export ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{total === undefined ? 'all that the query finds' : countOf(total, 'event')}</Menu.Label>
          {FORMATS.map(({ format, label }) =>
            isHere ? (
              <Menu.Item key={format} onClick={() => start(looked, format, total)}>
                {label}
              </Menu.Item>
            ) : (
              <Menu.Item key={format} component="a" href={exportUrl(looked, format)} download>
                {label}, without progress: its last line says whether it is complete
              </Menu.Item>
            ),
          )}
        </Menu.Dropdown>
      </Menu>
      {job && (
        <div className={styles.export}>
          <span role="status">{textOf(job)}</span>
          {job.isRunning && job.total !== undefined && (
            <progress aria-label="Exported" value={job.rows} max={Math.max(job.total, 1)} />
          )}
          <Button size="compact-sm" variant="default" onClick={cancel}>
            {job.isRunning ? 'Cancel' : 'Close'}
          </Button>
          {job.error && <Failure error={job.error} />}
        </div>
      )}
    </>
  );
}

interface Job extends ExportProgress {
  isRunning: boolean;
  total: number | undefined;
  end?: ExportEnd;
  error?: Error;
}

const TOLD_EVERY_MS = 200;

function useExport() {
  const [job, setJob] = useState<Job>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const start = (looked: Looked, format: ExportFormat, total: number | undefined) => {
    const controller = new AbortController();
    abort.current = controller;
    setJob({ isRunning: true, total, bytes: 0, rows: 0 });
    let toldMs = 0;
    const tell = (progress: ExportProgress) => {
      if (performance.now() - toldMs < TOLD_EVERY_MS) return;
      toldMs = performance.now();
      setJob((before) => before && { ...before, ...progress });
    };
    runExport(looked, format, controller.signal, tell).then(
      ({ end, file }) => {
        if (end.state === 'complete') download(file, `events.${format}`);
        setJob((before) => before && { ...before, isRunning: false, end, bytes: file.size });
      },
      (error: Error) => {
        // Who cancels knows it.
        if (controller.signal.aborted) return;
        setJob((before) => before && { ...before, isRunning: false, error });
      },
    );
  };
  const cancel = () => {
    abort.current?.abort();
    setJob(undefined);
  };
  return { job, start, cancel };
}

function textOf({ isRunning, rows, total, bytes, end, error }: Job): string {
  if (isRunning)
    return `${counted(rows)}${total === undefined ? '' : ` of ${counted(total)}`} events, ${sizeOf(bytes)}`;
  if (error) return 'The export failed; nothing was saved.';
  switch (end?.state) {
    case 'complete':
      return `Complete: ${countOf(end.events, 'event')}, ${sizeOf(bytes)}.${missingText(end.missingDays)}`;
    case 'failed':
      return `The export failed after ${countOf(end.events, 'event')} (${end.code}); nothing was saved.`;
    default:
      return 'The export was cut: the connection ended before it was complete; nothing was saved.';
  }
}

function sizeOf(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ['kB', bytes / 1e3] : ['MB', bytes / 1e6];
  return `${size < 10 ? size.toFixed(1) : counted(Math.round(size))} ${unit}`;
}
