// Prints the pin of the key that a gateway shows: node gateway-pin.mjs wss://host:port
import { createHash } from 'node:crypto';
import { connect } from 'node:tls';

const { hostname, port } = new URL(process.argv[2]);
const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false, timeout: 10_000 }, () => {
  // SHA-256 of the public key in DER (RFC 7469, section 2.4), as libs/protocol/src/pin.ts has it.
  const key = socket.getPeerX509Certificate().publicKey.export({ type: 'spki', format: 'der' });
  console.log(`sha256/${createHash('sha256').update(key).digest('base64')}`);
  socket.destroy();
});
socket.on('timeout', () => socket.destroy(new Error(`${hostname}:${port} does not answer`)));
socket.on('error', (error) => {
  console.error(`gateway-pin: ${error.message}`);
  process.exitCode = 1;
});
