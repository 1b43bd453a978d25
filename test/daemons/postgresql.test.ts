import { expect, it } from '@jest/globals';
import { provenBy } from './daemon.test-support.js';
import { failedTries, HOSTILE_NAMES, readLogs, strangers } from './events.test-support.js';
import { GUESSER, OWNER, PASSWORD, SERVER, type Site, shellQuoted, USER } from './site.test-support.js';

const BIN = '/usr/lib/postgresql/15/bin';
const NAMES = [USER, 'nobody-here', 'x-y.z'];

const start = (options: string) => async (site: Site) => {
  site.run(`mkdir -p /var/log/postgresql /var/database /run/postgresql
chown postgres /var/log/postgresql /var/database /run/postgresql
setpriv --reuid postgres --regid postgres --clear-groups ${BIN}/initdb -A trust -D /var/database >/dev/null
echo "CREATE ROLE ${USER} LOGIN PASSWORD '${PASSWORD}'" | \
  setpriv --reuid postgres --regid postgres --clear-groups ${BIN}/postgres --single -D /var/database postgres >/dev/null
echo "host all all 0.0.0.0/0 scram-sha-256" >>/var/database/pg_hba.conf
cat >>/var/database/postgresql.conf <<'CONFIG'
listen_addresses = '${SERVER}'
unix_socket_directories = '/run/postgresql'
log_line_prefix = '%m [%p] %q%u@%d '
log_connections = on
${options}
CONFIG`);
  await site.daemon(
    `setpriv --reuid postgres --regid postgres --clear-groups bash -c 'exec ${BIN}/postgres -D /var/database >>/var/log/postgresql/server.log 2>&1'`,
    5432,
  );
};

const client = (user: string, password: string) =>
  `PGPASSWORD=${password} psql -h ${SERVER} -U ${shellQuoted(user)} -d postgres -c 'SELECT 1'`;

async function attack(site: Site): Promise<void> {
  site.clientsAre(GUESSER);
  for (const name of NAMES) site.run(`! ${client(name, 'wrong')} 2>/dev/null`);
  site.clientsAre(OWNER);
  site.run(client(USER, PASSWORD));
}

provenBy(
  "postgresql with Debian's prefix",
  {
    programs: [`${BIN}/postgres`, '/usr/bin/psql'],
    start: start(''),
    attack,
    logged: ['postgresql/server.log', /authorized: user=alice/],
    logs: [['postgresql/server.log']],
    failures: NAMES,
    successes: [USER],
  },
  (site) => {
    it('names that attack the prefix name nobody else, and hide at most the address of the next try', async () => {
      site().clientsAre(GUESSER);
      for (const name of [...HOSTILE_NAMES, 'two\nlines']) site().run(`! ${client(name, 'wrong')} 2>/dev/null`);
      for (const name of ['late-1', 'late-2', 'late-3']) site().run(`! ${client(name, 'wrong')} 2>/dev/null`);
      await site().logged('postgresql/server.log', /FATAL: .*"late-3"/, 1);
      const events = readLogs(site().log('postgresql/server.log'));
      expect(strangers(events, [GUESSER, OWNER])).toEqual([]);
      const late = failedTries(events).filter(({ user }) => user.startsWith('late-'));
      expect(late.map(({ user }) => user)).toEqual(['late-1', 'late-2', 'late-3']);
      expect(late.slice(1).map(({ ip }) => ip)).toEqual([GUESSER, GUESSER]);
    });
  },
);
provenBy('postgresql through syslog', {
  programs: [`${BIN}/postgres`, '/usr/bin/psql'],
  start: start("log_destination = 'syslog'"),
  attack,
  logged: ['syslog', /authorized: user=alice/],
  logs: [['syslog']],
  failures: NAMES,
  successes: [USER],
});
