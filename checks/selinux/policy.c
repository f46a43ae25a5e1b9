/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The binary policy: its head, two bitmaps, and the names of types.
 *
 * Layout: security/selinux/ss/policydb.c and ebitmap.c of Linux; all numbers are little-endian. The map of
 * permissive types stands before everything that would have to be understood to get past it. The table of types
 * does not, so a type is found by its record: length of its name, value, properties, bounds, name. A record
 * that only looks like one would need the exact length before the name, and a value within the table. */
#include "policy.h"

#include <stdint.h>
#include <string.h>

enum {
	MAGIC = 0x797cff8c, /* 0xf97cff8c without the top bit, which is no int */
	VERSION_BOUNDARY = 24, /* from here types have records of four numbers */
	VERSION_MAX = 40,
	MAP_BITS = 64,
	TYPE_VALUE_MAX = 65536,
};

typedef struct cursor {
	const unsigned char *at;
	const unsigned char *end;
	bool is_bad;
} cursor;

static uint32_t take(cursor *c)
{
	if (c->is_bad || c->end - c->at < 4) {
		c->is_bad = true;
		return 0;
	}
	uint32_t value = (uint32_t)c->at[0] | (uint32_t)c->at[1] << 8 | (uint32_t)c->at[2] << 16 |
			 (uint32_t)c->at[3] << 24;

	c->at += 4;
	return value;
}

/* Past one bitmap; *ret_has: bit @wanted is in it. */
static void take_map(cursor *c, uint32_t wanted, bool *ret_has)
{
	uint32_t unit = take(c);

	(void)take(c); /* highest bit */
	uint32_t count = take(c);

	if (unit != MAP_BITS)
		c->is_bad = true;
	*ret_has = false;
	for (uint32_t i = 0; i < count && !c->is_bad; i++) {
		uint32_t start = take(c), low = take(c), high = take(c);

		if (wanted >= start && wanted - start < MAP_BITS) {
			uint32_t bit = wanted - start;

			*ret_has |= bit < 32 ? low >> bit & 1 : high >> (bit - 32) & 1;
		}
	}
}

/* The value of a type, 0 when there is none of this name. */
static uint32_t find_type(const char *data, size_t size, const char *type)
{
	size_t length = strlen(type);
	const char *from = data;

	while (size - (size_t)(from - data) >= length) {
		const char *name = memmem(from, size - (size_t)(from - data), type, length);

		if (!name)
			return 0;
		from = name + 1;
		if (name - data < 16)
			continue;
		cursor c = {.at = (const unsigned char *)name - 16, .end = (const unsigned char *)name};
		uint32_t name_length = take(&c), value = take(&c);

		if (name_length == length && value > 0 && value < TYPE_VALUE_MAX)
			return value;
	}
	return 0;
}

/* Up to the bitmaps; false when it is no policy, or one that is older or newer than what is known. */
static bool take_head(cursor *c, uint32_t *ret_version)
{
	bool is_magic = (take(c) & 0x7fffffff) == MAGIC;
	uint32_t length = take(c);

	if (!is_magic || c->is_bad || length > (size_t)(c->end - c->at))
		return false;
	c->at += length;
	*ret_version = take(c);
	(void)take(c); /* configuration */
	(void)take(c); /* number of symbol tables */
	(void)take(c); /* number of contexts */
	return !c->is_bad && *ret_version >= VERSION_BOUNDARY && *ret_version <= VERSION_MAX;
}

selinux_answer selinux_policy_has(const char *data, size_t size, const char *type)
{
	cursor c = {.at = (const unsigned char *)data, .end = (const unsigned char *)data + size};
	uint32_t version;

	if (!take_head(&c, &version))
		return SELINUX_UNKNOWN;
	return find_type(data, size, type) > 0 ? SELINUX_YES : SELINUX_NO;
}

selinux_answer selinux_policy_permits(const char *data, size_t size, const char *type)
{
	cursor c = {.at = (const unsigned char *)data, .end = (const unsigned char *)data + size};
	uint32_t version, value = find_type(data, size, type);
	bool has = false;

	if (!take_head(&c, &version))
		return SELINUX_UNKNOWN;
	if (value == 0)
		return SELINUX_NO;
	take_map(&c, UINT32_MAX, &has); /* capabilities of the policy */
	take_map(&c, value, &has);
	if (c.is_bad)
		return SELINUX_UNKNOWN;
	return has ? SELINUX_YES : SELINUX_NO;
}
