#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Containers that mean harm to who looks at them. Beside each runs a well-kept one, and whatever the hostile one does:
# the scan ends in time and memory, says nothing else of the other and of the host, shows no byte that a terminal
# obeys, opens nothing outside of the container's root by a name of its choice, and passes nothing that it did not read.
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"
hostile=${HOLDFAST_BUILT:?the build folder}/tests/integration/hostile
schema=$here/../../packaging/schema/results.schema.json
bridge=(--bridge none --iptables=false)
canary=CANARY-$$-never-to-be-read
bare_pid='' made=() judged=()

end_bare() { # the bare container, and what it left
    [ -n "$bare_pid" ] || return 0
    pkill -KILL -P "$bare_pid" 2>/dev/null
    kill -KILL "$bare_pid" 2>/dev/null
    wait "$bare_pid" 2>/dev/null
    bare_pid=
    compare
}
# shellcheck disable=SC2317 # by the trap
end_all() {
    local path
    end_bare
    engine ps -aq 2>/dev/null | xargs -r docker -H "unix://$engine_socket" rm -f >/dev/null 2>&1
    for path in ${made[@]+"${made[@]}"}; do rm -rf "${path:?}"; done
    [ -n "${KEEP:-}" ] && cp "$work"/*.json "$work"/*.txt "$work"/*.err "$KEEP"
    tidy
}
trap end_all EXIT
start hostile '{}' || finish

tree=$work/tree
mkdir -p "$tree"/{bin,etc,tmp,dev,proc,sys,root,data,run/secrets}
cp "$(command -v busybox)" "$tree/bin/busybox"
for name in hostile runc conmon dockerd containerd-shim; do cp "$hostile" "$tree/bin/$name"; done
for name in sh sleep true ln mkfifo mknod mkdir rm cat touch; do ln "$tree/bin/busybox" "$tree/bin/$name"; done
printf 'root:x:0:0::/root:/bin/sh\n' >"$tree/etc/passwd"
printf '%s\n' "$canary" >"$tree/etc/shadow"
tar -C "$tree" -c . | engine import - hostile:1 >/dev/null
printf '%s\n' "$canary" >"$work/canary"

# The well-kept neighbour.
engine run -d --name kept --memory 64m --memory-swap 64m --pids-limit 64 --user 200017:200017 --cap-drop ALL \
    --security-opt no-new-privileges --read-only --network none hostile:1 /bin/sleep 900 >"$work/kept" || finish
kept=$(cat "$work/kept")
# And one as most are, without a limit: what is said of several together is said without the hostile one, too.
engine run -d --name usual --network none hostile:1 /bin/sleep 900 >/dev/null || finish

# ---- a scan and what is asked of each ----
look() { # NAME [options]
    local name=$1
    shift
    document=$work/$name.json
    rm -f "$document" "$work/$name.txt"
    DOCKER_HOST=unix://$engine_socket "$here/measured" "$work/$name.cost" "$holdfast" scan \
        --format "json:$document" --format "text:$work/$name.txt" "$@" --color never >"$work/$name.out" 2>"$work/$name.err"
    status=$?
}
# "CHECK STATUS" of one subject, sorted.
verdicts() { # DOCUMENT ID
    jq -r --arg id "$2" '(.subjects[] | select(.id == $id) | .key) as $key
        | .results[] | .check as $c | .findings[] | select(.subjects | index($key))
        | "\($c) \(.status)"' "$1" | sort
}
# The subject of the container that has this name.
key_of() { # NAME
    jq -r --arg name "$1" '.containers[] | select(.name == $name) | .key' "$document"
}
# Bytes that a terminal obeys: C0 but for the line's end, DEL, C1; and what is no UTF-8.
# shellcheck disable=SC2317 # by ok
is_clean() { # FILE
    ! LC_ALL=C grep -qaP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$1" && iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1
}
# shellcheck disable=SC2317 # by ok
lacks_canary() { # FILE…
    ! grep -qaF -- "$canary" "$@"
}
# shellcheck disable=SC2317 # by ok
is_below() { # NUMBER LIMIT
    awk -v n="$1" -v limit="$2" 'BEGIN { exit !(n < limit) }'
}
# What one scan could not read for want of luck, the next one reads: what counts is said by both. What was not is told.
look_again() { # NAME [options of the scan]
    local name=$1 of key once
    [ -n "$(for of in kept host; do comm -13 "$work/alone.$of" "$work/$name.$of"; done)" ] || return 0
    look "$@"
    [ -s "$document" ] || return 0
    for of in kept host; do
        key=$kept
        [ $of = host ] && key=host
        verdicts "$document" "$key" >"$work/again"
        once=$(comm -23 "$work/$name.$of" "$work/again" | tr '\n' ' ')
        [ -z "$once" ] || printf '# %s: said of the %s by one scan alone: %s\n' "$name" "$of" "$once"
        comm -12 "$work/$name.$of" "$work/again" >"$work/both"
        mv "$work/both" "$work/$name.$of"
    done
}
judge() { # NAME [options of the scan]: all that holds for every one of them
    local name=$1 seconds kib
    look "$@"
    ok "$name: it ends as a scan does (status $status: $(tail -n 1 "$work/$name.err"))" test "$status" -le 2
    [ -s "$document" ] || { ok "$name: a document is written" false; return 1; }
    read -r seconds kib <"$work/$name.cost"
    [ -n "${VERBOSE:-}" ] && printf '%-16s %6s s %6s KiB  unread %s\n' "$name" "$seconds" "$kib" "$(jq '.unread | length' "$document")"
    ok "$name: it took $seconds s" is_below "$seconds" 10
    ok "$name: its largest process had $kib KiB, $alone_kib without it" is_below "$kib" "$((alone_kib + 49152))"
    ok "$name: nothing that a terminal obeys is shown" is_clean "$work/$name.txt"
    ok "$name: nor said on the way" is_clean "$work/$name.err"
    ok "$name: the document keeps to the schema" "$here/validate" "$schema" "$document"
    ok "$name: no secret is told" lacks_canary "$document" "$work/$name.txt" "$work/$name.err" "$work/$name.out"
    verdicts "$document" "$kept" >"$work/$name.kept"
    verdicts "$document" host >"$work/$name.host"
    look_again "$@"
    judged+=("$name")
}
# That of the neighbour and the host the same was said as without. What changed on the machine itself shows in a scan
# without any of ours, which is made only where there is a difference.
# Where one hides something, what needs all containers to be known is not known of the others. One that nobody manages
# is the host's affair, and so is what one may do that none may do. What only --deep looks for is not wanted here.
compare() {
    local name of differs
    local allowed='^(namespace\.[a-z-]*-shared|namespace\.uid-map-overlap|mount\.shm-shared|process\.ptrace-reach|network\.default-bridge-used'
    allowed+='|process\.uid-collision|kernel\.(binfmt-misc|debugfs|tracefs)) unknown$'
    allowed+='|^(process\.unmanaged|kernel\.io-uring|kernel\.tracefs) fail$'
    allowed+='|^network\.cni-config (fail|unknown)$' # whether any container can write the folders
    allowed+='|^(capability\.file-caps|device\.stray-nodes) '
    for name in ${judged[@]+"${judged[@]}"}; do
        for of in kept host; do
            differs=$(comm -13 "$work/alone.$of" "$work/$name.$of")
            if [ -n "$differs" ]; then
                look after
                verdicts "$document" "$kept" >"$work/after.kept"
                verdicts "$document" host >"$work/after.host"
                differs=$(comm -13 "$work/after.$of" <(printf '%s\n' "$differs") | grep -vE "$allowed" | head -n 40 | tr '\n' ' ')
            fi
            is "$name: of the $of the same is said" "$differs" ""
        done
    done
    judged=()
}
# What must not pass, for it could not be read in full.
no_pass() { # NAME SUBJECT CHECK…
    local name=$1 subject=$2 check
    shift 2
    for check; do
        ok "$name: $check does not pass" test "$(status_for "$document" "$check" "$subject")" != pass
    done
}
# ---- containers ----
run() { # NAME [options] -- COMMAND…: waits until it says that it is ready
    local name=$1 options=()
    [[ -z ${CASES:-} || " $CASES " == *" $name "* ]] || return 1
    shift
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    if ! engine run -d --name "$name" --network none ${options[@]+"${options[@]}"} hostile:1 "$@" >"$work/$name.id" 2>"$work/$name.why"; then
        skipped "$name" "$(head -n 1 "$work/$name.why")"
        return 1
    fi
    for _ in $(seq 200); do
        engine logs "$name" 2>&1 | grep -q ready && return 0
        sleep 0.05
    done
    skipped "$name" "$(engine logs "$name" 2>&1 | tail -n 1)"
    engine rm -f "$name" >/dev/null 2>&1
    return 1
}
end() { # NAME
    engine rm -f "$1" >/dev/null 2>&1
    compare
}
both() { # NAME [options] -- COMMAND…: run, judge; 1 when it could not be
    run "$@" && judge "$1"
}
# Nobody's container: namespaces and a root of its own. No engine limits it.
bare() { # NAME COMMAND…
    # shellcheck disable=SC2016 # for the shell within
    within "$1" bash -c 'mount --bind "$0" "$0" && cd "$0" && pivot_root . data &&
        exec /bin/sh -c "/bin/busybox umount -l /data && exec \"\$@\"" sh "$@"' "$tree" "${@:2}"
}
# The same with nothing but another root.
chrooted() { # NAME COMMAND…
    within "$1" --root="$tree" "${@:2}"
}
within() { # NAME [options of unshare] COMMAND…
    local name=$1
    [[ -z ${CASES:-} || " $CASES " == *" $name "* ]] || return 1
    shift
    unshare --mount --pid --fork --uts --ipc --net --propagation private "$@" >"$work/$name.said" 2>&1 &
    bare_pid=$!
    for _ in $(seq 200); do
        grep -q ready "$work/$name.said" && return 0
        kill -0 "$bare_pid" 2>/dev/null || break
        sleep 0.05
    done
    skipped "$name" "$(tail -n 1 "$work/$name.said")"
    end_bare
    return 1
}
bare_key() { # of the container that has our process in it
    jq -r --argjson pid "$(pgrep -P "$bare_pid" | head -n 1)" '.containers[] | select(.pid == $pid) | .key' "$document"
}

look alone
read -r _ alone_kib <"$work/alone.cost" # the machine may have many others
verdicts "$document" "$kept" >"$work/alone.kept"
verdicts "$document" host >"$work/alone.host"
ok "the neighbour is found" test -s "$work/alone.kept"

# ---- names ----
odd=$'\e]0;owned\a\e[2J\e[31m\r\n<script>alert(1)<script>"\'\\\t\xff\xfe\xc2\x9b'"31m"
both names --label "evil=$odd" -e "EVIL=$odd" -e "$odd=x" --hostname evil --cap-add SYS_ADMIN \
    --security-opt apparmor=unconfined --security-opt seccomp=unconfined --workdir "/tmp/$odd" -- \
    /bin/hostile "comm=$odd" "memfd=$odd" "file=/tmp/f$odd" "socket=/tmp/s$odd" "mount=/tmp/m$odd" "$odd" && end names
both overwrites -e "A=$odd" -- /bin/hostile "$odd" overwrites && end overwrites
long=$(head -c 120000 /dev/zero | tr '\0' x)
both long --label "long=$long" -e "LONG=$long" -e "$long=1" -- /bin/hostile "$long" && end long

# ---- what lies below the root ----
mkdir "$work/secrets"
ln -s "../../../../../../../..$work/canary" "$work/secrets/up"
ln -s /etc/shadow "$work/secrets/shadow"
ln -s loop "$work/secrets/loop"
ln -s /proc/1/root/etc/shadow "$work/secrets/magic"
mkfifo "$work/secrets/fifo"
# shellcheck disable=SC2016 # the container's shell expands it
traps='for at in mem kmem port kmsg sda fuse kvm vhost-net net/tun input/event0 snd/seq disk/by-id; do
        rm -rf /dev/$at; mkdir -p /dev/${at%/*} 2>/dev/null
        case $at in *m*) ln -s /etc/shadow /dev/$at ;; *k*) mkfifo /dev/$at ;; *) ln -s $at /dev/$at ;; esac
    done
    ln -s /proc/1/root/etc/shadow /dev/magic; ln -s ../../../../../../etc/shadow /dev/up
    mknod /dev/disk0 b 8 0; mknod /dev/null0 c 1 3; mkdir -p /dev/a/b/c/d/e/f; mkfifo /dev/a/b/fifo
    mkdir /dev/many; i=0; while [ $i -lt 5000 ]; do : >/dev/many/$i; i=$((i + 1)); done
    echo ready; exec /bin/hostile'
if both traps -v "$work/secrets:/run/secrets" --device-cgroup-rule 'c *:* m' -- /bin/sh -c "$traps"; then
    # once more, watched: what it opens, and that it executes nothing
    DOCKER_HOST=unix://$engine_socket timeout 60 strace -f -y -e trace=open,openat,openat2,creat,execve,execveat,link,symlink,unlink,mknod,mknodat \
        -o "$work/trace" "$holdfast" scan --quiet --format "json:$work/traced.json" >/dev/null 2>&1
    is "traps: programs that are executed" "$(grep -cE ' exec(ve|veat)\(' "$work/trace")" 1
    is "traps: what is opened through links" "$(grep -E "[)] += [0-9]+<($work/canary|[^>]*/shadow)>" "$work/trace" | grep -vE 'O_PATH|resumed'  | head -n 3)" ""
    is "traps: what is outside of the root" "$(grep -E "= [0-9]+<$work/canary>" "$work/trace" | head -n 3)" ""
    # below a container's root nothing is opened by name but with O_PATH or as a folder
    is "traps: files that are opened for their contents below the root" \
        "$(grep -E ' open(at|at2)?\([0-9]+</[^>]*(/overlay2/[0-9a-f]{64}|secrets)[^>]*>' "$work/trace" | grep -vE 'O_PATH|O_DIRECTORY' | head -n 3)" ""
    DOCKER_HOST=unix://$engine_socket "$holdfast" capture --output "$work/traps.capture" >/dev/null 2>&1
    ok "traps: the capture is written" test -s "$work/traps.capture"
    ok "traps: it holds no secret" lacks_canary "$work/traps.capture"
    judge deep --deep
    end traps
