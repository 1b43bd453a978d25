# Runs as the first process of namespaces of its own (mounts, network, processes), so that a daemon of the distribution runs
# as it is packaged and the machine stays as it is: /etc, /usr and /var are overlays that go with the namespace, and so is
# every process. Arguments: a directory outside, whose `log` is /var/log here; a tree of unpacked packages or nothing.
set -e
directory=$1 tree=$2
mkdir -p "$directory/over" "$directory/log"
mount -t tmpfs tmpfs "$directory/over"
for name in etc usr var; do
  mkdir -p "$directory/over/$name/up" "$directory/over/$name/work"
  lower=/$name
  if [ -n "$tree" ] && [ -d "$tree/$name" ]; then lower=$tree/$name:/$name; fi
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$directory/over/$name/up,workdir=$directory/over/$name/work" "/$name"
done
mkdir -p /var/log
mount --bind "$directory/log" /var/log
chmod 755 "$directory" /var/log
mount -t tmpfs -o mode=755 tmpfs /run

devices=$directory/over/dev
mkdir -p "$devices"
for node in null zero full random urandom tty; do touch "$devices/$node"; mount --bind "/dev/$node" "$devices/$node"; done
mount --bind "$devices" /dev
# A bind mount does not bring the mounts below it.
for node in null zero full random urandom tty; do mount --bind "/proc/1/root$devices/$node" "/dev/$node"; done
mkdir -p /dev/shm
chmod 1777 /dev/shm
ln -sf /proc/self/fd /dev/fd

ip link set lo up
for address in 203.0.113.5 198.51.100.7 198.51.100.8; do ip addr add "$address/32" dev lo; done
ip -6 addr add 2001:db8::7/128 dev lo
ip -6 addr add 2001:db8::5/128 dev lo

cat >/etc/rsyslog.conf <<'CONFIG'
module(load="imuxsock" SysSock.Name="/dev/log" SysSock.RateLimit.Interval="0")
include(file="/etc/rsyslog.d/*.conf" mode="optional")
auth,authpriv.* action(type="omfile" file="/var/log/auth.log")
*.*;auth,authpriv.none action(type="omfile" file="/var/log/syslog")
CONFIG
touch /var/log/auth.log /var/log/syslog
mkdir -p /var/spool/postfix/dev
/usr/sbin/rsyslogd -n -iNONE &
for _ in $(seq 200); do [ -S /dev/log ] && break; sleep 0.05; done
[ -S /dev/log ]
useradd --create-home --home-dir /var/home-alice --shell /bin/bash alice
echo 'alice:right-password' | chpasswd
echo ready
exec sleep infinity
