/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel releases by the distributions' rules: what is version in them, and what is flavour. */
#include "release.h"

#include <ctype.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Words that belong to the version: the distribution's mark (".el9_4", "+deb13", ".fc43") and the
 * candidate's number. What follows such a mark's digits ("el9uek") is flavour again. */
static size_t mark_length(const char *word)
{
	static const char *const marks[] = {"el", "fc", "amzn", "deb", "bpo", "azl",
					    "cm", "ph", "rc",	"mga", "arch"};

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		size_t length = strlen(marks[i]);

		if (strncmp(word, marks[i], length) == 0 &&
		    (is_digit(word[length]) || strcmp(marks[i], "bpo") == 0))
			return length + strspn(word + length, "0123456789_");
	}
	return 0;
}

/* Where the flavour begins: the first word that is neither a number nor a mark. @ret_mark: the
 * first mark before it, else the flavour itself. */
static const char *flavour(const char *release, const char **ret_mark)
{
	const char *at = release, *first_mark = NULL;

	while (*at) {
		size_t mark = is_digit(*at) ? 0 : mark_length(at);

		if (!is_digit(*at) && mark == 0)
			break;
		if (mark && !first_mark && strncmp(at, "rc", 2) != 0)
			first_mark = at;
		at += mark ? mark : strcspn(at, ".-+~");
		if (mark && *at && !strchr(".-+~", *at))
			break;
		at += strspn(at, ".-+~");
	}
	*ret_mark = first_mark ? first_mark : at;
	return at;
}

bool kernel_release_same_flavour(const char *a, const char *b)
{
	const char *mark;

	return strcmp(flavour(a, &mark), flavour(b, &mark)) == 0;
}

/* Debian's order (Policy 5.6.12): '~' before the end, the end before letters, letters before the
 * rest. */
static int rank(const char *at, const char *end)
{
	if (at == end || is_digit(*at))
		return 0;
	if (*at == '~')
		return -1;
	if (isalpha((unsigned char)*at))
		return (unsigned char)*at;
	/* "6.1-rc1" is a candidate: as if it were "6.1~rc1" */
	if (strncmp(at, "-rc", 3) == 0)
		return -1;
	return (unsigned char)*at + 256;
}

/* dpkg's walk: a stretch without digits by rank, then a number, and so on. */
static int compare(const char *a, const char *a_end, const char *b, const char *b_end)
{
	while (a < a_end || b < b_end) {
		while ((a < a_end && !is_digit(*a)) || (b < b_end && !is_digit(*b))) {
			int order = rank(a, a_end) - rank(b, b_end);

			if (order != 0)
				return order;
			a += a < a_end;
			b += b < b_end;
		}
		while (a < a_end && *a == '0')
			a++;
		while (b < b_end && *b == '0')
			b++;
		int first = 0;

		while (a < a_end && b < b_end && is_digit(*a) && is_digit(*b)) {
			if (first == 0)
				first = *a - *b;
			a++;
			b++;
		}
		if (a < a_end && is_digit(*a))
			return 1;
		if (b < b_end && is_digit(*b))
			return -1;
		if (first != 0)
			return first;
	}
	return 0;
}

static const char *without_separators(const char *start, const char *end)
{
	while (end > start && strchr(".-+~", end[-1]))
		end--;
	return end;
}

int kernel_release_compare(const char *a, const char *b)
{
	const char *a_mark, *b_mark;
	const char *a_flavour = flavour(a, &a_mark), *b_flavour = flavour(b, &b_mark);

	/* first without the distribution's mark: 427.el9 is older than 427.13.1.el9_4, which dpkg's
	 * rules would turn round */
	int order = compare(a, without_separators(a, a_mark), b, without_separators(b, b_mark));

	if (order != 0)
		return order;
	return compare(a, without_separators(a, a_flavour), b, without_separators(b, b_flavour));
}
