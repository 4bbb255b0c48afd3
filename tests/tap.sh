#!/bin/sh
# Runs a cmocka program: its word for a skipped test, "not ok N # SKIP name", becomes the one that TAP has.
status=$(mktemp) || exit 99
{
	"$@"
	echo $? >"$status"
} | sed 's/^not ok \([0-9]* # SKIP\)/ok \1/'
read -r code <"$status"
rm -f "$status"
exit "$code"
