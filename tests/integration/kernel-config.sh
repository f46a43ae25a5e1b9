#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scan --kernel-config on the configurations of real distribution kernels (Debian's linux-config package): for each row that
# one line of the configuration decides alone, the verdict must be what grep finds.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/lib"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shopt -s nullglob
configs=(/usr/src/linux-config-*/config.amd64*.xz)
[ ${#configs[@]} -gt 0 ] || { echo "the package linux-config-6.1 is not installed"; exit 77; }

# rows without conditions, for every architecture and version: id, option, wanted
grep -v '^#' "$HOLDFAST_TOP/checks/kernel/options.tsv" |
    awk -F'\t' '{ gsub(/(peer|conflict)\([^)]*\)|[ ;]/, "", $12) }
        $2 == "kconfig" && $5 == "all" && $6 == "" && $12 == "" && ($4 == "y" || $4 == "not-set" || $4 == "y,m" || $4 == "not-set,m") { print $1, $3, $4 }' \
        >"$work/rows"
ok "there are rows that one line decides" test "$(wc -l <"$work/rows")" -gt 50

for config in "${configs[@]}"; do
    name=$(basename "$config" .xz)
    xz -dc "$config" >"$work/config"
    # the package's files lack the head that tells the version
    printf '#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 6.1.192 Kernel Configuration\n#\n' |
        cat - "$work/config" >"$work/with-head"
    "$holdfast" scan --kernel-config "$work/with-head" --format "json:$work/out.json" --quiet
    ok "$name: every build option is judged" test "$(jq '.results | length' "$work/out.json")" = \
        "$(grep -c '^kconfig\.' "$HOLDFAST_TOP/checks/kernel/options.tsv")"
    jq -r '.results[] | .check + " " + .status' "$work/out.json" >"$work/verdicts"
    wrong=$(awk -v config="$work/config" '
        FILENAME == config { if (match($0, /^CONFIG_[A-Za-z0-9_]+=/)) value[substr($0, 1, RLENGTH - 1)] = substr($0, RLENGTH + 1); next }
        FILENAME ~ /verdicts$/ { verdict[$1] = $2; next }
        {
            is = ($2 in value) ? value[$2] : "not-set"
            expected = index("," $3 ",", "," is ",") ? "pass" : "fail"
            if (verdict[$1] != expected) print $1, $2 "=" is, "wanted", $3 ": is", verdict[$1]
        }' "$work/config" "$work/verdicts" "$work/rows")
    [ -n "$wrong" ] && printf '%s\n' "$wrong"
    is "$name: verdicts that differ from the configuration" "$(grep -c . <<<"$wrong")" 0
done
finish
