#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Networks: what holdfast tells of interfaces, addresses, routes, settings and bridges is what ip(8) and the files of
# /proc/sys say, in the host's network namespace and in those of containers; and one that has too much of anything hides
# nothing of the others.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/integration/lib
. "$here/lib"
for program in ip bridge busybox jq; do
    command -v "$program" >/dev/null || { echo "no $program is installed"; exit 77; }
done
[ "$(readlink /proc/self/ns/net)" = "$(readlink /proc/2/ns/net)" ] || { echo "not in the host's network namespace"; exit 77; }
work=$(mktemp -d /root/holdfast-network.XXXXXX)
tree=$(mktemp -d /tmp/holdfast-tree.XXXXXX) # where everybody may look
tag=hf$(($$ % 100000))
bridge=${tag}b
pids=()
# shellcheck disable=SC2317 # the trap calls it
leave() {
    local name
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
    for name in one two full many; do ip netns del "$tag$name" 2>/dev/null; done
    ip link del "$bridge" 2>/dev/null
    rm -rf "$work" "$tree"
}
trap leave EXIT

mkdir "$work/plugins" "$tree/bin"
chmod 755 "$tree"
cp "$(command -v busybox)" "$tree/bin/sleep"
# shellcheck disable=SC2046 # words
ok "the plugin that shows facts builds" cc -shared -fPIC -o "$work/plugins/network-facts.so" \
    "$here/plugins/network-facts.c" $(pkg-config --cflags --libs holdfast)

# What has a root and a network namespace of its own is a container.
contain() { # NAME COMMAND that starts it in its namespace
    local name=$1
    shift
    "$@" unshare --mount chroot "$tree" /bin/sleep 900 </dev/null >/dev/null 2>&1 &
    pids+=($!)
    for ((i = 0; i < 100; i++)); do
        [ "$(readlink "/proc/$!/root" 2>/dev/null)" = "$tree" ] && break
        sleep 0.05
    done
    declare -g "container_$name=container:$(readlink "/proc/$!/ns/mnt")" "pid_$name=$!"
}
plug() { # NAME NUMBER: a namespace whose eth0 is a port of the bridge
    ip netns add "$tag$1" 2>/dev/null
    ip -n "$tag$1" link set lo up
    ip link add "$tag$1" type veth peer name eth0 netns "$tag$1"
    ip link set "$tag$1" master "$bridge" up
    ip -n "$tag$1" addr add "10.213.7.$2/24" dev eth0
    ip -n "$tag$1" addr add "fd00:213:7::$2/64" dev eth0 nodad
    ip -n "$tag$1" link set eth0 up
    ip -n "$tag$1" route add default via 10.213.7.1
}
ip link add "$bridge" type bridge || { echo "no bridge can be made"; exit 77; }
ip addr add 10.213.7.1/24 dev "$bridge"
ip addr add fd00:213:7::1/64 dev "$bridge" nodad
ip link set "$bridge" up
plug one 11
plug two 12
plug full 13
# more interfaces than are read, and then the one that counts
ip netns add "${tag}many"
for ((i = 0; i < 1200; i++)); do echo "link add q$i type veth peer name r$i"; done >"$work/links"
ip -n "${tag}many" -batch "$work/links"
plug many 14
bridge link set dev "${tag}one" isolated on hairpin on
bridge fdb add 02:00:00:00:00:07 dev "${tag}two" master static
ip -n "${tag}two" link add mv0 link eth0 type macvlan mode private 2>/dev/null
ip -n "${tag}two" link add a.b type bridge && ip -n "${tag}two" link set a.b up
ip -n "${tag}two" addr add 10.214.0.1/24 dev a.b
ip -n "${tag}two" route add 198.51.100.0/24 nexthop via 10.213.7.1 dev eth0 nexthop via 10.214.0.2 dev a.b
ip -n "${tag}two" route add blackhole 203.0.113.0/24
ip -n "${tag}two" route add 10.255.0.0/16 via 10.214.0.2 table 100 metric 7
ip -n "${tag}two" rule add from 10.214.0.1 table 100
ip netns exec "${tag}two" busybox sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.eth0.rp_filter=2 \
    net.ipv4.conf.a/b.arp_ignore=1 net.ipv4.ping_group_range='7 9'
