#!/usr/bin/env bash
# Builds docker/Dockerfile with buildah and runs the result: start, decide, hot edit, health check, stop, not root, read-only.
# Needs root on Debian or Ubuntu. Where no image registry answers, the base images are made with debootstrap.
# The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.."

node=$(readlink -f node_modules/node/bin/node)
cache=${TMPDIR:-/tmp}/regate-image
work=$(mktemp -d)
passed=0 failed=0 supervisor='' container=''
storage=(--root "$work/storage" --runroot "$work/run" --storage-driver vfs)
data_port=0 admin_port=0

finish() {
  [ -n "$supervisor" ] && kill -KILL "$supervisor" 2>/dev/null && wait "$supervisor" 2>/dev/null
  [ -n "$container" ] && buildah "${storage[@]}" umount "$container" >/dev/null 2>&1
  rm -rf --one-file-system "$work"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}
trap finish EXIT

give_up() {
  echo "FAIL $1"
  failed=$((failed + 1))
  exit 1
}

check() { # title, then a command that succeeds
  local title=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok   $title"
  else
    failed=$((failed + 1))
    echo "FAIL $title"
    return 1
  fi
}

main() {
  [ "$(id -u)" -eq 0 ] || give_up 'this needs root'
  install_tools || give_up 'buildah, debootstrap and curl can be installed'
  choose_bases || give_up 'base images can be had'
  check 'the Dockerfile builds' build || exit 1
  container=$(buildah "${storage[@]}" from --pull-never regate-under-test)
  root=$(buildah "${storage[@]}" mount "$container")
  buildah "${storage[@]}" inspect --type image regate-under-test >"$work/image.json"
  check_image
  check_running
}

install_tools() {
  local missing=() program
  for program in buildah debootstrap curl; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
}

choose_bases() {
  node_image=$(default_of NODE_IMAGE) opa_image=$(default_of OPA_IMAGE)
  if timeout 60 buildah "${storage[@]}" pull -q "$node_image" >/dev/null 2>&1 &&
    timeout 60 buildah "${storage[@]}" pull -q "$opa_image" >/dev/null 2>&1; then
    echo "bases: $node_image, $opa_image"
    return
  fi
  echo 'bases: no image registry answers, so substitutes are made'
  node_image=localhost/substitute-node opa_image=localhost/substitute-opa
  make_node_base && make_opa_base
}

default_of() { sed -n "s/^ARG $1=//p" docker/Dockerfile; }

# A small Debian with this project's own Node, and the machine's npm and certificates.
make_node_base() {
  local suite tar=$cache/debian.tar mirror container root npm
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  if [ ! -f "$tar" ]; then
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' | awk -v s="$suite" '$2 == s && $3 == "main" { print $1; exit }')
    mkdir -p "$cache"
    debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$suite" "$work/debian" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1 ||
      { tail -n 5 "$work/debootstrap.log"; return 1; }
    rm -rf "$work/debian/var/cache/apt" "$work/debian/var/lib/apt/lists" "$work/debian/usr/share/doc"
    tar -C "$work/debian" -cf "$tar.part" . && mv "$tar.part" "$tar"
    rm -rf --one-file-system "$work/debian"
  fi
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  container=$(buildah "${storage[@]}" from scratch) && root=$(buildah "${storage[@]}" mount "$container") || return 1
  tar -C "$root" -xf "$tar" && cp "$node" "$root/usr/local/bin/node" && mkdir -p "$root/usr/local/lib/node_modules" &&
    cp -R "$npm" "$root/usr/local/lib/node_modules/npm" && ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm" || return 1
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    cp "$NODE_EXTRA_CA_CERTS" "$root/etc/ssl/extra.pem"
    buildah "${storage[@]}" config --env NODE_EXTRA_CA_CERTS=/etc/ssl/extra.pem "$container"
  fi
  buildah "${storage[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container" &&
    buildah "${storage[@]}" commit -q --rm "$container" "$node_image" >/dev/null
}

