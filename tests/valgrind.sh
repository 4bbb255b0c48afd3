#!/bin/sh
# `make valgrind`: each unit test that is named under memcheck: no invalid read or write, nothing decided by
# what was never set, nothing lost. Two tests are left out: one reads all memory of its own process on purpose,
# one measures time.
set -u

if ! command -v valgrind >/dev/null; then
	echo "no valgrind here: nothing was looked at"
	exit 1
fi
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# GLib: no memory of its own that only looks lost. More time for who waits on a condition.
G_DEBUG=gc-friendly
CREDITBOT_VALGRIND=1
export G_DEBUG CREDITBOT_VALGRIND
for program; do
	case $program in
	tests/unit/net/test_memory | tests/bench/*) continue ;;
	tests/unit/*) ;;
	*) continue ;;
	esac
	if valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		--show-leak-kinds=definite --trace-children=no --num-callers=20 "./$program" >"$log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $program"
		grep -aE '^==[0-9]+==|^not ok|ERROR|error:' "$log" | head -n 40
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
