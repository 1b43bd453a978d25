#!/bin/sh
# One wrong password after another for ever, as a patient attacker does. DEMO_TARGET: whom; DEMO_PAUSE_SECONDS: how slowly.
users="root admin test oracle postgres git ubuntu alice"
while true; do
  for user in $users; do
    sshpass -p "guess-$(date +%s%N)" ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
      -o ConnectTimeout=5 -o NumberOfPasswordPrompts=1 -o PubkeyAuthentication=no "$user@${DEMO_TARGET:?}" true 2>&1 | tail -n 1
    touch /tmp/tried
    sleep "${DEMO_PAUSE_SECONDS:-5}"
  done
done
