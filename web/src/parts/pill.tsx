import styles from './parts.module.css';

type Tone = 'danger' | 'warning' | 'good' | 'plain' | 'accent';

/** A state: a word in a colour, never the colour alone. */
export function Pill({ tone = 'plain', children }: { tone?: Tone; children: string }) {
  return <span className={`${styles.pill} ${styles[tone]}`}>{children}</span>;
}

const LEVEL_TONES: Record<string, Tone> = { critical: 'danger', high: 'danger', medium: 'warning', low: 'accent' };

export function Level({ level }: { level: string }) {
  return <Pill tone={LEVEL_TONES[level] ?? 'plain'}>{level}</Pill>;
}
