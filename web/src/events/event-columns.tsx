import type { Event } from '../api/types.js';
import { HostileText } from '../parts/hostile-text.js';
import page from '../parts/page.module.css';
import type { Column } from '../parts/rows.js';
import { When } from '../parts/when.js';

const WIDTHS: Record<string, string> = {
  'event.outcome': '14ch',
  'host.name': '12ch',
  'source.ip': '16ch',
  'user.name': '14ch',
};

/** Time, the chosen fields, and the line itself. */
export function columnsOf(names: string[]): Column<Event>[] {
  return [
    { id: 'time', title: 'time', width: '25ch', cell: (event) => <When iso={event['@timestamp']} isExact /> },
    ...names.map((name) => ({
      id: name,
      title: name,
      width: WIDTHS[name] ?? '18ch',
      isWide: true,
      cell: (event: Event) => <HostileText text={event[name] === undefined ? '' : String(event[name])} />,
    })),
    {
      id: 'message',
      title: 'message',
      width: 'minmax(36ch, 1fr)',
      cell: (event) => (
        <code className={page.mono}>
          <HostileText text={event['event.original']} />
        </code>
      ),
    },
  ];
}
