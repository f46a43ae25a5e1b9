/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notation of wanted values: alternatives, ranges, members of lists, negations. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool option_parse_bool(const char *text, bool *ret_value)
{
	/* lib/kstrtox.c looks at the first letter, of "on" and "off" at the second */
	bool is_yes = *text && strchr("1yYtT", text[0]);
	bool is_no = *text && strchr("0nNfF", text[0]);

	if (text[0] == 'o' || text[0] == 'O') {
		is_yes = text[1] == 'n' || text[1] == 'N';
		is_no = text[1] == 'f' || text[1] == 'F';
	}
	if (is_yes || is_no)
		*ret_value = is_yes;
	return is_yes || is_no;
}

/* @base 0 takes 0x and 0 prefixes, as Kconfig and the kernel's parameters do. */
static bool parse_number(const char *text, int base, int64_t *ret_value)
{
	char *end;
	long long value;

	if (!*text || isspace((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoll(text, &end, base);
	if (errno || *end)
		return false;
	*ret_value = value;
	return true;
}

static int base_of(const option_value *value)
{
	return value->kind == OPTION_SYSCTL ? 10 : 0;
}

/* Kconfig quotes strings; the notation may do so, too. */
static void unquote(const char **text, size_t *length)
{
	if (*length >= 2 && (*text)[0] == '"' && (*text)[*length - 1] == '"') {
		++*text;
		*length -= 2;
	}
}

static bool same_text(const char *a, const char *b)
{
	size_t a_length = strlen(a);
	size_t b_length = strlen(b);

	unquote(&a, &a_length);
	unquote(&b, &b_length);
	return a_length == b_length && memcmp(a, b, a_length) == 0;
}

static bool is_literal(const option_value *value, const char *wanted)
{
	int64_t a;
	int64_t b;
	bool found;

	if (!value->is_set)
		return false;
	if (value->kind == OPTION_CMDLINE && wanted[0] && strchr("01", wanted[0]) && !wanted[1])
		return option_parse_bool(value->text, &found) && found == (wanted[0] == '1');
	if (parse_number(value->text, base_of(value), &a) &&
	    parse_number(wanted, base_of(value), &b))
		return a == b;
	return same_text(value->text, wanted);
}

/* A member of a list that is separated by commas, semicolons (attack vectors of mitigations=), or
 * blanks. */
static bool has_member(const option_value *value, const char *member)
{
	const char *at;
	size_t length;

	if (!value->is_set)
		return false;
	at = value->list;
	length = strlen(at);
	unquote(&at, &length);
	for (const char *end = at + length; at < end;) {
		size_t word = 0;

		while (at + word < end && !strchr(",; \t", at[word]))
			word++;
		if (word == strlen(member) && memcmp(at, member, word) == 0)
			return true;
		at += word + 1;
	}
	return false;
}

typedef enum comparison { AT_LEAST, AT_MOST } comparison;

static option_truth compare(const option_value *value, const char *text, comparison how,
			    int64_t bound)
{
	int64_t found;

	if (!parse_number(text, base_of(value), &found))
		/* the kernel ignores a parameter that it cannot parse; a sysctl without a number
		 * was misread */
		return value->kind == OPTION_CMDLINE ? OPTION_NO : OPTION_CANNOT_KNOW;
	return option_truth_of(how == AT_LEAST ? found >= bound : found <= bound);
}

/* ">=n" or "<=n" at @item, against @text */
static bool match_bound(const char *item, const option_value *value, const char *text,
			option_truth *ret_truth)
{
	int64_t bound;

	if ((item[0] != '>' && item[0] != '<') || item[1] != '=' ||
	    !parse_number(item + 2, 0, &bound))
		return false;
	*ret_truth = value->is_set
			     ? compare(value, text, item[0] == '>' ? AT_LEAST : AT_MOST, bound)
			     : OPTION_NO;
	return true;
}

/* "field2<=4": one of several numbers, counted from 1 */
static bool match_field(const char *item, const option_value *value, option_truth *ret_truth)
{
	char field[24];
	const char *at = value->is_set ? value->text : "";
	unsigned number = (unsigned)(item[5] - '0');

	if (number < 1 || number > 9)
		return false;
	for (unsigned i = 1; i < number; i++) {
		at += strspn(at, " \t");
		at += strcspn(at, " \t");
	}
	at += strspn(at, " \t");
	(void)snprintf(field, sizeof field, "%.*s", (int)strcspn(at, " \t"), at);
	return match_bound(item + 6, value, field, ret_truth);
}

static bool match_range(const char *item, const option_value *value, option_truth *ret_truth)
{
	const char *dots = strstr(item, "..");
	char low_text[24];
	int64_t low;
	int64_t high;

	if (!dots || (size_t)(dots - item) >= sizeof low_text)
		return false;
	(void)snprintf(low_text, sizeof low_text, "%.*s", (int)(dots - item), item);
	if (!parse_number(low_text, 0, &low) || !parse_number(dots + 2, 0, &high) || low > high)
		return false;
	*ret_truth = value->is_set ? option_both(compare(value, value->text, AT_LEAST, low),
						 compare(value, value->text, AT_MOST, high))
				   : OPTION_NO;
	return true;
}

static option_truth match_limit(const option_value *value, const option_limit *limit)
{
	int64_t found;

	if (!value->is_set)
		return OPTION_NO;
	if (!limit->is_known || !parse_number(value->text, base_of(value), &found))
		return OPTION_CANNOT_KNOW;
	return option_truth_of(found == limit->max);
}

/* "!off" is written without '='; an absent parameter satisfies all three forms */
static bool match_negation(const char *item, const option_value *value, option_truth *ret_truth)
{
	if (strcmp(item, "off") == 0)
		*ret_truth = option_truth_of(!value->is_set || !same_text(value->text, "off"));
	else if (item[0] == '=' && item[1])
		*ret_truth = option_truth_of(!is_literal(value, item + 1));
	else if (item[0] == '~' && item[1])
		*ret_truth = option_truth_of(!has_member(value, item + 1));
	else
		return false;
	return true;
}

static bool match_word(const char *item, const option_value *value, option_truth *ret_truth)
{
	if (strcmp(item, "not-set") == 0 || strcmp(item, "absent") == 0)
		*ret_truth = option_truth_of(!value->is_set);
	else if (strcmp(item, "present") == 0)
		*ret_truth = option_truth_of(value->is_set);
	else if (strcmp(item, "empty") == 0)
		*ret_truth = option_truth_of(value->is_set && !value->text[0]);
	else
		return false;
	return true;
}

bool option_item_match(const char *item, const option_value *value, const option_limit *limit,
		       option_truth *ret_truth)
{
	char name[OPTION_NAME_MAX];
	int64_t number;

	if (!item[0])
		return false;
	if (item[0] == '!')
		return match_negation(item + 1, value, ret_truth);
	if (item[0] == '~') {
		*ret_truth = option_truth_of(has_member(value, item + 1));
		return item[1];
	}
	if (item[0] == '>' || item[0] == '<')
		return match_bound(item, value, value->text, ret_truth);
	if (strncmp(item, "field", 5) == 0 && isdigit((unsigned char)item[5]))
		return match_field(item, value, ret_truth);
	if (strcmp(item, "max") == 0 || option_wanted_limit(item, name)) {
		*ret_truth = match_limit(value, limit);
		return true;
	}
	if (isdigit((unsigned char)item[0]) && strstr(item, ".."))
		return match_range(item, value, ret_truth);
	if (match_word(item, value, ret_truth))
		return true;
	*ret_truth = option_truth_of(is_literal(value, item));
	/* a sysctl without a number where one is wanted was misread */
	if (*ret_truth == OPTION_NO && value->kind == OPTION_SYSCTL && value->is_set &&
	    parse_number(item, 10, &number) && !parse_number(value->text, 10, &number))
		*ret_truth = OPTION_CANNOT_KNOW;
	return true;
}

bool option_wanted_match(const char *wanted, const option_value *value, const option_limit *limit,
			 option_truth *ret_truth)
{
	option_truth truth = OPTION_NO;

	for (;;) {
		size_t length = strcspn(wanted, ",");
		char item[OPTION_VALUE_MAX];
		option_truth one;

		if (length >= sizeof item)
			return false;
		memcpy(item, wanted, length);
		item[length] = '\0';
		if (!option_item_match(item, value, limit, &one))
			return false;
		truth = option_either(truth, one);
		if (!wanted[length])
			break;
		wanted += length + 1;
	}
	*ret_truth = truth;
	return true;
}

bool option_wanted_limit(const char *wanted, char ret_name[static OPTION_NAME_MAX])
{
	static const char open[] = "max(";
	size_t length;

	if (strncmp(wanted, open, sizeof open - 1) != 0)
		return false;
	wanted += sizeof open - 1;
	length = strcspn(wanted, ")");
	if (length == 0 || length >= OPTION_NAME_MAX || wanted[length] != ')' || wanted[length + 1])
		return false;
	memcpy(ret_name, wanted, length);
	ret_name[length] = '\0';
	return true;
}
