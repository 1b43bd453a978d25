import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlClient } from './control-client.js';
import { findHome, type Home } from './home.js';

describe('ControlClient', () => {
  let home: Home;
  let server: Server | undefined;

  beforeEach(() => {
    home = findHome({ FLEETWALL_HOME: mkdtempSync(join(tmpdir(), 'fleetwall-control-')) }, '/');
  });

  afterEach(async () => {
    server?.closeAllConnections();
    if (server) await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    rmSync(home.directory, { recursive: true, force: true });
  });

  async function serve(listener: RequestListener): Promise<ControlClient> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(home.controlSocket, resolve));
    return new ControlClient(home);
  }

  it('sends and answers JSON over the socket', async () => {
    const client = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end(JSON.stringify({ asked: `${request.method} ${request.url}`, body }));
    });
    expect(await client.get('why/198.51.100.0%2F24')).toEqual({
      asked: 'GET /control/v1/why/198.51.100.0%2F24',
      body: '',
    });
    expect(await client.post('arm', { by: 'x' })).toEqual({ asked: 'POST /control/v1/arm', body: '{"by":"x"}' });
  });

  it("throws the service's own error", async () => {
    const client = await serve((_, response) => {
      response.writeHead(422).end(JSON.stringify({ code: 'TARGET_REFUSED', message: 'loopback', hint: 'narrow it' }));
    });
    await expect(client.get('x')).rejects.toMatchObject({
      code: 'TARGET_REFUSED',
      message: 'loopback',
      hint: 'narrow it',
    });
  });

  it('tells that no service runs: no socket, or one that a dead service left', async () => {
    const client = new ControlClient(home);
    await expect(client.get('status')).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
  });

  it('gives up on a service that hangs', async () => {
    const client = await serve(() => undefined);
    await expect(client.get('status', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'SERVICE_SILENT' });
  });

  it('gives up on a service that stops in the middle of its answer', async () => {
    const client = await serve((_, response) => {
      response.write('{"half":');
    });
    await expect(client.get('status', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'SERVICE_SILENT' });
  });

  it.each(['not JSON', ''])('does not believe %j', async (text) => {
    const client = await serve((_, response) => void response.end(text));
    await expect(client.get('status')).rejects.toMatchObject({ code: 'SERVICE_STRANGE' });
  });
});
