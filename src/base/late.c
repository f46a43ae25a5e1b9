/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libraries that are loaded when they are needed. */
#include "base/late.h"

#include <dlfcn.h>
#include <stdio.h>

static const char *const sonames[] = {"libmount.so.1", "libgcrypt.so.20"};

static void *libraries[HF_ARRAY_SIZE(sonames)];

int hf_late_load(hf_error *err)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(sonames); i++) {
		if (!libraries[i])
			libraries[i] = dlopen(sonames[i], RTLD_NOW | RTLD_LOCAL);
		if (!libraries[i])
			return hf_error_set(err, -ELIBACC, "library %s missing", sonames[i]);
	}
	return 0;
}

void *hf_late_symbol(const char *name)
{
	hf_error err = {0};
	void *symbol = NULL;

	if (hf_late_load(&err) == 0) {
		for (size_t i = 0; i < HF_ARRAY_SIZE(libraries) && !symbol; i++)
			symbol = dlsym(libraries[i], name);
	}
	if (!symbol) {
		(void)fprintf(stderr, "holdfast: %s: %s\n", name, *err.text ? err.text : "not found");
		_exit(71); /* as without memory: whoever started us reports an incomplete run */
	}
	return symbol;
}
