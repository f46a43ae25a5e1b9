/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small helpers that several topics of the kernel plugin share. */
#ifndef KERNEL_COMMON_H
#define KERNEL_COMMON_H

#include <holdfast/holdfast.h>

#include <string.h>

#define KERNEL_COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline bool kernel_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static inline bool kernel_ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), wanted = strlen(suffix);

	return length >= wanted && strcmp(text + length - wanted, suffix) == 0;
}

/* @word is one of the words of @list, which are separated by any of @separators. */
bool kernel_has_word(const char *list, const char *separators, const char *word);

/* The text of a present file without blanks and newlines at its end; in the scan's memory. */
const char *kernel_file_text(hf_check_run *run, const hf_file *file);

/* The value of "KEY=value" in a present file as os-release(5) writes it, quotes removed; NULL. */
const char *kernel_setting(hf_check_run *run, const hf_file *file, const char *key);

/* The value of "key : value" in /proc/cpuinfo's first processor; NULL. @cpuinfo is present. */
const char *kernel_cpuinfo_value(hf_check_run *run, const hf_file *cpuinfo, const char *key);

typedef enum kernel_guest {
	KERNEL_GUEST_UNKNOWN = 0, /* this architecture does not say, or it was not read */
	KERNEL_GUEST_NO,
	KERNEL_GUEST_YES
} kernel_guest;

/* Whether this is a virtual machine, by the flag that every x86 hypervisor sets. Needs
 * "/proc/cpuinfo" in .reads. */
kernel_guest kernel_is_guest(hf_check_run *run);

/* Text that grows: "a, b, c, and 12 more". Zero-initialise; .text is NULL while it is empty. */
typedef struct kernel_listing {
	const char *text;
	size_t count;
} kernel_listing;

void kernel_list(hf_check_run *run, kernel_listing *listing, const char *item);
/* Never NULL: "none" for an empty listing. */
const char *kernel_list_text(hf_check_run *run, const kernel_listing *listing);

#endif
