#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Live containers, each like a well-kept one but for a single property. What fails for each must be what fails for the
# well-kept one, more exactly what its line says, and nothing else: a check that misses a fault fails here, and so does
# one that complains about a container that has none.
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"
task=${HOLDFAST_BUILT:?the build folder}/tests/integration/task
bridge=(--bridge none --iptables=false) # the host's own network namespace is wanted here
shared=/mnt/holdfast-shared.$$ # where nothing else of a node is
# shellcheck disable=SC2317 # the trap calls it
leave() {
    # who is to be restarted always would be, by the next engine that is started over these data
    engine ps -aq 2>/dev/null | xargs -r docker -H "unix://$engine_socket" rm -f >/dev/null 2>&1
    umount "$shared" 2>/dev/null
    rmdir "$shared" 2>/dev/null
    tidy
    rmdir /sys/fs/cgroup/*/holdfast-tight 2>/dev/null
}
trap leave EXIT
start containers '{}' || finish

# busybox, and a program that does to itself what a test asks for
tree=$(mktemp -d)
mkdir -p "$tree"/{bin,etc,tmp,dev,proc,sys,root,data}
cp "$(command -v busybox)" "$tree/bin/busybox"
cp "$task" "$tree/bin/task"
cp "$task" "$tree/bin/sshd"
for name in sh sleep true; do ln "$tree/bin/busybox" "$tree/bin/$name"; done
printf 'root:x:0:0::/root:/bin/sh\nkeeper:x:200017:200017::/:/bin/false\n' >"$tree/etc/passwd"
tar -C "$tree" -c . | engine import - kept:1 >/dev/null
rm -rf "$tree"

# ---- the well-kept one ----
quota=(--memory 64m --memory-swap 64m --pids-limit 64 --cpus 0.5 --blkio-weight 400)
user=(--user 200017:200017)
shut=(--cap-drop ALL --security-opt no-new-privileges --read-only --network none)
care=(--restart no --health-cmd /bin/true --health-interval 1h --ulimit core=0 --ulimit nofile=1024:1024 --ulimit nproc=256:256)
wait_for=(/bin/sleep 900)

declare -A more=() less=() may=()
order=()
run() { # NAME docker options and command
    local name=$1
    shift
    if engine run -d --name "$name" "$@" >"$work/$name.out" 2>&1; then
        order+=("$name")
        return 0
    fi
    skipped "$name" "$(tail -n 1 "$work/$name.out")"
    return 1
}
# NAME "checks that fail, too" "checks that do not fail any more" docker options; the last words after -- are the command
odd() {
    local name=$1 plus=$2 minus=$3 options=() kept=() command=("${wait_for[@]}") i
    shift 3
    while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
    [ $# -gt 0 ] && shift && command=("$@")
    more[$name]=$plus less[$name]=$minus
    for ((i = 0; i < ${#base[@]}; i++)); do
        case ${base[i]} in
        --read-only) replaced "${base[i]}" "" || kept+=("${base[i]}") ;;
        *) replaced "${base[i]}" "${base[i + 1]}" || kept+=("${base[i]}" "${base[i + 1]}"); i=$((i + 1)) ;;
        esac
    done
    run "$name" "${kept[@]}" ${options[@]+"${options[@]}"} kept:1 "${command[@]}"
}
# Much of the host at once: NAME "checks that must fail" "pattern of those that may, for it depends on what is mounted here"
wide() {
    may[$1]=$3
    odd "$1" "$2" "" "${@:4}"
}
# Whether the options of the case at hand say something else than this one of the well-kept container's.
replaced() { # OPTION VALUE
    local i
    for ((i = 0; i < ${#options[@]}; i++)); do
        case ${options[i]} in
        --no-healthcheck) case $1 in --health*) return 0 ;; esac ;;
        --ulimit) [ "$1" = --ulimit ] && [ "${2%%=*}" = "$(cut -d= -f1 <<<"${options[i + 1]}")" ] && return 0 ;;
        --security-opt) [ "$1" = --security-opt ] && [ "${2%%=*}" = "$(cut -d= -f1 <<<"${options[i + 1]}")" ] && return 0 ;;
        --cap-add) ;;
        "$1" | "$1="*) return 0 ;;
        esac
    done
    return 1
}
base=("${quota[@]}" "${user[@]}" "${shut[@]}" "${care[@]}")
run good "${base[@]}" kept:1 "${wait_for[@]}"
# a second one that is alike: what is shared with another container must be shared to be found
run twin "${base[@]}" kept:1 "${wait_for[@]}"
more[twin]='' less[twin]=''

# ---- namespaces ----
odd net-host "namespace.net-host" "" --network host
odd pid-host "namespace.pid-host process.ptrace-reach" "" --pid host
odd ipc-host "namespace.ipc-host mount.shm-shared" "" --ipc host
odd uts-host "namespace.uts-host" "" --uts host
odd net-joined "namespace.net-shared" "" --network container:twin
more[twin]+=" namespace.net-shared"
odd sharer "" "" --ipc shareable
odd ipc-joined "namespace.ipc-shared mount.shm-shared" "" --ipc container:sharer
more[sharer]+=" namespace.ipc-shared mount.shm-shared"
odd pid-keeper "namespace.pid-shared process.ptrace-reach" ""
odd pid-joined "namespace.pid-shared process.ptrace-reach" "" --pid container:pid-keeper

# ---- capabilities and users ----
odd root-user "process.host-root" "" --user 0:0
# the engine's profile opens calls with the capability that they need
odd cap-sys-admin "capability.sys-admin capability.default-set capability.minimal seccomp.bpf-perf seccomp.fanotify seccomp.mount-family
    seccomp.namespace-family seccomp.obsolete seccomp.swap-quota-acct seccomp.syslog namespace.nested-userns" "" --cap-add SYS_ADMIN
odd cap-sys-module "capability.sys-module capability.default-set capability.minimal seccomp.module-family" "" --cap-add SYS_MODULE
odd cap-sys-ptrace "capability.sys-ptrace capability.default-set capability.minimal" "" --cap-add SYS_PTRACE
odd cap-net-admin "capability.net-admin capability.default-set capability.minimal" "" --cap-add NET_ADMIN
odd cap-net-raw "capability.net-raw capability.minimal" "" --cap-add NET_RAW
odd cap-bind "" "" --cap-add NET_BIND_SERVICE
odd new-privs "process.no-new-privs" "" --security-opt no-new-privileges=false
odd ambient "capability.ambient capability.sys-time capability.setuid-setgid capability.default-set capability.minimal seccomp.clock" "" \
    --user 0:0 --cap-add SYS_TIME --cap-add SETUID --cap-add SETGID -- /bin/task ambient=25
odd docker-group "process.privileged-groups" "" --group-add 42

# ---- seccomp ----
open="seccomp.bpf-perf seccomp.clock seccomp.default-action seccomp.fanotify seccomp.filter-effective seccomp.handle-open
    seccomp.kexec-reboot seccomp.keyring seccomp.module-family seccomp.mount-family seccomp.namespace-family seccomp.numa
    seccomp.obsolete seccomp.personality seccomp.ptrace-family seccomp.raw-io seccomp.swap-quota-acct
    seccomp.userfaultfd"
printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}' >"$work/all-but-one.json"
printf '{"defaultAction": "SCMP_ACT_LOG"}' >"$work/log.json"
odd unconfined "seccomp.mode namespace.nested-userns" "seccomp.io-uring seccomp.outdated-default seccomp.socket-families" --security-opt seccomp=unconfined
odd all-but-one "$open seccomp.default-drift namespace.nested-userns" "" --security-opt "seccomp=$work/all-but-one.json"
odd log-only "$open seccomp.default-drift seccomp.log-action" "" --security-opt "seccomp=$work/log.json"

# ---- mounts ----
odd docker-socket "mount.docker-socket mount.host-tmp-run" "" -v "$engine_socket:/var/lib/innocent:ro"
wide socket-dir "mount.docker-socket mount.host-tmp-run" "mount\.|namespace.nsfs-handle" -v "$engine_dir:/x:ro"
wide host-run "mount.host-tmp-run mount.runtime-socket-dir mount.bind-flags" "mount\.|namespace.nsfs-handle" -v /run:/x:ro
wide host-root "mount.host-root mount.host-etc mount.host-home mount.host-log mount.host-proc mount.host-boot-usr mount.docker-socket" "mount\.|cgroup\.|namespace\." -v /:/host:ro
odd host-etc "mount.host-etc" "" -v /etc:/e:ro
odd host-log "mount.host-log" "" -v /var/log:/logs:ro
odd host-home "mount.host-home" "" -v /root:/data:ro
odd host-proc "mount.host-proc" "" -v /proc:/data:ro
wide host-dev "mount.host-dev" "mount.host-tmp-run|mount.bind-flags|mount.sensitive-writable|mount.shared-volume" -v /dev:/data:ro
odd writable-root "mount.rootfs-writable" "" --read-only=false
mkdir -p "$shared"
mount --bind "$shared" "$shared" && mount --make-shared "$shared"
odd propagating "mount.propagation-shared mount.bind-flags" "" --mount "type=bind,source=$shared,target=/data,bind-propagation=rshared"

# ---- limits ----
odd no-memory "cgroup.memory-limit" "" --memory 0 --memory-swap 0
odd no-pids "cgroup.pids-limit" "" --pids-limit 0
odd no-cpu "cgroup.cpu-limit" "" --cpus 0
odd no-io "cgroup.io-limit" "" --blkio-weight 0
odd no-oom "cgroup.oom-kill" "" --oom-kill-disable
[ "$(ulimit -Hn)" -lt 1048576 ] ||
    odd nofile "process.rlimits" "" --ulimit nofile=1048576:1048576
odd core "" "" --ulimit core=-1

# ---- devices ----
# who may open a node decides, too: only root may open these
odd kmsg "device.input-console device.rules-extra" "" --device /dev/kmsg
odd kmsg-root "device.input-console device.rules-extra process.host-root" "" --device /dev/kmsg --user 0:0
odd fuse-root "device.fuse-tun device.rules-extra process.host-root" "" --device /dev/fuse --user 0:0

# ---- what its processes are and do ----
odd sshd "container.sshd" "" -- /bin/sshd
odd unmasked "process.masked-paths mount.procfs-writable" "" --security-opt systempaths=unconfined
odd secret "process.environ-secrets" "" -e AWS_SECRET_ACCESS_KEY=AKIAIOSFODNN7EXAMPLE
odd memfd "process.exe-origin" "" -- /bin/task memfd
odd restarts "container.restart-policy" "" --restart always
odd unhealthy "container.health" "" --no-healthcheck
odd no-log "container.logging" "" --log-driver none
odd threads "" "" -- /bin/task thread
odd listener "" "" -- /bin/task listen=8080

# ---- what came in later, or was changed behind the engine's back ----
pid_of() { engine inspect -f '{{.State.Pid}}' "$1"; }
# NAME "checks" enter|half: a process of the host's comes in, with one capability and without a filter
entered() {
    local name=$1
    odd "$name" "$2 capability.sys-time capability.default-set capability.minimal capability.exec-excess seccomp.mode
        seccomp.declared-drift seccomp.threads-uniform namespace.mixed-membership namespace.nested-userns
        cgroup.placement process.host-root process.no-new-privs container.exec-root process.exe-origin process.fd-leak" \
        "seccomp.io-uring seccomp.outdated-default seccomp.socket-families" && "$task" "$3=$(pid_of "$name")" only=25
}
entered entered-all "" enter
entered moved "namespace.net-host namespace.ipc-host namespace.uts-host" half

group=/sys/fs/cgroup/memory
if [ -d $group ] && mkdir -p $group/holdfast-tight && echo 33554432 >$group/holdfast-tight/memory.limit_in_bytes; then
    odd tight-parent "cgroup.limit-drift cgroup.placement" "" --cgroup-parent /holdfast-tight
    odd changed-limit "cgroup.limit-drift" ""
    echo 134217728 | tee "$group/docker/$(engine inspect -f '{{.Id}}' changed-limit)/memory.memsw.limit_in_bytes" >/dev/null
    echo 134217728 | tee "$group/docker/$(engine inspect -f '{{.Id}}' changed-limit)/memory.limit_in_bytes" >/dev/null
fi

# ---- what is said of them ----
failing() { # NAME
    jq -r --arg name "$1" '.containers[] | select(.name == $name) | .failing[]' "$document" | sort -u
}
judge_all() {
    name=containers
    sleep 2 # health checks and restarts settle
    scan
    [ -z "${KEEP:-}" ] || cp "$document" "$KEEP"
    failing good >"$work/good"
    for name in "${order[@]}"; do
        [ "$name" = good ] && continue
        { cat "$work/good"; xargs -n 1 <<<"${more[$name]}"; } | grep . | sort -u |
            grep -vxF -f <(tr ' ' '\n' <<<"${less[$name]} nothing" | grep .) >"$work/wanted"
        failing "$name" >"$work/found"
        is "$name: what was missed" "$(comm -23 "$work/wanted" "$work/found" | tr '\n' ' ')" ""
        is "$name: false alarms" "$(comm -13 "$work/wanted" "$work/found" | grep -vE "^(${may[$name]:-none})" | tr '\n' ' ')" ""
    done
}
judge_all
ok "at least 40 containers were judged" test "${#order[@]}" -ge 40
is "the well-kept one, and what this machine cannot give it" \
    "$(grep -vE '^(cgroup.io-limit|namespace.user-host|namespace.uid-map-root|seccomp.(io-uring|socket-families|outdated-default)|process.mac-confined)$' "$work/good")" ""

# who writes everywhere shares with everybody, so it comes alone
order=(good)
wide host-root-rw "mount.host-root mount.host-etc mount.sensitive-writable mount.docker-socket mount.host-proc" \
    "mount\.|cgroup\.|namespace\.|process.kernel-helper-writable|device\." -v /:/host
judge_all

# ---- how it is told ----
"$holdfast" containers >"$work/table" 2>/dev/null
is "table: a line for each" "$(grep -cE '^(good|cap-sys-admin|moved) +docker ' "$work/table")" 3
"$holdfast" containers docker-socket >"$work/one" 2>/dev/null
ok "one: the socket that it reaches" grep -qE "^host sockets +.*$engine_socket" "$work/one"
ok "one: the check that fails" grep -qE '^critical +mount.docker-socket ' "$work/one"
ok "one: the system calls that are open" grep -qE '^open system calls +[0-9]{3} on ' "$work/one"
open_calls() { # NAME
    jq -r --arg name "$1" '.containers[] | select(.name == $name) | .system_calls | to_entries[0].value' "$document"
}
good_calls=$(open_calls good)
ok "a default profile leaves some 300 calls open, not $good_calls" test "$good_calls" -gt 250 -a "$good_calls" -lt 370
ok "without a profile there are more: $(open_calls unconfined)" test "$(open_calls unconfined)" -gt "$good_calls"
is "a device that was given" "$(jq -r '.containers[] | select(.name == "kmsg-root") | .devices[]' "$document")" /dev/kmsg
is "none that every container has" "$(jq -r '.containers[] | select(.name == "good") | .devices | length' "$document")" 0
"$holdfast" containers nobody-at-all >/dev/null 2>&1
is "one: there is none of this name" "$?" 66
"$holdfast" scan --container 'cap-*' --only capability.sys-admin --format "json:$work/some.json" --quiet 2>/dev/null
is "--container: only those" "$(jq -r '[.subjects[] | select(.kind == "container") | .name | startswith("cap-")] | all' "$work/some.json")" true
is "--container: how many" "$(jq '.containers | length' "$work/some.json")" "$(printf '%s\n' "${!more[@]}" | grep -c '^cap-')"
"$holdfast" scan --no-container '*' --only capability.sys-admin --format "json:$work/none.json" --quiet 2>/dev/null
is "--no-container: none is left" "$(jq '.containers | length' "$work/none.json")" 0
ok "the schema holds" /usr/bin/python3 "$here/validate" "$HOLDFAST_TOP/packaging/schema/results.schema.json" "$document"

finish
