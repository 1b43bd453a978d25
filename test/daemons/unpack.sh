#!/usr/bin/env bash
# Unpacks daemons of Debian that cannot be installed side by side, with the libraries that they lack, into a directory:
#   test/daemons/unpack.sh DIRECTORY && FLEETWALL_DAEMONS_TREE=DIRECTORY npm run test:daemons
# Nothing is installed. Needs root for apt's lock, and `apt-get update` before it.
set -euo pipefail
tree=$1
packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
mkdir -p "$tree" "$packages/partial"
chmod 755 "$packages"
for package in vsftpd proftpd-core pure-ftpd exim4-daemon-light; do
  apt-get install -y -qq --no-install-recommends --download-only -o "Dir::Cache::Archives=$packages" "$package" >/dev/null
done
for file in "$packages"/*.deb; do dpkg -x "$file" "$tree"; done
