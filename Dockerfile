# One image for every service; the command says which one runs.

FROM node:24-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
# No package needs its install script here, and one that was taken over can do nothing with it.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
RUN npm run build

# A stage of its own: a change of our sources does not install these again. What is optional is the TypeScript compiler, a peer of
# @nestjs/swagger that only its build plugin needs.
FROM base AS dependencies
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --omit=dev --omit=optional

FROM node:24-bookworm-slim
# A heap of 160 MB is twice what a service at its limit has in use; without a bound, Node takes more before it tidies up.
ENV NODE_ENV=production NODE_OPTIONS="--enable-source-maps --max-old-space-size=160 --max-semi-space-size=8"
WORKDIR /app
# package.json tells Node that these are ES modules, and where #libs/* is.
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/libs dist/libs
COPY --from=build /app/dist/apps dist/apps
# What makes the passwords of docker-compose.yml, and the demo's issuer of tokens, which refuses to work while NODE_ENV is production. Volumes get
# the owner of what they are mounted over.
COPY --from=build /app/dist/demo/credentials.js /app/dist/demo/token.js dist/demo/
RUN install --directory --owner=node /issuer/issuer/private /issuer/issuer/public
# Everything belongs to root, so the process can't change its own code.
USER node
# The image has no curl. Readiness stays 200 while only the broker is away: the outbox keeps what is to be sent.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/order/src/main.js"]
