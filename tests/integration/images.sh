#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images in a live engine's store, each like a well-kept one but for a single property. What fails for each must be what fails
# for the well-kept one and what its line says, and nothing else. No container is started: images are made as `docker
# save` writes them, so that configuration and history are just what a test wants.
# shellcheck disable=SC2016,SC2317 # what fills a layer is expanded where it is filled; functions are called by name
set -u
# shellcheck source=tests/integration/live
. "$(dirname "$0")/live"
bridge=(--bridge none --iptables=false)
start images '{}' || finish

# ---- making images ----
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
make=$work/make
mkdir -p "$make"
declare -A expected=() wanted_unknown=()
order=()

# The files of a base: a Debian without set-id programs.
base() { # FOLDER
    mkdir -p "$1"/{bin,etc,usr/lib,tmp,var/lib/dpkg}
    cp "$(command -v busybox)" "$1/bin/busybox"
    ln "$1/bin/busybox" "$1/bin/sh"
    printf 'root:x:0:0::/root:/bin/sh\nadmin:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n' >"$1/etc/passwd"
    printf 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n' >"$1/usr/lib/os-release"
    ln -s ../usr/lib/os-release "$1/etc/os-release"
    printf 'Package: a\nStatus: install ok installed\n\n' >"$1/var/lib/dpkg/status"
}
base "$make/base"

config=$(jq -n --arg now "$now" '{architecture: "amd64", os: "linux", created: $now,
    config: {User: "app", Env: ["PATH=/bin"], Cmd: ["/bin/sh"], Healthcheck: {Test: ["CMD", "/bin/true"]}, Labels: {}},
    history: [{created: $now, created_by: "/bin/sh -c #(nop) ADD file:0 in / "},
        {created: $now, created_by: "/bin/sh -c #(nop) CMD [\"/bin/sh\"]", empty_layer: true},
        {created: $now, created_by: "RUN /bin/sh -c apt-get update && apt-get install -y x # buildkit"}]}')

# NAME "checks that fail" "checks that are unknown" JQ-FILTER-OF-THE-CONFIGURATION [COMMANDS that fill the second layer in ".", with
# the first in $first]
odd() {
    local name=$1 filter=$4 dir=$make/image first=$make/first layers=() ids=()
    rm -rf "$dir" "$first"
    mkdir -p "$dir/upper"
    cp -a "$make/base" "$first"
    (cd "$dir/upper" && first=$first bash -euc "${5:-:}") || { ok "$name: is made" false; return; }
    tar -C "$first" --xattrs --xattrs-include='*' --sort=name -cf "$dir/1.tar" .
    tar -C "$dir/upper" --xattrs --xattrs-include='*' --sort=name -cf "$dir/2.tar" .
    for layer in 1 2; do
        ids+=("sha256:$(sha256sum "$dir/$layer.tar" | cut -d' ' -f1)")
        layers+=("$layer.tar")
    done
    jq -c --argjson ids "$(jq -cn '$ARGS.positional' --args "${ids[@]}")" \
        '.rootfs = {type: "layers", diff_ids: $ids} | '"$filter" <<<"$config" >"$dir/config.json"
    [ -z "${after-}" ] || "$after" "$dir/config.json"
    jq -cn --arg name "$name:1" '[{Config: "config.json", RepoTags: [$name], Layers: $ARGS.positional}]' \
        --args "${layers[@]}" >"$dir/manifest.json"
    if ! tar -C "$dir" -c config.json manifest.json 1.tar 2.tar | engine load >"$work/$name.load" 2>&1; then
        skipped "$name" "$(tail -n 1 "$work/$name.load")"
        return
    fi
    order+=("$name")
    expected[$name]=$2
    wanted_unknown[$name]=$3
}

odd kept "" "" .
odd root non-root-user "" '.config.User = ""'
odd root-number non-root-user "" '.config.User = "00:7"'
odd root-name non-root-user "" '.config.User = "admin"'
odd nobody-knows non-root-user "" '.config.User = "ghost"'
odd number "" "" '.config.User = "4711:4711"'
odd link-to-accounts "" non-root-user . 'mkdir etc; ln -s /etc/passwd etc/passwd'
odd no-health healthcheck "" 'del(.config.Healthcheck)'
odd none-health healthcheck "" '.config.Healthcheck.Test = ["NONE"]'
odd ssh-port no-ssh-port "" '.config.ExposedPorts = {"80/tcp": {}, "22/tcp": {}}'
odd ssh-server "no-ssh-port minimal-packages" "" . 'mkdir -p usr/sbin; cp "$first/bin/busybox" usr/sbin/sshd'
odd compiler minimal-packages "" . 'mkdir -p usr/bin; cp "$first/bin/busybox" usr/bin/gcc'
odd many-packages minimal-packages "" . 'mkdir -p var/lib/dpkg; for i in $(seq 400); do
    printf "Package: p%d\nStatus: install ok installed\n\n" "$i"; done >var/lib/dpkg/status'
