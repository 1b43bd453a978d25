import type { JudgedRule, Rule, TriedPiece } from '../api/types.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { Empty } from '../parts/states.js';
import styles from './rules.module.css';
import { effectText } from './words.js';

const UNPARSED: Record<string, string> = {
  'no-header': 'Nobody reads it: its beginning is no known form of a log',
  'unknown-program': 'Nobody reads lines of this program',
  'unknown-message': 'The program is known, this message is not',
  'not-relevant': 'Known, and it tells nothing',
};

/** What became of each pasted line. */
export function TriedPieces({ pieces, rules }: { pieces: TriedPiece[]; rules: Rule[] }) {
  if (pieces.length === 0) return <Empty why="There is no line in it." />;
  return pieces.map((piece, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one answer never change places
    <section key={i} className={page.panel} aria-label={`Piece ${i + 1}`}>
      <p className={styles.line}>
        <HostileText text={piece.text} />
      </p>
      {piece.event ? <Read piece={piece} rules={rules} /> : <Unread piece={piece} />}
    </section>
  ));
}

function Unread({ piece: { unparsed = '', program } }: { piece: TriedPiece }) {
  return (
    <p>
      <Pill tone="warning">No event</Pill> <HostileText text={UNPARSED[unparsed] ?? unparsed} />
      {program && (
        <>
          : <HostileText text={program} />
        </>
      )}
    </p>
  );
}

function Read({ piece, rules }: { piece: TriedPiece; rules: Rule[] }) {
  const event: Record<string, unknown> = piece.event ?? {};
  const { source = 'unknown', matched = [], missed = [], missedCount = 0, counted = [], notCounted = [] } = piece;
  const spoofable = event['fleetwall.evidence'] !== 'handshake';
  return (
    <>
      <p>
        Read by <HostileText text={source} />.{' '}
        {matched.length === 0
          ? 'No rule matches.'
          : `${countOf(matched.length, 'rule')} match${matched.length === 1 ? 'es' : ''}.`}
        {spoofable && ' Evidence that may be forged: it blocks nobody.'}
      </p>
      {counted.length > 0 && (
        <ul>
          {counted.map(({ rule, step, key }) => (
            <li key={`${rule} ${step}`}>
              {step === 'clear' ? 'Forgives failures for ' : 'Counts for '}
              <code>{rule}</code> under <HostileText text={keyText(key)} />: {ofRule(rules, rule)}
            </li>
          ))}
        </ul>
      )}
      {notCounted.map(({ rule, missing }) => (
        <p key={rule}>
          Counts nothing for <code>{rule}</code>: the event has no {missing.join(', ')}.
        </p>
      ))}
      <details>
        <summary>The event</summary>
        <table className={styles.items}>
          <tbody>
            {Object.entries(event).map(([field, value]) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td>
                  <HostileText text={typeof value === 'string' ? value : JSON.stringify(value)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      {matched.map((rule) => (
        <Judged key={rule.rule} rule={rule} />
      ))}
      {missed.map((rule) => (
        <Judged key={rule.rule} rule={rule} />
      ))}
      {missedCount > missed.length && (
        <p className={page.note}>{countOf(missedCount - missed.length, 'more rule')} do not match either.</p>
      )}
    </>
  );
}

function ofRule(rules: Rule[], name: string): string {
  const rule = rules.find((one) => one.name === name);
  return rule ? effectText(rule) : 'unknown';
}

function keyText(key: Record<string, string>): string {
  return Object.entries(key)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');
}

/** Why it matches, or which selection failed; closed until asked for. */
function Judged({ rule: { rule, title, matches, logsource, selections, conditions } }: { rule: JudgedRule }) {
  const failed = selections.filter(({ holds }) => !holds).map(({ name }) => name);
  const isOther = logsource.some(({ holds }) => !holds);
  const why = isOther
    ? 'another log source'
    : failed.length > 0
      ? `${failed.join(', ')} not fulfilled`
      : 'its condition says not';
  return (
    <details>
      <summary>
        <Pill tone={matches ? 'good' : 'plain'}>{matches ? 'Matches' : 'No match'}</Pill> {title} <code>{rule}</code>
        {!matches && `: ${why}`}
      </summary>
      <p className={page.note}>
        Condition: <code>{conditions.join(' | ')}</code>
      </p>
      <Items name="log source" holds={!isOther} items={logsource} />
      {selections.map(({ name, holds, alternatives }) =>
        alternatives.map((items, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: alternatives of one selection never change places
          <Items key={`${name} ${i}`} name={i === 0 ? name : `or ${name}`} holds={holds} items={items} />
        )),
      )}
    </details>
  );
}

function Items({ name, holds, items }: { name: string; holds: boolean; items: JudgedRule['logsource'] }) {
  return (
    <table className={styles.items} aria-label={name}>
      <thead>
        <tr>
          <th scope="col">
            {name}: {holds ? 'holds' : 'does not hold'}
          </th>
          <th scope="col">wanted</th>
          <th scope="col">there is</th>
          <th scope="col">
            <span>so</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ field, wanted, actual, holds: isSo }) => (
          <tr key={`${field} ${wanted}`}>
            <td>{field || 'any text'}</td>
            <td>
              <HostileText text={wanted} />
            </td>
            <td>{actual === undefined ? 'nothing' : <HostileText text={actual} />}</td>
            <td>{isSo ? 'yes' : 'no'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