for ((i = 0; i < 20000; i++)); do
    echo "route add 100.64.$((i / 256)).$((i % 256))/32 dev eth0"
done >"$work/routes"
ip -n "${tag}full" -batch "$work/routes"
contain one ip netns exec "${tag}one"
contain two ip netns exec "${tag}two"
contain full ip netns exec "${tag}full"
contain many ip netns exec "${tag}many"
# who is in another's namespace, and is nobody special
contain guest nsenter --net="/run/netns/${tag}two" setpriv --reuid 65534 --regid 65534 --clear-groups \
    unshare --user --map-root-user

scan() { # COMMAND… before it
    "$@" "$holdfast" scan --plugin-dir "$work/plugins" --only 'network-facts.*' --format json >"$work/scan.json" 2>"$work/scan.err"
}
notes() { # CHECK SUBJECT SOURCE: what it noted
    jq -r --arg id "network-facts.$1" --arg key "$2" --arg source "$3" '.results[] | select(.check == $id) | .findings[]
        | select(.subjects | index($key)) | .evidence[] | select(.source == $source) | .found' "$work/scan.json"
}
says_links() { # ip's arguments
    ip "$@" -j -d link | jq -r '.[] | (.flags | index("UP") != null) as $up | (.flags | index("LOOPBACK") != null) as $lo
        | "\(.ifindex) \(.ifname) \(.linkinfo.info_kind // "-") up=\(if $up then 1 else 0 end) loopback=\(if $lo then 1 else 0 end)"'
}
says_addresses() {
    ip "$@" -j addr | jq -r '.[] | .ifname as $name | .addr_info[] | "\($name) \(.local)/\(.prefixlen)"' | sort
}
says_routes() {
    { ip "$@" -N -j -4 route show table all | jq '[.[] + {any: "0.0.0.0/0", host: "/32"}]'
      ip "$@" -N -j -6 route show table all | jq '[.[] + {any: "::/0", host: "/128"}]'; } |
        jq -r '.[] | select((.table // "254") != "255" and (.type // "1" | IN("2", "3", "4", "5", "local", "broadcast", "anycast", "multicast") | not))
            | (if .dst == "default" then .any elif (.dst | contains("/")) then .dst else .dst + .host end) as $to
            | "\($to) via \(.gateway // "-") dev \(if .type then "-" else .dev // "-" end) table \(.table // 254) metric \(.metric // 0)\(if .type then " refused" else "" end)"' | sort
}

scan
ok "the scan gave a document" jq -e '.results | length == 4' "$work/scan.json"  >/dev/null
# ---- the host ----
is "the host's namespace is read" "$(notes host host state)" "0 -"
is "the host's interfaces" "$(notes host host interface | cut -d' ' -f1-5 | grep " $tag")" "$(says_links | grep " $tag")"
is "the host's addresses" "$(notes host host address | sed 's/ link-local$//' | grep "^$tag" | sort)" "$(says_addresses | grep "^$tag")"
is "the host's routes" "$(notes host host route | grep " $tag" | sort)" "$(says_routes | grep " dev $tag")"
is "ways out" "$(notes host host uplink | sort -u | grep -c "^$tag")" 0
ok "a default route is a way out" test -z "$(ip -j route show default | jq -r '.[0].dev // empty')" -o \
    "$(notes host host uplink | grep -cx "$(ip -j route show default | jq -r '.[0].dev // empty')")" = 1
