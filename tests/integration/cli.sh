#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command as its users meet it: exit statuses, wrong words, outputs that cannot be written, replays, file trees.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/lib"
work=$(mktemp -d /root/holdfast-cli.XXXXXX)
site= # what a test puts into the configuration of the site
trap 'umount "$work/full" 2>/dev/null; rm -rf "$work"; [ -z "$site" ] || rm -f "$site"' EXIT

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

config 'profile: nosuch\n'
refuses 78 nosuch scan --config "$work/holdfast.yaml"

# ---- profiles ----
recorded=$HOLDFAST_TOP/tests/captures/debian12-runtimes.json
refuses 64 cis-docker scan --profile nosuch
refuses 64 'it has: 1.6, 1.7, 1.8' scan --profile cis-docker-1.9
refuses 64 'no level 3' scan --profile cis-docker-level-3
refuses 64 ../cis-docker scan --profile ../cis-docker
items_of() { # PROFILE ARGUMENTS...: how many items of which status
    run scan --from "$recorded" --fail-on none --format json --profile "$@"
    jq -r '[.items[].status] | group_by(.) | map("\(.[0])=\(length)") | join(" ")' "$work/out"
}
items_of cis-docker >"$work/counts"
is "all items of the benchmark are there" "$(jq '.items | length' "$work/out")" 117
is "in their order" "$(jq -c '[.items[].number | split(".") | map(tonumber)] | . == sort' "$work/out")" true
is "by the numbers of a version" "$(jq -r '.benchmark.version' "$work/out")" 1.6
ok "an item has a reason, or passes" jq -e 'all(.items[]; .status == "pass" or (.reason | length > 0))' "$work/out" >/dev/null
# shellcheck disable=SC2016 # jq's variables
ok "an item says what its checks say" jq -e '
    ([.results[] | {(.check): .status}] | add) as $of
    | all(.items[] | select(.decided_by); $of[.decided_by] == .status)
    and all(.items[] | select(any(.checks[]; $of[.] == "fail")); .status == "fail")' "$work/out" >/dev/null
ok "no check is run that answers nothing" jq -e '
    ([.items[].checks[]] | unique) == ([.results[].check] | unique)' "$work/out" >/dev/null
ok "and all of it in words" jq -e '.profile == "cis-docker"' "$work/out" >/dev/null
cp "$work/out" "$work/benchmark.json"
run report "$work/benchmark.json"
is "each item has its line" "$(grep -cE '^[1-7]\.[0-9.]+ +L[12] ' "$work/out")" 117
is "under its section" "$(grep -cE '^[1-7]  .* -+$' "$work/out")" 7
ok "with a sum" grep -qE '^CIS Docker Benchmark 1\.6, 117 items: ' "$work/out"
items_of cis-docker-level-1 >/dev/null
is "level 1 has no item of level 2" "$(jq -c '[.items[].level] | unique' "$work/out")" '[1]'
is "and no check that answers those" "$(status_of "$work/out" daemon.userns-remap)" ""
items_of cis-docker-level-2 >"$work/again"
ok "level 2 has those of level 1, too" cmp -s "$work/counts" "$work/again"
items_of cis-docker-1.8 >/dev/null
is "1.8 has an item more" "$(jq '.items | length' "$work/out")" 118
is "and other numbers" "$(jq -r '.items[] | select(.checks | index("daemon.tcp-tls")) | .number' "$work/out")" 2.8
items_of cis-docker --only 'CIS-Docker-1.6:5.*' --skip CIS-Docker-1.6:5.1 >/dev/null
is "words choose among the items" "$(jq -r '[.items[] | select(.status != "notselected") | .number | split(".")[0]] | unique | join(" ")' "$work/out")" 5
is "and leave some out" "$(jq -r '.items[] | select(.number == "5.1") | .status' "$work/out")" notselected
run list --profile cis-docker
ok "the list has the items, too" grep -qE '^2\.7 +L1 manual ' "$work/out"
ok "and the checks that answer" grep -qE '^ +daemon\.tcp-tls ' "$work/out"
run list --profile cis-docker-1.8 --format json
ok "as JSON with both" jq -e '(.items | length) == 118 and (.checks | length) > 50 and all(.items[]; .look)' "$work/out" >/dev/null
config 'profile: cis-docker-level-1\nfail-on: none\n'
run scan --from "$recorded" --config "$work/holdfast.yaml" --format json
is "the configuration can name a profile" "$(jq -r .profile "$work/out")" cis-docker-level-1
run scan --from "$recorded" --config "$work/holdfast.yaml" --profile all --format json
is "an option wins over it" "$(jq -c '[.profile, .benchmark, .items]' "$work/out")" '["all",null,[]]'

folder=$("$holdfast" version --verbose | sed -n 's/^profiles in \(.*\) and .*/\1/p')
if mkdir -p "$folder"; then
    name=cli-test-$$
    site=$folder/$name.yaml
    printf 'benchmark: Site\ntitle: Our own\nversions: ["1.0"]\nsections: [{number: "1", title: All}]\nitems:\n' >"$site"
    printf '  - {number: "1.2", level: 1, assessment: manual, title: icc, look: icc, refs: ["CIS-Docker-1.6:2.2", "DOCKER-BENCH:check_2_2"]}\n' >>"$site"
    printf '  - {number: "1.1", level: 1, assessment: manual, title: the door, look: the lock, refs: ["Site:1"]}\n' >>"$site"
    run scan --from "$recorded" --fail-on none --profile "$name" --format json
    is "a site has its own" "$(jq -c '[.items[] | [.number, (.checks | join(" ")), .status, .reason]][0]' "$work/out")" '["1.1","","notchecked","the lock"]'
    is "by the same references" "$(jq -r '[.results[].check] | join(" ")' "$work/out")" daemon.icc
    chmod 646 "$site"
    refuses 78 "written by everybody" scan --profile "$name"
    chmod 644 "$site"
    chown 65534 "$site"
    refuses 78 "belongs to uid 65534" scan --profile "$name"
    chown 0 "$site"
    echo '  - {number: "1.1"}' >>"$site"
    refuses 78 "$name.yaml:8: \"level\" is missing" scan --profile "$name"
    head -c 10000000 /dev/zero | tr '\0' '#' >"$site"
    refuses 78 "too large" scan --profile "$name"
    rm "$site"
fi

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
