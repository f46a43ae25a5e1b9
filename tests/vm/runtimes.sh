#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One container per runtime on one node, and the faults that only the kernel shows: each is found, named and judged.
set -u
# shellcheck source=tests/vm/lib
. "$(dirname "$0")/lib"
in_machine bookworm "$vm/runtimes.guest" || { echo "the machine failed"; failed=1; finish; }
is "all could be started" "$(cat "$out/missing" 2>/dev/null)" ""

while read -r name runtime; do
    is "$name is found and named, once" "$(runtime_of "$name")" "$runtime"
    ok "$name stands in holdfast containers" grep -qE "^$name +${runtime:0:8}" "$out/containers.txt"
done <<'NAMES'
docker-kept docker
docker-plain docker
docker-privileged docker
docker-remapped docker
podman-root podman
podman-rootless podman
ctr-one containerd
nspawn-one systemd-nspawn
lxc-one lxc
NAMES
# nobody named it: its id is its mount namespace
bare=$(jq -r '.subjects[] | select(.kind == "container" and .runtime == "unknown") | .name' "$out/scan.json")
is "the bare unshare is found, and is the only one of no runtime" "$bare" "mnt:[$(cat "$out/bare")]"

# A check that fails for this one, and passes for the same container without the fault.
caught() { # NAME CHECK...
    local name=$1 check
    shift
    for check in "$@"; do
        is "$name: $check" "$(status_in "$name" "$check"), $(status_in docker-kept "$check")" "fail, pass"
    done
}
caught all-but-one seccomp.filter-effective seccomp.default-action
caught var-run mount.docker-socket mount.containerd-socket mount.runtime-socket-dir mount.host-tmp-run
caught tightened cgroup.limit-drift
is "what is in force is the parent's limit" "$(evidence_of tightened cgroup.memory-limit)" \
    "48 MiB, set on /tight.slice, shared by all groups below it"
caught entered capability.exec-excess container.exec-root
caught moved namespace.mixed-membership namespace.mnt-host namespace.pid-host
caught ambient capability.ambient

# What is peculiar to a runtime, and what is not wrong.
caught docker-privileged container.privileged seccomp.mode apparmor.container-confined device.filter-active
is "a remapped root is not the host's" "$(status_in docker-remapped namespace.uid-map-root)" pass
is "rootless podman's neither" "$(status_in podman-rootless namespace.uid-map-root)" pass
caught podman-rootless apparmor.container-confined
caught ctr-one seccomp.mode namespace.cgroup-host apparmor.container-confined
caught nspawn-one namespace.net-host apparmor.container-confined
is "a profile made for one LXC container confines it" "$(status_in lxc-one apparmor.container-confined)" pass
check_scan
finish
