/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parser of devices.list of cgroup v1. */
#include "facts/devices.h"

/* "*", or a number that ends at @stop. */
static int parse_number(const char *at, const char *stop, bool *ret_is_any, uint32_t *ret_number)
{
	uint64_t number = 0;

	*ret_is_any = stop - at == 1 && *at == '*';
	if (*ret_is_any)
		return 0;
	if (at == stop || stop - at > 10)
		return -EBADMSG;
	for (; at < stop; at++) {
		if (*at < '0' || *at > '9')
			return -EBADMSG;
		number = number * 10 + (uint64_t)(*at - '0');
	}
	if (number > UINT32_MAX)
		return -EBADMSG;
	*ret_number = (uint32_t)number;
	return 0;
}

static int parse_access(const char *at, const char *stop, hf_device_grant *rule)
{
	for (; at < stop; at++) {
		if (*at == 'r')
			rule->can_read = true;
		else if (*at == 'w')
			rule->can_write = true;
		else if (*at == 'm')
			rule->can_mknod = true;
		else
			return -EBADMSG;
	}
	return 0;
}

static int parse_rule(const char *line, size_t length, hf_device_grant *rule)
{
	const char *stop = line + length;

	*rule = (hf_device_grant){0};
	if (length < 2 || !strchr("abc", line[0]) || line[1] != ' ')
		return -EBADMSG;
	const char *colon = memchr(line, ':', length);
	const char *blank = colon ? memchr(colon, ' ', (size_t)(stop - colon)) : NULL;

	if (!blank)
		return -EBADMSG;
	rule->type = line[0];
	int r = parse_number(line + 2, colon, &rule->is_any_major, &rule->major);

	if (r == 0)
		r = parse_number(colon + 1, blank, &rule->is_any_minor, &rule->minor);
	return r < 0 ? r : parse_access(blank + 1, stop, rule);
}

int hf_device_list_parse(hf_arena *arena, const char *text, size_t size,
			 const hf_device_grant **ret_rules, size_t *ret_count, hf_error *err)
{
	const char *cursor = text, *line;
	size_t length, count = 0, i = 0;

	while (hf_next_line(&cursor, text + size, &line, &length))
		count++;
	if (count > HF_DEVICE_RULES_MAX)
		return hf_error_set(err, -E2BIG, "has more than %d rules", HF_DEVICE_RULES_MAX);
	hf_device_grant *rules = hf_arena_calloc(arena, count + 1, sizeof *rules);

	if (!rules)
		return -ENOMEM;
	for (cursor = text; hf_next_line(&cursor, text + size, &line, &length); i++) {
		if (parse_rule(line, length, &rules[i]) < 0)
			return hf_error_at(err, -EBADMSG, "devices.list", (unsigned)i + 1,
					   "line %zu is no rule", i + 1);
	}
	*ret_rules = rules;
	*ret_count = count;
	return 0;
}

static unsigned access_of(const hf_device_grant *rule)
{
	return (rule->can_read ? HF_EBPF_READ : 0U) | (rule->can_write ? HF_EBPF_WRITE : 0U) |
	       (rule->can_mknod ? HF_EBPF_MKNOD : 0U);
}

bool hf_device_list_allows(const hf_device_grant *rules, size_t count, char type, uint32_t major,
			   uint32_t minor, unsigned access)
{
	for (size_t i = 0; i < count; i++) {
		const hf_device_grant *rule = &rules[i];

		if ((rule->type == 'a' || rule->type == type) &&
		    (rule->is_any_major || rule->major == major) &&
		    (rule->is_any_minor || rule->minor == minor) &&
		    (access & ~access_of(rule)) == 0)
			return true;
	}
	return false;
}
