import { Button, Menu } from '@mantine/core';
import { countOf } from '../parts/numbers.js';
import type { Looked } from './event-queries.js';

const FORMATS = [
  { format: 'ndjson', label: 'NDJSON' },
  { format: 'csv', label: 'CSV' },
];

/** Every event that the query finds, as a download of the browser; a file without its last, closing line is not whole. */
export function Export({ looked, total }: { looked: Looked; total: number | undefined }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="compact-sm" variant="default">
          Export ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{total === undefined ? 'all that the query finds' : countOf(total, 'event')}</Menu.Label>
        {FORMATS.map(({ format, label }) => (
          <Menu.Item key={format} component="a" href={`/api/v1/events/export?${query(looked, format)}`} download>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function query(looked: Looked, format: string): string {
  return new URLSearchParams({ ...looked, format }).toString();
}
