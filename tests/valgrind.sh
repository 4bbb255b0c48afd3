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
# Errors with a frame that has a name; those of code that PCRE2 makes at run time have none, and it reads
# whole words of strings on purpose.
real_errors() {
	sed -n 's/^==[0-9]*== \{0,1\}//p' "$log" | awk -v RS= '
		/0x[0-9A-F]+:/ { known = 0; n = split($0, line, "\n")
			for (i = 1; i <= n; i++) if (line[i] ~ /0x[0-9A-F]+: / && line[i] !~ /\?\?\?$/) known = 1
			if (known) print $0 "\n" }'
}

for program; do
	case $program in
	tests/unit/net/test_memory | tests/bench/*) continue ;;
	tests/unit/*) ;;
	*) continue ;;
	esac
	valgrind -q --leak-check=full --show-leak-kinds=definite --num-callers=20 "./$program" >"$log" 2>&1
	code=$?
	if [ "$code" -eq 0 ] && [ -z "$(real_errors)" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $program ($code)"
		real_errors | head -n 40
		grep -aE '^not ok|ERROR|error:' "$log" | head -n 10
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
