#!/bin/sh
# A token for the collector of the demo, unless it has one. Nobody else may read it.
set -e
umask 077
token=/var/lib/fleetwall-demo/token
test -s "$token" || fleetwall credential --host demo > "$token"
