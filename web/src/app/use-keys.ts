import { useEffect, useRef } from 'react';
import { type Bindings, Keyboard } from './keys.js';

const keyboard = new Keyboard();
const STORED = 'fleetwall-keys';

/** Keys of one character can be switched off (WCAG 2.1.4), in this browser. */
export const keySetting = {
  isOff: (): boolean => localStorage.getItem(STORED) === 'off',
  set: (isOff: boolean): void => localStorage.setItem(STORED, isOff ? 'off' : 'on'),
};

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || keySetting.isOff()) return;
  if (isTyping(event.target) || isInDialog(event.target)) return;
  // Enter and blank belong to the button or link that has the focus.
  if (event.key === 'Enter' && event.target instanceof Element && event.target.closest('a, button, [role="option"]'))
    return;
  if (keyboard.press(event.key, event.timeStamp)) event.preventDefault();
});

/** Binds keys while the component is there. Off in fields and while a dialog is open. */
export function useKeys(bindings: Bindings): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const names = Object.keys(bindings).join('\n');
  useEffect(() => {
    const bound = names.split('\n').map((name) => [name, () => latest.current[name]?.()] as const);
    return keyboard.bind(Object.fromEntries(bound));
  }, [names]);
}

/** An open dialog keeps the focus within itself. */
function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"]') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
