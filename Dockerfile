# The image is the tarball on a small Debian. Building it runs nothing of it, so any machine builds it for both architectures:
#   npm ci && npm run package -- image                   with buildah: an OCI archive, the same bytes for the same commit
#   npm ci && npm run package -- tar amd64 && docker build --build-arg VERSION=X.Y.Z --tag health-sidecar .
# For another registry, an image of your own or one pinned by its digest, use --base or --build-arg BASE=... It needs glibc 2.28
# or later, libstdc++ and a shell.
ARG BASE=docker.io/library/debian:12-slim

FROM scratch AS unpacked
ARG VERSION
ARG TARGETARCH
ADD dist/health-sidecar-${VERSION}-linux-${TARGETARCH}.tar.gz /
# makes a directory
WORKDIR /run/health-sidecar

FROM ${BASE}
ARG BASE
ARG VERSION
# An unprivileged user. No other image's files belong to this id.
ARG UID=64080
LABEL org.opencontainers.image.title="health-sidecar" \
      org.opencontainers.image.description="Answers a load balancer's GET /health for one web app on one host" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="${BASE}"
# The same layout as in the .deb package, without its compiled code: that differs with each build and processor. A command takes
# 60 ms longer without it.
COPY --from=unpacked /health-sidecar-${VERSION}/lib/health-sidecar/node /health-sidecar-${VERSION}/lib/health-sidecar/compiled.cjs \
     /health-sidecar-${VERSION}/lib/health-sidecar/health-sidecar.js /usr/lib/health-sidecar/
COPY --from=unpacked /health-sidecar-${VERSION}/share/doc/health-sidecar/copyright \
     /health-sidecar-${VERSION}/share/doc/health-sidecar/sbom.cdx.json /usr/share/doc/health-sidecar/
COPY --from=unpacked --chown=${UID}:${UID} /run/health-sidecar /run/health-sidecar
COPY --chmod=755 packaging/launcher /usr/bin/health-sidecar
USER ${UID}:${UID}
ENV HEALTH_SIDECAR_LISTEN=0.0.0.0:8080
EXPOSE 8080
# The program writes here only. The latch (this release has passed) outlives a restart here.
VOLUME /run/health-sidecar
# Asks the daemon through its admin socket, and rechecks nothing. A daemon that hangs is unhealthy. pass and warn are healthy,
# as they are for the load balancer. The first 200 takes 60 to 90 seconds. The OCI format has no HEALTHCHECK, so buildah leaves
# it out of the archive.
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m CMD health-sidecar status || [ $? -eq 1 ]
# The daemon answers 503 for 20 seconds before it closes. Allow it 30.
STOPSIGNAL SIGTERM
ENTRYPOINT ["health-sidecar"]
CMD ["serve"]
