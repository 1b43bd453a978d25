import { piecesOf } from './escape.js';
import styles from './parts.module.css';

/** Text that anyone may have written: every character of it can be seen, none acts. */
export function HostileText({ text }: { text: string }) {
  const pieces = piecesOf(text);
  return (
    <bdi>
      {pieces.map((piece, i) =>
        piece.isEscape ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never change places
          <span key={i} className={styles.escape} title="a character that cannot be seen">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  );
}

/** A text of several lines, each in a row of its own. */
export function HostileLines({ text }: { text: string }) {
  return text.split('\n').map((line, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text never change places
    <div key={i} className={styles.textLine}>
      <HostileText text={line} />
    </div>
  ));
}
