#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The structure that the design promises: who includes whom, headers that stand alone, symbols that are exported.
set -u
# the counters must survive the pipes that feed them
shopt -s lastpipe
src=${srcdir:-.}
build=${builddir:-.}
passed=0
failed=0
check() { # NAME, then what is wrong on stdin (empty: right)
    local wrong
    wrong=$(cat)
    if [ -z "$wrong" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'not ok: %s\n%s\n' "$1" "$wrong"
    fi
}

# A folder may include itself and those before it.
order=(base collect process record facts engine assess report cli)
for i in "${!order[@]}"; do
    for ((j = i + 1; j < ${#order[@]}; j++)); do
        grep -rnE "#include \"${order[j]}/" "$src/src/${order[i]}" --include='*.[ch]'
    done | check "src/${order[i]} includes nothing below it"
done
grep -rnE '#include "(base|collect|process|record|facts|engine|assess|report|cli)/' "$src/checks" --include='*.[ch]' |
    check "checks include nothing of src/"
grep -rnE '#include ("|<(jansson|seccomp|yaml|curl|libmount|sys/capability))' "$src/include" --include='*.h' |
    check "public headers need libc alone"

# Only collectors (and the command, for files it is given) touch the system; nobody starts programs.
grep -rnwE '(fopen|open|openat|opendir|stat|lstat|access|readlink|scandir)\(' "$src/src/facts" "$src/src/record" \
    "$src/src/assess" "$src/src/report" "$src/checks" --include='*.c' |
    check "facts, record, assess, report and checks open nothing"
grep -rnwE '(popen|system|execl|execv|execve|execvp|posix_spawnp?)\(' "$src/src" "$src/checks" --include='*.c' |
    check "no program is executed"

# Each public header alone and twice, as strict C17 and as C++17.
for header in "$src"/include/holdfast/*.h; do
    name=holdfast/$(basename "$header")
    for compiler in "${CC:-cc} -std=c17 -xc" "${CXX:-c++} -std=c++17 -xc++"; do
        command -v "${compiler%% *}" >/dev/null || continue
        # shellcheck disable=SC2086 # several words
        printf '#include <%s>\n#include <%s>\nint holdfast_unused;\n' "$name" "$name" |
            $compiler -Wall -Wextra -Wpedantic -Werror -I"$src/include" -fsyntax-only - 2>&1 |
            check "$name with ${compiler#* }"
    done
done

# Exports: one table per plugin; the library's interface is the checked-in list.
for plugin in "$build"/checks/*/.libs/*.so; do
    nm -D --defined-only "$plugin" | awk '$3 !~ /^(__odr_asan[.])?hf_plugin_v1$/ {print}' |
        check "$(basename "$plugin") exports its table alone"
done
diff <(sed -n '/^HOLDFAST_1.0 {/,/^};/s/^\t\(hf_[a-z0-9_]*\);$/\1/p' "$src/src/libholdfast.map" | sort) \
    <(nm -D --defined-only "$build/.libs/libholdfast.so" | awk '$3 ~ /@@HOLDFAST_1.0$/ {sub(/@@.*/, "", $3); print $3}' | sort) |
    check "libholdfast exports just what src/libholdfast.map lists"
diff <(grep -rhoE 'HF_PUBLIC[^(]*\bhf_[a-z0-9_]+\(' "$src/include" | grep -oE 'hf_[a-z0-9_]+\($' | tr -d '(' | sort) \
    <(sed -n '/^HOLDFAST_1.0 {/,/^};/s/^\t\(hf_[a-z0-9_]*\);$/\1/p' "$src/src/libholdfast.map" | sort) |
    check "every HF_PUBLIC function is in the map and no other"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
