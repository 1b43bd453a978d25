# syntax=docker/dockerfile:1
# Images of Fleetwall. Targets: `service` (gateway, correlation, response, indexer, console: named by the command),
# `collector`, and for the demo `demo-host`, `demo-credential`, `demo-collector` and `demo-attacker`.
# Built by docker-compose.yml; explained in docs/cluster.md.
ARG NODE_IMAGE=node:20.20.2-bookworm-slim

# Packages lie in a layer of their own, which only the manifests change.
FROM ${NODE_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json ./
COPY libs/core/package.json libs/core/
COPY libs/sources/package.json libs/sources/
COPY libs/assembly/package.json libs/assembly/
COPY libs/detection/package.json libs/detection/
COPY libs/response/package.json libs/response/
COPY libs/query/package.json libs/query/
COPY libs/protocol/package.json libs/protocol/
COPY libs/config/package.json libs/config/
COPY libs/process/package.json libs/process/
COPY libs/service/package.json libs/service/
COPY libs/testkit/package.json libs/testkit/
COPY libs/adapters/elasticsearch/package.json libs/adapters/elasticsearch/
COPY libs/adapters/embedded/package.json libs/adapters/embedded/
COPY libs/adapters/geo/package.json libs/adapters/geo/
COPY libs/adapters/kafka/package.json libs/adapters/kafka/
COPY collector/package.json collector/
COPY services/correlation/package.json services/correlation/
COPY services/gateway/package.json services/gateway/
COPY services/indexer/package.json services/indexer/
COPY services/response/package.json services/response/
COPY services/console/package.json services/console/
COPY services/standalone/package.json services/standalone/
COPY cli/package.json cli/
COPY web/package.json web/
# No package needs its install script: what is native comes prebuilt.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund

FROM packages AS build
COPY tsconfig.base.json tsconfig.build.json nest-cli.json ./
COPY scripts/setup.mjs scripts/build.mjs scripts/image-files.mjs scripts/
COPY libs libs
COPY collector collector
COPY services services
COPY cli cli
COPY web web
RUN node scripts/build.mjs \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && node scripts/image-files.mjs /fleetwall
COPY rules /fleetwall/rules
COPY policies /fleetwall/policies
COPY proxies /fleetwall/proxies
COPY LICENSE /fleetwall/

# What every image has: Node, the compiled packages, the user that they run as.
FROM ${NODE_IMAGE} AS runtime
LABEL org.opencontainers.image.title="Fleetwall" \
  org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 fleetwall \
  && useradd --uid 10001 --gid 10001 --home-dir /var/lib/fleetwall --no-create-home --shell /usr/sbin/nologin fleetwall \
  && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/fleetwall \
  && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn*
COPY --from=build /fleetwall /opt/fleetwall
COPY --chmod=0755 deploy/images/fleetwall /usr/local/bin/fleetwall
COPY deploy/images/health.mjs /opt/fleetwall/health.mjs
ENV NODE_ENV=production \
  FLEETWALL_HOME=/var/lib/fleetwall
WORKDIR /var/lib/fleetwall
STOPSIGNAL SIGTERM
EXPOSE 8686
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --start-interval=2s --retries=3 \
  CMD ["node", "/opt/fleetwall/health.mjs"]
ENTRYPOINT ["fleetwall"]

FROM runtime AS service
USER 10001:10001
VOLUME /var/lib/fleetwall
EXPOSE 8687

# Reads the logs of its host and writes its firewall. Root, since Docker gives capabilities to root only; all of them but
# NET_ADMIN and DAC_READ_SEARCH are to be dropped (docker-compose.yml), so that it owns nothing else.
FROM runtime AS collector
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
  apt-get update && apt-get install --yes --no-install-recommends nftables iproute2 \
  && chown 0:0 /var/lib/fleetwall
USER 0:0
VOLUME /var/lib/fleetwall
CMD ["collector"]

# Makes the credential of the demo's collector with the verb that operators use.
FROM service AS demo-credential
USER 0:0
RUN install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/fleetwall-demo
COPY --chmod=0755 deploy/images/demo/credential.sh /usr/local/bin/demo-credential
USER 10001:10001
VOLUME /var/lib/fleetwall-demo
ENTRYPOINT ["demo-credential"]

# The collector of the demo learns the pin of the gateway when it first meets it; elsewhere an operator says it.
FROM collector AS demo-collector
COPY deploy/images/demo/gateway-pin.mjs /opt/fleetwall/gateway-pin.mjs
COPY --chmod=0755 deploy/images/demo/collector.sh /usr/local/bin/demo-collector
ENTRYPOINT ["demo-collector"]

# A host with an SSH server, to be attacked. Nothing of it is for use.
FROM debian:bookworm-20260918-slim AS demo-host
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
  apt-get update && apt-get install --yes --no-install-recommends openssh-server rsyslog netcat-openbsd \
  && rm -f /etc/ssh/ssh_host_* \
  && useradd --create-home --shell /bin/bash alice
COPY deploy/images/demo/sshd_config /etc/ssh/sshd_config
COPY deploy/images/demo/rsyslog.conf /etc/rsyslog.conf
COPY --chmod=0755 deploy/images/demo/host.sh /usr/local/bin/demo-host
EXPOSE 22
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --start-interval=1s \
  CMD ["nc", "-z", "127.0.0.1", "22"]
ENTRYPOINT ["demo-host"]

# Tries passwords on the demo host, slowly, and goes on trying when nobody answers any more.
FROM debian:bookworm-20260918-slim AS demo-attacker
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
  apt-get update && apt-get install --yes --no-install-recommends openssh-client sshpass \
  && useradd --uid 10001 --no-create-home --home-dir /tmp attacker
COPY --chmod=0755 deploy/images/demo/attacker.sh /usr/local/bin/demo-attacker
USER 10001
ENTRYPOINT ["demo-attacker"]
