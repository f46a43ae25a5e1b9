/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot parameters that switch a protection off, as Documentation/admin-guide/kernel-parameters.txt
 * and the kernel's parsers have them. */
#include "weakening.h"

#include "common.h"

typedef enum weak_when {
	WEAK_PRESENT = 0, /* with any value: the kernel does not look at it */
	WEAK_VALUE,	  /* when the last value is one of .values */
	WEAK_FALSE,	  /* when the last value is what kstrtobool() takes for no */
	WEAK_TOKEN	  /* when any occurrence lists one of .values: these add up */
} weak_when;

typedef struct weak_row {
	const char *name; /* with '_'; a final '*' stands for the rest */
	weak_when when;
	const char *values; /* separated by blanks */
} weak_row;

static const weak_row weak_rows[] = {
	/* processors; "no_guest_*" takes nothing from containers */
	{"mitigations", WEAK_TOKEN, "off no_user_kernel no_user_user no_cross_thread"},
	{"nopti", WEAK_PRESENT, NULL},
	{"pti", WEAK_VALUE, "off"},
	{"nospectre_*", WEAK_PRESENT, NULL},
	{"spectre_v2", WEAK_VALUE, "off"},
	{"spectre_v2_user", WEAK_VALUE, "off"},
	{"spectre_bhi", WEAK_VALUE, "off"},
	{"spec_store_bypass_disable", WEAK_VALUE, "off"},
	{"nospec_store_bypass_disable", WEAK_PRESENT, NULL},
	{"no_stf_barrier", WEAK_PRESENT, NULL},
	{"no_entry_flush", WEAK_PRESENT, NULL},
	{"no_uaccess_flush", WEAK_PRESENT, NULL},
	{"ssbd", WEAK_VALUE, "force-off"},
	{"kpti", WEAK_FALSE, NULL},
	{"mds", WEAK_VALUE, "off"},
	{"tsx", WEAK_VALUE, "on"},
	{"tsx_async_abort", WEAK_VALUE, "off"},
	{"l1tf", WEAK_VALUE, "off"},
	{"srbds", WEAK_VALUE, "off"},
	{"mmio_stale_data", WEAK_VALUE, "off"},
	{"reg_file_data_sampling", WEAK_VALUE, "off"},
	{"gather_data_sampling", WEAK_VALUE, "off"},
	{"retbleed", WEAK_VALUE, "off"},
	{"spec_rstack_overflow", WEAK_VALUE, "off"},
	{"indirect_target_selection", WEAK_VALUE, "off"},
	{"tsa", WEAK_VALUE, "off"},
	{"vmscape", WEAK_VALUE, "off"},
	{"nosmap", WEAK_PRESENT, NULL},
	{"nosmep", WEAK_PRESENT, NULL},
	/* what replaced the two above in 5.19 */
	{"clearcpuid", WEAK_TOKEN, "smap smep umip"},
	{"ibt", WEAK_VALUE, "off"},
	/* memory layout and protection */
	{"nokaslr", WEAK_PRESENT, NULL},
	{"norandmaps", WEAK_PRESENT, NULL},
	{"rodata", WEAK_FALSE, NULL},
	{"noexec", WEAK_VALUE, "off"},
	{"iomem", WEAK_TOKEN, "relaxed"},
	{"iommu", WEAK_TOKEN, "off"},
	/* security modules, audit, modules */
	{"apparmor", WEAK_FALSE, NULL},
	{"selinux", WEAK_FALSE, NULL},
	{"enforcing", WEAK_FALSE, NULL},
	{"audit", WEAK_FALSE, NULL},
	{"module.sig_enforce", WEAK_FALSE, NULL},
	/* what holds containers apart in memory */
	{"cgroup_disable", WEAK_TOKEN, "memory"},
};

/* '-' equals '_' in names (kernel/params.c, dash2underscore). */
static bool name_is(const char *name, const char *wanted)
{
	for (; *wanted && *wanted != '*'; name++, wanted++) {
		if ((*name == '-' ? '_' : *name) != *wanted)
			return false;
	}
	return *wanted == '*' || *name == '\0';
}

/* kstrtobool(): 0, n, N, f, F and "of" in any case; numbers that are nought, too (kstrtoul). */
static bool is_false(const char *value)
{
	if (strchr("nNfF", *value) && *value)
		return true;
	if ((*value == 'o' || *value == 'O') && (value[1] == 'f' || value[1] == 'F'))
		return true;
	return *value == '0' && value[strspn(value, "0x")] == '\0';
}

static bool lists_any(const char *value, const char *words)
{
	for (const char *at = value; *at;) {
		size_t length = strcspn(at, ",; ");

		for (const char *word = words; *word;) {
			size_t wanted = strcspn(word, " ");

			if (wanted == length && strncmp(word, at, length) == 0)
				return true;
			word += wanted;
			word += *word == ' ';
		}
		at += length;
		at += *at != '\0';
	}
	return false;
}

/* True when a later parameter of the same name takes its place. */
static bool is_overridden(const hf_bootline *line, size_t index, const char *row_name)
{
	const char *name, *value;

	for (size_t i = index + 1; hf_bootline_at(line, i, &name, &value); i++) {
		if (name_is(name, row_name))
			return true;
	}
	return false;
}

static bool is_weak(const weak_row *row, const hf_bootline *line, size_t index, const char *value)
{
	switch (row->when) {
	case WEAK_PRESENT:
		return true;
	case WEAK_VALUE:
		return lists_any(value, row->values) && !is_overridden(line, index, row->name);
	case WEAK_FALSE:
		return is_false(value) && !is_overridden(line, index, row->name);
	case WEAK_TOKEN:
		return lists_any(value, row->values);
	}
	return false;
}

const char *kernel_weakening(hf_check_run *run, const hf_bootline *line, size_t index)
{
	const char *name, *value;

	if (!hf_bootline_at(line, index, &name, &value))
		return NULL;
	for (size_t i = 0; i < KERNEL_COUNT(weak_rows); i++) {
		if (name_is(name, weak_rows[i].name) && is_weak(&weak_rows[i], line, index, value))
			return *value ? hf_text(run, "%s=%s", name, value) : name;
	}
	return NULL;
}
