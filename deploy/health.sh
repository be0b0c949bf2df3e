#!/usr/bin/env bash
# The containers' health check: `bash health.sh PORT PATH` exits 0 when PATH on that port of this container answers 200. It prints the answer
# either way, so that `docker inspect` tells which part is not ready. It starts no second Node: it runs every few seconds.
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
IFS= read -r -d '' -t 8 answer <&3 # false at the end of the answer: there is no NUL in it
printf '%s\n' "${answer##*$'\r\n'}"
[[ $answer == HTTP/1.?' 200 '* ]]
