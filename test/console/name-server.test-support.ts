import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

const TYPE = { A: 1, PTR: 12, AAAA: 28 } as const;
type Type = keyof typeof TYPE;
const IN = 1;
/** A response, recursion available. */
const ANSWER = 0x8180;
const NO_SUCH_NAME = 3;
const HEADER_BYTES = 12;

/** What it says: names as their labels (bytes may be anything), addresses as text; nothing for no such name, `silent` for no answer. */
export type Say = (type: Type, name: string) => (Buffer[] | string)[] | 'silent' | undefined;

/**
 * A name server on loopback that speaks DNS over UDP (RFC 1035 4.1):
 *
 *     message  = id(2) flags(2) questions(2) answers(2) authorities(2) additionals(2) question answer…
 *     question = name type(2) class(2)
 *     answer   = pointer to the question's name(2) type(2) class(2) ttl(4) length(2) data
 *     name     = { length(1) label } 0
 */
export class NameServer {
  /** `PTR 7.113.0.203.in-addr.arpa`, in order of asking. */
  readonly asked: string[] = [];
  readonly #socket: Socket = createSocket('udp4');
  readonly #say: Say;

  constructor(say: Say) {
    this.#say = say;
  }

  async start(): Promise<this> {
    this.#socket.on('message', (message, { port, address }) => {
      const reply = this.#reply(message);
      if (reply) this.#socket.send(reply, port, address);
    });
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
    return this;
  }

  /** As the configuration names it. */
  get place(): string {
    return `127.0.0.1:${(this.#socket.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #reply(message: Buffer): Buffer | undefined {
    const labels: string[] = [];
    let at = HEADER_BYTES;
    for (let length = message[at] as number; length > 0; length = message[at] as number) {
      labels.push(message.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = message.subarray(HEADER_BYTES, at + 5);
    const number = message.readUInt16BE(at + 1);
    const type = (Object.keys(TYPE) as Type[]).find((name) => TYPE[name] === number) as Type;
    this.asked.push(`${type} ${labels.join('.')}`);
    const said = this.#say(type, labels.join('.'));
    if (said === 'silent') return undefined;
    const answers = (said ?? []).map((one) =>
      record(number, typeof one === 'string' ? addressBytes(one) : nameBytes(one)),
    );
    const header = Buffer.alloc(HEADER_BYTES);
    message.copy(header, 0, 0, 2);
    header.writeUInt16BE(ANSWER | (said === undefined ? NO_SUCH_NAME : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    return Buffer.concat([header, question, ...answers]);
  }
}

/** The labels of an ordinary name. */
export function labelsOf(name: string): Buffer[] {
  return name.split('.').map((label) => Buffer.from(label));
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(IN, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function nameBytes(labels: Buffer[]): Buffer {
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}

/** IPv4, or IPv6 with all of its groups written. */
function addressBytes(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  return Buffer.concat(text.split(':').map((group) => Buffer.from(group.padStart(4, '0'), 'hex')));
}
