#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the judge says of a packet agrees with what became of it: real packets in network namespaces of the test's own,
# over rule sets that a person would write and over some hundreds that nobody would.
set -u
here=$(cd "$(dirname "$0")" && pwd)
packets=${HOLDFAST_BUILT:?the build folder}/tests/integration/packets
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
for program in nft iptables-nft-restore iptables-legacy-restore ip bridge python3; do
    command -v "$program" >/dev/null || { echo "no $program"; exit 77; }
done
[ -x "$packets" ] || { echo "not built: $packets"; exit 77; }
# shellcheck source=tests/integration/lib
. "$here/lib"
# Asking about a legacy table makes it: none may be there that was not there before.
# shellcheck disable=SC2016 # expanded in the namespace
made=$(unshare --net sh -c '"$1" rules >/dev/null; cat /proc/net/ip_tables_names /proc/net/ip6_tables_names' sh "$packets")
is "reading makes no legacy table" "$made" ""
# shellcheck disable=SC2016
made=$(unshare --net sh -c 'iptables-legacy -t raw -A PREROUTING -j DROP; "$1" rules | grep -c "legacy ip raw PREROUTING"
    cat /proc/net/ip_tables_names /proc/net/ip6_tables_names' sh "$packets")
is "one that is there is read, and no other made" "$made" "1
raw"
# More rules than one answer holds.
many=$(mktemp)
{
    printf '*filter\n:FORWARD ACCEPT [0:0]\n'
    for ((i = 0; i < 20000; i++)); do
        printf -- '-A FORWARD -s 10.%d.%d.0/24 -p tcp -m conntrack --ctstate NEW -m multiport --dports 80,443 -m comment --comment "%d" -j DROP\n' \
            $((i / 256)) $((i % 256)) "$i"
    done
    printf -- '-A FORWARD -d 192.0.2.7/32 -j REJECT\nCOMMIT\n'
} >"$many"
for kind in nft legacy; do
    # shellcheck disable=SC2016
    said=$(unshare --net sh -c 'ip link set lo up; ip link add br0 type bridge; ip link set br0 up; ip addr add 192.0.2.1/24 dev br0
        ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up; ip addr add 198.51.100.1/24 dev up0; echo 1 >/proc/sys/net/ipv4/ip_forward
        iptables-"$2"-restore <"$3"
        printf "%s\n" "198.51.100.2 192.0.2.7 6 0 80 up0 - routed" "10.78.31.9 192.0.2.8 6 0 443 up0 - routed" |
            "$1" walk' sh "$packets" "$kind" "$many")
    is "20,000 rules ($kind)" "$(printf '%s\n' "$said" | cut -d ' ' -f 1,5-8 | tr '\n' ';')" \
        "dropped ip filter FORWARD rule;dropped ip filter FORWARD rule;"
    ok "the last of them decides ($kind)" grep -q 'FORWARD rule 20001: ip daddr 192.0.2.7' <<<"$said"
done
rm -f "$many"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] || exit 1
# The same rule sets each time; another seed makes others.
"$here/packet-oracle" "$packets" --random 200 --seed "${HOLDFAST_SEED:-1}"
