/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: the host's mounts, from the mountinfo of pid 1.
 *
 * mnt_table_parse_stream() is not used, although it takes a stream: it resolves the name it is
 * given against the working folder, and for a source "/dev/root" it goes and reads this machine's
 * /sys/dev/block and /proc/cmdline (strace, libmount 2.38), which is another machine's in a replay.
 * So the fields are split here, which is one blank each, and libmount decodes names and looks into
 * options. */
#include "facts/kernel-text.h"
#include "facts/mount-table.h"
#include "facts/store.h"

#include <libmount.h>

/* Fields of a line, proc_pid_mountinfo(5): 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3
 * /dev/root rw */
enum { FIELD_ID, FIELD_PARENT, FIELD_DEVICE, FIELD_ROOT, FIELD_TARGET, FIELD_OPTIONS, FIELD_FIRST_TAG };

/* Cuts the field at *@rest; NULL past the end. Two blanks hold an empty one: mount("", …) makes
 * such. */
static char *next_field(char **rest)
{
	return *rest ? strsep(rest, " ") : NULL;
}

/* Types, options and most places are the same in all tables of a node. */
static int decode(hf_arena *arena, const char *field, const char **ret_text)
{
	size_t length = strcspn(field, "\\");

	if (field[length] == '\0') {
		*ret_text = hf_arena_share(arena, field, length);
		return *ret_text ? 0 : -ENOMEM;
	}
	hf_cleanup(hf_freep) char *plain = mnt_unmangle(field);

	/* libmount gives NULL for an empty field, and for one that begins with what it takes as a
	 * blank */
	if (!plain && *field)
		return -EBADMSG;
	*ret_text = hf_arena_strdup(arena, plain ? plain : "");
	return *ret_text ? 0 : -ENOMEM;
}

static bool parse_number(const char *text, uint32_t *ret_number)
{
	uint64_t number;

	if (hf_parse_u64(text, &number) < 0 || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static int parse_device(char *field, hf_mount *mount)
{
	char *colon = strchr(field, ':');

	if (!colon)
		return -EBADMSG;
	*colon = '\0';
	return parse_number(field, &mount->major) && parse_number(colon + 1, &mount->minor)
		       ? 0
		       : -EBADMSG;
}

/* "shared:3", "master:2"; others ("propagate_from:1", "unbindable") and those to come say nothing here. */
static bool parse_tag(const char *tag, hf_mount *mount)
{
	if (hf_has_prefix(tag, "shared:"))
		return parse_number(tag + strlen("shared:"), &mount->shared);
	if (hf_has_prefix(tag, "master:"))
		return parse_number(tag + strlen("master:"), &mount->master);
	return true;
}

/* @rest: the line, which is cut up. */
static int parse_line(hf_arena *arena, char *rest, size_t length, hf_mount *mount)
{
	char *fields[FIELD_FIRST_TAG], *tag, *type, *source, *super;

	if (strlen(rest) != length || strchr(rest, '\t'))
		return -EBADMSG; /* the kernel writes a tab of a name as \011 */
	for (size_t i = 0; i < HF_ARRAY_SIZE(fields); i++)
		fields[i] = next_field(&rest);
	while ((tag = next_field(&rest)) && strcmp(tag, "-") != 0) {
		if (!parse_tag(tag, mount))
			return -EBADMSG;
	}
	type = next_field(&rest);
	source = next_field(&rest);
	super = next_field(&rest);
	if (!super || parse_device(fields[FIELD_DEVICE], mount) < 0 ||
	    !parse_number(fields[FIELD_ID], &mount->id) ||
	    !parse_number(fields[FIELD_PARENT], &mount->parent))
		return -EBADMSG;
	const struct {
		const char *field;
		const char **text;
	} decoded[] = {
		{fields[FIELD_ROOT], &mount->root},
		{fields[FIELD_TARGET], &mount->target},
		{fields[FIELD_OPTIONS], &mount->options},
		{type, &mount->fs_type},
		{source, &mount->source},
		{super, &mount->super_options},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(decoded); i++) {
		int r = decode(arena, decoded[i].field, decoded[i].text);

		if (r < 0)
			return r;
	}
	return 0;
}

int hf_mountinfo_parse(hf_arena *arena, const char *text, size_t size, hf_mounts *ret_mounts,
		       hf_error *err)
{
	const char *cursor = text, *line;
	size_t length, count = 0, used = 0;
	hf_cleanup(hf_buffer_free) hf_buffer copy = {0};

	while (hf_next_line(&cursor, text + size, &line, &length))
		count++;
	if (count > HF_MOUNTS_MAX)
		return hf_error_set(err, -EFBIG, "more than %d mounts", HF_MOUNTS_MAX);
	hf_mount *all = hf_arena_calloc(arena, count + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	for (cursor = text; hf_next_line(&cursor, text + size, &line, &length); used++) {
		copy.size = 0;
		hf_buffer_add(&copy, line, length);
		int r = copy.failed ? -ENOMEM : parse_line(arena, copy.data, length, &all[used]);

		if (r == -EBADMSG)
			return hf_error_at(err, r, "mountinfo", (unsigned)used + 1,
					   "line %zu is malformed", used + 1);
		if (r < 0)
			return r;
	}
	ret_mounts->all = all;
	ret_mounts->count = count;
	return 0;
}

static const void *compute(hf_facts *facts, const char *path)
{
	hf_mounts *mounts = hf_arena_alloc(hf_facts_arena(facts), sizeof *mounts);
	const hf_file *file = hf_facts_file(facts, path);
	hf_error err;

	if (!mounts)
		return NULL;
	mounts->fact = file->fact;
	if (file->fact.state != HF_PRESENT)
		return mounts;
	int r = hf_mountinfo_parse(hf_facts_arena(facts), file->data, file->size, mounts, &err);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0 || mounts->count == 0) {
		mounts->fact.state = HF_UNREADABLE;
		mounts->fact.why =
			r < 0 ? hf_facts_checked(hf_arena_strdup(hf_facts_arena(facts), err.text))
			      : "is empty: who is in a chroot does not show its mounts";
	}
	return mounts;
}

static const hf_fact_type type = {.name = "mounts", .compute = compute};

const hf_mounts *hf_facts_mounts_of(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &type, path);
}

const hf_mounts *hf_facts_mounts(hf_facts *facts)
{
	return hf_facts_mounts_of(facts, "/proc/1/mountinfo");
}

const hf_mounts *hf_mounts_get(hf_check_run *run)
{
	return hf_facts_mounts(hf_facts_of(run));
}

static bool has_in(const char *options, const char *name, const char *value)
{
	char *found = NULL;
	size_t size = 0;

	if (mnt_optstr_get_option(options, name, &found, &size) != 0)
		return false;
	return !value || (found && size == strlen(value) && memcmp(found, value, size) == 0);
}

bool hf_mount_has_option(const hf_mount *mount, const char *option)
{
	hf_cleanup(hf_freep) char *name = strdup(option);

	if (!name)
		hf_facts_out_of_memory();
	char *value = strchr(name, '=');

	if (value)
		*value++ = '\0';
	/* read-only is what either of the two says */
	if (strcmp(name, "rw") == 0)
		return !has_in(mount->options, "ro", NULL) &&
		       !has_in(mount->super_options, "ro", NULL);
	return has_in(mount->options, name, value) || has_in(mount->super_options, name, value);
}
