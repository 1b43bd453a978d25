import { hash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { EventIds } from './event-ids.js';
import { lineId, streamId } from './inputs/line-ids.js';

const SEED = [1, 2, 3];
const OFFSET = (7_000).toString(36);
const lineOf = (name: string) =>
  Buffer.from(`Nov 22 07:00:00 web-01 sshd[1]: Invalid user ${name} from 198.51.100.7 port 4022`);
const rawIdOf = (name: string) => lineId(streamId('file', '12', '34', '0', lineOf(name)), OFFSET, lineOf(name));

it('the same line has the same id, also after a start; another line, place, agent or seed another', () => {
  const id = new EventIds('agent', SEED).of(rawIdOf('anna'));
  expect(id).toMatch(/^agent-[0-9a-f]{16}-5eg-[0-9a-f]{16}$/);
  expect(new EventIds('agent', [...SEED]).of(rawIdOf('anna'))).toBe(id);
  const others = [
    new EventIds('agent', SEED).of(rawIdOf('anne')),
    new EventIds('agent', SEED).of(rawIdOf('anna').replace(OFFSET, '5eh')),
    new EventIds('other', SEED).of(rawIdOf('anna')),
    new EventIds('agent', [1, 2, 4]).of(rawIdOf('anna')),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});

it('who has all but the key cannot tell by it whether a name is the one that was masked', () => {
  const id = new EventIds('agent', SEED).of(rawIdOf('hunter2'));
  const [stream = '', , check = ''] = rawIdOf('hunter2').split('-');
  for (const part of [stream, check, hash('sha256', rawIdOf('hunter2'), 'hex').slice(0, 16)])
    expect(id).not.toContain(part);
});

it('lines of one stream lie together, in their order', () => {
  const ids = new EventIds('agent', SEED);
  const told = [100, 101, 350, 1_000].map((offset) => ids.of(`0011223344556677-${offset.toString(36)}-aabbccdd`));
  expect([...told].sort()).toEqual(told);
});