fi
# the same without any mount of its own: everything is a plain file below its root
for at in dev/mem dev/kmsg dev/sda proc/kcore proc/keys sys/firmware run/secrets/a; do
    mkdir -p "$tree/$(dirname "$at")"
    case $at in *e*) ln -s /etc/shadow "$tree/$at" ;; *) mkfifo "$tree/$at" ;; esac
done
mkdir -p "$tree/proc/1"
ln -s / "$tree/proc/1/root"
ln -s loop "$tree/loop"
mknod "$tree/dev/zero" c 1 5
if chrooted plain /bin/hostile comm=plain; then
    judge plain
    ok "plain: it is found" test -n "$(bare_key)"
    end_bare
fi
rm -rf "${tree:?}"/{proc,sys,run,dev}
mkdir -p "$tree"/{proc,sys,dev,run}
mknod "$tree/dev/fuse" c 10 229

# What a process shows of its mounts is what lies below its own root, which it can choose.
shown() { # NAME
    is "$1: what else than its neighbour in an honest root it passes" \
        "$(verdicts "$document" "$(key_of "$1")" | grep -E '^(mount|device)[.].* pass$' | comm -23 - "$work/honest.passes" | tr '\n' ' ')" ""
}
if both honest -v /:/host -- /bin/hostile; then
    verdicts "$document" "$(key_of honest)" | grep ' pass$' >"$work/honest.passes"
    end honest
