#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The running kernel's audit rules: rules that libaudit put there are read back as they are, by a process that opens nothing and
# changes nothing. Auditing stays off, so nothing is recorded meanwhile; what rules record is tests/vm/audit.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/lib"
work=$(mktemp -d)
mkdir "$work/t" "$work/t/sub"
: >"$work/t/file"
ln -s file "$work/t/link"
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    [ -z "${added:-}" ] || "$work/audit-rules" delete "$work/t"
    rm -rf "$work"
}
trap clean_up EXIT
record() { # NAME: what was answered to call:NAME
    jq -r --slurp --arg ask "call:$1" '[.. | objects | select(.ask? == $ask)][0] | .text // ("!" + .error)' "$work/capture.json"
}
look() { "$holdfast" capture -o "$work/capture.json" 2>/dev/null; }

look
case $(record audit/status) in
'!ELIBACC') echo "built without libaudit, or it is not installed"; exit 77 ;;
'!EPERM' | '!ECONNREFUSED') echo "the kernel does not let us ask: not in the initial namespaces, or no CAP_AUDIT_CONTROL"; exit 77 ;;
'!'*) echo "the kernel does not answer: $(record audit/status)"; exit 77 ;;
esac
if [ "$(record audit/status | awk '$1 == "enabled" { print $2 }')" != 0 ] || [ -n "$(record audit/rules)" ]; then
    echo "auditing is in use on this machine"
    exit 77
fi
cc -O1 -o "$work/audit-rules" "$here/audit-rules.c" -laudit 2>"$work/cc.log" || { tail -n 3 "$work/cc.log"; echo "audit-rules.c does not build"; exit 77; }

added=1
ok "rules are loaded" "$work/audit-rules" add "$work/t"
look
# the folder's name needs no escape
record audit/rules >"$work/rules"
cat >"$work/wanted" <<RULES
-a never,task -F uid=4242
-a never,exit -S all -F dir=$work/t/sub
-a always,exit -S all -F dir=$work/t -F perm=wa -F key=holdfast\\040test
-a always,exit -S all -F path=$work/t/link -F perm=rwxa
-a always,exit -S 42 -F arch=0xc000003e -F path=$work/t/file -F auid!=4294967295
-a always,exit -S 362 -F arch=0x40000003 -F path=$work/t/file -F exit=-13
-a always,exclude -F msgtype=1307 -F uid=4242
RULES
if [ "$(uname -m)" = x86_64 ]; then
    is "they are read back" "$(cat "$work/rules")" "$(cat "$work/wanted")"
fi
is "and where their paths lead" "$(jq -r --slurp --arg ask "link:$work/t/link" '[.. | objects | select(.ask? == $ask)][0].text' "$work/capture.json")" file
"$holdfast" scan --only 'audit.*' --format json >"$work/scan.json" 2>/dev/null
is "no check broke" "$(jq -r '[.results[] | select(.status == "error") | .check] | join(" ")' "$work/scan.json")" ""
is "while auditing is off, rules make nothing pass" "$(jq -r '[.results[] | select(.status == "pass") | .check] | join(" ")' "$work/scan.json")" ""
is "its being off is what is found" \
    "$(jq -r '.results[] | select(.check == "audit.containerd-binary" and .status == "fail") | .findings[0].evidence[0].found' "$work/scan.json" | cut -d: -f1)" \
    "$(jq -r 'if any(.results[]; .check == "audit.containerd-binary" and .status == "fail") then "enabled 0" else "" end' "$work/scan.json")"
is "the audit backlog of the running kernel is judged" "$("$holdfast" scan --only cmdline.audit_backlog_limit --format json 2>/dev/null |
    jq -r '.results[0].findings[0].status')" \
    "$(if [ "$(record audit/status | awk '$1 == "backlog_limit" { print $2 }')" -ge 8192 ] || grep -q audit_backlog_limit /proc/cmdline; then echo pass; else echo fail; fi)"

# a rule that was loaded for a folder goes with it
rm -r "$work/t/sub"
look
is "a rule goes with its folder" "$(record audit/rules | grep -c "dir=$work/t/sub")" 0
mkdir "$work/t/sub"
"$work/audit-rules" delete "$work/t" 2>/dev/null # one of them is gone
added=
look
is "nothing is left behind" "$(record audit/rules)" ""

# ---- who asks ----
if command -v strace >/dev/null; then
    strace -ff -qq -e trace=socket,sendto,openat -o "$work/trace" "$holdfast" scan --quiet --only 'audit.*' 2>/dev/null
    askers=("$(grep -l NETLINK_AUDIT "$work"/trace.*)")
    is "one process asks" "$(wc -l <<<"${askers[0]}")" 1
    is "two questions, AUDIT_GET and AUDIT_LIST_RULES" \
        "$(grep -oE '^sendto.*nlmsg_type=(AUDIT_[A-Z_]*|0x[0-9a-f]+)' "${askers[0]}" | sed 's/.*nlmsg_type=//; s/0x3e8/AUDIT_GET/; s/0x3f5/AUDIT_LIST_RULES/' | paste -sd ' ')" \
        "AUDIT_GET AUDIT_LIST_RULES"
    is "it opens libraries alone" \
        "$(sed '1,/libaudit/d' "${askers[0]}" | grep '^openat(' | grep -vE '= -1 E|O_PATH' | grep -oE '"[^"]+"' | tr -d '"' | grep -vE '^/(usr/)?(local/)?lib(64)?/.*\.so[.0-9]*$')" ""
fi
if setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
    setpriv --reuid 65534 --regid 65534 --clear-groups "$holdfast" scan --only 'audit.run*' --format json >"$work/nobody.json" 2>/dev/null
    is "without root nothing passes" "$(jq -r '[.results[] | select(.status == "pass") | .check] | join(" ")' "$work/nobody.json")" ""
fi
if unshare --user true 2>/dev/null; then
    unshare --user "$holdfast" capture -o "$work/capture.json" 2>/dev/null
    is "another user namespace is refused" "$(record audit/rules)" '!ECONNREFUSED'
fi
finish
