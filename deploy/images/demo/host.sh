#!/bin/sh
# Keys of its own, a log, and sshd in the foreground.
set -e
mkdir -p /run/sshd /var/log/demo
ssh-keygen -A
rsyslogd
exec /usr/sbin/sshd -D
