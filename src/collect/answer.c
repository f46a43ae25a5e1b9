/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for the kinds of questions. */
#include "collect/answer.h"

static const char *const names[HF_ASK_KIND_END] = {
	[HF_ASK_FILE] = "file", [HF_ASK_STAT] = "stat", [HF_ASK_LINK] = "link",
	[HF_ASK_DIR] = "dir",	[HF_ASK_API] = "api",	[HF_ASK_CALL] = "call",
};

const char *hf_ask_kind_name(hf_ask_kind kind)
{
	return names[kind];
}

hf_ask_kind hf_ask_kind_number(const char *name, size_t length)
{
	for (unsigned kind = HF_ASK_FILE; kind < HF_ASK_KIND_END; kind++) {
		if (strlen(names[kind]) == length && memcmp(names[kind], name, length) == 0)
			return (hf_ask_kind)kind;
	}
	return (hf_ask_kind)0;
}
