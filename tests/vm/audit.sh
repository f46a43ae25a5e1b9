#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a real kernel records under each set of audit rules, beside what the plugin `audit` says of them: it may pass only where
# every call that was tried left a record. auditctl comes along as a package; the image is the one of the other scripts.
set -u
# shellcheck source=tests/vm/lib
. "$(dirname "$0")/lib"
command -v dpkg-deb >/dev/null || { echo "no dpkg-deb"; exit 77; }
mkdir -p "$work/audit-tools" "$work/packages"
(cd "$work/packages" && apt-get download -qq auditd libauparse0) >"$work/apt.log" 2>&1 || {
    tail -n 3 "$work/apt.log"
    echo "the packages auditd and libauparse0 could not be had"
    exit 77
}
for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$work/audit-tools"; done
rm -rf "$work/audit-tools/usr/share"
cc -static -O1 -o "$work/audit-try" "$vm/audit-try.c" || { echo "audit-try.c does not build statically"; failed=1; finish; }
in_machine bookworm "$vm/audit.guest" "$work/audit-tools" "$work/audit-try" || { echo "the machine failed"; failed=1; finish; }
is "all was done" "$(cat "$out/failures" 2>/dev/null)" ""
is "all rules were taken" "$(cat "$out/refused" 2>/dev/null)" ""

while read -r name recorded verdict; do
    is "$name" "$(grep "^$name " "$out/seen")" "$name $recorded $verdict"
done <<'SEEN'
tree-watch all pass
tree-above all pass
tree-reads-only none fail
tree-no-attributes some fail
tree-path-only some fail
tree-both-abis all pass
tree-one-abi some fail
tree-some-calls some fail
tree-users none fail
tree-link-above all pass
tree-link none fail
tree-never-first none fail
tree-never-last all pass
tree-never-prepended none fail
tree-never-part none fail
tree-never-call some fail
tree-never-other all pass
tree-excluded none fail
tree-excluded-other all pass
tree-no-tasks none fail
tree-no-filesystem none fail
tree-all-calls all pass
file-watch all pass
file-folder all pass
file-link none fail
file-link-above all pass
file-never-watch none fail
program-watch all pass
program-not-executed some fail
program-by-exe all pass
program-all-executed all pass
program-link none fail
connection-calls all pass
connection-watch none fail
connection-no-socketcall some fail
mount-after none -
mount-before all unknown
mount-itself all pass
SEEN
is "nothing passes of which a record was missing" "$(awk '$3 == "pass" && $2 != "all"' "$out/seen")" ""
"$holdfast" scan --from "$out/capture.json" --format "json:$work/all.json" --quiet
is "a node with all the rules has nothing to do" \
    "$(jq -r '[.results[] | select(.plugin == "audit" and .status != "pass" and .status != "notapplicable") | .check + " " + .status] | join(", ")' "$work/all.json")" ""
is "and what passes there" "$(jq -r '[.results[] | select(.plugin == "audit" and .status == "pass")] | length' "$work/all.json")" 18
is "a rule goes with its folder" "$(cat "$out/gone")" "No rules"
finish
