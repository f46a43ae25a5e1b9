/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: the notation of kernel options. Three lines: an expression, a wanted value, a value.
 */
#include "base/base.h"
#include "kernel/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any answer will do, as long as all three come. */
static option_truth decide(const option_term *term, void *data)
{
	unsigned *seen = data;

	if (strlen(term->name) >= sizeof term->name || strlen(term->wanted) >= sizeof term->wanted)
		abort();
	return (option_truth)(++*seen % 3);
}

static void match(const char *wanted, const char *text, option_kind kind, bool is_set)
{
	const option_value value = {
		.kind = kind,
		.is_set = is_set,
		.text = is_set ? text : NULL,
		.list = is_set ? text : NULL,
	};
	const option_limit limit = {.is_known = is_set, .max = 32};
	option_truth truth = OPTION_CANNOT_KNOW;

	if (option_wanted_match(wanted, &value, &limit, &truth) && truth > OPTION_CANNOT_KNOW)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *rest = text;
	option_truth truth = OPTION_CANNOT_KNOW;
	unsigned seen = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';

	const char *expression = strsep(&rest, "\n");
	const char *wanted = rest ? strsep(&rest, "\n") : "";
	const char *value = rest ? strsep(&rest, "\n") : "";

	if (option_expr_evaluate(expression, decide, &seen, &truth) && truth > OPTION_CANNOT_KNOW)
		abort();
	match(wanted, value, OPTION_KCONFIG, true);
	match(wanted, value, OPTION_CMDLINE, true);
	match(wanted, value, OPTION_SYSCTL, true);
	match(wanted, value, OPTION_SYSCTL, false);
	free(text);
	return 0;
}
