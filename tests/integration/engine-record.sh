#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is recorded of a live engine and its containers: no secret; a replay that tells the same; and the engine does not
# notice that it was looked at.
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"

choose_bridge || true
secret=hunter2-$RANDOM-$$

# ---- secrets wherever a node has them ----
name=secrets
engine_environment=("HTTP_PROXY=http://proxy-user:$secret-proxy@proxy.example:3128" "NO_PROXY=localhost"
    "DOCKER_HOST=tcp://user:$secret-host@127.0.0.1:1" "DOCKER_AUTH_TOKEN=$secret-token" "MY_$RANDOM=$secret-own")
start secrets '{"log-driver": "splunk", "log-opts": {"splunk-token": "'"$secret"'-splunk", "splunk-url": "https://u:'"$secret"'-url@splunk.example"},
    "labels": ["example.password='"$secret"'-mark"]}' || finish
engine_environment=()
import_busybox
hostile=$'\e]0;owned\a\e[31m</script>"\n"status": "pass"'
if engine run -d --rm --network none --log-driver none -e "PASSWORD=$secret-env" -e "ODD=$hostile" \
    --label "com.example.password=$secret-label" --label "odd=$hostile" --hostname held \
    busybox:holdfast /bin/sh -c "sleep 600; exit" "$secret-command" "$hostile" >/dev/null 2>"$work/run.err"; then
    has_container=1
    container=$(engine ps -q --no-trunc)
else
    has_container=
    skipped "a container's secrets" "none could be started here: $(head -n 1 "$work/run.err")"
fi

# They are there to be found.
ok "secrets: the daemon's environment has them" grep -qaF "$secret-token" "/proc/$engine_pid/environ"
ok "secrets: the daemon's answers have them" bash -c "docker -H unix://$engine_socket info --format '{{json .}}' | grep -qF '$secret-mark'"
[ -z "$has_container" ] || ok "secrets: the container's record has them" \
    bash -c "docker -H unix://$engine_socket inspect $container | grep -qF '$secret-env'"

# Everything that can be seen of it through its API; the time of day is none of it.
state() {
    engine ps -a --no-trunc --format '{{json .}}' | jq -S 'del(.Status, .RunningFor)'
    engine images -a --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}'
    engine network ls --no-trunc --format '{{.ID}} {{.Name}}'
    engine volume ls --format '{{.Name}}'
    engine info --format '{{json .}}' | jq -S 'del(.SystemTime, .NFd, .NGoroutines)'
}
state >"$work/before"
sleep 1.1 # events are told by the second
since=$(date +%s)
scan
DOCKER_HOST=unix://$engine_socket "$holdfast" capture --output "$work/capture.json" 2>"$work/capture.err"
DOCKER_HOST=unix://$engine_socket "$holdfast" scan --quiet >"$work/scan.txt" 2>/dev/null
sleep 1.1
is "unnoticed: a scan causes no event" "$(engine events --since "$since" --until "$(date +%s)")" ""
state >"$work/after"
ok "unnoticed: containers, images, networks and the engine are as before" diff "$work/before" "$work/after"
ok "secrets: the engine was asked" jq -e '[.subjects[] | select(.kind == "daemon")] | length > 0' "$document" >/dev/null

for part in proxy host token own splunk url mark env label command; do
    [ -z "$has_container" ] && case $part in env | label | command) continue ;; esac
    for file in "$work/capture.json" "$document" "$work/scan.txt"; do
        ok "secrets: no $part in $(basename "$file")" bash -c "! grep -qaF '$secret-$part' '$file'"
    done
done
ok "secrets: what is left out is marked" grep -q '\[redacted\]' "$work/capture.json"
ok "hostile: no control character reaches the terminal" bash -c "! grep -qaP '[\x00-\x08\x0b-\x1f\x7f]' '$work/scan.txt'"
ok "hostile: the schema holds" /usr/bin/python3 "$here/validate" "$HOLDFAST_TOP/packaging/schema/results.schema.json" "$document"
if [ -n "$has_container" ]; then
    ok "secrets: the container is in the capture" grep -q "$container" "$work/capture.json"
fi

# ---- a replay ----
name=replay
"$holdfast" scan --from "$work/capture.json" --format "json:$work/first.json" --quiet 2>"$work/first.err"
"$holdfast" scan --from "$work/capture.json" --format "json:$work/second.json" --quiet 2>"$work/second.err"
without_time "$document" >"$work/live.txt"
without_time "$work/first.json" >"$work/first.txt"
without_time "$work/second.json" >"$work/second.txt"
ok "replay: two replays are the same" cmp "$work/first.txt" "$work/second.txt"
# the capture was made after the scan: the number of processes and who was just ending may differ
steady() {
    sed -E 's/among [0-9]+ processes/among N processes/' "$1" |
        jq 'del(.unread[] | select(.source | test("^(link|file|dir):/proc/[0-9]")))'
}
ok "replay: it is the live scan's document but for times and source" diff <(steady "$work/live.txt") <(steady "$work/first.txt")
ok "replay: the schema holds" /usr/bin/python3 "$here/validate" "$HOLDFAST_TOP/packaging/schema/results.schema.json" "$work/first.json"
finish
