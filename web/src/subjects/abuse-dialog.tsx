import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../api/client.js';
import type { AbuseDraft } from '../api/types.js';
import type { Range } from '../app/range.js';
import { DialogButtons } from '../parts/dialog-buttons.js';
import { Download } from '../parts/download.js';
import { Failure } from '../parts/failure.js';
import { HostileLines, HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { When } from '../parts/when.js';
import styles from './abuse.module.css';

interface Props {
  isOpen: boolean;
  close: () => void;
  address: string;
  range: Range;
}

interface Wanted {
  org: string;
  contact: string;
  hosts: boolean;
}

const STORED = 'fleetwall-reporter';

/** Who reports is the same each time, in this browser. */
function lastReporter(): { org: string; contact: string } {
  const [org = '', contact = ''] = (localStorage.getItem(STORED) ?? '').split('\n');
  return { org, contact };
}

/** A report for a person to send: first who reports, then the draft to read, copy and save. Nothing is sent. */
export function AbuseDialog({ isOpen, close, address, range }: Props) {
  const [wanted, setWanted] = useState<Wanted>(() => ({ ...lastReporter(), hosts: false }));
  const draft = useMutation({
    mutationFn: (asked: Wanted) => {
      localStorage.setItem(STORED, `${asked.org}\n${asked.contact}`);
      const query = { ...range, org: asked.org, contact: asked.contact, hosts: asked.hosts ? 'true' : 'false' };
      return answer(api.GET('/addresses/{address}/abuse-report', { params: { path: { address }, query } }));
    },
  });
  const done = () => {
    draft.reset();
    close();
  };
  const change = (changed: Partial<Wanted>) => setWanted({ ...wanted, ...changed });
  return (
    <Modal opened={isOpen} onClose={done} title="Report abuse" size="xl">
      {draft.data ? (
        <Draft draft={draft.data} close={done} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            draft.mutate(wanted);
          }}
        >
          <Group grow align="start">
            <TextInput
              label="Your organisation"
              required
              data-autofocus
              maxLength={200}
              value={wanted.org}
              onChange={({ currentTarget }) => change({ org: currentTarget.value })}
            />
            <TextInput
              label="Your mail address"
              type="email"
              required
              maxLength={200}
              value={wanted.contact}
              onChange={({ currentTarget }) => change({ contact: currentTarget.value })}
            />
          </Group>
          <Checkbox
            mt="sm"
            label="Tell the names and addresses of the hosts"
            checked={wanted.hosts}
            onChange={({ currentTarget }) => change({ hosts: currentTarget.checked })}
          />
          <p className={page.note}>
            Names of accounts and raw lines are never in it. Who answers for the address is not looked up: whois or RDAP
            tell it.
          </p>
          {draft.error && <Failure error={draft.error} />}
          <DialogButtons label="Draft" isPending={draft.isPending} isReady cancel={done} />
        </form>
      )}
    </Modal>
  );
}

function Draft({ draft, close }: { draft: AbuseDraft; close: () => void }) {
  const { address, subject, text, attempts, earlier, mail, report } = draft;
  const name = `abuse-${address.replaceAll(':', '-')}`;
  const last = earlier.at(-1);
  return (
    <section aria-label="Draft" role="status">
      <p>
        <strong>
          <HostileText text={subject} />
        </strong>{' '}
        ({countOf(attempts, 'attempt')})
      </p>
      {last && (
        <p>
          <HostileText text={last.by} /> drafted one <When iso={last.at} />.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <div className={styles.text} tabIndex={0} role="region" aria-label="Text of the report">
        <HostileLines text={text} />
      </div>
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={() => void navigator.clipboard.writeText(text)}>
          Copy the text
        </Button>
        <Download name={`${name}.json`} type="application/json" text={JSON.stringify(report, null, 2)}>
          XARF v4 (.json)
        </Download>
        <Download name={`${name}.eml`} type="message/rfc822" text={mail}>
          X-ARF mail (.eml)
        </Download>
        <Button onClick={close}>Close</Button>
      </Group>
    </section>
  );
}
