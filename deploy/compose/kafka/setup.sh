#!/bin/bash
# Users of the services and their rights. Runs at every start; what is there already stays, and a password that changed in
# its file is changed here. Needs the broker's own loopback listener.
#
# KAFKA_BIN: directory of Kafka's tools; BOOTSTRAP: that listener; SECRETS: directory of kafka-<service>.password
set -euo pipefail
bin=${KAFKA_BIN:-/opt/kafka/bin}
bootstrap=${BOOTSTRAP:-127.0.0.1:19092}
secrets=${SECRETS:-/run/secrets}
export KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xmx128m}

acls() {
  "$bin/kafka-acls.sh" --bootstrap-server "$bootstrap" --add --force "$@" > /dev/null
}

# user <service>: the password goes by a file, since arguments can be read by everybody on the machine.
user() {
  local file
  file=$(mktemp)
  printf 'SCRAM-SHA-512=password=%s\n' "$(< "$secrets/kafka-$1.password")" > "$file"
  "$bin/kafka-configs.sh" --bootstrap-server "$bootstrap" --alter --entity-type users --entity-name "$1" --add-config-file "$file"
  rm -f "$file"
}

# member <service> <group>...
member() {
  local groups=()
  for group in "${@:2}"; do groups+=(--group "$group"); done
  acls --allow-principal "User:$1" --operation Read --operation Describe "${groups[@]}"
}

# writer <service> <topic>...
writer() {
  local topics=()
  for topic in "${@:2}"; do topics+=(--topic "fleetwall.$topic"); done
  acls --allow-principal "User:$1" --operation Write "${topics[@]}"
}

services=(gateway correlation response indexer)
everybody=()
for service in "${services[@]}"; do
  user "$service"
  everybody+=(--allow-principal "User:$service")
done

# All may read, and declare the topics they use. Who writes what is what matters: blocks come from the response service
# alone.
acls "${everybody[@]}" --operation Read --operation Describe --operation DescribeConfigs --operation Create \
  --topic fleetwall. --resource-pattern-type prefixed
acls "${everybody[@]}" --operation Describe --cluster

writer gateway events.security events.firewall events.antivirus enforcement dead-letter audit
writer correlation observations windows alerts dead-letter
writer response blocks requests audit dead-letter
writer indexer dead-letter

acls --allow-principal User:gateway --operation Read --operation Describe --group fleetwall-gateway --group fleetwall-ingest \
  --resource-pattern-type prefixed
member correlation fleetwall-match fleetwall-count
member response fleetwall-response
acls --allow-principal User:indexer --operation Read --operation Describe --group fleetwall-indexer \
  --resource-pattern-type prefixed
echo 'Users and rights are set.'
