#!/usr/bin/env bash
# The containers' health check: `bash health.sh PORT PATH` exits 0 when PATH on that port of this container answers 200. It prints the answer
# either way, so that `docker inspect` tells which part is not ready. Docker starts it 3 s after it ended; once it has found the container well, it
# takes 12 s more, so that looking costs little while nothing changes, and a start is noticed within 3 s. (start_interval of Compose would do
# that, but docker-compose 1.29 refuses it.)
well=/tmp/.well # gone when the container starts again: /tmp is memory
if exec 3<>"/dev/tcp/127.0.0.1/$1"; then
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
  IFS= read -r -d '' -t 8 answer <&3 # false at the end of the answer: there is no NUL in it
fi
printf '%s\n' "${answer##*$'\r\n'}"
if [[ ${answer:-} != HTTP/1.?' 200 '* ]]; then
  rm -f "$well"
  exit 1
fi
if [ -e "$well" ]; then sleep 12; else touch "$well"; fi
