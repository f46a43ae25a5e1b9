/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: the binary policy of SELinux. The seeds are what checkpolicy(8) makes of corpus/selinux-policy/source. */
#include "base/base.h"
#include "selinux/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {"spc_t", "container_t", "no_such_t"};
	char *policy = malloc(size > 0 ? size : 1); /* of just this size: reading past it shows */

	if (!policy)
		abort();
	if (size > 0)
		memcpy(policy, data, size);
	for (size_t i = 0; i < HF_ARRAY_SIZE(types); i++) {
		selinux_answer has = selinux_policy_has(policy, size, types[i]);
		selinux_answer permits = selinux_policy_permits(policy, size, types[i]);

		/* what is not there is permitted nothing, and what cannot be read tells neither */
		if (has == SELINUX_NO && permits != SELINUX_NO)
			abort();
		if (has == SELINUX_UNKNOWN && permits != SELINUX_UNKNOWN)
			abort();
	}
	free(policy);
	return 0;
}
