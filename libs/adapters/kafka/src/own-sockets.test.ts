import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { OwnSockets } from './own-sockets.js';

describe('own sockets', () => {
  it('are closed when they are cut, those of members too, and none is opened after', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const own = new OwnSockets();
    const member = new OwnSockets(own.factory);
    const open = (sockets: OwnSockets) =>
      sockets.factory({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined });
    const [first, second] = [open(own), open(member)];
    await Promise.all([once(first, 'connect'), once(second, 'connect')]);
    member.cut();
    await once(second, 'close');
    expect(first.destroyed).toBe(false);
    expect(() => open(member)).toThrow('it has been stopped');
    own.cut();
    await once(first, 'close');
    expect(() => open(new OwnSockets(own.factory))).toThrow('it has been stopped');
    server.close();
  });
});
