#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A scan on a real Debian 12 kernel with AppArmor, systemd and an engine: what the machine of the tests may lack. Leaves a
# capture in $HOLDFAST_VM_OUT where that is set (see tests/captures/README.md).
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/../integration/lib"
installed=$(cd "$(dirname "$holdfast")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# the machine is emulated, some twenty times slower than a real one
cat >"$work/guest" <<GUEST
set -u
mkdir -p "$(dirname "$installed")"
cp -a /job/tree "$installed"
export PATH="$installed/sbin:\$PATH"
docker import /root/busybox.tar busybox:holdfast >/dev/null
docker run -d --name ordinary busybox:holdfast /bin/sleep 600 >/dev/null
docker run -d --name privileged --privileged busybox:holdfast /bin/sleep 600 >/dev/null
holdfast scan --timeout 100 --format "json:\$OUT/scan.json" --format "text:\$OUT/scan.txt" --quiet
echo "scan \$?" >"\$OUT/statuses"
holdfast capture --timeout 100 --output "\$OUT/capture.json"
echo "capture \$?" >>"\$OUT/statuses"
holdfast scan --from "\$OUT/capture.json" --format "json:\$OUT/replayed.json" --quiet
strace -f -qq -o "\$OUT/trace" holdfast scan --quiet 2>/dev/null
grep -cE '\bexecve(at)?\(' "\$OUT/trace" >"\$OUT/executed"
rm -f "\$OUT/trace"
setpriv --reuid 65534 --regid 65534 --clear-groups holdfast scan --format json >"\$OUT/unprivileged.json" 2>"\$OUT/unprivileged.err"
echo "unprivileged \$?" >>"\$OUT/statuses"
cat /sys/kernel/security/lsm >"\$OUT/lsm"
docker info --format '{{json .}}' >"\$OUT/info.json" 2>/dev/null
GUEST
cp -a "$installed" "$work/tree"
"$here/vm" run -t 600 -f "$work/tree" -o "$work/out" "$work/guest" || { echo "the machine failed"; failed=1; finish; }
out=$work/out
ok "the guest's scan ended as a scan" grep -qE '^scan [012]$' "$out/statuses"
ok "AppArmor runs there" grep -q apparmor "$out/lsm"
is "and is seen" "$(status_of "$out/scan.json" kernel.lsm.list)" pass
is "lockdown is read from securityfs" "$(jq -r '[.results[] | select(.check == "kernel.lockdown") | .status] | .[0] != "unknown"' "$out/scan.json")" true
is "address space layout randomisation" "$(status_of "$out/scan.json" kernel.aslr)" pass
is "live-restore is the engine's default" "$(status_of "$out/scan.json" daemon.live-restore)" fail
is "the engine speaks for itself" \
    "$(jq -r '[.unread[] | select(.source | startswith("api:"))] | length' "$out/scan.json")" 0
is "the engine's version is known" "$(status_of "$out/scan.json" daemon.legacy-registry)" pass
is "icc is open on the default bridge" "$(status_of "$out/scan.json" daemon.icc)" fail
ok "the kernel's build options are read" test "$(status_of "$out/scan.json" kconfig.strict-kernel-rwx)" = pass
is "programs executed by a scan (strace's own is one)" "$(cat "$out/executed")" 1
is "a replay gives the same verdicts" \
    "$(jq -c '[.results[] | [.check, .status]]' "$out/replayed.json")" \
    "$(jq -c '[.results[] | [.check, .status]]' "$out/scan.json")"
ok "the schema holds" /usr/bin/python3 "$here/../integration/validate" \
    "$HOLDFAST_TOP/packaging/schema/results.schema.json" "$out/scan.json"
is "without root nothing passes that only root can read" \
    "$(jq -r '[.results[] | select(.plugin == "daemon" and .status == "pass" and (.findings[].evidence[].source | test("engine API")))] | length' "$out/unprivileged.json")" 0
ok "without root the scan is not a success" grep -qE '^unprivileged [12]$' "$out/statuses"
if [ -n "${HOLDFAST_VM_OUT:-}" ]; then
    mkdir -p "$HOLDFAST_VM_OUT"
    cp "$out"/* "$HOLDFAST_VM_OUT/"
fi
finish
