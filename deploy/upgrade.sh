#!/bin/sh
# Builds the image and brings everything to what docker-compose.yml, .env and the code now say, one ingress after the other, so that no request is
# refused meanwhile. (A plain "up -d" of Compose v2 stops both ingresses before it starts the first.)
#
#   git pull && sh deploy/upgrade.sh [argument of docker compose build]…
set -eu
cd "$(dirname "$0")/.."
if docker compose version >/dev/null 2>&1; then compose='docker compose'; else compose=docker-compose; fi

sh deploy/prepare.sh
# One of those that share the image.
$compose build "$@" migrate

# With what it needs: databases, migration.
$compose up -d ingress
patience=60 # looks, of 3 s each
until [ "$(docker inspect -f '{{.State.Health.Status}}' "$($compose ps -q ingress)")" = healthy ]; do
  patience=$((patience - 1))
  if [ "$patience" = 0 ]; then
    echo 'the first ingress is not ready after 3 minutes, the second one is left as it was: docker compose logs ingress' >&2
    exit 1
  fi
  sleep 3
done
$compose up -d
