#!/bin/sh
# Makes what docker-compose.yml reads and git does not keep, with fresh secrets: .env, secrets/redis.conf and config/vidhuk.yaml. What is there
# already stays as it is, so it may run again at any time: after an upgrade, or after REDIS_PASSWORD of .env has changed.
#
#   sh deploy/prepare.sh
set -eu
umask 077
cd "$(dirname "$0")/.."

[ -e .env ] || cp .env.example .env
chmod 600 .env
for name in POSTGRES_PASSWORD REDIS_PASSWORD VIDHUK_MAIN_TOKEN ADMIN_TOKEN; do
  secret=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
  # Written over in place, so that the file keeps its owner and its mode.
  filled=$(sed "s/^$name=\$/$name=$secret/" .env)
  printf '%s\n' "$filled" >.env
done

# Redis reads its password here: on a command line everybody on the machine could read it. The folder keeps others out; inside of the container
# it is a user of another number who has to read the file.
mkdir -p secrets
chmod 700 secrets
printf 'requirepass %s\n' "$(sed -n 's/^REDIS_PASSWORD=//p' .env)" >secrets/redis.conf
chmod 644 secrets/redis.conf

# The configuration and, beside it, custom handlers. Ingress and worker read them as a plain user.
mkdir -p config
[ -e config/vidhuk.yaml ] || cp vidhuk.yaml config/
chmod 755 config
chmod 644 config/vidhuk.yaml
