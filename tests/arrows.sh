#!/bin/sh
# Fails on an #include that goes against the arrows of docs/architecture.md:
# cli, tui -> engine, duty -> calc, services -> net, store -> base -> GLib.
set -u
cd "${CREDITBOT_SRCDIR:-.}" || exit 99

number=0
failed=0

# result NAME FOUND: one line of TAP; what was found is what is wrong.
result() {
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		failed=1
		printf '%s\n' "$2" | sed 's/^/# /'
		echo "not ok $number - $1"
	fi
}

# includes FOLDER: "file: name" of every "quoted" include of one of our own folders.
includes() {
	find "$1" -name '*.[ch]' -exec \
		sed -n 's|^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([a-z_0-9]*/[^"]*\)".*|\1|p;' {} + | sort -u
}

# folder NAME ALLOWED...: every include of ours begins with one of the allowed folders.
folder() {
	where=$1
	shift
	[ -d "$where" ] || return 0
	pattern=$(printf '|%s' "$@")
	result "$where includes $* only" "$(includes "$where" | grep -Ev "^(${pattern#|})/")"
}

# library NAME PATTERN EXCEPT: the header stands nowhere but in files that match EXCEPT.
library() {
	found=$(grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$2" core tui \
		--include='*.[ch]' 2>/dev/null | grep -Ev "$3")
	result "$1" "$found"
}

echo 1..17
folder core/base base
folder core/net net base
folder core/store store base
folder core/logs logs store base
folder core/calc calc net store base
folder core/services services net store base
folder core/engine engine calc services net store base
folder core/cli cli logs engine calc services net store base tui
folder tui tui logs engine calc services net store base
result "core/cli knows of the console in one file" \
	"$(grep -rl '#include "tui/' core/cli | grep -v '^core/cli/console.c$')"
library "only core/net includes curl" 'curl/' '^core/net/'
library "only core/store and the SQLite warehouse include sqlite3" 'sqlite3' \
	'^core/(store/|services/warehouse_sqlite\.c)'
library "only tui/term_curses.c includes curses" '(ncurses|curses|term\.h|panel)' '^tui/term_curses\.c'
library "nobody includes GIO or GObject" '(gio/|glib-object)' '^$'
library "nobody but the sandbox includes libmicrohttpd" 'microhttpd' '^$'
result "the sandbox shares no code with the program" \
	"$(grep -rlE '#include "(base|net|store|calc|services|engine|cli|tui)/' tests/sandbox 2>/dev/null)"
result "no file of core/base prints or exits" \
	"$(grep -rnE '(^|[^_a-z])(printf|puts|exit)\(' core/base core/store core/net core/services core/calc core/engine --include='*.c')"
exit "$failed"
