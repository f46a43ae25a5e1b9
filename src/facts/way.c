/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: the way to a file, and whom its folders let put something else there. */
#include "facts/parts.h"
#include "facts/words.h"

#include <sys/stat.h>

enum { STEPS_MAX = 400, LEAST_WORDS = 6 };

typedef struct reading {
	hf_facts *facts;
	hf_arena *arena;
	hf_file_way *way;
	hf_list steps;
	const char *error;   /* "ENOENT", where the way ends before its end */
	const char *missing; /* the name that is not there */
} reading;

static hf_file_type type_of(char letter)
{
	switch (letter) {
	case 'd':
		return HF_FILE_DIRECTORY;
	case 'f':
		return HF_FILE_REGULAR;
	case 'l':
		return HF_FILE_SYMLINK;
	case 's':
		return HF_FILE_SOCKET;
	case 'p':
		return HF_FILE_FIFO;
	case 'c':
		return HF_FILE_CHAR_DEVICE;
	case 'b':
		return HF_FILE_BLOCK_DEVICE;
	default:
		return HF_FILE_OTHER;
	}
}

/* "r-x" */
static bool parse_rights(const char *text, uint32_t *ret_rights)
{
	static const char letters[] = "rwx";

	*ret_rights = 0;
	for (size_t i = 0; i < 3; i++) {
		if (text[i] == letters[i])
			*ret_rights |= 4U >> i;
		else if (text[i] != '-')
			return false;
	}
	return text[3] == '\0';
}

/* "g::r--,u:1000:rw-,g:27:r--" */
static bool parse_acl(reading *r, char *text, hf_way_step *step)
{
	char *saved = NULL;

	for (char *entry = strtok_r(text, ",", &saved); entry; entry = strtok_r(NULL, ",", &saved)) {
		char *id = strchr(entry, ':'), *rights = id ? strchr(id + 1, ':') : NULL;
		uint32_t granted;
		uint64_t number;

		if (!rights || (*entry != 'u' && *entry != 'g') || id != entry + 1 ||
		    !parse_rights(rights + 1, &granted))
			return false;
		*rights = '\0';
		if (id[1] == '\0') {
			step->group_rights = granted;
			continue;
		}
		if (hf_parse_u64(id + 1, &number) < 0)
			return false;
		step->acl_rights |= granted;
		step->acl = hf_checked(hf_arena_printf(
			r->arena, "%s%s%s %s %s", step->acl ? step->acl : "", step->acl ? ", " : "",
			*entry == 'u' ? "user" : "group", id + 1, rights + 1));
	}
	return true;
}

static bool parse_octal(const char *text, uint32_t *ret_value)
{
	char *end;
	unsigned long value = strtoul(text, &end, 8);

	*ret_value = (uint32_t)value;
	return *text && !*end && value <= 07777;
}

