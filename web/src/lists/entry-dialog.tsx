import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Failure } from '../parts/failure.js';
import { Skeleton } from '../parts/states.js';
import { AllowSeen, DenySeen } from './entry-preview.js';
import {
  type Entry,
  LIST_WORDS,
  type ListName,
  useAllowPreview,
  useChangeList,
  useDenyPreview,
} from './list-queries.js';

const DURATIONS = [
  { value: '', label: 'Until it is removed' },
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
];

/** What was saved, and what was there before. */
export interface Saved {
  list: ListName;
  target: string;
  before: Entry | undefined;
}

interface Props {
  /** undefined: closed. */
  list: ListName | undefined;
  close: () => void;
  /** Filled in: then the preview is there at once. */
  target?: string;
  reason?: string;
  duration?: string;
  children?: ReactNode;
  onSaved: (saved: Saved) => void;
}

/** An entry of a list: first what it would do, then the act. Another target asks for a new preview. */
export function EntryDialog(props: Props) {
  const { list, close } = props;
  const title = list === 'deny' ? 'Block until it is taken off the list' : 'Never block';
  return (
    <Modal opened={list !== undefined} onClose={close} title={title} size="lg">
      {list && <Form key={`${list} ${props.target ?? ''}`} {...props} list={list} />}
    </Modal>
  );
}

function Form({
  list,
  close,
  target: filled = '',
  reason: why = '',
  duration: long = '',
  children,
  onSaved,
}: Props & { list: ListName }) {
  const [target, setTarget] = useState(filled);
  const [reason, setReason] = useState(why);
  const [duration, setDuration] = useState(long);
  const [asked, setAsked] = useState<string | undefined>(filled === '' ? undefined : filled);
  const allow = useAllowPreview(list === 'allow' ? asked : undefined);
  const deny = useDenyPreview(list === 'deny' ? asked : undefined);
  const preview = list === 'allow' ? allow : deny;
  const change = useChangeList();
  const isSeen = asked !== undefined && preview.data !== undefined;
  const isPossible = list === 'allow' || deny.data?.allowed === true;
  const submit = () => {
    if (!isSeen) return setAsked(target.trim());
    const written = { reason: reason.trim(), ...(duration === '' ? {} : { duration }) };
    const onSuccess = (saved: { target: string; before: Entry | undefined }) => {
      close();
      onSaved({ list, ...saved });
    };
    change.mutate({ list, target: preview.data?.target ?? asked, written }, { onSuccess });
  };
  const isReady = isSeen ? isPossible && reason.trim() !== '' : target.trim() !== '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {children}
      <Group grow align="start">
        <TextInput
          label="Address or network"
          placeholder="198.51.100.0/24"
          required
          data-autofocus={filled === '' || undefined}
          maxLength={80}
          value={target}
          onChange={({ currentTarget }) => {
            setTarget(currentTarget.value);
            setAsked(undefined);
            change.reset();
          }}
        />
        <Select
          label="For"
          data={DURATIONS}
          allowDeselect={false}
          value={duration}
          onChange={(value) => setDuration(value ?? '')}
        />
      </Group>
      <TextInput
        mt="sm"
        label="Why"
        required
        maxLength={500}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      {asked !== undefined && preview.isPending && <Skeleton />}
      {asked !== undefined && preview.error && <Failure error={preview.error} />}
      {asked !== undefined && list === 'allow' && allow.data && <AllowSeen preview={allow.data} />}
      {asked !== undefined && list === 'deny' && deny.data && <DenySeen preview={deny.data} />}
      {change.error && <Failure error={change.error} />}
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          type="submit"
          loading={change.isPending}
          disabled={!isReady}
          data-autofocus={filled !== '' || undefined}
        >
          {isSeen ? `Put on the ${LIST_WORDS[list]}` : 'Preview'}
        </Button>
      </Group>
    </form>
  );
}
