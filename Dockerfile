# The base image needs Node 24 or later, npm and a shell. For another registry, an image of your own or one pinned by its
# digest, use --build-arg BASE=...
ARG BASE=docker.io/library/node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Only what the build needs; no package of it needs an install script.
RUN npm ci --omit=dev --ignore-scripts
COPY tsconfig.json build.ts ./
COPY config config
COPY src src
RUN npm run build
COPY LICENSE ./
COPY packaging packaging
RUN SOURCE_DATE_EPOCH=0 node packaging/npm-notices.ts

FROM ${BASE}
ARG BASE
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="health-sidecar" \
      org.opencontainers.image.description="Answers a load balancer's GET /health for one web app on one host" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="${BASE}"
# An unprivileged user. No other image's files belong to this id.
ARG UID=64080
# the same layout as in the .deb package
RUN mkdir /usr/lib/health-sidecar && \
    ln -s "$(command -v node)" /usr/lib/health-sidecar/node && \
    mkdir -m 750 /run/health-sidecar && chown ${UID}:${UID} /run/health-sidecar
COPY --chmod=755 packaging/launcher /usr/bin/health-sidecar
COPY --from=build /build/dist/health-sidecar.js /usr/lib/health-sidecar/
COPY packaging/compile.cjs packaging/compiled.cjs /usr/lib/health-sidecar/
COPY --from=build /build/dist/copyright /usr/share/doc/health-sidecar/
# Short commands, such as the HEALTHCHECK's, start from compiled code.
RUN node /usr/lib/health-sidecar/compile.cjs >/dev/null
USER ${UID}:${UID}
ENV HEALTH_SIDECAR_LISTEN=0.0.0.0:8080
EXPOSE 8080
# The program writes here only. The latch (this release has passed) outlives a restart here.
VOLUME /run/health-sidecar
# Asks the daemon through its admin socket, and rechecks nothing. A daemon that hangs is unhealthy. pass and warn are healthy,
# as they are for the load balancer. The first 200 takes 60 to 90 seconds.
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m CMD health-sidecar status || [ $? -eq 1 ]
# The daemon answers 503 for 20 seconds before it closes. Allow it 30.
STOPSIGNAL SIGTERM
ENTRYPOINT ["health-sidecar"]
CMD ["serve"]
