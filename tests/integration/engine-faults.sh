#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An engine that is stopped, that hangs, or that is no engine: the scan ends in time, nobody's lie passes for a reading.
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"

choose_bridge || true

# Ends within the runtime collector's deadline and the time of a scan.
timed_scan() {
    local before took
    before=$(date +%s%N)
    scan
    took=$((($(date +%s%N) - before) / 1000000))
    ok "$name: the scan ends within its deadlines ($took ms)" test "$took" -lt 4000
    ok "$name: there is a document" test -s "$document"
}
# An engine that starts or ends changes settings of the network, io_uring is judged by the engine's seccomp profile, and
# only with an engine do containers take keys; all else of the kernel is as it was.
kernel_statuses() { # DOCUMENT
    jq -r '.results[] | select(.plugin == "kernel") | select(.check | test("net|sysctl|io-uring|keys-quota") | not) | "\(.check) \(.status)"' "$1"
}
unaffected() {
    is "$name: the kernel's checks are unaffected" \
        "$(diff <(kernel_statuses "$work/answering.json") <(kernel_statuses "$document"))" ""
}

# ---- one that hangs ----
settings='{"live-restore": true, "no-new-privileges": true, "log-level": "info", "experimental": false}'
# by the name that NixOS gives it
engine_program=$work/.dockerd-wrapped
cp "$(command -v dockerd)" "$engine_program"
# a folder of root's shell before the usual ones
engine_environment=(PATH=/root/bin:/root/.local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
if start answering "$settings" --userland-proxy=false; then
    scan
    check daemon.runtimes pass
    check daemon.live-restore pass
    check daemon.no-new-privileges pass
    check daemon.storage-driver-aufs pass
    name=hung
    kill -STOP "$engine_pid"
    timed_scan
    kill -CONT "$engine_pid"
    unaffected
    # its flags and the file that they name are still there to be read
    check daemon.userland-proxy pass
    check daemon.no-new-privileges pass
    check daemon.live-restore pass
    check daemon.log-level pass
    check daemon.runtimes pass
    # only it can tell these
    check daemon.storage-driver-aufs unknown
    check daemon.legacy-registry unknown
    is "hung: the reason is told" "$(jq '[.unread[] | select(.source | startswith("api:")) | select(.reason == "no complete answer in time")] | length > 0' "$document")" true
    name=awake
    scan
    check daemon.storage-driver-aufs pass
    stop_engine
fi
engine_program=dockerd
engine_environment=()

# ---- no engine ----
name=stopped
timed_scan
unaffected
daemon_passes "$document" >"$work/stopped.passes"
is "stopped: nothing is said of our engine" "$(jq --arg key "$subject" '[.subjects[] | select(.key == $key)] | length' "$document")" 0

# ---- liars on the engine's socket ----
# What passes with them must have passed without them, whichever other engine runs here.
for lie in silent silent-later half cut hang-up drip garbage 500 403 no-json twice huge huge-chunked huge-head many-values \
    ok chunked close continue; do
    name=fake-$lie
    start_fake "$lie"
    timed_scan
    stop_fake
    unaffected
    daemon_passes "$document" >"$work/fake.passes"
    is "$name: nothing passes that did not pass without it" "$(comm -13 "$work/stopped.passes" "$work/fake.passes")" ""
    ok "$name: what it says of itself is in no evidence" bash -c "! grep -qE 'hunter2|/srv/docker' '$document'"
done

# ---- a user's own program by the name of dockerd ----
name=impostor
own=$(mktemp -d)
cp "$fake_engine" "$own/dockerd"
chown -R nobody: "$own"
engine_socket=$own/docker.sock
setpriv --reuid=nobody --regid=nogroup --clear-groups "$own/dockerd" "$engine_socket" ok >"$work/fake.log" 2>&1 &
fake_pid=$!
for _ in $(seq 50); do [ -S "$engine_socket" ] && break; sleep 0.1; done
ok "impostor: it listens" test -S "$engine_socket"
timed_scan
stop_fake
rm -rf "$own"
engine_socket=$engine_dir/docker.sock
unaffected
ok "impostor: what it says of itself is in no evidence" bash -c "! grep -qE 'hunter2|/srv/docker' '$document'"
daemon_passes "$document" | grep -v ' daemon:docker:uid' >"$work/fake.passes"
is "impostor: nothing passes for another engine because of it" "$(comm -13 "$work/stopped.passes" "$work/fake.passes")" ""

# ---- a daemon.json that is none ----
malformed=('{' '{"icc": false, "icc": true}' '{"icc": "maybe"}' '{"no-such-key": 1}' $'\xff\xfe{' '[]' '{"live-restore": true} x'
    $'{"live-restore": true,\n}' '"live-restore"')
strict() { # what the file's text got, with the reason
    check daemon.config-in-force fail
    ok "$name: the reason is told" jq -e '.results[] | select(.check == "daemon.config-in-force") | .findings[].evidence[]
        | select(.wanted == "strict JSON with known keys, each once")' "$document" >/dev/null
}
# below an engine that runs: it will not start again
if start edited '{}'; then
    for text in "${malformed[@]}"; do
        name="edited to $text"
        printf '%s' "$text" >"$config"
        document=$work/edited.json
        DOCKER_HOST=unix://$engine_socket "$holdfast" scan --only 'daemon.*' --format "json:$document" --quiet 2>"$work/edited.err"
        strict
    done
    stop_engine
fi
# of one that does not run: in a place where no other engine is seen, with an /etc/docker of its own
alone() { # TEXT
    document=$work/alone.json
    rm -f "$document"
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --mount-proc bash -c '
        sleep 60 & # the machine has a process 2, too
        mkdir -p /etc/docker && mount -t tmpfs none /etc/docker && printf %s "$1" >/etc/docker/daemon.json &&
            DOCKER_HOST=unix:///nowhere "$2" scan --only "daemon.*" --format "json:$3" --quiet
        kill $!' alone "$1" "$holdfast" "$document" 2>"$work/alone.err"
}
subject=daemon:docker
name="not running"
alone '{"live-restore": true, "icc": false}'
if [ -s "$document" ]; then
    check daemon.live-restore pass
    check daemon.icc pass
    check daemon.config-in-force notapplicable
    check daemon.no-new-privileges fail
    ok "not running: it is told what this rests on" jq -e '.results[] | select(.check == "daemon.live-restore")
        | .findings[].message | test("does not run")' "$document" >/dev/null
    for text in "${malformed[@]}"; do
        name="not running, with $text"
        alone "$text"
        strict
        is "$name: nothing passes that the file could decide" \
            "$(jq -r '.results[] | select(.check | test("live-restore|icc|no-new-privileges|userland-proxy")) | select(.status == "pass") | .check' "$document")" ""
    done
else
    skipped "an engine that does not run" "no namespaces can be made here: $(tail -n 1 "$work/alone.err")"
fi
finish
