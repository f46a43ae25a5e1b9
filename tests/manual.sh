#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual page tells what the command does: its subcommands, options, exit statuses and configuration keys, read
# from the tables of src/cli/.
set -eu

srcdir=${srcdir:-.}
page=$srcdir/packaging/man/holdfast.8
cli=$srcdir/src/cli
passed=0
failed=0

# PATTERN with %s for the word, the least number of words, then the words: each must stand in the page
tells() {
	pattern=$1
	least=$2
	shift 2
	if [ $# -lt "$least" ]; then
		echo "not ok: $# words like \"$*\" in src/cli, $least expected: has a table moved?"
		failed=$((failed + 1))
	fi
	for word; do
		# shellcheck disable=SC2059 # the format is ours
		if grep -Eq -e "$(printf "$pattern" "$word")" "$page"; then
			passed=$((passed + 1))
		else
			echo "not ok: holdfast(8) does not tell of $word"
			failed=$((failed + 1))
		fi
	done
}

exit_statuses() {
	sed -nE 's/^[[:space:]]*HF_EXIT_[A-Z]+ = (EX_[A-Z]+|[0-9]+),.*/\1/p' "$cli/cli.h" | while read -r number; do
		case $number in
		EX_*) awk -v name="$number" '$1 == "#define" && $2 == name { print $3 }' /usr/include/sysexits.h ;;
		*) echo "$number" ;;
		esac
	done
}

# shellcheck disable=SC2046 # words without blanks
{
	tells '^\.It Cm %s( |$)' 6 $(sed -nE 's/^[[:space:]]*\{\.name = "([a-z]+)", \.title.*/\1/p' "$cli/main.c")
	tells '^\.It Fl .*\\-%s( |$)' 15 \
		$(sed -nE "s/^[[:space:]]*\{\"([a-z-]+)\", ('.'|OPT_[A-Z_]+), .*/\1/p" "$cli"/*.c | sort -u)
	tells '^\.It %s$' 8 $(exit_statuses)
	tells '^\.Ql %s( [,.])?$' 5 \
		$(grep -hoE 'strcmp\(key, "[a-z-]+"\)' "$cli/config.c" | sed -E 's/.*"(.*)".*/\1/' | sort -u)
	tells '^\.It Ev %s$' 3 $(grep -hoE 'getenv\("[A-Z_]+"\)' "$cli"/*.c | sed -E 's/.*"(.*)".*/\1/' | sort -u)
}

if command -v mandoc >/dev/null; then
	if wrong=$(mandoc -T lint -W style "$page" 2>&1 | grep -v 'outdated mandoc.db'); then
		echo "not ok: mandoc"
		echo "$wrong"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
