import type { Batch, Target } from '../../batch.js';
import {
  type BlockSet,
  bitsOf,
  CHAIN,
  COUNTER,
  maskOf,
  PRIORITY,
  TABLE,
  WEB_CHAIN,
  WEB_PROTOCOLS,
  webRules,
} from '../ruleset.js';
import { DATA_VALUE, type ElementList, elementLists, LIST_ITEM } from './elements.js';
import { FLAGS, NESTED, type NetlinkWriter } from './writer.js';

/** NFT_MSG_* of linux/netfilter/nf_tables.h. */
export const MESSAGE = {
  newTable: 0,
  getTable: 1,
  deleteTable: 2,
  newChain: 3,
  getChain: 4,
  deleteChain: 5,
  newRule: 6,
  getRule: 7,
  deleteRule: 8,
  newSet: 9,
  getSet: 10,
  newElement: 12,
  getElement: 13,
  deleteElement: 14,
  newObject: 18,
  getObject: 19,
} as const;

/** NFTA_*: the numbers of attributes, those that are ours to write or read. */
export const TABLE_ATTRIBUTE = { name: 1, flags: 2 } as const;
export const CHAIN_ATTRIBUTE = { table: 1, name: 3, hook: 4, policy: 5, type: 7 } as const;
export const HOOK_ATTRIBUTE = { number: 1, priority: 2 } as const;
export const RULE_ATTRIBUTE = { table: 1, chain: 2, expressions: 4 } as const;
export const SET_ATTRIBUTE = { table: 1, name: 2, flags: 3, keyType: 4, keyBytes: 5, id: 10, userData: 13 } as const;
export const OBJECT_ATTRIBUTE = { table: 1, name: 2, type: 3, data: 4 } as const;
export const COUNTER_ATTRIBUTE = { bytes: 1, packets: 2 } as const;
export const ELEMENTS_ATTRIBUTE = { table: 1, set: 2, elements: 3 } as const;
export const OBJECT_COUNTER = 1;
const DATA_VERDICT = 2;

/** NFT_REG_1, NFT_META_NFPROTO, NFT_META_L4PROTO, NFT_PAYLOAD_*_HEADER, NFPROTO_*. */
const REGISTER = 1;
const META_NFPROTO = 15;
const META_L4PROTO = 16;
const NETWORK_HEADER = 1;
const TRANSPORT_HEADER = 2;
const NFPROTO_IPV4 = 2;
const NFPROTO_IPV6 = 10;

/** What the kernel calls NF_INET_PRE_ROUTING, NF_ACCEPT, NF_DROP. */
export const HOOK_PREROUTING = 0;
const ACCEPT = 1;
const DROP = 0;
/** NFT_JUMP, which is -3. */
const JUMP = 0xffff_fffd;
const SET_FLAG_TIMEOUT = 0x10;

export function writeTable(w: NetlinkWriter): void {
  w.message(MESSAGE.newTable, FLAGS.create, () => {
    w.text(TABLE_ATTRIBUTE.name, TABLE);
    w.u32(TABLE_ATTRIBUTE.flags, 0);
  });
}

export function writeCounter(w: NetlinkWriter): void {
  w.message(MESSAGE.newObject, FLAGS.create, () => {
    w.text(OBJECT_ATTRIBUTE.table, TABLE);
    w.text(OBJECT_ATTRIBUTE.name, COUNTER);
    w.u32(OBJECT_ATTRIBUTE.type, OBJECT_COUNTER);
    w.nest(OBJECT_ATTRIBUTE.data, () => {
      w.u64(COUNTER_ATTRIBUTE.bytes, 0);
      w.u64(COUNTER_ATTRIBUTE.packets, 0);
    });
  });
}

