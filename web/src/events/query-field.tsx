import { TextInput } from '@mantine/core';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Range } from '../app/range.js';
import { HostileText } from '../parts/hostile-text.js';
import { completed, writingAt } from './completion.js';
import styles from './events.module.css';
import { type Suggestion, useSuggestions } from './use-suggestions.js';

interface Props {
  text: string;
  setText: (text: string) => void;
  range: Range;
}

/**
 * The query, with what may stand at the caret: a combobox as ARIA describes it. Arrows choose, Enter or Tab take what is
 * chosen, Escape closes; while nothing is chosen Enter runs the query.
 */
export function QueryField({ text, setText, range }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  /** Undefined: closed. */
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(-1);
  const writing = caret === undefined ? undefined : writingAt(text, caret);
  const { offered, note } = useSuggestions(writing, range);
  const isOpen = offered.length > 0;
  const at = Math.min(chosen, offered.length - 1);
  const wantedCaret = useRef<number>(undefined);
  useEffect(() => {
    if (wantedCaret.current !== undefined) input.current?.setSelectionRange(wantedCaret.current, wantedCaret.current);
    wantedCaret.current = undefined;
  });
  const open = (position: number | null) => {
    setCaret(position ?? undefined);
    setChosen(-1);
  };
  const take = ({ value }: Suggestion) => {
    if (!writing) return;
    const next = completed(text, writing, value);
    wantedCaret.current = next.caret;
    setText(next.text);
    // After a field its values follow; after a value there is nothing more to choose.
    open(writing.kind === 'field' ? next.caret : null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = STEPS[event.key];
    const suggestion = offered[at];
    if (step !== undefined) {
      event.preventDefault();
      if (!isOpen) return open(event.currentTarget.selectionStart);
      setChosen((at + step + offered.length + (at < 0 && step < 0 ? 1 : 0)) % offered.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && suggestion) {
      event.preventDefault();
      take(suggestion);
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      open(null);
    }
  };
  return (
    <div className={styles.field}>
      <TextInput
        ref={input}
        size="xs"
        aria-label="Query"
        placeholder="source.ip:203.0.113.0/24 AND event.outcome:failure"
        value={text}
        maxLength={10_000}
        spellCheck={false}
        autoComplete="off"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-autocomplete="list"
        {...(isOpen && at >= 0 ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          open(currentTarget.selectionStart);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => open(null)}
      />
      <div id={id} role="listbox" aria-label="What may stand here" className={styles.offered} hidden={!isOpen}>
        {offered.map((suggestion, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the chosen one
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field
          <div
            key={suggestion.value}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={`${styles.option} ${index === at ? styles.chosen : ''}`}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(suggestion)}
          >
            <HostileText text={suggestion.value} />
            <span>{suggestion.note}</span>
          </div>
        ))}
      </div>
      <span className={styles.told} role="status">
        {isOpen && note}
      </span>
    </div>
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
