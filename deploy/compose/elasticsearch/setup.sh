#!/bin/bash
# One user per program, each with a role of its own (roles/*.json) that allows what the program does. Runs at every start: a
# password that changed in its file, or a role that changed, is changed here.
#
# ELASTICSEARCH_URL; ELASTIC_PASSWORD: of the user elastic; CA_FILE; SECRETS: directory of elasticsearch-<user>.password
set -euo pipefail
url=${ELASTICSEARCH_URL:-https://elasticsearch:9200}
secrets=${SECRETS:-/run/secrets}
here=$(cd "$(dirname "$0")" && pwd)

# put <path>: standard input as JSON. The password goes by a file descriptor, since arguments can be read by everybody.
put() {
  curl --silent --show-error --fail-with-body --output /dev/null --cacert "$CA_FILE" \
    --config <(printf 'user = "%s:%s"\n' "${ELASTIC_USERNAME:-elastic}" "$ELASTIC_PASSWORD") \
    --request PUT --header 'content-type: application/json' --data-binary @- "$url/$1"
}

for role in "$here"/roles/*.json; do
  name=$(basename "$role" .json)
  put "_security/role/fleetwall-$name" < "$role"
  printf '{"password":"%s","roles":["fleetwall-%s"]}' "$(< "$secrets/elasticsearch-$name.password")" "$name" |
    put "_security/user/fleetwall-$name"
done
echo 'Users and roles are set.'
