/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions of GRUB's language, in three values: what needs GRUB to be known is HF_GRUB_MAYBE. */
#include "facts/boot-loader.h"

enum { MAX_WORDS = 64 };

bool hf_grub_is_custom(const char *path)
{
	return hf_has_suffix(path, "/custom.cfg");
}

static hf_grub_truth of(bool holds)
{
	return holds ? HF_GRUB_YES : HF_GRUB_NO;
}

static hf_grub_truth test_two(const hf_grub_input *input, const char *op, const char *word)
{
	if (strcmp(op, "!") == 0 || strcmp(op, "-z") == 0)
		return of(*word == '\0');
	if (strcmp(op, "-n") == 0)
		return of(*word != '\0');
	if (strcmp(op, "-e") == 0 || strcmp(op, "-f") == 0 || strcmp(op, "-s") == 0) {
		if (hf_has_suffix(word, "/grubenv"))
			return of(input->environment.text != NULL);
		if (hf_grub_is_custom(word))
			return of(input->custom.text != NULL);
	}
	return HF_GRUB_MAYBE;
}

static hf_grub_truth test_three(const char *left, const char *op, const char *right)
{
	int64_t a, b;

	if (strcmp(op, "=") == 0 || strcmp(op, "==") == 0)
		return of(strcmp(left, right) == 0);
	if (strcmp(op, "!=") == 0)
		return of(strcmp(left, right) != 0);
	if (hf_parse_i64(left, &a) < 0 || hf_parse_i64(right, &b) < 0)
		return HF_GRUB_MAYBE;
	if (strcmp(op, "-eq") == 0)
		return of(a == b);
	if (strcmp(op, "-ne") == 0)
		return of(a != b);
	return HF_GRUB_MAYBE;
}

static size_t find_joint(char *const *words, size_t count, const char *joint)
{
	for (size_t i = 1; i + 1 < count; i++) {
		if (strcmp(words[i], joint) == 0)
			return i;
	}
	return 0;
}

/* What stands between the brackets; "-o" binds weaker than "-a". */
static hf_grub_truth test_words(const hf_grub_input *input, char *const *words, size_t count)
{
	size_t joint = find_joint(words, count, "-o");
	bool is_or = joint > 0;

	if (!is_or)
		joint = find_joint(words, count, "-a");
	if (joint > 0) {
		hf_grub_truth left = test_words(input, words, joint);
		hf_grub_truth right = test_words(input, words + joint + 1, count - joint - 1);

		return (left > right) == is_or ? left : right;
	}
	switch (count) {
	case 0:
		return HF_GRUB_NO;
	case 1:
		return of(*words[0] != '\0');
	case 2:
		return test_two(input, words[0], words[1]);
	case 3:
		return test_three(words[0], words[1], words[2]);
	default:
		return HF_GRUB_MAYBE;
	}
}

hf_grub_truth hf_grub_test(const hf_grub_input *input, char *const *words, size_t count)
{
	bool is_inverted = count > 0 && strcmp(words[0], "!") == 0;
	hf_grub_truth result = HF_GRUB_MAYBE;

	if (is_inverted) {
		words++;
		count--;
	}
	if (count == 1 && strcmp(words[0], "true") == 0)
		result = HF_GRUB_YES;
	else if (count == 1 && strcmp(words[0], "false") == 0)
		result = HF_GRUB_NO;
	else if (count >= 2 && count <= MAX_WORDS && strcmp(words[0], "[") == 0 &&
		 strcmp(words[count - 1], "]") == 0)
		result = test_words(input, words + 1, count - 2);
	return is_inverted ? (hf_grub_truth)(HF_GRUB_YES - result) : result;
}
