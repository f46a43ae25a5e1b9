#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every shell script of the tree, and what they source, through shellcheck.
set -u
cd "${srcdir:-.}" || exit 99
command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; exit 77; }
passed=0 failed=0
while IFS= read -r script; do
    if shellcheck -x "$script"; then
        passed=$((passed + 1))
    else
        echo "not ok: $script"
        failed=$((failed + 1))
    fi
done < <(grep -lErI --exclude-dir=corpus --exclude='*.[cho]' -m1 '^#!/bin/(ba)?sh|^# shellcheck shell=' .ci packaging tests)
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -ge 10 ]
