#!/bin/sh
# Reads in the built program what the compiler and the linker were asked for: a program that holds
# credentials and reads hostile text must not lose its hardening without a word.
# shellcheck disable=SC2317 # all is called through check()
set -u
: "${CREDITBOT:?}"

if [ "${CREDITBOT_HARDENED:-no}" != yes ]; then
	echo "1..0 # SKIP configured without hardening, or with a sanitizer"
	exit 0
fi
if ! command -v readelf >/dev/null; then
	echo "1..0 # SKIP no readelf here"
	exit 0
fi

number=0
failed=0

# check NAME COMMAND...: passes when the command does.
check() {
	name=$1
	shift
	number=$((number + 1))
	if "$@" >/dev/null; then
		echo "ok $number - $name"
	else
		failed=1
		echo "not ok $number - $name"
	fi
}

header=$(readelf -W -h "$CREDITBOT")
segments=$(readelf -W -l "$CREDITBOT")
dynamic=$(readelf -W -d "$CREDITBOT")
symbols=$(readelf -W --dyn-syms "$CREDITBOT")

has() { printf '%s\n' "$1" | grep -E "$2"; }
has_not() { ! has "$1" "$2"; }
pie() { has "$header" 'Type: +DYN' && has "$segments" INTERP; }

# An instruction that only says "a jump may land here" begins what is jumped to.
landings() { LC_ALL=C grep -qaP '\xf3\x0f\x1e\xfa.{0,4096}\xf3\x0f\x1e\xfa' "$CREDITBOT"; }

echo 1..9
check "it may be loaded anywhere (PIE)" pie
check "its tables of addresses are read-only (RELRO)" has "$segments" GNU_RELRO
check "and filled before it starts (BIND_NOW)" has "$dynamic" 'BIND_NOW|FLAGS.*NOW'
check "no segment can be written and executed" has_not "$segments" ' RWE '
check "the stack is not executable" has "$segments" 'GNU_STACK.* RW '
check "no library is looked for in a folder of its own" has_not "$dynamic" 'RPATH|RUNPATH|TEXTREL'
check "the stack is guarded" has "$symbols" __stack_chk_fail
check "copies are checked (FORTIFY)" has "$symbols" '__[a-z]+_chk'
if [ "${CREDITBOT_CET:-no}" = yes ]; then
	check "jumps land where they may (CET)" landings
else
	number=$((number + 1))
	echo "ok $number - jumps land where they may # SKIP the compiler has no -fcf-protection"
fi
exit "$failed"
