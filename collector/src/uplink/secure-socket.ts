import { EventEmitter, once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { FleetwallError } from '@fleetwall/core';
import { pinOf } from '@fleetwall/protocol';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { uplinkError } from './errors.js';
import type { KnownPins } from './known-pins.js';

export interface SecureSocketOptions {
  host: string;
  port: number;
  pins: KnownPins;
  /** PEM of the certificates that sign the gateway's; those of the system when absent. */
  ca?: string;
  /** `http://user:password@proxy:3128`. */
  proxy?: string;
  /** Ends the attempt, and the socket. */
  signal: AbortSignal;
}

/**
 * A TLS connection to a gateway that has proven who it is, before a byte is sent to it. With pins the public key alone
 * decides, unless `ca` is given too: dates and names of a certificate do not matter then, so a host whose clock is wrong
 * still finds its centre. Without pins the certificate must be signed, in time, and for the host's name.
 *
 * @throws UPLINK_UNREACHABLE, UPLINK_PROXY_REFUSED, UPLINK_NOT_TLS, UPLINK_PIN_WRONG, UPLINK_CERTIFICATE_REFUSED
 */
export async function openSecureSocket(options: SecureSocketOptions): Promise<{ socket: TLSSocket; pin: string }> {
  const { host, port, pins, ca, signal } = options;
  const gateway = `${host}:${port}`;
  const tcp = await openTcp(options, gateway);
  // What goes wrong below TLS shows above it.
  tcp.on('error', () => undefined);
  const isCertificateChecked = !pins.isPinned || ca !== undefined;
  const socket = connectTls({
    socket: tcp,
    ...(isIP(host) ? { host } : { servername: host, host }),
    ...(ca !== undefined && { ca }),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: isCertificateChecked,
  });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) throw uplinkError('UPLINK_NOT_TLS', { gateway, reason: 'it shows no certificate' });
    const pin = pinOf(certificate.publicKey);
    if (pins.isPinned && !pins.accepts(pin)) throw uplinkError('UPLINK_PIN_WRONG', { gateway, pin });
    return { socket, pin };
  } catch (error) {
    socket.destroy();
    tcp.destroy();
    throw tlsFailure(error, gateway, signal);
  }
}

async function openTcp(options: SecureSocketOptions, gateway: string): Promise<Socket> {
  const { host, port, proxy, signal } = options;
  try {
    if (proxy !== undefined) return await openTunnel(proxy, host, port, gateway, signal);
    const tcp = connectTcp({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, signal });
    tcp.on('error', () => undefined);
    await once(tcp, 'connect', { signal });
    return tcp;
  } catch (error) {
    if (error instanceof FleetwallError) throw error;
    throw uplinkError('UPLINK_UNREACHABLE', { gateway, reason: reasonOf(error, signal) }, { cause: error });
  }
}

/** CONNECT (RFC 9110 section 9.3.6). */
async function openTunnel(proxy: string, host: string, port: number, gateway: string, signal: AbortSignal) {
  const agent = new HttpsProxyAgent(proxy, { signal });
  // All that the agent does with a request is tell it of the proxy's answer.
  const request = new EventEmitter();
  let status = 0;
  request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
    status = statusCode;
  });
  const opening = agent.connect(request as ClientRequest, { host, port, secureEndpoint: false });
  const refused = (reason: string, cause?: unknown) =>
    uplinkError('UPLINK_PROXY_REFUSED', { proxy: new URL(proxy).host, gateway, reason }, { cause });
  const tunnel = (await opening.catch((error: unknown) => {
    throw refused(reasonOf(error, signal), error);
  })) as Socket;
  if (status === 200) return tunnel;
  tunnel.destroy();
  throw refused(`its answer is ${status}`);
}

function tlsFailure(error: unknown, gateway: string, signal: AbortSignal): unknown {
  if (error instanceof FleetwallError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const reason = reasonOf(error, signal);
  if (signal.aborted || ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code)) {
    return uplinkError('UPLINK_UNREACHABLE', { gateway, reason }, { cause: error });
  }
  const isTlsItself = code.startsWith('ERR_SSL') || code === 'EPROTO';
  return uplinkError(
    isTlsItself ? 'UPLINK_NOT_TLS' : 'UPLINK_CERTIFICATE_REFUSED',
    { gateway, reason },
    { cause: error },
  );
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it took too long';
  const { code, message } = error as NodeJS.ErrnoException;
  return message || code || 'unknown';
}
