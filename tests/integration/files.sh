#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files of a live engine, each wrong in one way at a time: the check that is concerned must name it, and must not
# before and after. /etc is a copy that only the scans see.
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"

etc=$work/etc
cp -a /etc "$etc" || { echo "/etc cannot be copied"; exit 77; }

# In a mount namespace of its own, with our copy of /etc.
within() {
    # shellcheck disable=SC2016 # the inner shell's
    unshare --mount --propagation private bash -c 'mount --bind "$1" /etc && shift && exec "$@"' - "$etc" "$@"
}
within true || { echo "no mount namespace can be made here"; exit 77; }

scan() { # NAME: the document is $work/NAME.json
    document=$work/$1.json
    rm -f "$document"
    DOCKER_HOST=unix://$engine_socket within timeout 30 "$holdfast" scan --only files --only operations \
        --only runtime --only host.mount.data-root.separate --format "json:$document" --quiet 2>"$work/$1.err"
}
# What a check says against PATH, of whichever engine: others may run here.
blame() { # CHECK PATH
    jq -r --arg id "$1" --arg path "$2" '.results[] | select(.check == $id) | .findings[] | select(.status == "fail")
        | .evidence[] | select(.source == $path and .found != "as wanted") | .found' "$document"
}
number=0
fault() { # CHECK PATH DO UNDO
    local said
    number=$((number + 1))
    eval "$3" || { ok "$1: $3" false; return; }
    scan "$number"
    said=$(blame "$1" "$2")
    ok "$1: $3: says what is wrong with $2" [ -n "$said" ]
    eval "$4"
}
# The next two are named in the texts that fault() evaluates.
# shellcheck disable=SC2317
# An access control list: what group and mask have, and one user or group more
acl() { # PATH TAG ID RIGHTS
    /usr/bin/python3 - "$@" <<'END'
import os, stat, struct, sys
path, tag, who, rights = sys.argv[1], {"user": 2, "group": 8}[sys.argv[2]], int(sys.argv[3]), int(sys.argv[4])
mode = os.stat(path).st_mode
entries = [(1, mode >> 6 & 7, 0xffffffff), (4, mode >> 3 & 7, 0xffffffff), (0x10, mode >> 3 & 7 | rights, 0xffffffff),
           (0x20, mode & 7, 0xffffffff), (tag, rights, who)]
os.setxattr(path, "system.posix_acl_access",
            struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in sorted(entries)))
END
}
# shellcheck disable=SC2317
no_acl() { # PATH MODE
    /usr/bin/python3 -c 'import os, sys; os.removexattr(sys.argv[1], "system.posix_acl_access")' "$1"
    chmod "$2" "$1"
}

# ---- everything as it should be ----
units=$etc/systemd/system
rm -rf "$units"/docker.* "$units"/containerd.* "$etc/docker" "$etc/containerd" "$etc/sysconfig" "$etc/cdi"
mkdir -p "$units/docker.service.d" "$etc/docker/certs.d/r.example:5000" "$etc/docker/plugins" "$etc/containerd" \
    "$etc/sysconfig" "$etc/cdi" "$work/home/.docker" "$work/tls"
