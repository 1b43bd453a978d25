import { provenBy } from './daemon.test-support.js';
import { USER } from './site.test-support.js';
import { attackSsh, SSH_FAILURES } from './ssh.test-support.js';

provenBy('dropbear', {
  programs: ['/usr/sbin/dropbear', '/usr/bin/dropbearkey', '/usr/bin/ssh'],
  start: async (site) => {
    site.run('dropbearkey -t ed25519 -f /run/dropbear_key >/dev/null 2>&1');
    await site.daemon('dropbear -F -r /run/dropbear_key -p 203.0.113.5:22 -P /run/dropbear.pid', 22);
  },
  attack: attackSsh,
  logged: ['auth.log', /auth succeeded/],
  logs: [['auth.log']],
  // It prints no name that does not exist.
  failures: SSH_FAILURES.map((name) => (name === USER ? name : '')),
  successes: [USER],
});
