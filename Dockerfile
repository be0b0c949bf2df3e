# One image for ingress, worker, migrations and the command line; docker-compose.yml says which it is.
# Behind a mirror of the npm registry: docker compose build --build-arg NPM_CONFIG_REGISTRY=https://…

FROM node:24.19.0-bookworm-slim AS dependencies
ARG NPM_CONFIG_REGISTRY
ENV CI=true
WORKDIR /app
# The manifests alone, so that a change of code leaves these layers as they are.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages/shared/package.json packages/shared/
COPY packages/ingress/package.json packages/ingress/
COPY packages/worker/package.json packages/worker/
COPY packages/simulator/package.json packages/simulator/
COPY packages/cli/package.json packages/cli/
COPY packages/cli/bin packages/cli/bin
# What the image runs with. The version of pnpm stands in package.json and nowhere else.
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --prod --frozen-lockfile

FROM dependencies AS build
# What it is compiled with, on top. Optional dependencies would bring the tests' own PostgreSQL.
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile --no-optional --ignore-scripts
COPY tsconfig.base.json ./
COPY packages packages
RUN node_modules/.bin/tsc -b packages/ingress packages/cli \
  && find packages/*/dist -name '*.d.ts*' -delete

FROM dependencies AS production
# Half of it is for compiling against it: declarations, source maps, and the compiler, which is an optional peer of one package.
RUN find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete \
  && rm -rf node_modules/.pnpm/typescript@*

FROM node:24.19.0-bookworm-slim
LABEL org.opencontainers.image.title="vidhuk" \
  org.opencontainers.image.description="Receives eSputnik (Yespo) activity webhooks durably and keeps a status per contact in PostgreSQL"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app ./
COPY --from=build /app/packages/shared/dist packages/shared/dist
COPY --from=build /app/packages/ingress/dist packages/ingress/dist
COPY --from=build /app/packages/worker/dist packages/worker/dist
COPY --from=build /app/packages/simulator/dist packages/simulator/dist
COPY --from=build /app/packages/cli/dist packages/cli/dist
COPY deploy/health.sh deploy/
RUN ln -s /app/packages/cli/bin/vidhuk.mjs /usr/local/bin/vidhuk
# It writes nowhere: the files are root's, and the root file system may be read-only.
USER node
CMD ["vidhuk", "--help"]
