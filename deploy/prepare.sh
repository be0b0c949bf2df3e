#!/bin/sh
# Makes what docker-compose.yml reads and git does not keep, with fresh secrets: .env, config/vidhuk.yaml, and in secrets/ redis.conf, ingress.env and
# worker.env. What is there already stays as it is, so it may run again at any time: after an upgrade, or after a password of Redis in .env has changed.
#
#   sh deploy/prepare.sh
set -eu
umask 077
cd "$(dirname "$0")/.."

[ -e .env ] || cp .env.example .env
chmod 600 .env
passwords='POSTGRES_PASSWORD POSTGRES_OWNER_PASSWORD POSTGRES_WORKER_PASSWORD POSTGRES_INGRESS_PASSWORD POSTGRES_CONSOLE_PASSWORD
  POSTGRES_SUPPORT_PASSWORD REDIS_PASSWORD REDIS_INGRESS_PASSWORD REDIS_WORKER_PASSWORD'
for name in $passwords VIDHUK_MAIN_TOKEN ADMIN_TOKEN; do
  # One of an earlier version does not know them all.
  grep -q "^$name=" .env || printf '%s=\n' "$name" >>.env
  secret=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
  # Written over in place, so that the file keeps its owner and its mode.
  filled=$(sed "s/^$name=\$/$name=$secret/" .env)
  printf '%s\n' "$filled" >.env
done

# Redis reads its users and their passwords here: on a command line everybody on the machine could read them. The folder keeps others out; inside of
# the container it is a user of another number who has to read the file.
mkdir -p secrets
chmod 700 secrets
value() { sed -n "s/^$1=//p" .env; }
{
  printf 'requirepass %s\n' "$(value REDIS_PASSWORD)"
  sed "s/INGRESS_PASSWORD/$(value REDIS_INGRESS_PASSWORD)/; s/WORKER_PASSWORD/$(value REDIS_WORKER_PASSWORD)/" deploy/redis/users.acl
} >secrets/redis.conf
chmod 644 secrets/redis.conf

# Further variables that vidhuk.yaml names: what stands here reaches no other container.
[ -e secrets/ingress.env ] || echo '# For ingresses and workers: tokens of further sources, NAME=value.' >secrets/ingress.env
[ -e secrets/worker.env ] || echo '# For workers alone: secrets of actions, keys of platforms, NAME=value.' >secrets/worker.env

# The configuration and, beside it, custom handlers. Ingress and worker read them as a plain user.
mkdir -p config
[ -e config/vidhuk.yaml ] || sed 's#=./docs/#=../docs/#' vidhuk.yaml >config/vidhuk.yaml # where editors find the schema from there
chmod 755 config
chmod 644 config/vidhuk.yaml
