/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which devices the control groups of a container let it open. On v1 the list of its own group
 * decides (a group's list never exceeds its parent's); on v2 every program that is effective for
 * the group of its first process. */
#include "facts/devices.h"
#include "facts/cgroup-tree.h"
#include "facts/parts.h"

/* What all containers with the same list, or with the same programs, share. */
typedef struct rule_set {
	hf_fact fact; /* unreadable: what the filter grants is not known */
	const hf_device_grant *rules;
	size_t count;
	bool allows_all;
	const char *text;
	bool is_list; /* v1; else .programs decide */
	const hf_ebpf_program *programs;
	size_t program_count;
} rule_set;

typedef struct filter {
	hf_device_filter shown;
	const rule_set *set; /* NULL: not known, or there is none */
} filter;

/* ---- rules as text ---- */

static void show_number(hf_buffer *text, bool is_any, uint32_t number)
{
	if (is_any)
		hf_buffer_puts(text, "*");
	else
		hf_buffer_printf(text, "%u", number);
}

static const char *show_rules(hf_arena *arena, const hf_device_grant *rules, size_t count)
{
	hf_buffer text = {0};

	for (size_t i = 0; i < count; i++) {
		const hf_device_grant *rule = &rules[i];
		bool is_none = !rule->can_read && !rule->can_write && !rule->can_mknod;

		hf_buffer_printf(&text, "%s%c ", i ? ", " : "", rule->type);
		show_number(&text, rule->is_any_major, rule->major);
		hf_buffer_puts(&text, ":");
		show_number(&text, rule->is_any_minor, rule->minor);
		hf_buffer_printf(&text, " %s%s%s%s", rule->can_read ? "r" : "",
				 rule->can_write ? "w" : "", rule->can_mknod ? "m" : "",
				 is_none ? "-" : "");
	}
	if (text.failed)
		hf_facts_out_of_memory();
	const char *copy = hf_checked(
		hf_arena_strdup(arena, text.size > 0 ? text.data : "nothing is allowed"));

	hf_buffer_free(&text);
	return copy;
}

static bool is_everything(const hf_device_grant *rule)
{
	return rule->is_any_major && rule->is_any_minor && rule->can_read && rule->can_write &&
	       rule->can_mknod;
}

static bool allows_all(const hf_device_grant *rules, size_t count, bool is_list)
{
	bool blocks = false, chars = false;

	for (size_t i = 0; i < count; i++) {
		if (is_everything(&rules[i])) {
			blocks = blocks || rules[i].type != 'c';
			chars = chars || rules[i].type != 'b';
		} else if (!is_list) {
			return false; /* programs are written as exceptions from the rule above */
		}
	}
	return blocks && chars;
}

static void finish_set(hf_arena *arena, rule_set *set)
{
	set->allows_all = allows_all(set->rules, set->count, set->is_list);
	set->text = show_rules(arena, set->rules, set->count);
}

static void fail_set(hf_arena *arena, rule_set *set, const char *source, const hf_error *err)
{
	set->fact = (hf_fact){HF_UNREADABLE, source, hf_checked(hf_arena_strdup(arena, err->text))};
}

/* ---- cgroup v1 ---- */

/* @text: the list itself, so that all containers with one list share its parse. */
static const void *compute_list(hf_facts *facts, const char *text)
{
	hf_arena *arena = hf_facts_arena(facts);
	rule_set *set = hf_checked(hf_arena_alloc(arena, sizeof *set));
	hf_error err;

	*set = (rule_set){.fact = {HF_PRESENT, "devices.list", NULL}, .is_list = true};
	int r = hf_device_list_parse(arena, text, strlen(text), &set->rules, &set->count, &err);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0)
		fail_set(arena, set, "devices.list", &err);
	else
		finish_set(arena, set);
	return set;
}

static const hf_fact_type list_type = {.name = "device list", .compute = compute_list};

static void read_list(hf_facts *facts, const hf_cgroup_place *place, filter *found)
{
	const hf_file *file;

	/* the root has no list of its own that could forbid anything */
	if (strcmp(place->path, "/") == 0) {
		found->shown.fact = place->fact;
		found->shown.text = "it is in the root group, which filters nothing";
		return;
	}
	file = hf_facts_cgroup_file(facts, place->folder, place->inner, "devices.list");
	found->shown.fact = file->fact;
	if (file->fact.state != HF_PRESENT) {
		found->shown.fact.state = HF_UNREADABLE;
		return;
	}
	if (strlen(file->data) != file->size) {
		found->shown.fact = (hf_fact){HF_UNREADABLE, file->fact.source, "holds a NUL"};
		return;
	}
	found->set = hf_facts_once(facts, &list_type, file->data);
	if (found->set->fact.state != HF_PRESENT)
		found->shown.fact =
			(hf_fact){HF_UNREADABLE, file->fact.source, found->set->fact.why};
}

