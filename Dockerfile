# Node 24 or later with a shell; another registry's, or a base of your own, by --build-arg BASE=...
ARG BASE=docker.io/library/node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# esbuild needs no install script, and Postgres is for tests
RUN npm ci --ignore-scripts
COPY tsconfig.json build.ts ./
COPY config config
COPY src src
RUN npm run build

FROM ${BASE}
COPY --from=build --chmod=755 /build/dist/health-sidecar.js /usr/local/lib/health-sidecar.mjs
# an unprivileged user that no other image uses for files
ARG UID=64080
RUN ln -s ../lib/health-sidecar.mjs /usr/local/bin/health-sidecar && \
    mkdir -m 750 /run/health-sidecar && chown ${UID}:${UID} /run/health-sidecar
USER ${UID}:${UID}
ENV HEALTH_SIDECAR_LISTEN=0.0.0.0:8080
EXPOSE 8080
# pass and warn are healthy, as they are for the load balancer
HEALTHCHECK --interval=30s --timeout=10s CMD health-sidecar check >/dev/null || [ $? -eq 1 ]
# stop it with at least 25 seconds of grace: it answers 503 for 20 before it closes
ENTRYPOINT ["health-sidecar"]
CMD ["serve"]
