#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Containers under SELinux, enforcing: labels with categories of their own, with another's, and none.
set -u
# shellcheck source=tests/vm/lib
. "$(dirname "$0")/lib"
"$vm/vm" image trixie-selinux || { echo "the machine with SELinux could not be made (see above): SELinux is not tested"; exit 77; }
# the guest's release has no package of this library any more
http=$(ldconfig -p | awk '$1 ~ /^libhttp_parser\.so\.[0-9.]*$/ { print $NF; exit }')
in_machine trixie-selinux "$vm/selinux.guest" "$http" || { echo "the machine failed"; failed=1; finish; }
is "all could be started" "$(cat "$out/missing" 2>/dev/null)" ""
is "SELinux enforces" "$(cat "$out/enforcing")" Enforcing

label() { awk -v name="$1" '$1 == name { print $2 }' "$out/labels"; }
type_of() { label "$1" | cut -d: -f3; }
for name in plain other twin-a twin-b podman-root; do
    is "$name has the containers' type" "$(type_of "$name")" container_t
    is "which is seen" "$(status_in "$name" selinux.container-label)" pass
    is "labels are on" "$(status_in "$name" selinux.label-disabled)" pass
done
for name in plain other podman-root; do
    is "$name has categories of its own" "$(status_in "$name" selinux.mcs-distinct)" pass
done
for name in twin-a twin-b; do
    is "$name has another's categories" "$(status_in "$name" selinux.mcs-distinct)" fail
done
for name in disabled privileged pid-host; do
    is "$name is not confined" "$(type_of "$name")" spc_t
    is "which is seen, $name" "$(status_in "$name" selinux.container-label)" fail
    is "as what it is, $name" "$(status_in "$name" selinux.label-disabled)" fail
done
is "AppArmor concerns nobody here" "$(status_in plain apparmor.container-confined)" notapplicable
for check in enabled enforcing policy permissive-domains runtime-enabled; do
    is "selinux.$check" "$(status_of "$out/scan.json" "selinux.$check")" pass
done
check_scan
finish
