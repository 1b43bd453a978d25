import { provenBy } from './daemon.test-support.js';
import { USER } from './site.test-support.js';
import { attackSsh, SSH_FAILURES } from './ssh.test-support.js';

provenBy('sshd with PAM', {
  programs: ['/usr/sbin/sshd', '/usr/bin/ssh'],
  start: async (site) => {
    site.run(`mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f /run/host_key`);
    await site.daemon('/usr/sbin/sshd -D -f /dev/null -h /run/host_key -o UsePAM=yes -o PidFile=none', 22);
  },
  attack: attackSsh,
  logged: ['auth.log', /Accepted password/],
  logs: [['auth.log']],
  failures: SSH_FAILURES,
  successes: [USER],
});