printf '[Service]\nExecStart=/usr/sbin/dockerd -H fd://\nEnvironmentFile=-/etc/default/docker\n' >"$units/docker.service"
printf '[Socket]\nListenStream=/run/docker.sock\n' >"$units/docker.socket"
printf '[Service]\nLimitNOFILE=1024\n' >"$units/docker.service.d/limits.conf"
printf 'DOCKER_OPTS=\n' >"$etc/default/docker"
printf 'OPTIONS=\n' >"$etc/sysconfig/docker"
printf 'version = 2\nimports = ["/etc/containerd/d/*.toml"]\n' >"$etc/containerd/config.toml"
mkdir "$etc/containerd/d"
printf 'unix:///run/p.sock\n' >"$etc/docker/plugins/p.spec"
printf 'cdiVersion: "0.5.0"\n' >"$etc/cdi/gpu.yaml"
printf 'x\n' >"$etc/docker/certs.d/r.example:5000/ca.crt"
printf 'x\n' >"$etc/docker/certs.d/r.example:5000/client.key"
chmod 0444 "$etc/docker/certs.d/r.example:5000/ca.crt"
chmod 0400 "$etc/docker/certs.d/r.example:5000/client.key"
printf '{"auths":{"r.example":{}},"credsStore":"pass"}' >"$work/home/.docker/config.json"
chmod 0600 "$work/home/.docker/config.json"
printf 'holdfast-tester:x:4242:4242::%s:/bin/sh\n' "$work/home" >>"$etc/passwd"
printf 'passwd: files\ngroup: files\n' >"$etc/nsswitch.conf"
sed -i '/^docker:/d' "$etc/group"
printf 'docker:x:%s:\n' "$(getent group docker | cut -d: -f3)" >>"$etc/group"

options='{}'
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout "$work/tls/key.pem" \
        -out "$work/tls/cert.pem" 2>/dev/null
    cp "$work/tls/cert.pem" "$work/tls/ca.pem"
    chmod 0444 "$work/tls/ca.pem" "$work/tls/cert.pem"
    chmod 0400 "$work/tls/key.pem"
    options=$(printf '{"tls": true, "tlsverify": true, "tlscacert": "%s/ca.pem", "tlscert": "%s/cert.pem", "tlskey": "%s/key.pem"}' \
        "$work/tls" "$work/tls" "$work/tls")
fi
bridge=(--bridge none --iptables=false)
engine_namespace >/dev/null 2>&1 || engine_within=()
start files '{}' --storage-driver vfs || finish
import_busybox >/dev/null 2>&1 && has_image=1 || has_image=

data=$engine_dir/data
name=good
scan good
for id in docker-service-unit-owner docker-service-unit-mode docker-socket-unit-owner docker-socket-unit-mode \
    docker-service-dropins etc-default-docker-owner etc-default-docker-mode etc-sysconfig-docker-owner \
    etc-sysconfig-docker-mode registry-certs-owner registry-certs-mode containerd-config plugin-endpoints; do
    is "good: files.$id" "$(status_of "$document" "files.$id")" pass
done
for id in etc-docker-owner etc-docker-mode daemon-json-owner daemon-json-mode docker-socket-owner docker-socket-mode; do
    check "files.$id" pass
done
check files.tls-key-mode notapplicable
check files.data-root-mode pass
check operations.container-sprawl pass
check operations.dangling-volumes pass
is "good: no folder on the way" "$(blame files.parent-directories "$config")" ""
is "good: runtime.socket-users" "$(blame runtime.socket-users "$engine_socket")" ""
is "good: credentials" "$(blame files.client-credentials "$work/home/.docker/config.json")" ""

# ---- each wrong in one way ----
for unit in docker.service docker.socket; do
    id=${unit/./-}
    [ "$id" = docker-service ] || id=docker-socket
    path=/etc/systemd/system/$unit
    fault "files.$id-unit-owner" "$path" "chown 4242 $units/$unit" "chown 0 $units/$unit"
    fault "files.$id-unit-owner" "$path" "chgrp 4242 $units/$unit" "chgrp 0 $units/$unit"
    fault "files.$id-unit-mode" "$path" "chmod 0606 $units/$unit" "chmod 0644 $units/$unit"
    fault "files.$id-unit-mode" "$path" "acl $units/$unit user 4242 6" "no_acl $units/$unit 0644"