make_opa_base() {
  local opa container
  opa=$(find_opa) || { echo 'no opa was found: run npm start once'; return 1; }
  container=$(buildah "${storage[@]}" from scratch) &&
    buildah "${storage[@]}" copy -q "$container" "$opa" /opa >/dev/null &&
    buildah "${storage[@]}" commit -q --rm "$container" "$opa_image" >/dev/null
}

find_opa() {
  local candidate
  for candidate in "${REGATE_OPA:-}" "$(command -v opa)" .regate/cache/opa/*/opa "$HOME/go/bin/opa"; do
    [ -x "$candidate" ] && "$candidate" version >/dev/null 2>&1 && readlink -f "$candidate" && return
  done
  return 1
}

build() {
  local secret=()
  [ -f "$HOME/.npmrc" ] && secret=(--secret "id=npmrc,src=$HOME/.npmrc")
  buildah "${storage[@]}" build --isolation chroot --format docker --layers=false --pull-never "${secret[@]}" \
    --build-arg "NODE_IMAGE=$node_image" --build-arg "OPA_IMAGE=$opa_image" \
    -f docker/Dockerfile -t regate-under-test . >"$work/build.log" 2>&1 || { grep -m 5 -i error "$work/build.log"; tail -n 5 "$work/build.log"; return 1; }
}

# What the image says about itself: an expression over `image`, one result a line.
image() {
  "$node" -e 'const image = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).Docker.config
    for (const line of [eval(process.argv[2])].flat()) console.log(line)' "$work/image.json" "$1"
}

check_image() {
  user=$(image image.User)
  check 'the user is not root' test -n "$user" -a "${user%%:*}" -gt 0
  check 'a health check is declared' test "$(image 'image.Healthcheck.Test[0]')" = CMD
  check 'there are production dependencies only' test -d "$root/app/node_modules/fastify" -a ! -e "$root/app/node_modules/vitest"
  check 'there is no secret of the build' test ! -s "$root/root/.npmrc"
  check 'there are no tests, tokens or caches' test ! -e "$root/app/test" -a ! -e "$root/app/tokens.yaml" -a ! -e "$root/app/.regate"
}

check_running() {
  mkdir "$work/policies" && cp -R policies/. "$work/policies/" && chmod -R a+rX "$work"
  read -r data_port admin_port < <(free_ports)
  start
  wait_until 60 ready_or_stopped
  check 'it gets ready' ready || { tail -n 20 "$work/output"; exit 1; }
  check 'the health check passes' run_health_check
  check 'the demo user is allowed' status_is 200 myapp.example.com 'Bearer valid-token-123'
  check 'the app learns who it is' grep -qi '^x-user-id: user-abc' "$work/headers"
  check 'a user without the right is denied' status_is 403 acme.tenants.example.com 'Bearer valid-token-123'
  check 'an anonymous caller is asked to sign in' status_is 401 myapp.example.com
  check 'the public site is open' status_is 200 site.example.com
  check 'the process is not root' test "$(awk '/^Uid:/ { print $2 $3 $4 $5 }' "/proc/$process/status")" = "$(printf '%s' "${user%%:*}"{,,,})"
  check 'the process has no capability' test "$(awk '/^CapEff:/ { print $2 }' "/proc/$process/status")" = 0000000000000000
  check 'the root file system is read-only' cannot_write /app/x
  check 'the policies cannot be written' cannot_write /policies/x
  # It leaves what the app's own tests promise as it is.
  printf '\ndeny contains "closed" if input.request.client_ip == "192.0.2.1"\n' >>"$work/policies/myapp/policy.rego"
  check 'an edit of a mounted policy is followed' wait_until 10 status_is 403 myapp.example.com 'Bearer valid-token-123'
  cp policies/myapp/policy.rego "$work/policies/myapp/policy.rego"
  check 'and so is the next one' wait_until 10 status_is 200 myapp.example.com 'Bearer valid-token-123'
  kill -TERM "$process"
  check 'SIGTERM ends it within its deadline' wait_until 15 stopped
  wait "$supervisor"
  check 'with exit code 0' test "$?" -eq 0
  supervisor=''
  check 'and the health check fails then' fails run_in_image "${health[@]}"
}

free_ports() {
  "$node" -e 'const net = require("net"); const servers = [0, 0].map(() => net.createServer().listen(0, "127.0.0.1"))
    Promise.all(servers.map((s) => new Promise((r) => s.once("listening", r)))).then(() => {
      console.log(servers.map((s) => s.address().port).join(" ")); servers.forEach((s) => s.close()) })'
}

# As a container runtime would: own mounts and process ids, everything read-only but /cache and /tmp, the image's user and environment.
start() {
  mapfile -t command < <(image '[...(image.Entrypoint ?? []), ...image.Cmd]')
  mapfile -t health < <(image 'image.Healthcheck.Test.slice(1)')
  mapfile -t environment < <(image image.Env)
  environment+=(REGATE_CONFIG=/etc/regate/regate.yaml "REGATE_LISTEN=127.0.0.1:$data_port" "REGATE_ADMIN_LISTEN=127.0.0.1:$admin_port")
  directory=$(image image.WorkingDir)
  mkdir -p "$root/etc/regate"
  enter "${command[@]}" >"$work/output" 2>&1 &
  supervisor=$!
  wait_until 5 find_process
}

enter() {
  exec unshare --mount --pid --fork --kill-child bash -c '
    set -e
    root=$1 work=$2 user=$3 directory=$4 config=$5
    shift 5
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount --bind "$config" "$root/etc/regate"
    mount --bind "$work/policies" "$root/policies"
    mount -t tmpfs -o "mode=700,uid=${user%%:*},gid=${user##*:}" tmpfs "$root/cache"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    mount -o remount,bind,ro "$root/policies"
    mount -o remount,bind,ro "$root"
    exec setpriv --no-new-privs chroot --userspec="$user" --groups="${user##*:}" "$root" env -i --chdir="$directory" "$@"
  ' enter "$root" "$work" "$user" "$directory" "$PWD/docker/regate" "${environment[@]}" "$@"
}

find_process() {
  process=$(pgrep -P "$supervisor") && [ "$(stat -c %u "/proc/$process")" = "${user%%:*}" ]
}

run_in_image() {
  (enter "$@")
}

run_health_check() {
  run_in_image "${health[@]}"
}

ready() {
  curl -fs -o /dev/null --max-time 2 "http://127.0.0.1:$admin_port/readyz"
}

ready_or_stopped() { ready || stopped; }

status_is() { # status, host, authorization
  local sent
  sent=$(curl -s -D "$work/headers" -o /dev/null -w '%{http_code}' --max-time 5 ${3:+-H "Authorization: $3"} \
    -H 'X-Forwarded-Method: GET' -H 'X-Forwarded-Proto: https' -H "X-Forwarded-Host: $2" -H 'X-Forwarded-Uri: /' \
    -H 'X-Forwarded-For: 192.0.2.1' "http://127.0.0.1:$data_port/auth")
  [ "$sent" = "$1" ]
}

cannot_write() {
  ! nsenter --target "$process" --mount --root --wd --setuid "${user%%:*}" --setgid "${user##*:}" \
    /usr/local/bin/node -e 'require("fs").writeFileSync(process.argv[1], "x")' "$1" 2>"$work/refusal" &&
    grep -q EROFS "$work/refusal"
}

fails() { ! "$@"; }

stopped() { ! kill -0 "$supervisor" 2>/dev/null || [ -z "$(pgrep -P "$supervisor")" ]; }

wait_until() { # seconds, then a command
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

main