static bool parse_id(const char *text, uint32_t *ret_value)
{
	uint64_t value;

	if (hf_parse_u64(text, &value) < 0 || value > UINT32_MAX)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

static bool add_step(reading *r, const hf_words *words)
{
	hf_way_step *step = hf_checked(hf_arena_alloc(r->arena, sizeof *step));
	const char *acl = words->all[4];

	if (words->count < LEAST_WORDS || words->all[0][1] != '\0' || *words->all[5] != '/' ||
	    !parse_octal(words->all[1], &step->mode) || !parse_id(words->all[2], &step->uid) ||
	    !parse_id(words->all[3], &step->gid))
		return false;
	step->type = type_of(*words->all[0]);
	step->path = words->all[5];
	step->target = step->type == HF_FILE_SYMLINK ? words->all[6] : NULL;
	step->group_rights = step->mode >> 3 & 7;
	if (*acl == '!') {
		step->acl_why = hf_checked(hf_arena_printf(
			r->arena, "its access control list could not be read (%s)", acl + 1));
		step->acl_rights = step->group_rights;
	} else if (strcmp(acl, "-") != 0 &&
		   !parse_acl(r, hf_checked(hf_arena_strdup(r->arena, acl)), step)) {
		return false;
	}
	if (r->steps.count >= STEPS_MAX || hf_list_add(&r->steps, step) < 0)
		return false;
	return true;
}

static void end_badly(reading *r, const char *why)
{
	r->way->fact.state = HF_UNREADABLE;
	r->way->fact.why = why;
}

/* A name that the folder's own listing has not, either. */
static bool is_absence_proven(reading *r)
{
	const char *slash = strrchr(r->missing, '/');
	const char *folder =
		slash == r->missing
			? "/"
			: hf_checked(hf_arena_memdup(r->arena, r->missing, (size_t)(slash - r->missing)));
	const hf_dir *dir = hf_facts_dir(r->facts, folder);

	return dir->fact.state == HF_PRESENT && !hf_dir_has(dir, slash + 1);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The path is a link itself, and what it stands for is not there. */
static bool is_dangling(const reading *r)
{
	for (size_t i = r->steps.count; i-- > 0;) {
		const hf_way_step *step = r->steps.items[i];

		if (step->type == HF_FILE_SYMLINK)
			return strcmp(base_name(step->path), base_name(r->way->fact.source)) == 0;
	}
	return false;
}

static void end(reading *r)
{
	hf_file_way *way = r->way;
	const hf_way_step *last = r->steps.count ? r->steps.items[r->steps.count - 1] : NULL;
	const hf_way_step **steps;

	way->count = r->steps.count;
	hf_way_step *all = hf_checked(hf_arena_calloc(r->arena, way->count + 1, sizeof *all));

	steps = (const hf_way_step **)(void *)r->steps.items;
	for (size_t i = 0; i < way->count; i++)
		all[i] = *steps[i];
	way->steps = all;
	if (!r->error) {
		if (last && last->type != HF_FILE_SYMLINK)
			way->end = &all[way->count - 1];
		else
			end_badly(r, "the answer is not of the form that we know");
	} else if (is_dangling(r) && strcmp(r->error, "ENOENT") == 0) {
		end_badly(r, "a symbolic link that leads nowhere");
	} else if (strcmp(r->error, "ENOENT") == 0 && is_absence_proven(r)) {
		way->fact.state = HF_ABSENT;
		way->fact.why = "does not exist";
	} else {
		int number = hf_errno_number(r->error);

		end_badly(r, hf_checked(hf_arena_printf(
				     r->arena, "%s: %s", r->missing,
				     number == ENOTSUP
					     ? "is on a file system that may never answer"
				     : number ? strerror(number)
					      : r->error)));
	}
}

static const void *compute_way(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_file_way *way = hf_checked(hf_arena_alloc(arena, sizeof *way));
	const char *name = hf_checked(hf_arena_printf(arena, "way:%s", path));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);
	reading r = {.facts = facts, .arena = arena, .way = way};
	const char *cursor = NULL;
	bool is_sound = true;
	hf_words words;

	way->fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	way->fact.source = hf_checked(hf_arena_strdup(arena, path));
	if (way->fact.state != HF_PRESENT)
		return way;
	while (is_sound && !r.error && hf_words_next(arena, answer, &cursor, &words)) {
		if (strcmp(words.all[0], "!") == 0 && words.count == 3 && *words.all[2] == '/') {
			r.error = words.all[1];
			r.missing = words.all[2];
			(void)hf_words_next(arena, answer, &cursor, &words);
		} else {
			is_sound = add_step(&r, &words);
		}
	}
	if (is_sound && hf_words_are_whole(cursor) && r.steps.count > 0)
		end(&r);
	else
		end_badly(&r, "the answer is not of the form that we know");
	hf_list_free(&r.steps);
	return way;
}

static const hf_fact_type way_type = {.name = "way", .compute = compute_way};

const hf_file_way *hf_way_get(hf_check_run *run, const char *path)
{
	return hf_facts_once(hf_facts_of(run), &way_type, path);
}

/* ---- who could write ---- */

const char *hf_way_step_writable_why(hf_check_run *run, const hf_way_step *step, uint32_t uid)
{
	/* in a sticky folder others can add, but neither replace nor remove what is not theirs */
	bool is_sticky = step->type == HF_FILE_DIRECTORY && (step->mode & S_ISVTX);

	if (step->uid != 0 && step->uid != uid)
		return hf_text(run, "owner is uid %u", step->uid);
	if (step->type == HF_FILE_SYMLINK || is_sticky) /* a link's own mode says nothing */
		return NULL;
	if (step->mode & S_IWOTH)
		return hf_text(run, "mode %04o: everybody can write", step->mode);
	if (step->group_rights & 2)
		return hf_text(run, "mode %04o: group %u can write", step->mode, step->gid);
	if ((step->acl_rights & 2) && step->acl_why)
		return step->acl_why;
	if (step->acl_rights & 2)
		return hf_text(run, "its access control list lets others write: %s", step->acl);
	return NULL;
}

const char *hf_way_writable_why(hf_check_run *run, const hf_file_way *way, uint32_t uid,
				bool *ret_unreadable)
{
	if (ret_unreadable)
		*ret_unreadable = false;
	for (size_t i = 0; i < way->count; i++) {
		const hf_way_step *step = &way->steps[i];

		/* nobody can replace what is another's in it, but here is nothing yet */
		if (!way->end && i + 1 == way->count && (step->mode & S_ISVTX) && (step->mode & 022))
			return hf_text(run, "%s: mode %04o: others can add to it", step->path, step->mode);
		const char *why = &way->steps[i] == way->end
					  ? NULL
					  : hf_way_step_writable_why(run, &way->steps[i], uid);

		if (!why)
			continue;
		if (ret_unreadable)
			*ret_unreadable = why == way->steps[i].acl_why;
		return hf_text(run, "%s: %s", way->steps[i].path, why);
	}
	if (way->fact.state == HF_UNREADABLE && ret_unreadable)
		*ret_unreadable = true;
	return way->fact.state == HF_UNREADABLE ? way->fact.why : NULL;
}
