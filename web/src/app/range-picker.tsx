import { Button, Group, Menu, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { absolute, zoneName } from '../parts/times.js';
import { useNow } from '../parts/use-now.js';
import { absoluteRange, PRESETS, type Range, rangeLabel, shifted, spanOf } from './range.js';
import { rangeOf, useSearchState } from './search.js';
import { useKeys } from './use-keys.js';

/** From when to when, for Overview, Events and Address; the zone is said once, here. */
export function RangePicker() {
  const [search, change] = useSearchState();
  const nowMs = useNow();
  const [isOpen, setOpen] = useState(false);
  const before = useRef<Range[]>([]);
  const range = rangeOf(search);
  const set = (next: Range) => {
    before.current.push(range);
    change(next);
    setOpen(false);
  };
  useKeys({
    '[': () => set(shifted(range, -1, Date.now())),
    ']': () => set(shifted(range, 1, Date.now())),
    z: () => {
      const previous = before.current.pop();
      if (previous) change(previous);
    },
    Y: () => {
      const { fromMs, toMs } = spanOf(range, Date.now());
      const link = new URL(window.location.href);
      for (const [name, value] of Object.entries(absoluteRange(fromMs, toMs))) link.searchParams.set(name, value);
      void navigator.clipboard.writeText(link.href);
    },
  });
  return (
    <Menu opened={isOpen} onChange={setOpen} position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" size="compact-sm">
          {rangeLabel(range, nowMs)}, {zoneName()} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {PRESETS.map(({ from, label }) => (
          <Menu.Item key={from} onClick={() => set({ from, to: 'now' })}>
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <OwnRange range={range} set={set} nowMs={nowMs} />
      </Menu.Dropdown>
    </Menu>
  );
}

function OwnRange({ range, set, nowMs }: { range: Range; set: (range: Range) => void; nowMs: number }) {
  const { fromMs, toMs } = spanOf(range, nowMs);
  const local = (ms: number) => absolute(ms).slice(0, 16).replace(' ', 'T');
  const [from, setFrom] = useState(local(fromMs));
  const [to, setTo] = useState(local(toMs));
  const isUsable = Date.parse(from) < Date.parse(to);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isUsable) set(absoluteRange(Date.parse(from), Date.parse(to)));
      }}
    >
      <Group p="xs" gap="xs" align="end">
        <TextInput
          type="datetime-local"
          size="xs"
          label="From"
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          size="xs"
          label="To"
          value={to}
          error={isUsable ? undefined : 'ends before it begins'}
          onChange={({ currentTarget }) => setTo(currentTarget.value)}
        />
        <Button type="submit" size="xs">
          Set
        </Button>
      </Group>
    </form>
  );
}
