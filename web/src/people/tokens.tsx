import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Token } from '../api/types.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { When } from '../parts/when.js';
import { TokenDialog } from './token-dialog.js';
import { useRevokeToken, useTokens } from './token-queries.js';
import { tenantText } from './words.js';

/** Tokens of programs: one's own, or with `isAll` all there are. */
export function Tokens({ isAll }: { isAll: boolean }) {
  const tokens = useTokens(isAll);
  const revoke = useRevokeToken(!isAll);
  const [isMaking, setMaking] = useState(false);
  const rows = tokens.data?.tokens ?? [];
  const columns = [...COLUMNS.filter(({ id }) => isAll || !OF_OTHERS.includes(id)), actColumn(revoke.mutate)];
  return (
    <>
      <div className={page.head}>
        {tokens.data && <span className={page.note}>{countOf(rows.length, 'token')}</span>}
        <span className={page.spread} />
        <Button size="compact-sm" onClick={() => setMaking(true)}>
          New token…
        </Button>
      </div>
      {revoke.error && <Failure error={revoke.error} />}
      <Asked asked={tokens}>
        {rows.length === 0 ? (
          <Empty why="No program has a token." />
        ) : (
          <Rows label="Tokens" columns={columns} rows={rows} />
        )}
      </Asked>
      {isMaking && <TokenDialog isOwn={!isAll} close={() => setMaking(false)} />}
    </>
  );
}

const OF_OTHERS = ['owner', 'tenant'];

const COLUMNS: Column<Token>[] = [
  { id: 'name', title: 'Token', width: 'minmax(14ch, 1fr)', cell: ({ name }) => <HostileText text={name} /> },
  {
    id: 'owner',
    title: 'Of',
    width: '16ch',
    isWide: true,
    cell: ({ owner }) => <HostileText text={owner ?? 'the installation'} />,
  },
  {
    id: 'tenant',
    title: 'Tenant',
    width: '14ch',
    isWide: true,
    cell: ({ owner, tenant }) => (owner ? 'its owner’s' : <HostileText text={tenantText(tenant)} />),
  },
  { id: 'scopes', title: 'May', width: 'minmax(18ch, 2fr)', isWide: true, cell: ({ scopes }) => scopes.join(', ') },
  {
    id: 'used',
    title: 'Last used',
    width: '14ch',
    isWide: true,
    cell: ({ used }) => (used ? <When iso={used} /> : 'never'),
  },
  { id: 'until', title: 'Until', width: '18ch', cell: ({ until }) => <When iso={until} /> },
];

function actColumn(revoke: (token: { name: string; owner?: string | undefined }) => void): Column<Token> {
  return {
    id: 'revoke',
    title: 'Revoke',
    width: '12ch',
    cell: ({ name, owner }) => (
      <Button size="compact-xs" variant="default" aria-label={`Revoke ${name}`} onClick={() => revoke({ name, owner })}>
        Revoke
      </Button>
    ),
  };
}
