#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Swarm mode on the loopback of a network namespace of the test's own: two engines, a manager and a worker that becomes a
# second manager. What is said of each must be what was done to it.
# shellcheck disable=SC2317 # the trap calls it
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"
if ! engine_namespace; then
    echo "no network namespace of our own can be had"
    exit 77
fi
# two interfaces, joined to each other so that they are up
within() { nsenter --net="$engine_net" "$@"; }
within ip link add eth0 type veth peer name eth1 2>/dev/null && within ip addr add 10.99.0.1/24 dev eth0 &&
    within ip addr add 10.99.0.2/24 dev eth0 && within ip addr add 10.99.1.1/24 dev eth1 &&
    within ip link set eth0 up && within ip link set eth1 up
has_interfaces=$?
bridge=(--bridge none --iptables=false)
start manager '{}' || finish

# ---- a second engine ----
second_dir=$work/second
second_socket=$second_dir/docker.sock
second() { docker -H "unix://$second_socket" "$@"; }
second_pid=
start_second() {
    mkdir -p "$second_dir"
    nsenter --net="$engine_net" setsid env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin dockerd -H "unix://$second_socket" \
        --data-root "$second_dir/data" --exec-root "$second_dir/exec" --pidfile "$second_dir/pid" "${bridge[@]}" \
        >"$second_dir/log" 2>&1 </dev/null &
    for _ in $(seq 300); do
        second version >/dev/null 2>&1 && break
        sleep 0.1
    done
    second_pid=$(cat "$second_dir/pid" 2>/dev/null)
    [ -n "$second_pid" ]
}
stop_second() {
    [ -n "$second_pid" ] || return 0
    kill "$second_pid" 2>/dev/null
    for _ in $(seq 100); do
        kill -0 "$second_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$second_pid" 2>/dev/null
    awk -v below="$second_dir/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r point; do
        umount "$point"
    done
}
trap 'stop_second; tidy' EXIT

lacks() { # FILE PATTERN
    ! grep -qE -- "$2" "$1"
}
look() { # NAME: scans as the manager's engine answers
    name=$1
    scan
}
managed="autolock autolock-key-rotation manager-count manager-drain overlay-encrypted secrets"
local_ones="node-cert-expiry ca-rotation listen-address plane-separation"

look "no swarm"
check swarm.disabled pass
check swarm.state-files notapplicable
for c in $managed $local_ones; do check "swarm.$c" notapplicable; done

# ---- as people make it ----
engine swarm init --advertise-addr 127.0.0.1 >"$work/init.out" 2>&1
ok "swarm init: $(tail -n 1 "$work/init.out")" test "$(engine info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active
look "one node, by default"
check swarm.disabled fail
check swarm.state-files pass
check swarm.autolock fail
check swarm.autolock-key-rotation notapplicable
check swarm.node-cert-expiry pass
check swarm.ca-rotation pass
check swarm.manager-count pass
check swarm.manager-drain notapplicable
check swarm.listen-address fail
check swarm.overlay-encrypted notapplicable
check swarm.plane-separation fail
check swarm.secrets pass

engine swarm update --autolock=true --cert-expiry 2400h0m0s >"$work/lock.out" 2>&1
printf 'password = hunter2-hunter2\n' | engine config create site - >/dev/null 2>&1
printf 'hunter2-hunter2' | engine secret create db - >/dev/null 2>&1
service() { # NAME options: nothing runs, the API alone is asked
    engine service create -d --name "$1" --replicas 0 "${@:2}" busybox:holdfast sleep 1 >"$work/service.out" 2>&1
}
service good --secret db --env DB_PASSWORD_FILE=/run/secrets/db
chmod 0644 "$engine_dir/data/swarm/certificates/swarm-node.key"
look "locked, certificates for long, an open key"
check swarm.autolock pass
check swarm.autolock-key-rotation pass
check swarm.node-cert-expiry fail
check swarm.state-files fail
check swarm.secrets pass
chmod 0600 "$engine_dir/data/swarm/certificates/swarm-node.key"
for odd in "variable --env DB_PASSWORD=hunter2-hunter2" "url --env BROKER=amqp://u:hunter2-hunter2@h/" "config --config site"; do
    # shellcheck disable=SC2086 # words
    service $odd
    look "a secret as ${odd%% *}"
    check swarm.secrets fail
    engine service rm "${odd%% *}" >/dev/null 2>&1
done
look "without them"
check swarm.secrets pass
ok "no secret is recorded" lacks "$document" hunter2
DOCKER_HOST=unix://$engine_socket "$holdfast" capture -o "$work/capture.json" 2>/dev/null
ok "nor in a capture" lacks "$work/capture.json" "hunter2|SWMKEY|SWMTKN|raft-dek"
ok "nor is a key" lacks "$work/capture.json" "PRIVATE KEY-----"

# ---- locked after a restart ----
stop_engine
start manager '{}' || finish
is "the node is locked" "$(engine info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" locked
look "locked after a restart"
check swarm.disabled fail
check swarm.autolock pass
check swarm.manager-count unknown
check swarm.listen-address fail
check swarm.node-cert-expiry "$(status_for "$document" swarm.node-cert-expiry "$subject")"
check swarm.state-files pass
engine swarm leave --force >/dev/null 2>&1
look "left"
check swarm.disabled pass
check swarm.autolock notapplicable
check swarm.state-files notapplicable

# ---- two nodes, with addresses of their own ----
if [ "$has_interfaces" != 0 ]; then
    skipped "two nodes" "no pair of interfaces can be had here"
    finish
fi
engine swarm init --advertise-addr 10.99.0.1 --listen-addr 10.99.0.1:2377 --data-path-addr 10.99.1.1 >"$work/init.out" 2>&1
ok "swarm init on an address" test "$(engine info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active
look "an address of its own"
check swarm.listen-address pass
# which interface has an address only the node's own network namespace tells, and this engine has another
check swarm.plane-separation unknown
if ! start_second; then
    skipped "a second node" "$(tail -n 1 "$second_dir/log")"
    finish
fi
second swarm join --advertise-addr 10.99.0.2 --listen-addr 10.99.0.2:2377 \
    --token "$(engine swarm join-token -q worker 2>/dev/null)" 10.99.0.1:2377 >"$work/join.out" 2>&1
if [ "$(second info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" != active ]; then
    skipped "a second node" "$(tail -n 1 "$work/join.out")"
    finish
fi
look "a worker joined"
check swarm.manager-count pass
check swarm.manager-drain fail
check swarm.overlay-encrypted fail
engine node update --availability drain "$(engine node ls -q --filter role=manager)" >/dev/null
look "the manager is drained"
check swarm.manager-drain pass
engine node update --availability pause "$(engine node ls -q --filter role=manager)" >/dev/null
look "paused without a task"
check swarm.manager-drain pass
second_subject=daemon:docker:$second_socket
DOCKER_HOST=unix://$second_socket "$holdfast" scan --only 'swarm.*' --format "json:$work/worker.json" --quiet 2>/dev/null
for c in $managed; do is "of the worker: swarm.$c" "$(status_for "$work/worker.json" "swarm.$c" "$second_subject")" notapplicable; done
is "of the worker: its certificate" "$(status_for "$work/worker.json" swarm.node-cert-expiry "$second_subject")" pass
engine node promote "$(engine node ls -q --filter role=worker)" >/dev/null
sleep 3
look "two managers"
check swarm.manager-count fail
check swarm.manager-drain notapplicable
finish
