#!/bin/bash
# A tenant of Fleetwall for every top-level virtual server of Virtualmin. To be named under System Settings > Virtualmin
# Configuration > Actions upon server and user creation > Command to run after making changes to a server. Every call may be
# repeated. See docs/panels.md.
set -euo pipefail

# FLEETWALL_CONSOLE: https://fleetwall.example.org
# FLEETWALL_AUTHORIZATION: file with one line, `Authorization: Bearer fw_…`, of a token with the scope tenants:write
. "${FLEETWALL_PANEL:-/etc/fleetwall/panel.conf}"

# A sub-server is its parent's: no customer of its own.
[ -z "${VIRTUALSERVER_PARENT:-}" ] || exit 0

# Both become part of a path and of JSON.
if ! [[ ${VIRTUALSERVER_ID:-} =~ ^[A-Za-z0-9]+$ && ${VIRTUALSERVER_DOM:-} =~ ^[A-Za-z0-9.-]+$ ]]; then
  echo "fleetwall: neither id nor domain may hold other signs than letters, digits, dots and dashes" >&2
  exit 1
fi

ask() {
  curl --silent --show-error --fail --max-time 20 --retry 3 --output /dev/null \
    --header "@$FLEETWALL_AUTHORIZATION" ${3:+--header "Content-Type: application/json" --data "$3"} \
    --request "$1" "$FLEETWALL_CONSOLE/api/v1/tenants/$VIRTUALSERVER_ID${2:-}"
}

case ${VIRTUALSERVER_ACTION:-} in
  CREATE_DOMAIN | MODIFY_DOMAIN | RESTORE_DOMAIN) ask PUT '' "{\"name\":\"$VIRTUALSERVER_DOM\"}" ;;
  DISABLE_DOMAIN) ask PUT /state '{"state":"suspended"}' ;;
  ENABLE_DOMAIN) ask PUT /state '{"state":"active"}' ;;
  DELETE_DOMAIN) ask DELETE ;;
esac
