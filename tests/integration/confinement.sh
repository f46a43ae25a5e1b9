#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A scan executes nothing and writes nothing; the judge, fed a malicious plugin, can open nothing; a plugin that
# others can write is refused; one that crashes or hangs costs its own checks alone.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/lib"
work=$(mktemp -d /root/holdfast-confinement.XXXXXX)
trap 'rm -rf "$work"' EXIT
command -v strace >/dev/null || { echo "no strace"; exit 77; }

strace -f -qq -o "$work/trace" "$holdfast" scan --format json >"$work/scan.json" 2>"$work/scan.err"
ok "the scan gave a document" jq -e '.results | length > 500' "$work/scan.json" >/dev/null
# the first execve is strace's own
is "programs executed" "$(grep -cE '\bexecve(at)?\(' "$work/trace")" 1
is "files opened for writing" \
    "$(grep -E '\b(open|openat|openat2|creat)\(' "$work/trace" | grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC' | grep -vcE '"/dev/null"')" 0
is "names changed" \
    "$(grep -cE '\b(rename|renameat2?|unlink|unlinkat|mkdir|mkdirat|link|linkat|symlink|symlinkat|chmod|fchmod|chown|fchown|mknod|mount|truncate|ftruncate|utimensat|setxattr|init_module|finit_module)\(' "$work/trace")" 0

is "namespaces entered that are no network's" "$(grep -E '\bsetns\(' "$work/trace" | grep -vc ', CLONE_NEWNET[ )]')" 0

# ---- plugins outside the tree ----
mkdir "$work/plugins"
build() { # NAME: tests/integration/plugins/NAME.c
    # shellcheck disable=SC2046 # words
    cc -shared -fPIC -o "$work/plugins/$1.so" "$here/plugins/$1.c" $(pkg-config --cflags --libs holdfast)
}
run() { # sets document, status
    "$holdfast" scan --plugin-dir "$work/plugins" --only "$1" --format json >"$work/out.json" 2>"$work/err"
    status=$?
}
ok "a third-party plugin builds with pkg-config" build example
run 'example.*'
is "its check runs" "$(status_of "$work/out.json" example.hostname)" pass
rm "$work/plugins/example.so"

ok "malicious plugin builds" build malicious
run 'malicious.*'
for what in shadow passwd proc-self socket fork kill pidfd; do
    is "malicious check cannot $what" "$(status_of "$work/out.json" "malicious.$what")" pass
done
rm "$work/plugins/malicious.so"

ok "crashing plugin builds" build crashing
run 'crashing.segv,crashing.abort,crashing.silent,crashing.exec,crashing.fine,kernel.aslr'
is "a check that crashes is an error" "$(status_of "$work/out.json" crashing.segv)" error
is "a check that aborts is an error" "$(status_of "$work/out.json" crashing.abort)" error
is "a check that executes a program is ended" "$(status_of "$work/out.json" crashing.exec)" error
ok "and the program did not run" test ! -e /run/holdfast-was-here
is "a check that returns without a verdict is an error" "$(status_of "$work/out.json" crashing.silent)" error
is "its neighbour is judged" "$(status_of "$work/out.json" crashing.fine)" pass
ok "other plugins are judged" test "$(status_of "$work/out.json" kernel.aslr)" != error
ok "the run is not a success" test "$status" != 0
run 'crashing.loop,crashing.fine'
is "a check that never ends is an error" "$(status_of "$work/out.json" crashing.loop)" error
is "its neighbour is judged all the same" "$(status_of "$work/out.json" crashing.fine)" pass
"$holdfast" capture -o "$work/capture.json" 2>"$work/err"
"$holdfast" scan --from "$work/capture.json" --plugin-dir "$work/plugins" --only 'crashing.segv,crashing.fine' \
    --format json >"$work/out.json" 2>"$work/err"
is "the judge of a capture starts again, too" "$(status_of "$work/out.json" crashing.fine)" pass
rm "$work/plugins/crashing.so"

# ---- refusals ----
build example
chmod 666 "$work/plugins/example.so"
run kernel.aslr
ok "a plugin that everybody can write is refused by name" grep -q "plugin refused: .*example.so.*written by everybody" "$work/err"
ok "a refused plugin makes the run incomplete" test "$status" != 0
chmod 644 "$work/plugins/example.so"
chown 65534 "$work/plugins/example.so"
run kernel.aslr
ok "a plugin of another user is refused by name" grep -q "plugin refused: .*example.so.*belongs to uid 65534" "$work/err"
chown 0 "$work/plugins/example.so"
chmod 777 "$work/plugins"
run kernel.aslr
ok "a plugin in a folder that others can write is refused" grep -q "plugin refused: .*example.so" "$work/err"
chmod 755 "$work/plugins"
printf 'no plugin' >"$work/plugins/text.so"
run 'example.*'
ok "what is no shared object is refused by name" grep -q "plugin refused: .*text.so" "$work/err"
is "the others run" "$(status_of "$work/out.json" example.hostname)" pass
rm "$work/plugins/text.so"
mkfifo "$work/plugins/fifo.so"
run 'example.*'
ok "a FIFO is refused" grep -q "plugin refused: .*fifo.so" "$work/err"
rm "$work/plugins/fifo.so"
ok "plugin of another ABI builds" build foreign
run 'example.*'
ok "a plugin of another ABI is refused with both numbers" grep -q "foreign.so.*ABI 9" "$work/err"
is "the others still run" "$(status_of "$work/out.json" example.hostname)" pass
# ---- collectors that die and that hang ----
# the 150th file that the host collector (and whoever reads as many) opens ends or stops it
timeout 60 strace -f -qq -o /dev/null -e trace=openat2 -e inject=openat2:signal=KILL:when=150 \
    "$holdfast" scan --format "json:$work/out.json" --quiet 2>"$work/err"
status=$?
ok "a collector that dies makes no success" test "$status" = 1 -o "$status" = 2
ok "it is named" jq -e '[.unread[].source] | index("collector:host")' "$work/out.json" >/dev/null
ok "what it did not answer is unknown" jq -e '[.results[] | select(.status == "unknown")] | length > 50' "$work/out.json" >/dev/null
ok "the reason says so" grep -q 'collector host died' "$work/out.json"
ok "what the others answered is judged" jq -e '[.results[] | select(.status == "pass" or .status == "fail")] | length > 0' "$work/out.json" >/dev/null
# strace holds on to whom it delays, so the document says how long the scan took
timeout 60 strace -f -qq -o /dev/null -e trace=openat2 -e inject=openat2:delay_enter=15000000:when=150 \
    "$holdfast" scan --format "json:$work/out.json" --quiet 2>"$work/err"
status=$?
ok "a collector that hangs makes no success" test "$status" = 1 -o "$status" = 2
ok "the scan does not wait for it" jq -e '.duration_ms < 12000' "$work/out.json" >/dev/null
ok "it is late" grep -q 'collector host late' "$work/out.json"
finish
