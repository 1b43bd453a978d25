import { type Config, readOptionFile } from '@fleetwall/config';
import type { Watched } from '../agent.js';
import { hostNameOf } from '../host-name.js';
import type { Input } from './input.js';
import { LogonsInput } from './logons/logons.js';
import { SyslogInput } from './syslog/syslog.js';

/** The inputs to which others send, by configuration. Throws SECRET_UNREADABLE for a certificate that cannot be read. */
export function listeningInputs(config: Config): { inputs: Input[]; watched: Watched[] } {
  const { syslog, logons } = config.collector;
  const inputs: Input[] = [];
  const watched: Watched[] = [];
  if (syslog) {
    inputs.push(syslogInput(syslog, config.collector.maxLineBytes));
    const places = (['udp', 'tcp', 'tls'] as const).flatMap((transport) => {
      const listen = syslog[transport];
      return listen === undefined ? [] : [`${transport} ${listen.port}`];
    });
    watched.push({ what: `syslog (${places.join(', ')})`, why: 'configured', readable: true });
  }
  if (logons) {
    const { host, port, tokens } = logons;
    const tls = logons.tls && pemOf('collector.logons.tls', logons.tls);
    inputs.push(new LogonsInput({ host, port, tokens, eventHost: hostNameOf(config), ...(tls && { tls }) }));
    watched.push({ what: `logons of applications (port ${port})`, why: 'configured', readable: true });
  }
  return { inputs, watched };
}

function syslogInput({ udp, tcp, tls, senders }: NonNullable<Config['collector']['syslog']>, maxLineBytes: number) {
  const secrets = tls && {
    ...pemOf('collector.syslog.tls', tls),
    ...(tls.caFile !== undefined && { ca: readOptionFile('collector.syslog.tls.caFile', tls.caFile) }),
  };
  return new SyslogInput({
    ...(udp && { udp }),
    ...(tcp && { tcp }),
    ...(tls && { tls: { host: tls.host, port: tls.port, ...secrets } }),
    senders: senders.map(({ from, host, evidence }) => ({ from, evidence, ...(host !== undefined && { host }) })),
    maxLineBytes,
  });
}

function pemOf(option: string, { certFile, keyFile }: { certFile: string; keyFile: string }) {
  return { cert: readOptionFile(`${option}.certFile`, certFile), key: readOptionFile(`${option}.keyFile`, keyFile) };
}
