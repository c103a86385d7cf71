#!/usr/bin/env bash
# Makes the file system of another Debian or Ubuntu, and runs programs in it.
# As root, with debootstrap; a root that is there already is used again.
#
#   scripts/root.sh make <suite> [<package>,<package>...]
#   scripts/root.sh run <suite> [--fresh] [--bind <from>:<to>]... <command>...
#
# Roots are in .cache/roots, or where BEASTWS_ROOTS says. What is bound is seen
# by the command only, and read-only with --ro-bind. With --fresh what the
# command writes is forgotten.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "root: $1" >&2
  exit 1
}

roots=${BEASTWS_ROOTS:-$PWD/.cache/roots}
action=${1:-} suite=${2:-}
[ -n "$suite" ] || fail 'usage: scripts/root.sh make|run <suite> ...'
[ "$(id -u)" = 0 ] || fail 'this needs to be run as root'
root=$roots/$suite
shift 2

make_root() {
  local packages=${1:-} mirror check script
  if [ ! -e "$root/.complete" ]; then
    command -v debootstrap >/dev/null || fail 'please install debootstrap'
    case "$suite" in
      focal | jammy | noble)
        mirror=${UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu}
        # Debian has no keys of Ubuntu: roots for tests only.
        check=(--no-check-gpg)
        # debootstrap may be older than the suite; all of Ubuntu's are alike.
        script=/usr/share/debootstrap/scripts/gutsy
        ;;
      *)
        mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
        check=(--keyring=/usr/share/keyrings/debian-archive-keyring.gpg)
        script=/usr/share/debootstrap/scripts/sid
        ;;
    esac
    rm -rf "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase "${check[@]}" \
      ${packages:+--include="$packages"} \
      "$suite" "$root" "$mirror" "$script" >"$root.log" 2>&1 ||
      fail "debootstrap failed, see $root.log"
    rm -rf "$root"/var/cache/apt/archives/*.deb
    touch "$root/.complete"
  fi
  echo "$root"
}

run_in_root() {
  local binds=() layers=''
  if [ "${1:-}" = --fresh ]; then
    layers=$(mktemp -d "$roots/layers.XXXXXX")
    mkdir "$layers"/{upper,work,merged}
    # shellcheck disable=SC2064
    trap "rm -rf '$layers'" EXIT
    shift
  fi
  while [[ ${1:-} = --bind || ${1:-} = --ro-bind ]]; do
    binds+=("${1#--}" "$2")
    shift 2
  done
  [ -e "$root/.complete" ] || fail "there is no $root"
  # In namespaces of their own the mounts and processes end with the command.
  BEASTWS_ROOT=$root BEASTWS_LAYERS=$layers unshare --mount --pid --fork --kill-child bash -c '
    set -euo pipefail
    count=$1
    shift
    if [ -n "$BEASTWS_LAYERS" ]; then
      options=lowerdir=$BEASTWS_ROOT,upperdir=$BEASTWS_LAYERS/upper
      options=$options,workdir=$BEASTWS_LAYERS/work
      BEASTWS_ROOT=$BEASTWS_LAYERS/merged
      mount -t overlay overlay -o "$options" "$BEASTWS_ROOT"
    fi
    mkdir -p "$BEASTWS_ROOT/proc" "$BEASTWS_ROOT/dev"
    mount -t proc proc "$BEASTWS_ROOT/proc"
    mount --rbind /dev "$BEASTWS_ROOT/dev"
    while [ "$count" -gt 0 ]; do
      from=${2%%:*} to=$BEASTWS_ROOT${2#*:}
      if [ -d "$from" ]; then mkdir -p "$to"
      else mkdir -p "$(dirname "$to")" && touch "$to"; fi
      mount --bind "$from" "$to"
      [ "$1" = bind ] || mount -o remount,bind,ro "$to"
      count=$((count - 2))
      shift 2
    done
    exec chroot "$BEASTWS_ROOT" "$@"
  ' bash "${#binds[@]}" "${binds[@]}" "$@"
}

case "$action" in
  make) make_root "$@" ;;
  run) run_in_root "$@" ;;
  *) fail 'usage: scripts/root.sh make|run <suite> ...' ;;
esac
