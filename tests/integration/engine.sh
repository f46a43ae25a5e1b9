#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A live engine with changed options: what the checks concerned must say.
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"

choose_bridge && has_bridge=1 || has_bridge=

# ---- as it comes ----
if start plain '{}'; then
    scan
    check daemon.live-restore fail
    check daemon.log-level pass
    check daemon.experimental pass
    check daemon.rootless fail
    check daemon.userns-remap fail
    check daemon.storage-driver-aufs pass
    check daemon.tcp-tls pass
    check daemon.insecure-registries pass
    check daemon.no-new-privileges fail
    check daemon.userland-proxy fail
    check daemon.log-rotation fail
    check daemon.config-in-force pass
    ok "plain: the version is in the document" grep -q "$(engine version --format '{{.Server.Version}}')" "$document"
    ok "plain: the schema holds" /usr/bin/python3 "$here/validate" "$HOLDFAST_TOP/packaging/schema/results.schema.json" "$document"

    # over TCP another machine would answer
    DOCKER_HOST=tcp://127.0.0.1:23750 "$holdfast" scan --format "json:$work/tcp.json" --quiet 2>"$work/tcp.err"
    ok "tcp: a note says that DOCKER_HOST is ignored" grep -q '^holdfast: DOCKER_HOST is ignored' "$work/tcp.err"
    ok "tcp: no note for a unix socket" bash -c "! grep -q DOCKER_HOST '$work/plain.err'"

    # an edit of the file proves nothing while the engine runs on
    printf '{"live-restore": true, "debug": true, "no-new-privileges": true}' >"$config"
    name=edited
    scan
    check daemon.live-restore fail
    check daemon.config-in-force fail
    # the engine tells neither of them, and what the file said when it started is lost
    check daemon.no-new-privileges unknown
    check daemon.log-level unknown
    stop_engine
fi

# ---- what a bridge and a packet filter decide ----
if [ -n "$has_bridge" ]; then
    start bridged '{}' && { scan; check daemon.icc fail; check daemon.iptables pass; check daemon.default-bind-address fail; }
    stop_engine
    start no-icc '{"icc": false, "userland-proxy": false, "ip": "127.0.0.1"}' &&
        { scan; check daemon.icc pass; check daemon.userland-proxy pass; check daemon.default-bind-address pass; }
    stop_engine
    start no-icc-flag '{}' --icc=false && { scan; check daemon.icc pass; }
    stop_engine
    start no-iptables '{}' --iptables=false && { scan; check daemon.iptables fail; check daemon.icc fail; }
    stop_engine
else
    skipped "icc, iptables and the default bind address" "no bridge can be made here"
fi

# ---- the file and flags ----
if start hardened '{"live-restore": true, "no-new-privileges": true, "userland-proxy": false, "log-level": "info",
    "log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}}'; then
    scan
    check daemon.live-restore pass
    check daemon.no-new-privileges pass
    check daemon.userland-proxy pass
    check daemon.log-rotation pass
    check daemon.log-level pass
    check daemon.config-in-force pass
    stop_engine
fi
for level in debug warn error fatal; do
    start "log-level $level" '{}' --log-level "$level" && { scan; check daemon.log-level fail; }
    stop_engine
done
if start loose '{"debug": true, "insecure-registries": ["registry.example:5000"], "registry-mirrors": ["http://mirror.example"]}' \
    --experimental -H tcp://127.0.0.1:23750; then
    scan
    check daemon.log-level fail
    check daemon.insecure-registries fail
    check daemon.registry-mirrors-tls fail
    check daemon.experimental fail
    check daemon.tcp-tls fail
    check daemon.tcp-interface pass
    stop_engine
fi

# ---- userns-remap ----
name=remapped
if ! grep -q '^dockremap:' /etc/subuid 2>/dev/null; then
    useradd -r -s /usr/sbin/nologin dockremap 2>/dev/null
    echo dockremap:200000:65536 >>/etc/subuid
    echo dockremap:200000:65536 >>/etc/subgid
fi
printf '{"userns-remap": "default"}' >"$config"
if why=$(start_engine --config-file "$config" ${bridge[@]+"${bridge[@]}"}); then
    scan
    check daemon.userns-remap pass
    stop_engine
else
    skipped userns-remap "$why"
fi
finish
