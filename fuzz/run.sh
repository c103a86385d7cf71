#!/usr/bin/env bash
# Fuzzes for some seconds per target: fuzz/run.sh [seconds] [target ...]
#
# Needs clang with libFuzzer. What is found on the way stays in
# build/fuzz/work/<target>, what fails is written to build/fuzz/findings/.
# `fuzz/run.sh --coverage [target ...]` tells instead which lines of src/ the
# inputs reach that are kept there and in fuzz/corpus/.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(session_server session_client session_roundtrip inflate deflate gate
  text http_request)
coverage=
seconds=60

if [ "${1:-}" = --coverage ]; then
  coverage=1
  shift
elif [[ "${1:-}" =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")

out=build/fuzz
[ -z "$coverage" ] || out=build/fuzz-coverage
boost=$(node -p "require('./scripts/gyp-inputs').systemIncludes().join(' ')")
make -f fuzz/fuzz.mk --no-print-directory OUT="$out" BOOST_FLAGS="$boost" \
  COVERAGE="$coverage" FUZZERS="${targets[*]}"

if [ -n "$coverage" ]; then
  for target in "${targets[@]}"; do
    mkdir -p "build/fuzz/work/$target"
    LLVM_PROFILE_FILE="$out/$target.profraw" "$out/$target" -runs=0 \
      "build/fuzz/work/$target" "fuzz/corpus/$target" 2>/dev/null
  done
  profdata=$(command -v llvm-profdata || ls /usr/bin/llvm-profdata-* | tail -1)
  cov=$(command -v llvm-cov || ls /usr/bin/llvm-cov-* | tail -1)
  "$profdata" merge -sparse -o "$out/all.profdata" "$out"/*.profraw
  objects=()
  for target in "${targets[@]}"; do objects+=(-object "$out/$target"); done
  "$cov" report -instr-profile="$out/all.profdata" "${objects[@]}" \
    -ignore-filename-regex='/usr/|/test/native/|/fuzz/(targets/|libfuzzer)'
  exit
fi

# Each execution frees what it took: there is no need to keep it for longer,
# and memory that is used again at once is quicker. The user's options win.
export ASAN_OPTIONS="quarantine_size_mb=16:${ASAN_OPTIONS:-}"

status=0
for target in "${targets[@]}"; do
  mkdir -p "$out/work/$target" "$out/findings"
  echo "::: $target, $seconds s"
  nice -n 19 "$out/$target" -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$out/findings/$target-" \
    "$out/work/$target" "fuzz/corpus/$target" 2>&1 |
    tee "$out/$target.log" |
    grep -E '^(#[0-9]+.*(INITED|DONE)|stat::|==|SUMMARY|fuzz:|Test unit)' ||
    true
  if ! grep -q '^Done ' "$out/$target.log"; then
    echo "$target: failed, see $out/$target.log and $out/findings/"
    status=1
  fi
done
exit $status
