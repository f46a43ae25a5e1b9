#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command as its users meet it: exit statuses, wrong words, outputs that cannot be written, replays, file trees.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/lib"
work=$(mktemp -d /root/holdfast-cli.XXXXXX)
trap 'umount "$work/full" 2>/dev/null; rm -rf "$work"' EXIT

run() { # sets status; output in $work/out, $work/err
    "$holdfast" "$@" >"$work/out" 2>"$work/err"
    status=$?
}
refuses() { # STATUS WORD ARGUMENTS...: that status, the word named, and nothing on stdout
    local wanted=$1 word=$2
    shift 2
    run "$@"
    is "$* exits with $wanted" "$status" "$wanted"
    ok "$* names $word" grep -qF -- "$word" "$work/err"
    ok "$* prints no report" test ! -s "$work/out"
}

# ---- words that are not understood ----
refuses 64 --frobnicate scan --frobnicate
refuses 64 nonsense nonsense
refuses 64 no.such.check scan --only no.such.check
refuses 64 no.such.check scan --skip kernel.aslr,no.such.check
refuses 64 nosuch scan --profile nosuch
refuses 64 yaml scan --format yaml
refuses 64 severe scan --fail-on severe
refuses 64 101 scan --min-score 101
refuses 64 0 scan --timeout 0
refuses 64 sometimes scan --color sometimes
refuses 64 --kernel-config scan --sysctl /dev/null
refuses 64 exclude scan --root / --from x
refuses 66 /no/such/dir scan --root /no/such/dir
refuses 66 /no/such/capture scan --from /no/such/capture
refuses 64 no.such.check explain no.such.check
refuses 66 /no/such scan --plugin-dir /no/such
refuses 73 /no/such scan --format json:/no/such/file

# ---- configuration ----
config() { # TEXT
    printf '%b' "$1" >"$work/holdfast.yaml"
}
refuses 78 /no/such/config scan --config /no/such/config
config 'fail-on: high\nfail-on: low\n'
refuses 78 "holdfast.yaml:2" scan --config "$work/holdfast.yaml"
config 'timeout: 5\ntimout: 6\n'
refuses 78 timout scan --config "$work/holdfast.yaml"
config 'timeout: [1, 2]\n'
refuses 78 "holdfast.yaml:1" scan --config "$work/holdfast.yaml"
config 'timeout: !!int 5\n'
refuses 78 tags scan --config "$work/holdfast.yaml"
config 'a: &x 1\nb: *x\n'
refuses 78 "holdfast.yaml:" scan --config "$work/holdfast.yaml"
config '{ : \n'
refuses 78 "holdfast.yaml:" scan --config "$work/holdfast.yaml"
config 'min-score: lots\n'
refuses 78 lots scan --config "$work/holdfast.yaml"
config '# nothing but words\n'
run scan --config "$work/holdfast.yaml" --only kernel.aslr --fail-on none
ok "a configuration of comments alone is fine" test "$status" -le 1
config 'fail-on: none\n'
chmod 666 "$work/holdfast.yaml"
refuses 78 "written by everybody" scan --config "$work/holdfast.yaml"
chmod 644 "$work/holdfast.yaml"
mkfifo "$work/fifo"
refuses 78 "$work/fifo" scan --config "$work/fifo"

# ---- thresholds ----
run scan --from "$HOLDFAST_TOP/tests/captures/debian12-vm.json" --fail-on low
is "findings give 2" "$status" 2
run scan --from "$HOLDFAST_TOP/tests/captures/debian12-vm.json" --only 'kernel.aslr' --fail-on low
is "no findings and nothing unread give 0" "$status" 0
run scan --from "$HOLDFAST_TOP/tests/captures/debian12-vm.json" --fail-on none --min-score 100
is "a low score gives 2" "$status" 2

# ---- outputs that cannot be written ----
"$holdfast" scan --only kernel.aslr --format json >/dev/full 2>"$work/err"
ok "a full disk is no success" test $? = 1
ok "a full disk is told" grep -q 'No space left' "$work/err"
run scan --only kernel.aslr --fail-on none --format json:/dev/full
is "a full device as file is no success" "$status" 1
mkdir -p "$work/full"
if mount -t tmpfs -o size=4k tmpfs "$work/full" 2>/dev/null; then
    run scan --fail-on none --format "json:$work/full/report.json"
    is "a full file system is no success" "$status" 1
    is "no half of a report is left" "$(find "$work/full" -type f | wc -l)" 0
else
    skipped=$((skipped + 1))
    echo "skipped: a file system of 4 KiB cannot be mounted here"
fi
(set -o pipefail; "$holdfast" scan --format json 2>"$work/err" | head -c 10 >/dev/null; exit "${PIPESTATUS[0]}")
ok "a closed pipe is no success" test $? != 0
run scan --only kernel.aslr --fail-on none --quiet --format "json:$work/one.json" --format "text:$work/two.txt"
ok "two reports in one run" test -s "$work/one.json" -a -s "$work/two.txt"
ok "--quiet leaves standard output alone" test ! -s "$work/out"

# ---- colour ----
run scan --only kernel.aslr --color always
ok "--color always colours" grep -q $'\e\\[' "$work/out"
run scan --only kernel.aslr
ok "no colour into a file" test "$(grep -c $'\e' "$work/out")" = 0
script -qec "NO_COLOR=1 TERM=xterm '$holdfast' scan --only kernel.aslr" /dev/null >"$work/tty" 2>&1
ok "NO_COLOR is honoured on a terminal" test "$(grep -c $'\e\\[' "$work/tty")" = 0
script -qec "TERM=xterm '$holdfast' scan --only kernel.aslr" /dev/null >"$work/tty" 2>&1
ok "a terminal gets colour" grep -q $'\e\\[' "$work/tty"

