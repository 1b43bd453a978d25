import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  decodeBatchFrame,
  decodeCollectorMessage,
  decodeGatewayMessage,
  encodeBatchFrame,
  joinEvents,
  splitEvents,
} from './index.js';

const FOLDER = new URL('../fixtures/v1/', import.meta.url);
const SPEC = new URL('../../../docs/specs/protocol.md', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER));
const names = readdirSync(FOLDER);
const messages = names.filter((name) => name.endsWith('.json') && name !== 'expected.json');
const frames = names.filter((name) => name.endsWith('.bin'));
const expected = JSON.parse(read('expected.json').toString()) as Record<string, unknown>;
const FROM_COLLECTOR = ['hello.json', 'report.json', 'unknown.json'];
const inflaters = { identity: (bytes: Buffer) => bytes, gzip: gunzipSync, deflate: inflateSync };

describe('what version 1 once wrote', () => {
  it.each(messages)('%s means the same for ever', (name) => {
    const decode = FROM_COLLECTOR.includes(name) ? decodeCollectorMessage : decodeGatewayMessage;
    expect(decode(read(name).toString())).toEqual(expected[name.replace('.json', '')]);
  });

  it.each(frames)('%s means the same for ever', (name) => {
    const batch = decodeBatchFrame(read(name));
    const events = splitEvents(inflaters[batch.codec](batch.payload), batch);
    const { codec, sequence, rawBytes } = batch;
    expect({ codec, sequence, rawBytes, events }).toEqual(expected[name.replace('.bin', '')]);
    expect(joinEvents(events)).toHaveLength(rawBytes);
    expect(encodeBatchFrame(batch)).toEqual(read(name));
  });

  it('every fixture has its meaning, and none is missing', () => {
    const all = [...messages, ...frames].map((name) => name.replace(/\.\w+$/, ''));
    expect(all.sort()).toEqual(Object.keys(expected).sort());
  });
});

describe('docs/specs/protocol.md', () => {
  const text = readFileSync(SPEC, 'utf8');
  const examples = [...text.matchAll(/<!-- fixture: (\S+) -->\n+```\w*\n([\s\S]*?)\n```/g)];
  const exampleOf = (name: string) => examples.find((example) => example[1] === name)?.[2];

  it.each(messages)('shows %s as it is', (name) => {
    expect(JSON.parse(exampleOf(name) ?? '""')).toEqual(JSON.parse(read(name).toString()));
  });

  it('shows a batch byte by byte', () => {
    expect(exampleOf('batch-identity.bin')?.split('\n')).toEqual(hexDump(read('batch-identity.bin')));
  });

  it('shows nothing that is no fixture', () => {
    expect(examples.map((example) => example[1]).filter((name) => !names.includes(name as string))).toEqual([]);
  });
});

/** Offset, sixteen bytes in hex, and what of them can be printed. */
function hexDump(bytes: Buffer): string[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, line) => {
    const part = bytes.subarray(16 * line, 16 * line + 16);
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const shown = part.toString('latin1').replace(/[^ -~]/g, '.');
    return `${(16 * line).toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${shown}`;
  });
}
