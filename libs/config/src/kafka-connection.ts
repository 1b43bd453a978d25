import type { Config } from './config-schema.js';
import { readOptionFile, readSecret } from './secrets.js';

/** Where the brokers are and how to speak to them, as kafkajs wants it. Throws SECRET_UNREADABLE. */
export function kafkaConnectionOf({ brokers, tls, sasl }: NonNullable<Config['kafka']>) {
  const pem = (option: string, path: string | undefined) =>
    path === undefined ? undefined : readOptionFile(`kafka.tls.${option}`, path);
  const ssl = {
    ca: pem('caFile', tls.caFile),
    cert: pem('certFile', tls.certFile),
    key: pem('keyFile', tls.keyFile),
  };
  return { brokers, ...(tls.enabled && { ssl }), ...(sasl && { sasl: saslOf(sasl) }) };
}

/** One of three, for the types of kafkajs. */
function saslOf(sasl: NonNullable<NonNullable<Config['kafka']>['sasl']>) {
  const { mechanism, username } = sasl;
  const password = readSecret('kafka.sasl.passwordFile', sasl.password, sasl.passwordFile) ?? '';
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}