done
dropin=docker.service.d/limits.conf
fault files.docker-service-dropins "/etc/systemd/system/$dropin" "chmod 0666 $units/$dropin" "chmod 0644 $units/$dropin"
fault files.docker-service-dropins /etc/systemd/system/docker.service.d "chmod 0777 $units/docker.service.d" "chmod 0755 $units/docker.service.d"
fault files.docker-service-dropins /etc/default/docker "acl $etc/default/docker group 4242 6" "no_acl $etc/default/docker 0644"
fault files.etc-default-docker-owner /etc/default/docker "chown 4242 $etc/default/docker" "chown 0 $etc/default/docker"
fault files.etc-default-docker-mode /etc/default/docker "chmod 0664 $etc/default/docker" "chmod 0644 $etc/default/docker"
fault files.etc-sysconfig-docker-owner /etc/sysconfig/docker "chgrp 4242 $etc/sysconfig/docker" "chgrp 0 $etc/sysconfig/docker"
fault files.etc-sysconfig-docker-mode /etc/sysconfig/docker "chmod 0622 $etc/sysconfig/docker" "chmod 0644 $etc/sysconfig/docker"
fault files.etc-docker-owner /etc/docker "chown 4242 $etc/docker" "chown 0 $etc/docker"
fault files.etc-docker-mode /etc/docker "chmod 0757 $etc/docker" "chmod 0755 $etc/docker"
fault files.daemon-json-owner "$config" "chown 4242 $config" "chown 0 $config"
fault files.daemon-json-mode "$config" "chmod 0662 $config" "chmod 0644 $config"
certs=docker/certs.d/r.example:5000
fault files.registry-certs-owner "/etc/$certs/client.key" "chown 4242 $etc/$certs/client.key" "chown 0 $etc/$certs/client.key"
fault files.registry-certs-owner "/etc/$certs" "chgrp 4242 $etc/$certs" "chgrp 0 $etc/$certs"
fault files.registry-certs-mode "/etc/$certs/client.key" "chmod 0440 $etc/$certs/client.key" "chmod 0400 $etc/$certs/client.key"
fault files.registry-certs-mode "/etc/$certs/client.key" "acl $etc/$certs/client.key user 4242 4" "no_acl $etc/$certs/client.key 0400"
fault files.registry-certs-mode "/etc/$certs/ca.crt" "chmod 0446 $etc/$certs/ca.crt" "chmod 0444 $etc/$certs/ca.crt"
fault files.docker-socket-owner "$engine_socket" "chown 4242 $engine_socket" "chown 0 $engine_socket"
fault files.docker-socket-owner "$engine_socket" "chgrp 4242 $engine_socket" "chgrp docker $engine_socket"
fault files.docker-socket-mode "$engine_socket" "chmod 0606 $engine_socket" "chmod 0660 $engine_socket"
fault files.docker-socket-mode "$engine_socket" "acl $engine_socket user 4242 6" "no_acl $engine_socket 0660"
containerd=$engine_dir/exec/containerd/containerd.sock
fault files.containerd-socket-owner "$containerd" "chown 4242 $containerd" "chown 0 $containerd"
fault files.containerd-socket-mode "$containerd" "chmod 0666 $containerd" "chmod 0660 $containerd"
fault files.containerd-socket-mode "$containerd" "acl $containerd group 4242 6" "no_acl $containerd 0660"
fault files.data-root-mode "$data" "chmod 0711 $data" "chmod 0710 $data"
fault files.data-root-mode "$data" "chown 4242 $data" "chown 0 $data"
fault files.data-root-mode "$data/volumes" "chmod 0705 $data/volumes" "chmod 0701 $data/volumes"
fault files.parent-directories "$config" "chmod 0777 $work" "chmod 0700 $work"
fault files.parent-directories "$config" "acl $work user 4242 7" "no_acl $work 0700"
fault files.parent-directories /etc/default/docker "chmod 0775 $etc" "chmod 0755 $etc" # the first file below it
fault files.plugin-endpoints /etc/docker/plugins/p.spec "chmod 0666 $etc/docker/plugins/p.spec" "chmod 0644 $etc/docker/plugins/p.spec"
fault files.plugin-endpoints /etc/cdi "chmod 0777 $etc/cdi" "chmod 0755 $etc/cdi"
fault files.containerd-config /etc/containerd/config.toml "chown 4242 $etc/containerd/config.toml" "chown 0 $etc/containerd/config.toml"
fault files.containerd-config /etc/containerd/d "chmod 0777 $etc/containerd/d" "chmod 0755 $etc/containerd/d"
secret=$work/home/.docker/config.json
fault files.client-credentials "$secret" "printf '{\"auths\":{\"r.example\":{\"auth\":\"aG9sZGZhc3Qtc2VjcmV0\"}}}' >$secret" \
    "printf '{\"credsStore\":\"pass\"}' >$secret"
