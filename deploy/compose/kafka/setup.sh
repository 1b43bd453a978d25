#!/bin/bash
# Users of the services and their rights. Runs at every start; what is there already stays, and a password that changed in
# its file is changed here. Needs the broker's own loopback listener.
# The rights are those of libs/adapters/kafka/README.md.
#
# KAFKA_BIN: directory of Kafka's tools; BOOTSTRAP: that listener; SECRETS: directory of kafka-<service>.password
set -euo pipefail
# Names may end in a star, and are no files.
set -f
bin=${KAFKA_BIN:-/opt/kafka/bin}
bootstrap=${BOOTSTRAP:-127.0.0.1:19092}
secrets=${SECRETS:-/run/secrets}
export KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xmx128m}

# user <service>: the password goes by a file, since arguments can be read by everybody on the machine.
user() {
  local file
  file=$(mktemp)
  printf 'SCRAM-SHA-512=password=%s\n' "$(< "$secrets/kafka-$1.password")" > "$file"
  "$bin/kafka-configs.sh" --bootstrap-server "$bootstrap" --alter --entity-type users --entity-name "fleetwall-$1" \
    --add-config-file "$file"
  rm -f "$file"
}

# allow <service>... -- <operation>... -- (topic|group) <name>...: a name that ends in * stands for all that begin so.
allow() {
  local who=() what=() kind literal=() prefixed=()
  for (( ; $# > 0; )); do [[ $1 == -- ]] && break; who+=(--allow-principal "User:fleetwall-$1"); shift; done
  shift
  for (( ; $# > 0; )); do [[ $1 == -- ]] && break; what+=(--operation "$1"); shift; done
  shift
  kind=$1
  shift
  for name in "$@"; do
    if [[ $name == *'*' ]]; then prefixed+=("--$kind" "${name%'*'}"); else literal+=("--$kind" "$name"); fi
  done
  (( ${#literal[@]} == 0 )) || acls literal "${who[@]}" "${what[@]}" "${literal[@]}"
  (( ${#prefixed[@]} == 0 )) || acls prefixed "${who[@]}" "${what[@]}" "${prefixed[@]}"
}

acls() {
  "$bin/kafka-acls.sh" --bootstrap-server "$bootstrap" --add --force --resource-pattern-type "$@" > /dev/null
}

topics() { printf 'fleetwall.%s\n' "$@"; }

for service in gateway correlation response indexer console; do user "$service"; done

# All declare the topics they use. Who may write what is what matters: blocks come from the response service alone, which
# the console asks for them.
allow gateway correlation response indexer console -- Describe DescribeConfigs Create -- topic 'fleetwall.*'

allow gateway -- Read -- topic $(topics blocks audit 'ingest.*')
allow gateway -- Write -- topic $(topics 'events.*' enforcement dead-letter)
allow gateway -- Read Describe -- group fleetwall-ingest

allow correlation -- Read -- topic $(topics 'events.*' observations windows)
allow correlation -- Write -- topic $(topics observations windows alerts)
allow correlation -- Read Describe -- group fleetwall-match fleetwall-count

allow response -- Read -- topic $(topics alerts requests blocks audit)
allow response -- Write -- topic $(topics blocks requests audit)
allow response -- Read Describe -- group fleetwall-response

allow indexer -- Read -- topic $(topics 'events.*' alerts blocks)
allow indexer -- Write -- topic $(topics dead-letter)
allow indexer -- Read Describe -- group 'fleetwall-indexer*'
allow console -- Read -- topic $(topics alerts blocks enforcement audit)
allow console -- Write -- topic $(topics requests audit events.security dead-letter)
allow console -- Read Describe -- group fleetwall-notifications
echo 'Users and rights are set.'