/* ---- cgroup v2 ---- */

enum { PROGRAMS_MAX = 64, IDS_ROOM = 12 };

/* The instructions of one program, by its number. The collector sends equal ones once: "same N". */
static const hf_answer *program_answer(hf_facts *facts, const char *id, const char **ret_name)
{
	char name[64];
	const hf_answer *answer = NULL;

	for (int i = 0; i < 2; i++) {
		(void)hf_print(name, sizeof name, "device-program/%.*s", IDS_ROOM, id);
		answer = hf_facts_ask(facts, HF_ASK_CALL, name);
		if (!answer || answer->error || strncmp(answer->data, "same ", 5) != 0)
			break;
		id = hf_strip(hf_checked(hf_arena_strdup(hf_facts_arena(facts), answer->data + 5)));
	}
	*ret_name = hf_checked(hf_arena_strdup(hf_facts_arena(facts), name));
	return answer;
}

typedef struct read_program {
	hf_fact fact;
	hf_ebpf_program program;
} read_program;

static const void *compute_program(hf_facts *facts, const char *id)
{
	hf_arena *arena = hf_facts_arena(facts);
	read_program *found = hf_checked(hf_arena_alloc(arena, sizeof *found));
	const char *name;
	const hf_answer *answer = program_answer(facts, id, &name);
	hf_error err;

	found->fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	if (found->fact.state != HF_PRESENT) {
		found->fact.state = HF_UNREADABLE;
		return found;
	}
	int r = hf_ebpf_parse(arena, answer->data, answer->size, &found->program, &err);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0)
		found->fact = (hf_fact){HF_UNREADABLE, found->fact.source,
					hf_checked(hf_arena_strdup(arena, err.text))};
	return found;
}

static const hf_fact_type program_type = {.name = "device program", .compute = compute_program};

/* The first number with the same instructions, so that containers with equal programs share their
 * rules. */
static const char *canonical(hf_facts *facts, const char *id)
{
	const char *name;

	(void)program_answer(facts, id, &name);
	return name + strlen("device-program/");
}

/* @ids: numbers joined by blanks. */
static const void *compute_programs(hf_facts *facts, const char *ids)
{
	hf_arena *arena = hf_facts_arena(facts);
	rule_set *set = hf_checked(hf_arena_alloc(arena, sizeof *set));
	hf_ebpf_program *programs =
		hf_checked(hf_arena_calloc(arena, PROGRAMS_MAX, sizeof *programs));
	char *rest = hf_checked(hf_arena_strdup(arena, ids)), *id;
	hf_error err;

	*set = (rule_set){.fact = {HF_PRESENT, "device programs", NULL}, .programs = programs};
	while ((id = strsep(&rest, " "))) {
		const read_program *one = hf_facts_once(facts, &program_type, id);

		if (one->fact.state != HF_PRESENT || set->program_count == PROGRAMS_MAX) {
			set->fact = one->fact;
			set->fact.state = HF_UNREADABLE;
			set->fact.why = set->fact.why ? set->fact.why : "too many programs";
			set->program_count = 0; /* some of them alone prove nothing */
			return set;
		}
		programs[set->program_count++] = one->program;
	}
	int r = hf_ebpf_rules(arena, programs, set->program_count, &set->rules, &set->count, &err);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0)
		fail_set(arena, set, "device programs", &err);
	else
		finish_set(arena, set);
	return set;
}

static const hf_fact_type programs_type = {.name = "device programs", .compute = compute_programs};

/* The numbers of the line that begins with @word, each replaced by its first equal, joined by
 * blanks. */
static const char *ids_of(hf_facts *facts, const hf_answer *answer, const char *word,
			  size_t *ret_count)
{
	const char *cursor = answer->data, *line, *found = NULL;
	size_t length = 0, skip = strlen(word);
	hf_buffer ids = {0};

	*ret_count = 0;
	while (!found && hf_next_line(&cursor, answer->data + answer->size, &line, &length)) {
		if (length >= skip && memcmp(line, word, skip) == 0)
			found = line;
	}
	if (!found)
		return NULL;
	char *rest =
		hf_checked(hf_arena_memdup(hf_facts_arena(facts), found + skip, length - skip));

	for (char *id; (id = strsep(&rest, " "));) {
		if (*id == '\0')
			continue;
		hf_buffer_printf(&ids, "%s%s", *ret_count ? " " : "", canonical(facts, id));
		(*ret_count)++;
	}
	if (ids.failed)
		hf_facts_out_of_memory();
	const char *copy =
		hf_checked(hf_arena_strdup(hf_facts_arena(facts), ids.size > 0 ? ids.data : ""));

	hf_buffer_free(&ids);
	return copy;
}

