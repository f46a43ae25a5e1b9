/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bits of kernel.tainted mean for the trust in this kernel. */
#ifndef KERNEL_TAINT_H
#define KERNEL_TAINT_H

#include <holdfast/holdfast.h>

typedef enum kernel_taint {
	KERNEL_TAINT_UNKNOWN = 0, /* a bit that is not known here */
	KERNEL_TAINT_HARMLESS,	  /* says nothing about trust */
	KERNEL_TAINT_EXPLAINED,	  /* a driver or patch that somebody chose; named, not failed */
	KERNEL_TAINT_BAD
} kernel_taint;

/* The meaning of @bit, in words in *ret_text. */
kernel_taint kernel_taint_of(unsigned bit, const char **ret_text);

#endif