export function writeChain(w: NetlinkWriter): void {
  w.message(MESSAGE.newChain, FLAGS.create, () => {
    w.text(CHAIN_ATTRIBUTE.table, TABLE);
    w.text(CHAIN_ATTRIBUTE.name, CHAIN);
    w.text(CHAIN_ATTRIBUTE.type, 'filter');
    w.u32(CHAIN_ATTRIBUTE.policy, ACCEPT);
    w.nest(CHAIN_ATTRIBUTE.hook, () => {
      w.u32(HOOK_ATTRIBUTE.number, HOOK_PREROUTING);
      w.u32(HOOK_ATTRIBUTE.priority, PRIORITY);
    });
  });
}

/** Deletes all rules of the chain. */
export function writeChainFlush(w: NetlinkWriter, chain: string): void {
  w.message(MESSAGE.deleteRule, 0, () => {
    w.text(RULE_ATTRIBUTE.table, TABLE);
    w.text(RULE_ATTRIBUTE.chain, chain);
  });
}

/** The chain of the web's ports, with these and no others. */
export function writeWebChain(w: NetlinkWriter, ports: readonly number[]): void {
  w.message(MESSAGE.newChain, FLAGS.create, () => {
    w.text(CHAIN_ATTRIBUTE.table, TABLE);
    w.text(CHAIN_ATTRIBUTE.name, WEB_CHAIN);
  });
  writeChainFlush(w, WEB_CHAIN);
  for (const rule of webRules(ports)) writeExpressions(w, WEB_CHAIN, portExpressions(w, rule));
}

export function writeChainDeletion(w: NetlinkWriter): void {
  w.message(MESSAGE.deleteChain, 0, () => {
    w.text(CHAIN_ATTRIBUTE.table, TABLE);
    w.text(CHAIN_ATTRIBUTE.name, CHAIN);
  });
}

/** How nft notes in a set that its keys are in network order (libnftnl/udata.h), so that it shows them right. */
const KEYS_IN_NETWORK_ORDER = Buffer.from([0, 4, 2, 0, 0, 0]);
/** The numbers nft gives the types ipv4_addr and ipv6_addr. */
const KEY_TYPE = { 4: 7, 6: 8 } as const;

/** @param id unique within the batch */
export function writeSet(w: NetlinkWriter, set: BlockSet, id: number): void {
  w.message(MESSAGE.newSet, FLAGS.create, () => {
    w.text(SET_ATTRIBUTE.table, TABLE);
    w.text(SET_ATTRIBUTE.name, set.name);
    w.u32(SET_ATTRIBUTE.flags, SET_FLAG_TIMEOUT);
    w.u32(SET_ATTRIBUTE.keyType, KEY_TYPE[set.family]);
    w.u32(SET_ATTRIBUTE.keyBytes, bitsOf(set.family) / 8);
    w.u32(SET_ATTRIBUTE.id, id);
    w.bytesOf(SET_ATTRIBUTE.userData, KEYS_IN_NETWORK_ORDER);
  });
}

type Expression = [name: string, data: () => void];

/** `ip saddr & mask @set counter name dropped drop`, or `jump web_ports` in place of the last two */
export function writeRule(w: NetlinkWriter, set: BlockSet): void {
  writeExpressions(w, CHAIN, ruleExpressions(w, set));
}

function writeExpressions(w: NetlinkWriter, chain: string, expressions: Expression[]): void {
  w.message(MESSAGE.newRule, FLAGS.create | FLAGS.append, () => {
    w.text(RULE_ATTRIBUTE.table, TABLE);
    w.text(RULE_ATTRIBUTE.chain, chain);
    w.nest(RULE_ATTRIBUTE.expressions, () => {
      for (const [name, data] of expressions) {
        w.nest(LIST_ITEM, () => {
          w.text(1, name);
          w.nest(2, data);
        });
      }
    });
  });
}