ok "no document holds the secret" bash -c "! grep -rqE 'aG9sZGZhc3Qtc2VjcmV0|holdfast-secret' '$work'/*.json"
fault runtime.socket-users "$engine_socket" "sed -i 's/^docker:.*/&holdfast-tester/' $etc/group" "sed -i 's/^\(docker:.*:\).*/\1/' $etc/group"
fault runtime.socket-users "$engine_socket" "acl $engine_socket user 4242 6" "no_acl $engine_socket 0660"
# Of several engines only the first is asked for its data root.
if [ "$(pgrep -c -x dockerd)" = 1 ] && [ "$(stat -c %d "$data")" = "$(stat -c %d /)" ]; then
    fault host.mount.data-root.separate "$data" true true
else
    skipped "host.mount.data-root.separate" "other engines run, or the data root has a file system of its own"
fi

# A link, whose target decides.
mv "$etc/docker" "$work/elsewhere"
ln -s "$work/elsewhere" "$etc/docker"
fault files.etc-docker-mode /etc/docker "chmod 0777 $work/elsewhere" "chmod 0755 $work/elsewhere"
rm "$etc/docker"
mv "$work/elsewhere" "$etc/docker"

# ---- what cannot be known is not passed ----
printf 'passwd: files sss\ngroup: files sss\n' >"$etc/nsswitch.conf"
scan directory
name=directory
is "a directory of accounts: never a pass" "$(status_of "$document" runtime.socket-users)" unknown
printf 'passwd: files\ngroup: files\n' >"$etc/nsswitch.conf"

# ---- and all is well again ----
name=again
scan again
check files.docker-socket-mode pass
check files.data-root-mode pass
is "again: units" "$(status_of "$document" files.docker-service-unit-mode)" pass

# ---- what piles up ----
if [ -n "$has_image" ]; then
    name=sprawl
    for _ in $(seq 26); do engine create busybox:holdfast /bin/true; done >/dev/null
    engine volume create holdfast-data >/dev/null
    scan sprawl
    check operations.container-sprawl fail
    check operations.dangling-volumes pass
    check operations.image-sprawl pass
    engine ps -aq | xargs -r docker -H "unix://$engine_socket" rm >/dev/null
    engine tag busybox:holdfast busybox:other
    engine rmi busybox:holdfast >/dev/null
    engine commit -m none "$(engine create busybox:other /bin/true)" >/dev/null
    engine ps -aq | xargs -r docker -H "unix://$engine_socket" rm >/dev/null
    scan sprawl
    check operations.container-sprawl pass
    check operations.image-sprawl fail
else
    skipped "what piles up" "no image can be made here"
fi
stop_engine

# ---- TLS ----
if [ "$options" != '{}' ]; then
    if start tls "$options" --storage-driver vfs; then
        name=tls
        scan tls
        for id in ca-owner ca-mode cert-owner cert-mode key-owner key-mode; do check "files.tls-$id" pass; done
        for file in ca cert key; do
            path=$work/tls/$file.pem
            mode=0444
            [ "$file" = key ] && mode=0400
            fault "files.tls-$file-owner" "$path" "chown 4242 $path" "chown 0 $path"
            fault "files.tls-$file-mode" "$path" "chmod 0464 $path" "chmod $mode $path"
            fault "files.tls-$file-mode" "$path" "acl $path user 4242 6" "no_acl $path $mode"
        done
        stop_engine
    fi
else
    skipped "files of TLS" "no openssl is installed"
fi
finish
