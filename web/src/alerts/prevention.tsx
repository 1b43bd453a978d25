import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answer, api } from '../api/client.js';
import type { Alert, Prevention } from '../api/types.js';
import { EntryDialog, type Saved } from '../lists/entry-dialog.js';
import { Failure } from '../parts/failure.js';
import { HostileLines } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Skeleton } from '../parts/states.js';

interface Props {
  /** undefined: closed. */
  alert: Pick<Alert, 'id' | 'title'> | undefined;
  close: () => void;
  onSaved: (saved: Saved) => void;
}

/** After a false positive: the filled-in entry of the allowlist, or the exception in the rule, with what each would have prevented. */
export function PreventionDialog({ alert, close, onSaved }: Props) {
  const prevention = useQuery({
    queryKey: ['prevention', alert?.id],
    queryFn: ({ signal }) =>
      answer(api.GET('/alerts/{id}/prevention', { params: { path: { id: alert?.id as string } }, signal })),
    enabled: alert !== undefined,
  });
  if (!alert) return null;
  const found = prevention.data;
  if (found?.allow)
    return (
      <EntryDialog
        list="allow"
        close={close}
        target={found.allow.target}
        reason={found.allow.reason}
        duration="30d"
        onSaved={onSaved}
      >
        <Told found={found} />
      </EntryDialog>
    );
  return (
    <Modal opened onClose={close} title="So that it does not come again" size="lg">
      {prevention.isPending && <Skeleton />}
      {prevention.error && <Failure error={prevention.error} retry={() => void prevention.refetch()} />}
      {found && <Told found={found} />}
    </Modal>
  );
}

function Told({ found: { alerts, isAll, allow, tuning } }: { found: Prevention }) {
  const many = `${isAll ? '' : 'at least '}${countOf(alerts, 'alert')} of this rule in the last 30 days`;
  return (
    <>
      {allow ? (
        <p>With this entry {many} would have blocked nobody. It is told of all the same.</p>
      ) : (
        <p>
          An entry of the allowlist is not offered here: the alert is about no single address, or it is not yours to
          allow.
        </p>
      )}
      {tuning && (
        <details>
          <summary>Or an exception in the rule: it would have prevented {many}</summary>
          {tuning.changes.map(({ rule, file, yaml }) => (
            <div key={rule}>
              <p className={page.note}>
                In{' '}
                <Link to="/rules" search={{ row: rule }}>
                  {file.path}:{file.line}
                </Link>
                , below <code>detection</code>, in place of its condition:
              </p>
              <pre className={page.mono}>
                <HostileLines text={yaml} />
              </pre>
            </div>
          ))}
          {tuning.changes.length === 0 && <p>The rule is no longer there.</p>}
        </details>
      )}
    </>
  );
}