/** What the virtual machine of nf_tables does for one rule, all on register 1 ({@link REGISTER}). */
function ruleExpressions(w: NetlinkWriter, set: BlockSet): Expression[] {
  const { family } = set;
  const keyBytes = bitsOf(family) / 8;
  const mask = () => {
    writeNumbers(w, [1, REGISTER], [2, REGISTER], [3, keyBytes]);
    w.nest(4, () => w.address(DATA_VALUE, family, maskOf(set)));
    w.nest(5, () => w.address(DATA_VALUE, family, 0n));
  };
  const lookUp = () => {
    w.text(1, set.name);
    w.u32(2, REGISTER);
  };
  const jump = () => {
    w.u32(1, 0);
    w.nest(2, () =>
      w.nest(DATA_VERDICT, () => {
        w.u32(1, JUMP);
        w.text(2, WEB_CHAIN);
      }),
    );
  };
  const sourceOffset = family === 4 ? 12 : 8;
  const expressions: Expression[] = [
    ['meta', () => writeNumbers(w, [2, META_NFPROTO], [1, REGISTER])],
    ['cmp', () => writeComparison(w, () => w.u8(DATA_VALUE, family === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6))],
    ['payload', () => writeNumbers(w, [1, REGISTER], [2, NETWORK_HEADER], [3, sourceOffset], [4, keyBytes])],
  ];
  if (set.prefix < bitsOf(family)) expressions.push(['bitwise', mask]);
  expressions.push(['lookup', lookUp]);
  if (set.ports === 'web') expressions.push(['immediate', jump]);
  else expressions.push(...dropExpressions(w));
  return expressions;
}

/** `tcp dport port counter name dropped drop` */
function portExpressions(w: NetlinkWriter, { protocol, port }: ReturnType<typeof webRules>[number]): Expression[] {
  const portBytes = Buffer.from([port >> 8, port & 0xff]);
  return [
    ['meta', () => writeNumbers(w, [2, META_L4PROTO], [1, REGISTER])],
    ['cmp', () => writeComparison(w, () => w.u8(DATA_VALUE, WEB_PROTOCOLS[protocol]))],
    ['payload', () => writeNumbers(w, [1, REGISTER], [2, TRANSPORT_HEADER], [3, 2], [4, 2])],
    ['cmp', () => writeComparison(w, () => w.bytesOf(DATA_VALUE, portBytes))],
    ...dropExpressions(w),
  ];
}

function dropExpressions(w: NetlinkWriter): Expression[] {
  const count = () => {
    w.u32(1, OBJECT_COUNTER);
    w.text(2, COUNTER);
  };
  const drop = () => {
    w.u32(1, 0);
    w.nest(2, () => w.nest(DATA_VERDICT, () => w.u32(1, DROP)));
  };
  return [
    ['objref', count],
    ['immediate', drop],
  ];
}

function writeNumbers(w: NetlinkWriter, ...values: [attribute: number, value: number][]): void {
  for (const [attribute, value] of values) w.u32(attribute, value);
}

/** Whether the register is the value. */
function writeComparison(w: NetlinkWriter, value: () => void): void {
  writeNumbers(w, [1, REGISTER], [2, 0]);
  w.nest(3, value);
}

/**
 * Add, delete, add: the first so that the deletion never misses, the deletion because kernels before 6.12 keep the old
 * timeout of an element that is added again.
 */
export function writeChange(w: NetlinkWriter, { add, remove }: Batch): void {
  const added = elementLists(add);
  const all = [...added, ...elementLists(remove)];
  for (const list of all) writeElements(w, MESSAGE.newElement, FLAGS.create, list);
  for (const list of all) writeElements(w, MESSAGE.deleteElement, 0, list);
  for (const list of added) writeElements(w, MESSAGE.newElement, FLAGS.create, list);
}

/** Asks for one element; the kernel answers with it or ENOENT. */
export function writeQuestion(w: NetlinkWriter, target: Target): void {
  for (const list of elementLists([target])) writeElements(w, MESSAGE.getElement, 0, list);
}

function writeElements(w: NetlinkWriter, type: number, flags: number, { set, elements }: ElementList): void {
  w.message(type, flags, () => {
    w.text(ELEMENTS_ATTRIBUTE.table, TABLE);
    w.text(ELEMENTS_ATTRIBUTE.set, set.name);
    w.bytesOf(ELEMENTS_ATTRIBUTE.elements | NESTED, elements);
  });
}