static void read_programs(hf_facts *facts, const hf_cgroup_place *place, filter *found)
{
	hf_arena *arena = hf_facts_arena(facts);
	const char *name = hf_checked(hf_arena_printf(arena, "device-filter%s", place->leaf));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);
	size_t count = 0;

	found->shown.fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	if (found->shown.fact.state != HF_PRESENT) {
		found->shown.fact.state = HF_UNREADABLE;
		return;
	}
	const char *ids = ids_of(facts, answer, "effective", &count);

	if (!ids) {
		found->shown.fact =
			(hf_fact){HF_UNREADABLE, found->shown.fact.source, "is malformed"};
		return;
	}
	if (count == 0) {
		found->shown.text = "no device program is attached to its group or one above";
		return;
	}
	found->set = hf_facts_once(facts, &programs_type, ids);
	found->shown.text = hf_checked(hf_arena_printf(
		arena, "%zu program%s: %s", count, count == 1 ? "" : "s",
		found->set->fact.state == HF_PRESENT ? found->set->text : found->set->fact.why));
}

/* ---- the filter ---- */

static const void *compute_filter(hf_facts *facts, const char *id)
{
	filter *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_container *container = hf_facts_container_by_id(facts, id);
	const hf_cgroup_place *place =
		container ? hf_facts_cgroup_place(facts, container, "devices") : NULL;

	if (!place) {
		found->shown.fact =
			(hf_fact){HF_UNREADABLE, "containers", "is no container of this node"};
	} else if (place->fact.state != HF_PRESENT) {
		/* without a hierarchy nobody could look: no proof that nothing filters */
		found->shown.fact = place->fact;
		found->shown.fact.state = HF_UNREADABLE;
	} else if (place->is_v1) {
		read_list(facts, place, found);
	} else {
		read_programs(facts, place, found);
	}
	hf_device_filter *shown = &found->shown;

	/* without the group's path: what holds for many containers alike is told once */
	if (place && place->fact.state == HF_PRESENT)
		shown->fact.source =
			place->is_v1 ? "devices.list of its group" : "device programs of its group";
	shown->rules_fact = found->set ? found->set->fact : shown->fact;
	if (shown->fact.state != HF_PRESENT || !found->set)
		return found;
	shown->is_active = found->set->fact.state != HF_PRESENT || !found->set->allows_all;
	shown->rules = found->set->rules;
	shown->rule_count = found->set->count;
	if (!shown->text)
		shown->text = found->set->text;
	return found;
}

static const hf_fact_type filter_type = {.name = "device filter", .compute = compute_filter};

const hf_device_filter *hf_container_device_filter(hf_check_run *run, const hf_container *container)
{
	const filter *found = hf_facts_once(hf_facts_of(run), &filter_type, container->id);

	return &found->shown;
}

static unsigned access_bits(const char *access)
{
	unsigned bits = 0;

	for (; *access; access++)
		bits |= *access == 'r'	 ? HF_EBPF_READ
			: *access == 'w' ? HF_EBPF_WRITE
					 : HF_EBPF_MKNOD;
	return bits;
}

static hf_device_rule run_programs(const rule_set *set, const hf_ebpf_device *device)
{
	bool allows = true;

	for (size_t i = 0; allows && i < set->program_count; i++) {
		if (hf_ebpf_run(&set->programs[i], device, NULL, &allows, NULL) < 0)
			return HF_DEVICE_UNKNOWN;
	}
	return allows ? HF_DEVICE_ALLOWED : HF_DEVICE_DENIED;
}

hf_device_rule hf_container_device_rule(hf_check_run *run, const hf_container *container, char type,
					uint32_t major, uint32_t minor, const char *access,
					const hf_fact **ret_fact)
{
	const filter *found = hf_facts_once(hf_facts_of(run), &filter_type, container->id);
	const rule_set *set = found->set;
	unsigned bits = access_bits(access);

	if (ret_fact)
		*ret_fact = &found->shown.rules_fact;
	if (found->shown.fact.state != HF_PRESENT)
		return HF_DEVICE_UNKNOWN;
	if (!set)
		return HF_DEVICE_ALLOWED; /* read, and nothing filters */
	if (set->is_list)
		return hf_device_list_allows(set->rules, set->count, type, major, minor, bits)
			       ? HF_DEVICE_ALLOWED
			       : HF_DEVICE_DENIED;
	/* rules can be too many to list while the programs still can be asked */
	if (set->program_count == 0)
		return HF_DEVICE_UNKNOWN;
	return run_programs(set, &(hf_ebpf_device){
					 .type = type == 'b' ? HF_EBPF_BLOCK : HF_EBPF_CHAR,
					 .access = (uint16_t)bits,
					 .major = major,
					 .minor = minor,
				 });
}
