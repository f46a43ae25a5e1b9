/* SPDX-License-Identifier: GPL-2.0-or-later */
/* STRIDE's categories in the order of their letters, which is that of the HF_STRIDE_ bits. */
#include "assess/assess.h"

const char hf_stride_letters[HF_STRIDE_COUNT + 1] = "STRIDE";

const char *hf_stride_title(unsigned index)
{
	static const char *const titles[HF_STRIDE_COUNT] = {
		"Spoofing",
		"Tampering",
		"Repudiation",
		"Information disclosure",
		"Denial of service",
		"Elevation of privilege",
	};

	return index < HF_STRIDE_COUNT ? titles[index] : "?";
}
