#!/bin/sh
# The program from outside: documents made from the table, exit codes, and its manners with descriptors.
# shellcheck disable=SC2317,SC2016 # all is called through check(), which expands late
set -u
: "${CREDITBOT:?}" "${CREDITBOT_SRCDIR:?}"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME="$place" XDG_STATE_HOME="$place/state" XDG_CONFIG_HOME="$place/config"
unset CREDITBOT_CONFIG
cd "$place" || exit 99

number=0
failed=0

# check NAME COMMAND...: passes when the command does.
check() {
	name=$1
	shift
	number=$((number + 1))
	if "$@" >"$place/out" 2>&1; then
		echo "ok $number - $name"
	else
		failed=1
		sed 's/^/# /' "$place/out"
		echo "not ok $number - $name"
	fi
}

# code N COMMAND...: the exit code is N.
code() {
	want=$1
	shift
	"$@"
	got=$?
	[ "$got" -eq "$want" ] || {
		echo "exit code $got, not $want: $*"
		return 1
	}
}

documents() { "$CREDITBOT" gendoc markdown | diff "$CREDITBOT_SRCDIR/docs/commands.md" -; }

manual() {
	"$CREDITBOT" gendoc man >"$place/creditbot.1" || return 1
	grep -q '^\.SS creditbot approve' "$place/creditbot.1" || return 1
	! command -v groff >/dev/null || [ -z "$(groff -man -ww -z "$place/creditbot.1" 2>&1)" ]
}

# complete EXPECTED WORDS...: what is offered for the last word holds EXPECTED.
complete() {
	command -v bash >/dev/null || return 0
	"$CREDITBOT" gendoc completion >"$place/completion" || return 1
	bash -n "$place/completion" || return 1
	expected=$1
	shift
	# shellcheck disable=SC2016 # bash expands it
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _creditbot; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$place/completion" "$@" 2>/dev/null | grep -qxF -- "$expected"
}

closed_stdout() { "$CREDITBOT" list >&-; }

# The first line is read, the rest is refused.
broken_pipe() {
	{
		"$CREDITBOT" gendoc markdown 2>"$place/err"
		echo $? >"$place/code"
	} | head -n 1 >/dev/null
	[ "$(cat "$place/code")" -eq 0 ] && [ ! -s "$place/err" ]
}

full_disk() {
	[ -e /dev/full ] || return 0
	code 5 "$CREDITBOT" --help >/dev/full
}

echo 1..20
check "docs/commands.md is what the table says" documents
check "the manual is whole and clean" manual
check "completion offers commands" complete approve creditbot appr
check "completion offers the options of a command" complete --reason= creditbot approve --re
check "completion offers states" complete pending creditbot list --state pend
check "completion offers words of a command" complete verify creditbot state ver
check "no command is hidden in completion" eval '! complete gendoc creditbot gen'
check "an empty state lists nothing" code 0 "$CREDITBOT" list
check "an empty state lists nothing as JSON" eval '[ -z "$("$CREDITBOT" list --json)" ]'
check "a reading command makes no state" eval '[ ! -e "$XDG_STATE_HOME/creditbot/creditbot.db" ]'
check "an unknown command is a usage error" code 2 "$CREDITBOT" aprove 1
check "a missing reason is a usage error" code 2 "$CREDITBOT" approve 1
check "a batch takes no command" code 2 "$CREDITBOT" --batch list
check "the console wants a terminal" code 2 "$CREDITBOT" </dev/null
check "notebooks are refused with a word" code 2 "$CREDITBOT" calc --notebook x.ipynb
check "a request that is not there is exit code 1" code 1 "$CREDITBOT" show 7
check "a closed stdout harms nothing" closed_stdout
check "a reader that goes away is no error" broken_pipe
check "a full disk under the output is told" full_disk
check "no secret is taken in argv" eval '! "$CREDITBOT" gendoc markdown | grep -Ei -- "--(token|password|secret)"'
exit "$failed"
