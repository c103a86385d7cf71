#!/usr/bin/env bash
# Compiles the sources that a build for Windows takes with MinGW's compiler, on
# Debian and without linking them. That shows what only other systems know; it
# is no test on Windows, and not with its own compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

cxx=${CXX:-x86_64-w64-mingw32-g++-posix}
command -v "$cxx" >/dev/null || {
  echo 'check-windows: please install g++-mingw-w64-x86-64-posix' >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Boost in a directory of its own: beside it are the headers of Linux.
mkdir "$work/include"
ln -s "$(node scripts/find-boost.js)/boost" "$work/include/boost"
headers=$(node -p "require('./scripts/build').findNodeDir() ?? ''")
napi=$(node -p "require('./scripts/gyp-inputs').napiIncludeDir()")

for source in $(node scripts/gyp-inputs.js sources 0); do
  echo "  CXX  $source"
  "$cxx" -std=c++20 -fsyntax-only -Wall -Wextra -Isrc \
    -isystem "$work/include" -isystem "$napi" -isystem "$headers/include/node" \
    -DNAPI_VERSION=8 -DNAPI_DISABLE_CPP_EXCEPTIONS \
    -DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS \
    -DNODE_ADDON_API_DISABLE_DEPRECATED -DBOOST_ASIO_NO_DEPRECATED \
    -D_WIN32_WINNT=0x0A00 -DWIN32_LEAN_AND_MEAN -DNOMINMAX "$source"
done
