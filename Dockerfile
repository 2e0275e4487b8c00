# Preface with Chromium's headless shell. TypeScript runs as it is (Node strips the types), so nothing of src/ is built.
# A fixed digest (node:24-bookworm-slim@sha256:…) makes the build repeatable.
FROM node:24-bookworm-slim AS base
WORKDIR /app

FROM base AS dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM base AS demo
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY demo demo
RUN node_modules/.bin/vite build demo --logLevel warn

FROM base AS preface
# The real program lies under /usr/lib: Debian's /usr/bin/chromium-headless-shell is a script that leaves orphans behind.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium-headless-shell fonts-liberation \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir --parents /var/cache/preface \
    && chown 1000:1000 /var/cache/preface
ENV NODE_ENV=production \
    PUPPETEER_EXECUTABLE_PATH=/usr/lib/chromium/chromium-headless-shell
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY config config
COPY src src
COPY --from=demo /app/demo demo
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "src/main.ts", "health"]
# Needs a process 1 that reaps children (docker run --init, `init: true` in Compose): Chromium has many.
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
