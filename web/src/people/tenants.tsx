import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';
import type { Tenant } from '../api/types.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { When } from '../parts/when.js';

type Change = { id: string; state: 'active' | 'suspended' };

/** Tenants that a panel made, and whether their hosts report. */
export function Tenants() {
  const tenants = useQuery({
    queryKey: ['tenants'],
    queryFn: ({ signal }) => answer(api.GET('/tenants', { signal })),
  });
  const change = useMutation({
    mutationFn: ({ id, state }: Change) =>
      answer(api.PUT('/tenants/{id}/state', { params: { path: { id } }, body: { state } })),
    onSettled: () => refresh('tenants'),
  });
  const rows = tenants.data?.tenants ?? [];
  return (
    <>
      {tenants.data && <span className={page.note}>{countOf(rows.length, 'tenant')} made by a panel</span>}
      {change.error && <Failure error={change.error} />}
      <Asked asked={tenants}>
        {rows.length === 0 ? (
          <Empty why="No panel has made a tenant. A token with the scope tenants:write lets it: see docs/panels.md." />
        ) : (
          <Rows label="Tenants" columns={[...COLUMNS, actColumn(change.mutate)]} rows={rows} />
        )}
      </Asked>
      <span className={page.note}>People of a suspended tenant stay out at once; its hosts stay protected.</span>
    </>
  );
}

const COLUMNS: Column<Tenant>[] = [
  { id: 'id', title: 'Tenant', width: 'minmax(12ch, 1fr)', cell: ({ id }) => <HostileText text={id} /> },
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(14ch, 2fr)',
    isWide: true,
    cell: ({ name }) => <HostileText text={name} />,
  },
  {
    id: 'state',
    title: 'State',
    width: '14ch',
    cell: ({ state }) => (
      <Pill tone={state === 'active' ? 'good' : 'warning'}>{state === 'active' ? 'Active' : state}</Pill>
    ),
  },
  {
    id: 'hosts',
    title: 'Hosts that report',
    width: '22ch',
    isWide: true,
    cell: ({ hosts, otherHosts }) => {
      const seen = hosts.filter((host) => host.seen).length;
      const others = otherHosts.length === 0 ? '' : `, ${otherHosts.length} not listed`;
      return `${seen} of ${hosts.length}${others}`;
    },
  },
  { id: 'changed', title: 'Changed', width: '14ch', isWide: true, cell: ({ changed }) => <When iso={changed} /> },
];

function actColumn(change: (of: Change) => void): Column<Tenant> {
  return {
    id: 'act',
    title: 'Act',
    width: '12ch',
    cell: ({ id, state }) =>
      state === 'erasing' ? null : (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={state === 'active' ? `Suspend ${id}` : `Resume ${id}`}
          onClick={() => change({ id, state: state === 'active' ? 'suspended' : 'active' })}
        >
          {state === 'active' ? 'Suspend' : 'Resume'}
        </Button>
      ),
  };
}