odd set-id setuid-files "" . 'mkdir bin; cp "$first/bin/busybox" bin/su; chmod 4755 bin/su'
odd set-id-below setuid-files "" . 'cp "$first/bin/busybox" "$first/bin/su"; chmod 4755 "$first/bin/su"'
odd set-id-taken-off "" "" . 'cp "$first/bin/busybox" "$first/bin/su"; chmod 4755 "$first/bin/su"
    mkdir bin; cp "$first/bin/busybox" bin/su; chmod 755 bin/su'
odd set-id-deleted "" "" . 'cp "$first/bin/busybox" "$first/bin/su"; chmod 4755 "$first/bin/su"; mkdir bin; : >bin/.wh.su'
odd set-id-folder-deleted "" "" . 'mkdir "$first/opt"; cp "$first/bin/busybox" "$first/opt/su"; chmod 4755 "$first/opt/su"
    : >.wh.opt'
odd set-id-for-group "" "" . 'mkdir bin; cp "$first/bin/busybox" bin/su; chmod 4750 bin/su'
if command -v setcap >/dev/null && setcap cap_net_raw+ep "$make/base/bin/busybox" 2>/dev/null; then
    setcap -r "$make/base/bin/busybox"
    odd capability setuid-files "" . 'mkdir bin; cp "$first/bin/busybox" bin/ping; setcap cap_net_raw+ep bin/ping'
else
    skipped capability "files cannot be given capabilities here"
fi
odd secret-variable no-secrets "" '.config.Env += ["DB_PASSWORD=hunter2-hunter2"]'
odd secret-file-name "" "" '.config.Env += ["DB_PASSWORD_FILE=/run/secrets/db", "ALLOW_EMPTY_PASSWORD=yes"]'
odd secret-url no-secrets "" '.config.Env += ["BROKER=amqp://user:hunter2-hunter2@host/"]'
odd secret-label no-secrets "" '.config.Labels = {"ci": "ghp_hunter2hunter2hunter2hunter2hunter2hun"}'
odd secret-argument no-secrets "" '.config.Cmd = ["serve", "--token", "hunter2-hunter2"]'
odd secret-in-build no-secrets "" '.history[2].created_by = "|1 NPM_TOKEN=hunter2-hunter2 /bin/sh -c npm ci"'
odd secret-file no-secret-files "" . 'mkdir -p root/.ssh; printf -- "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2-hunter2\n" >root/.ssh/id_rsa'
odd secret-file-deleted no-secret-files "" . 'mkdir -p "$first/app" app; echo "//registry.npmjs.org/:_authToken=hunter2-hunter2" >"$first/app/.npmrc"
    : >app/.wh.npmrc; : >app/.wh..npmrc'
odd public-key "" "" . 'mkdir -p etc/ssl; printf -- "-----BEGIN CERTIFICATE-----\nx\n" >etc/ssl/ca.pem'
odd update-alone update-not-alone "" '.history[2].created_by = "RUN /bin/sh -c apt-get update # buildkit"'
odd update-certificates "" "" '.history[2].created_by = "RUN /bin/sh -c update-ca-certificates # buildkit"'
odd add copy-not-add "" '.history[2].created_by = "ADD x.tar.gz /x # buildkit"'
odd bind-address "" "" '.history += [{created_by: "ENV BIND_ADDRESS=0.0.0.0", empty_layer: true}]'
odd piped verified-packages "" '.history[2].created_by = "RUN /bin/sh -c curl -sSL https://x.test/i.sh | sh # buildkit"'
odd unauthenticated verified-packages "" '.history[2].created_by = "RUN /bin/sh -c apt-get install -y --allow-unauthenticated x # buildkit"'
odd trusted-source verified-packages "" . 'mkdir -p etc/apt; echo "deb [trusted=yes] https://x.test/ y z" >etc/apt/sources.list'
odd old patched "" '.created = "2020-01-01T00:00:00Z"'
odd ended patched "" . 'mkdir -p usr/lib; printf "ID=debian\nVERSION_ID=9\n" >usr/lib/os-release'
odd reproducible "" "" '.created = "1970-01-01T00:00:00Z"'
odd undated "" patched '.created = "1970-01-01T00:00:00Z" | .history[].created = "1970-01-01T00:00:00Z"'
odd no-history "" "" 'del(.history)'
# as an attacker would have it
odd terminal non-root-user "" '.config.User = "\u001b[31m\nroot" | .config.Labels = {"\u001b]0;x\u0007": "\u0000"}'
odd long-history "" "update-not-alone copy-not-add verified-packages no-secrets" \
    '.history += [range(100000) | {created_by: "", empty_layer: true}]'