# ---- a replay is the same ----
sameness='del(.started, .duration_ms, .source)'
ok "a capture is made" "$holdfast" capture --output "$work/capture.json"
is "a capture is for its owner alone" "$(stat -c %a "$work/capture.json")" 600
"$holdfast" scan --from "$work/capture.json" --format json | jq -S "$sameness" >"$work/a"
"$holdfast" scan --from "$work/capture.json" --format json | jq -S "$sameness" >"$work/b"
ok "two replays are the same" cmp -s "$work/a" "$work/b"
ok "a replay judges everything" test "$(jq '.results | length' "$work/a")" -gt 500
setpriv --reuid=65534 --regid=65534 --clear-groups "$holdfast" scan --from - --format json \
    <"$work/capture.json" >"$work/unprivileged.json" 2>"$work/err"
ok "an unprivileged user can judge a capture" test "$(jq '.results | length' "$work/unprivileged.json")" -gt 500
for word in '{' '[]' '{"schema":"holdfast-capture/1"}' ''; do
    printf '%s' "$word" >"$work/bad.json"
    refuses 66 "$work/bad.json" scan --from "$work/bad.json"
done

# ---- results, rendered again ----
"$holdfast" scan --from "$work/capture.json" --format "json:$work/results.json" --format "text:$work/results.txt" --quiet
"$holdfast" report "$work/results.json" >"$work/again.txt"
ok "report renders what scan rendered" cmp -s "$work/results.txt" "$work/again.txt"
"$holdfast" report --format json "$work/results.json" | jq -S . >"$work/again.json"
ok "and the document itself" cmp -s "$work/again.json" <(jq -S . "$work/results.json")
printf '{"schema":"holdfast-results/1"}' >"$work/bad.json"
refuses 66 "$work/bad.json" report "$work/bad.json"

# ---- a file tree ----
tree=$work/tree
mkdir -p "$tree"/{etc,proc/sys/kernel,proc/1}
echo 2 >"$tree/proc/sys/kernel/randomize_va_space"
echo 'quiet' >"$tree/proc/cmdline"
"$holdfast" scan --root "$tree" --only kernel.aslr --format json >"$work/out"
is "a file tree is judged by its own files" "$(status_of "$work/out" kernel.aslr)" pass
echo 0 >"$tree/proc/sys/kernel/randomize_va_space"
"$holdfast" scan --root "$tree" --only kernel.aslr --format json >"$work/out"
is "another value, another verdict" "$(status_of "$work/out" kernel.aslr)" fail
rm "$tree/proc/sys/kernel/randomize_va_space"
ln -s /proc/sys/kernel/randomize_va_space "$tree/proc/sys/kernel/randomize_va_space"
"$holdfast" scan --root "$tree" --only kernel.aslr --format json >"$work/out"
is "a link cannot lead out of it" "$(status_of "$work/out" kernel.aslr)" unknown
rm "$tree/proc/sys/kernel/randomize_va_space"
mkfifo "$tree/proc/sys/kernel/randomize_va_space"
timeout 20 "$holdfast" scan --root "$tree" --only kernel.aslr --format json >"$work/out"
is "a FIFO holds nobody up" "$(status_of "$work/out" kernel.aslr)" unknown
for content in '' 'two' '2 2' '9999999999999999999999' $'\xff\xfe'; do
    rm -f "$tree/proc/sys/kernel/randomize_va_space"
    printf '%s' "$content" >"$tree/proc/sys/kernel/randomize_va_space"
    "$holdfast" scan --root "$tree" --only kernel.aslr --format json >"$work/out"
    ok "\"$content\" is never a pass" test "$(status_of "$work/out" kernel.aslr)" != pass
done
rm "$tree/proc/sys/kernel/randomize_va_space"
truncate -s 20G "$tree/proc/sys/kernel/randomize_va_space"
"$holdfast" scan --root "$tree" --only kernel.aslr --format json >"$work/out"
is "a huge file is unknown" "$(status_of "$work/out" kernel.aslr)" unknown

# ---- a kernel configuration without a node ----
printf '#\n# Linux/x86 6.1.0-28-amd64 Kernel Configuration\n#\nCONFIG_X86_64=y\nCONFIG_STRICT_KERNEL_RWX=y\n# CONFIG_DEVKMEM is not set\n' >"$work/config"
"$holdfast" scan --kernel-config "$work/config" --format json >"$work/out"
is "an option that is set" "$(status_of "$work/out" kconfig.strict-kernel-rwx)" pass
gzip -k "$work/config"
"$holdfast" scan --kernel-config "$work/config.gz" --format json >"$work/out"
is "gzipped, too" "$(status_of "$work/out" kconfig.strict-kernel-rwx)" pass

# ---- the list ----
"$holdfast" list --format json >"$work/list.json"
ok "every check says all that a report needs" jq -e 'all(.[]; (.id and .title and .risk and .threat and .remediation and .vector) and (.stride | length > 0))' "$work/list.json" >/dev/null
run explain kernel.aslr
ok "explain explains" grep -q Remediation "$work/out"
run version --verbose
ok "version tells the collectors' capabilities" grep -q 'cap_sys_ptrace' "$work/out"
finish
