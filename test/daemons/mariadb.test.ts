import { provenBy } from './daemon.test-support.js';
import { HOSTILE_NAMES } from './events.test-support.js';
import { GUESSER, PASSWORD, SERVER, shellQuoted, USER } from './site.test-support.js';

const NAMES = [USER, 'nobody-here', ...HOSTILE_NAMES];

provenBy('mariadb', {
  programs: ['/usr/sbin/mariadbd', '/usr/bin/mariadb'],
  start: async (site) => {
    site.run(`mkdir -p /var/log/mysql /run/mysqld /var/database && chown mysql /var/log/mysql /run/mysqld /var/database
mariadb-install-db --no-defaults --user=mysql --datadir=/var/database --skip-test-db >/dev/null`);
    await site.daemon(
      'mariadbd --no-defaults --user=mysql --datadir=/var/database --socket=/run/mysqld/mysqld.sock ' +
        `--bind-address=${SERVER} --skip-name-resolve --log-error=/var/log/mysql/error.log`,
      3306,
    );
    site.run(`mariadb --socket=/run/mysqld/mysqld.sock -e "CREATE USER ${USER} IDENTIFIED BY '${PASSWORD}'"`);
  },
  attack: (site) => {
    site.clientsAre(GUESSER);
    for (const name of NAMES)
      site.run(`! mariadb -h ${SERVER} -u ${shellQuoted(name)} -pwrong -e 'SELECT 1' 2>/dev/null`);
  },
  logged: ['mysql/error.log', /Access denied/, NAMES.length],
  logs: [['mysql/error.log']],
  failures: NAMES,
  successes: [],
});
