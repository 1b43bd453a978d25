import { Modal, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Rule } from '../api/types.js';
import { DialogButtons } from '../parts/dialog-buttons.js';
import { Failure } from '../parts/failure.js';
import { type Mode, useSwitchRule } from './rule-queries.js';
import { effectText, MODE_WORDS } from './words.js';

const MODES: Mode[] = ['on', 'dry-run', 'off'];

/** What takes effect when, exactly. */
const EFFECTS: Record<Mode, string> = {
  on: 'Within two seconds on every instance. Counting begins anew where the rule was off: attempts from before do not count.',
  'dry-run':
    'Within two seconds no alert of it leads to a new block; what would be blocked is listed under Report only. What it blocked already stays until its time, or until it is lifted.',
  off: 'Within two seconds it makes no alerts and leads to no block; its open alerts are over. What it blocked already stays until its time, or until it is lifted. Rules that refer to it go on.',
};

export function SwitchDialog({ rule, close }: { rule: Rule; close: () => void }) {
  const [mode, setMode] = useState<Mode>(rule.mode);
  const [comment, setComment] = useState('');
  const change = useSwitchRule();
  return (
    <Modal opened onClose={close} title={`Switch ${rule.title}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ name: rule.name, mode, comment: comment.trim() }, { onSuccess: close });
        }}
      >
        <SegmentedControl
          aria-label="State"
          data={MODES.map((value) => ({ value, label: MODE_WORDS[value] }))}
          value={mode}
          onChange={(value) => setMode(value as Mode)}
        />
        <p role="status">
          Then: {effectText({ ...rule, mode })}. {EFFECTS[mode]}
        </p>
        <TextInput
          label="Why"
          description="Shown with the rule, and in the audit log"
          required
          maxLength={500}
          value={comment}
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
        />
        {change.error && <Failure error={change.error} />}
        <DialogButtons
          label="Switch"
          isPending={change.isPending}
          isReady={mode !== rule.mode && comment.trim() !== ''}
          cancel={close}
        />
      </form>
    </Modal>
  );
}