all_but="non-root-user healthcheck no-ssh-port update-not-alone copy-not-add verified-packages patched no-secrets trusted-base"
odd huge "" "$all_but setuid-files minimal-packages no-secret-files" '.config.Labels = {x: ("x" * 20000000)}'
# Go takes the last of both, and without regard to case
# shellcheck disable=SC2317 # by the fault at hand
twice() { sed -i 's/"User":"app"/"User":"app","uſer":"0"/' "$1"; }
after=twice
odd twice "" "$all_but setuid-files minimal-packages no-secret-files" .
after=
is "the engine takes root for the user of \"twice\"" "$(engine image inspect twice:1 --format '{{.Config.User}}' 2>/dev/null)" 0

# ---- judging them ----
name=deep
document=$work/deep.json
DOCKER_HOST=unix://$engine_socket timeout 60 "$holdfast" scan --deep --only 'image.*' --format "json:$document" --quiet 2>"$work/deep.err"
is "nothing is said on what is no terminal" "$(cat "$work/deep.err")" ""
lacks() { # FILE PATTERN
    ! grep -qE -- "$2" "$1"
}
of() { # DOCUMENT NAME STATUS: the checks with that status, of our engine's image alone
    local id
    id=$(engine image inspect "$2:1" --format '{{.Id}}')
    jq -r --arg key "image:${id#sha256:}" --arg status "$3" '.results[] | .check as $c | .findings[]
        | select(.status == $status and (.subjects | index($key))) | $c' "$1" | sed 's/^image\.//' | sort | tr '\n' ' '
}
words() { tr ' ' '\n' <<<"$*" | grep . | sort | tr '\n' ' '; }
for image in "${order[@]}"; do
    base_fails=trusted-base
    [[ " ${wanted_unknown[$image]} " == *" trusted-base "* ]] && base_fails=
    is "$image: fails" "$(of "$document" "$image" fail)" "$(words "${expected[$image]}" "$base_fails")"
    is "$image: is unknown" "$(of "$document" "$image" unknown)" "$(words "${wanted_unknown[$image]}")"
done
is "without a history there is nothing to say of it" "$(of "$document" no-history notapplicable)" \
    "$(words update-not-alone copy-not-add verified-packages)"

name=shallow
scan
is "without --deep nothing is said of layers" "$(of "$document" kept notchecked)" \
    "$(words setuid-files minimal-packages no-secret-files)"
is "and what needs none is the same" "$(of "$document" secret-variable fail)" "$(words no-secrets trusted-base)"

# ---- what is recorded ----
DOCKER_HOST=unix://$engine_socket "$holdfast" capture --deep -o "$work/capture.json" 2>/dev/null
ok "no secret is in the document" lacks "$work/deep.json" hunter2
ok "no secret is in the capture" lacks "$work/capture.json" hunter2
ok "no escape is in the document" lacks "$work/deep.json" "$(printf '\033')"
"$holdfast" scan --from "$work/capture.json" --only 'image.*' --format "json:$work/replay.json" --quiet 2>/dev/null
all_of() { # DOCUMENT: what is said of our images; other engines may be at work here
    local image
    for image in "${order[@]}"; do
        echo "$image: $(of "$1" "$image" fail) $(of "$1" "$image" unknown) $(of "$1" "$image" pass)"
    done
}
is "the capture gives the same verdicts" "$(all_of "$work/replay.json")" "$(all_of "$work/deep.json")"

# ---- steps of a build, and names ----
printf 'FROM kept:1\nUSER root\nRUN true\nENV X=1\nUSER app\n' >"$work/Dockerfile"
if DOCKER_BUILDKIT=0 engine build -q -t built:1 - <"$work/Dockerfile" >"$work/build.out" 2>&1; then
    scan
    hidden=$(engine history -q --no-trunc built:1 | sed -n 2p)
    is "a step of a build is no subject" \
        "$(jq -r --arg key "image:${hidden#sha256:}" '[.subjects[] | select(.key == $key)] | length' "$document")" 0
    is "what was built is" "$(of "$document" built fail)" "$(words trusted-base)"
else
    skipped "steps of a build" "$(tail -n 1 "$work/build.out")"
fi
finish