is "an isolated port" "$(notes host host port | grep "^${tag}one ")" "${tag}one isolated=1 learning=1 hairpin=1 static=0"
is "a port with an address of its own" "$(notes host host port | grep "^${tag}two ")" "${tag}two isolated=0 learning=1 hairpin=0 static=1"
# ---- containers ----
for name in one two; do
    key=container_$name
    is "$name is read" "$(notes container "${!key}" state)" "0 -"
    is "interfaces of $name" "$(notes container "${!key}" interface | cut -d' ' -f1-5)" "$(says_links -n "$tag$name")"
    is "addresses of $name" "$(notes container "${!key}" address | sed 's/ link-local$//' | sort)" "$(says_addresses -n "$tag$name")"
    is "routes of $name" "$(notes container "${!key}" route | sort)" "$(says_routes -n "$tag$name")"
done
# shellcheck disable=SC2154 # contain() sets them
{
is "plain rules" "$(notes container "$container_one" policy)" no
is "rules of its own" "$(notes container "$container_two" policy)" yes
is "where one is plugged in" "$(notes container "$container_one" attachment)" \
    "eth0 port=${tag}one bridge=$bridge ip=10.213.7.11 ip6=fd00:213:7::11"
is "what is no port of the host" "$(notes container "$container_two" attachment | grep '^a.b')" \
    "a.b port=- bridge=- ip=10.214.0.1 ip6="
[ -z "$(ip -n "${tag}two" link show mv0 2>/dev/null)" ] ||
    ok "a macvlan and its mode" grep -q ' mode=private$' <(notes container "$container_two" interface | grep ' mv0 macvlan ')
for address in 192.0.2.77 203.0.113.9 2001:db8:77::1; do
    way=$(ip -n "${tag}one" -j route get "$address" 2>/dev/null | jq -r '.[0].dev // "none"')
    is "the way to $address" "$(notes container "$container_one" way | grep "^$address ")" "$address ${way:-none}"
done
is "a blackhole is no way" "$(notes container "$container_two" way | grep '^203')" "203.0.113.9 none"
is "settings" "$(notes container "$container_two" setting | grep -v accept_ra)" "net.ipv4.ip_forward 0
net.ipv4.conf.all.forwarding 0
net.ipv4.ping_group_range 7	9
net.ipv4.conf.eth0.rp_filter 2
net.ipv4.conf.a/b.arp_ignore 1
net.ipv4.conf.nosuch.rp_filter (absent)
net.ipv4.tcp_syncookies (unreadable)"
is "another's namespace" "$(notes container "$container_guest" attachment)" "$(notes container "$container_two" attachment)"
# ---- the bridge ----
key=network:$bridge
is "the bridge" "$(notes network "$key" network)" \
    "$bridge name=- engine=- gateway=10.213.7.1/24 gateway6=fd00:213:7::1/64 default=0 internal=0 declared=0"
is "who is on it" "$(notes network "$key" member | sort)" "? 
eth0 10.213.7.11
eth0 10.213.7.12
eth0 10.213.7.12
eth0 10.213.7.13"
# ---- too much of anything ----
is "20000 routes" "$(notes container "$container_full" state)" "0 routes: there are more than are read"
is "as many are told as are read" "$(notes container "$container_full" route | wc -l)" 1000
is "2400 interfaces" "$(notes container "$container_many" state)" "0 interfaces: there are more than are read"
}
ok "one that has too many is plugged in where it was" grep -q "port=${tag}many bridge=$bridge" \
    <(notes container "$container_many" attachment)

# ---- from elsewhere ----
scan unshare --net
is "from another network namespace the host's is read" "$(notes host host interface | cut -d' ' -f2 | grep "^$bridge\$")" "$bridge"
is "and so are containers" "$(notes container "$container_one" attachment | cut -d' ' -f1-3)" "eth0 port=${tag}one bridge=$bridge"
ok "it is said" jq -e '[.. | strings | select(contains("another network namespace"))] | length > 0' "$work/scan.json" >/dev/null
scan unshare --pid --fork --mount-proc
is "in a pid namespace of its own nothing is taken for the host's" "$(notes host host state)" \
    "2 pid 2 is not kthreadd: this is a container's view"
scan setpriv --bounding-set=-sys_admin
is "without the capability the host's is read" "$(notes host host state)" "0 -"
ok "and containers are not" grep -q '^2 ' <(notes container "$container_one" state)
finish
