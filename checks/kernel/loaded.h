/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that are loaded, line by line of /proc/modules. */
#ifndef KERNEL_LOADED_H
#define KERNEL_LOADED_H

#include <holdfast/holdfast.h>

/* One line, see proc(5) and the kernel's module_flags_taint(). */
typedef struct kernel_loaded {
	const char *name;
	int64_t users; /* reference count: modules that need it and others, such as open sockets */
	int64_t dependents; /* modules that need it */
	const char *taints; /* "OE", "" */
} kernel_loaded;

/* The next line of the text at *cursor; false at its end. Strings live until the end of the scan. A
 * line that is not understood comes with the name "" . */
bool kernel_next_loaded(hf_check_run *run, const char **cursor, kernel_loaded *ret_module);

/* /proc/modules. An absent one proves a kernel without module support: @run is then marked
 * notapplicable; unknown when it cannot be read. NULL in both cases. Needs "/proc/modules" in
 * .reads. */
const hf_file *kernel_loaded_file(hf_check_run *run);

/* The loaded module of that name ('-' equals '_'), or false. @file is present. */
bool kernel_find_loaded(hf_check_run *run, const hf_file *file, const char *name,
			kernel_loaded *ret_module);

/* Names of modules as strcmp() would, but '-' is equal to '_'. */
int kernel_compare_modules(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
