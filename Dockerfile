# Leveret in a container, where people have the official image of RabbitMQ: the same ports, variables, files and commands.
# docs/operation.md tells how it is used.

FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
# No package of ours needs a script to install: LevelDB comes compiled.
RUN npm ci --ignore-scripts
COPY scripts/build-cjs.js scripts/bundle.js ./scripts/
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
# The ids of RabbitMQ's image, so that its volumes can be written to.
RUN groupadd --system --gid 999 leveret \
  && useradd --system --uid 999 --gid leveret --home-dir /var/lib/rabbitmq leveret \
  && mkdir -p /var/lib/rabbitmq/leveret /etc/rabbitmq/conf.d \
  && chown -R leveret:leveret /var/lib/rabbitmq
WORKDIR /opt/leveret
COPY package.json README.md LICENSE CHANGELOG.md ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY scripts/docker/10-defaults.conf /etc/rabbitmq/conf.d/
COPY --chmod=755 scripts/docker/entrypoint.sh /usr/local/bin/
# Every command by its name: leveret, rabbitmqctl, rabbitmq-diagnostics, rabbitmqadmin ...
RUN node -e 'const fs = require("fs"); for (const [name, path] of Object.entries(require("./package.json").bin)) { fs.chmodSync(path, 0o755); fs.symlinkSync("/opt/leveret/" + path, "/usr/local/bin/" + name) }'

ENV NODE_ENV=production \
  LEVERET_DATA_DIR=/var/lib/rabbitmq/leveret \
  RABBITMQ_CONFIG_FILE=/etc/rabbitmq/rabbitmq.conf \
  RABBITMQ_CONFIG_FILES=/etc/rabbitmq/conf.d
USER leveret
VOLUME /var/lib/rabbitmq
# AMQP, AMQPS, HTTP API (and WebSocket), HTTPS, metrics.
EXPOSE 5672 5671 15672 15671 15692
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["leveret", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["entrypoint.sh"]
CMD ["leveret", "serve"]
