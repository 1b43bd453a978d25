import { Checkbox, Kbd, Modal } from '@mantine/core';
import { useState } from 'react';
import { KEY_HELP } from './keys.js';
import styles from './shell.module.css';
import { keySetting } from './use-keys.js';

export function KeyHelp({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const [isOff, setOff] = useState(keySetting.isOff);
  return (
    <Modal opened={isOpen} onClose={close} title="Keys" size="lg">
      <dl className={styles.keys}>
        {KEY_HELP.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Checkbox
        mt="md"
        label="Switch these keys off in this browser"
        checked={isOff}
        onChange={({ currentTarget }) => {
          keySetting.set(currentTarget.checked);
          setOff(currentTarget.checked);
        }}
      />
    </Modal>
  );
}