fi
for root in /tmp /dev/shm /proc /host; do
    both "chroot${root//\//-}" -v /:/host -- /bin/hostile "chroot=$root" && shown "chroot${root//\//-}" && end "chroot${root//\//-}"
done

if both hidden -v /:/host --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined -- \
    /bin/hostile hide=/host; then
    shown hidden
    end hidden
fi

# ---- who never answers ----
# shellcheck disable=SC2043
if bare fuse /bin/hostile fuse=/dev; then
    judge fuse
    no_pass fuse "$(bare_key)" device.stray-nodes
    end_bare
fi
rm -rf "$tree/tmp" && mkdir "$tree/tmp"
if bare overlay /bin/sh -c "mkdir -p /tmp/t && /bin/busybox mount -t tmpfs t /tmp && exec /bin/hostile overlay=/dev"; then
    judge overlay
    end_bare
fi
if bare trap /bin/sh -c "/bin/busybox mount -t tmpfs t /tmp && exec /bin/hostile trap"; then
    judge trap
    end_bare
fi

# ---- how many ----
if bare mounts /bin/hostile mounts=3000; then
    judge mounts
    end_bare
fi
if both threads --pids-limit 0 -- /bin/hostile threads=3000; then
    no_pass threads "$(key_of threads)" process.no-new-privs capability.bounding seccomp.threads-uniform namespace.mixed-membership
    end threads
