import { Button, Group, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSearchState } from '../app/search.js';
import { Failure } from '../parts/failure.js';
import page from '../parts/page.module.css';
import { useRules, useTrial } from './rule-queries.js';
import styles from './rules.module.css';
import { TriedPieces } from './tried.js';

/** Tries the rules in force on pasted lines: read, matched and keyed as real ones are; nothing is counted or kept. */
export function Trial() {
  const [search, change] = useSearchState();
  const rules = useRules();
  const trial = useTrial();
  const [text, setText] = useState('');
  const [zone, setZone] = useState('UTC');
  const rule = search.row ?? '';
  const names = rules.data?.rules.map(({ name, title }) => ({ value: name, label: title })) ?? [];
  return (
    <div className={styles.pieces}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          trial.mutate({ text, zone: zone.trim() || 'UTC', ...(rule ? { rule } : {}) });
        }}
      >
        <Textarea
          label="Log lines, a record of Windows' event log (XML), or an event (JSON)"
          description="At most 20 of them; read by the same sources, matched by the same rules as real ones. Nothing is kept."
          autosize={false}
          rows={5}
          maxLength={60_000}
          className={page.mono}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Group mt="xs" align="end">
          <Select
            label="Rule"
            placeholder="All of them"
            clearable
            searchable
            data={names}
            value={rule || null}
            onChange={(value) => change({ row: value ?? '' }, false)}
          />
          <TextInput
            label="Zone of stamps without one"
            maxLength={60}
            value={zone}
            onChange={({ currentTarget }) => setZone(currentTarget.value)}
          />
          <Button type="submit" loading={trial.isPending} disabled={text.trim() === ''}>
            Try
          </Button>
        </Group>
      </form>
      {trial.error && <Failure error={trial.error} />}
      {trial.data && <TriedPieces pieces={trial.data.pieces} rules={rules.data?.rules ?? []} />}
    </div>
  );
}
