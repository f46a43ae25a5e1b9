#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The results document and the capture against their schemas: what the tests keep, and what this machine gives. A schema
# must be able to refuse, too.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/lib"
top=${HOLDFAST_TOP:-$here/../..}
results=$top/packaging/schema/results.schema.json
capture=$top/packaging/schema/capture.schema.json
golden=$top/tests/unit/golden/report.json
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || { echo "python3-jsonschema is not installed"; exit 77; }
work=$(mktemp -d /root/holdfast-schema.XXXXXX)
trap 'rm -rf "$work"' EXIT

holds() { # SCHEMA DOCUMENT
    ok "${2##*/} keeps to ${1##*/}" /usr/bin/python3 "$here/validate" "$1" "$2"
}
refuses() { # SCHEMA DOCUMENT CHANGE: one change, in jq, away from a good document
    jq "$3" "$2" >"$work/bad.json" || { ok "jq knows $3" false; return; }
    is "${1##*/} refuses $3" "$(/usr/bin/python3 "$here/validate" "$1" "$work/bad.json" >/dev/null 2>&1; echo $?)" 2
}

# ---- results ----
holds "$results" "$golden"
refuses "$results" "$golden" '.results[0].status = "passed"'
refuses "$results" "$golden" '.results[0].severity = "urgent"'
refuses "$results" "$golden" '.results[0].findings[0].evidence = []'
refuses "$results" "$golden" '.results[0].stride = []'
refuses "$results" "$golden" '.results[0].surprise = 1'
refuses "$results" "$golden" '.score.value = 100.1'
refuses "$results" "$golden" '.host.machine_id_hash = "0123456789abcdef0123456789abcdef"'
refuses "$results" "$golden" 'del(.unread)'
"$holdfast" scan --quiet --format "json:$work/scan.json"
ok "a scan leaves a document" test -s "$work/scan.json"
holds "$results" "$work/scan.json"

"$holdfast" scan --quiet --profile cis-docker --only 'CIS-Docker-1.6:5.*' --format "json:$work/items.json"
holds "$results" "$work/items.json"
refuses "$results" "$work/items.json" '.items[0].number = "one"'
refuses "$results" "$work/items.json" '.items[0].status = "manual"'
refuses "$results" "$work/items.json" '.items[0].level = 0'
refuses "$results" "$work/items.json" 'del(.items[0].reason)'
refuses "$results" "$work/items.json" '.benchmark.surprise = 1'

# ---- captures ----
for recorded in "$top"/tests/captures/*.json; do
    holds "$capture" "$recorded"
done
ok "a capture is made" "$holdfast" capture --output "$work/capture.json"
holds "$capture" "$work/capture.json"
refuses "$capture" "$work/capture.json" '.schema = "holdfast-capture/2"'
refuses "$capture" "$work/capture.json" '.collectors[0].state = "bored"'
refuses "$capture" "$work/capture.json" '.answers[0].ask = "tea:/x"'
refuses "$capture" "$work/capture.json" '.answers += [{"ask": "file:/x"}]'
refuses "$capture" "$work/capture.json" '.answers += [{"ask": "file:/x", "error": "ENOENT", "text": ""}]'
refuses "$capture" "$work/capture.json" '.answers += [{"ask": "file:/x", "ask_bytes": "file:/x", "text": ""}]'
refuses "$capture" "$work/capture.json" '.answers += [{"ask": "file:/x", "bytes": "\u0100"}]'
refuses "$capture" "$work/capture.json" '(.answers[] | select(.meta) | .meta.mode) = "644"'
refuses "$capture" "$work/capture.json" 'del(.notes)'
finish
