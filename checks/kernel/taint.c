/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bits of kernel.tainted mean for the trust in this kernel. */
#include "taint.h"

#include "common.h"

/* Documentation/admin-guide/tainted-kernels.rst. */
static const struct {
	const char *text;
	kernel_taint meaning;
} bits[] = {
	[0] = {"proprietary module", KERNEL_TAINT_EXPLAINED},
	[1] = {"module was force loaded", KERNEL_TAINT_BAD},
	[2] = {"kernel on a processor it was not made for", KERNEL_TAINT_BAD},
	[3] = {"module was force unloaded", KERNEL_TAINT_BAD},
	[4] = {"machine check", KERNEL_TAINT_BAD},
	[5] = {"bad page", KERNEL_TAINT_BAD},
	[6] = {"userspace asked for it", KERNEL_TAINT_EXPLAINED},
	[7] = {"kernel died (oops)", KERNEL_TAINT_BAD},
	[8] = {"ACPI table overridden", KERNEL_TAINT_EXPLAINED},
	[9] = {"kernel warning", KERNEL_TAINT_BAD},
	[10] = {"staging driver", KERNEL_TAINT_EXPLAINED},
	[11] = {"firmware bug worked around", KERNEL_TAINT_HARMLESS},
	[12] = {"out-of-tree module", KERNEL_TAINT_EXPLAINED},
	[13] = {"unsigned module", KERNEL_TAINT_BAD},
	[14] = {"soft lockup", KERNEL_TAINT_BAD},
	[15] = {"live patch", KERNEL_TAINT_EXPLAINED},
	[16] = {"auxiliary, for distributions", KERNEL_TAINT_HARMLESS},
	[17] = {"modules built with another structure layout", KERNEL_TAINT_BAD},
	[18] = {"in-kernel test", KERNEL_TAINT_BAD},
	[19] = {"mutating firmware command", KERNEL_TAINT_EXPLAINED},
};

kernel_taint kernel_taint_of(unsigned bit, const char **ret_text)
{
	*ret_text = bit < KERNEL_COUNT(bits) ? bits[bit].text : "is not known here";
	return bit < KERNEL_COUNT(bits) ? bits[bit].meaning : KERNEL_TAINT_UNKNOWN;
}