fi
both processes --pids-limit 0 -- /bin/hostile children=2000 && end processes
both spaces --pids-limit 0 --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined -- /bin/hostile spaces=500 && end spaces
both users --pids-limit 0 --security-opt seccomp=unconfined --security-opt apparmor=unconfined -- /bin/hostile users=500 && end users
both open --ulimit nofile=8192:8192 -- /bin/hostile open=5000 && end open

both variables --pids-limit 0 -- /bin/hostile variables=100000 children=500 && end variables
both deep-paths --pids-limit 0 -- /bin/hostile deep=16 children=1000 && end deep-paths

# ---- never the same ----
both forks --pids-limit 64 -- /bin/hostile forks && end forks
both execs -- /bin/hostile execs && end execs
both leaves -- /bin/hostile threads=3 leaves && end leaves
both swings --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined -- /bin/hostile swings && end swings

# ---- who it says it is ----
# Whoever may make control groups below its own can give them another container's name.
if run group -- /bin/hostile; then
    pid=$(engine inspect -f '{{.State.Pid}}' group)
    groups=()
    while IFS=: read -r _ controllers path; do
        for mounted in /sys/fs/cgroup "/sys/fs/cgroup/${controllers#name=}" /sys/fs/cgroup/unified; do
            if [ ! -e "$mounted/cgroup.procs" ] || [ "$path" = / ] || [ ! -d "$mounted$path" ]; then continue; fi
            mkdir -p "$mounted$path/docker/$kept" &&
                echo "$pid" >"$mounted$path/docker/$kept/cgroup.procs" &&
                groups+=("$mounted$path/docker/$kept" "$mounted$path/docker" "$mounted$path") && break
        done
    done 2>/dev/null </proc/"$pid"/cgroup
    if [ ${#groups[@]} -gt 0 ]; then
        judge group
        found=$(jq -r --argjson pid "$pid" '.containers[] | select(.pid == $pid) | .id' "$document")
        ok "group: it is found as itself, not as '$found'" grep -q "$(cat "$work/group.id")" <<<"$found"
    else
        skipped group "no control group can be made"
    fi
    engine rm -f group >/dev/null 2>&1
    for path in ${groups[@]+"${groups[@]}"}; do rmdir "$path"; done 2>/dev/null
    compare
fi
# A bundle that says of itself to be the neighbour's, and one of nobody.
if [[ -z ${CASES:-} || " $CASES " == *" record "* ]]; then
    records=/run/containerd/io.containerd.runtime.v2.task/moby
    [ -d /run/containerd ] || made+=(/run/containerd)
    for id in "$(printf '%064d' "$$")" "$(printf 'f%063d' "$$")"; do
        made+=("$records/$id")
        mkdir -p "$records/$id"
        jq -n --arg path "/docker/$kept" --arg odd "$odd" '{ociVersion: "1.0.2", hostname: $odd,
            process: {user: {uid: 0, gid: 0}, args: [$odd], cwd: "/", capabilities: {bounding: ["CAP_SYS_ADMIN"]}},
            root: {path: "/"}, mounts: [{destination: $odd, source: "/", type: "bind"}], annotations: {($odd): $odd},
            linux: {cgroupsPath: $path, namespaces: [], maskedPaths: [range(20000) | "\($odd)/\(.)"]}}' >"$records/$id/config.json"
    done
    ln -s loop "$records/$(printf 'e%063d' "$$")"
    made+=("$records/$(printf 'e%063d' "$$")")
    judge record
    for path in "${made[@]}"; do rm -rf "${path:?}"; done
    made=()
    compare
fi
for name in runc conmon dockerd containerd-shim; do
    both "$name" -- "/bin/$name" -H unix:///tmp/owned.sock "comm=$name" && end "$name"
done
finish
