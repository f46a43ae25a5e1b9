/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of control groups at every level above a container, and the limits that follow from them.
 *
 * Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/, cgroups(7). */
#include "facts/cgroup-tree.h"
#include "facts/parts.h"

/* ---- values ---- */

typedef struct question {
	const char *v2_file;
	const char *v1_controller;
	const char *v1_file;
} question;

static const char *text_of(hf_facts *facts, const hf_file *file)
{
	char *text = hf_checked(hf_arena_memdup(hf_facts_arena(facts), file->data, file->size));

	return hf_strip(text);
}

/* The length of @inner without its last part: "/docker/x" -> 7, "/docker" -> 0. */
static size_t parent_length(const char *inner, size_t length)
{
	while (length > 0 && inner[--length] != '/')
		;
	return length;
}

/* What only a container's own group is asked for: that of its parents says nothing of it. */
static bool is_own_only(const char *name)
{
	static const char *const names[] = {"memory.oom_control", "memory.oom.group",
					    "cpuset.cpus.effective", "cpuset.effective_cpus"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* Where the root says that limits cover what is below, no group can say otherwise, and none is
 * asked. */
static const hf_file *covering_root(hf_facts *facts, const hf_cgroup_place *place, const char *name)
{
	if (strcmp(name, "memory.use_hierarchy") != 0)
		return NULL;
	const hf_file *root = hf_facts_cgroup_file(facts, place->folder, "", name);

	return root->fact.state == HF_PRESENT && *root->data == '1' ? root : NULL;
}

/* The kernel ends what it shows of a number with a newline; without it, it was cut. */
static bool is_cut(const char *name, const hf_file *file)
{
	static const char *const never_empty[] = {
		"memory.max",	   "memory.swap.max", "pids.max",
		"cpu.max",	   "cpu.weight",      "io.weight",
		"memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "cpu.cfs_quota_us", "cpu.shares",
	};

	if (file->size > 0)
		return file->data[file->size - 1] != '\n';
	for (size_t i = 0; i < HF_ARRAY_SIZE(never_empty); i++) {
		if (strcmp(never_empty[i], name) == 0)
			return true;
	}
	return false;
}

static void read_level(hf_facts *facts, const hf_cgroup_place *place, size_t length,
		       const char *name, hf_cgroup_value *value)
{
	hf_arena *arena = hf_facts_arena(facts);
	char inner[HF_NAME_MAX_BYTES];

	/* one that is too long is refused whole, as its path would be */
	length = length < sizeof inner ? length : sizeof inner - 1;
	memcpy(inner, place->inner, length);
	inner[length] = '\0';
	const hf_file *root = covering_root(facts, place, name);
	const hf_file *file = root ? root : hf_facts_cgroup_file(facts, place->folder, inner, name);

	/* .path is in the whole hierarchy, .inner what the mount shows of it */
	value->fact = file->fact;
	value->path = hf_checked(hf_arena_memdup(
		arena, place->path, strlen(place->path) - strlen(place->inner) + length));
	if (file->fact.state == HF_PRESENT && is_cut(name, file)) {
		value->fact.state = HF_UNREADABLE;
		value->fact.why = "was cut: no newline at its end";
	}
	if (value->fact.state == HF_PRESENT)
		value->text = text_of(facts, file);
}

static void summarize(hf_cgroup_values *values)
{
	const hf_fact *hole = NULL, *none = NULL;
	bool is_there = values->count == 0;

	for (size_t i = 0; i < values->count; i++) {
		switch (values->levels[i].fact.state) {
		case HF_PRESENT:
			is_there = true;
			break;
		case HF_ABSENT:
			none = none ? none : &values->levels[i].fact;
			break;
		case HF_UNREADABLE:
			hole = hole ? hole : &values->levels[i].fact;
			break;
		}
	}
	if (hole)
		values->fact = *hole;
	else if (!is_there && none)
		values->fact = *none;
}

static void read_values(hf_facts *facts, const hf_cgroup_place *place, const question *q,
			hf_cgroup_values *values)
{
	const char *name = place->is_v1 ? q->v1_file : q->v2_file;

	values->is_v1 = place->is_v1;
	values->fact = place->fact;
	if (place->fact.state != HF_PRESENT)
		return;
	if (!name) {
		values->fact.state = HF_ABSENT;
		values->fact.why = place->is_v1 ? "cgroup v1 has no such setting"
						: "cgroup v2 has no such setting";
		return;
	}
	size_t length = strcmp(place->inner, "/") == 0 ? 0 : strlen(place->inner);
	hf_cgroup_value levels[HF_CGROUP_MAX_LEVELS] = {0};

	for (; length > 0 && values->count < HF_CGROUP_MAX_LEVELS; values->count++) {
		read_level(facts, place, length, name, &levels[values->count]);
		length = is_own_only(name) ? 0 : parent_length(place->inner, length);
	}
	values->levels = hf_checked(hf_arena_memdup(hf_facts_arena(facts), levels,
						    values->count * sizeof *levels));
	summarize(values);
	if (length > 0) {
		values->fact.state = HF_UNREADABLE;
		values->fact.why = "groups are nested too deep";
	}
}

/* @key: "v2_file v1_controller v1_file <id>", "-" for what is missing. */
static const void *compute_values(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_cgroup_values *values = hf_checked(hf_arena_alloc(arena, sizeof *values));
	char copy[HF_NAME_MAX_BYTES], *rest = copy;
	const char *words[3];

	(void)hf_print(copy, sizeof copy, "%s", key); /* values_of() made it no longer */

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		words[i] = strsep(&rest, " ");
		if (strcmp(words[i], "-") == 0)
			words[i] = NULL;
	}
	const question q = {words[0], words[1], words[2]};
	const hf_container *container = hf_facts_container_by_id(facts, rest);

	if (!container)
		values->fact =
			(hf_fact){HF_UNREADABLE, "containers", "is no container of this node"};
	else
		read_values(facts, hf_facts_cgroup_place(facts, container, q.v1_controller), &q,
			    values);
	return values;
}

static const hf_fact_type values_type = {.name = "cgroup values", .compute = compute_values};

static const hf_cgroup_values *values_of(hf_facts *facts, const hf_container *container,
					 const question *q)
{
	const char *words[] = {q->v2_file, q->v1_controller, q->v1_file, container->id};
	char key[HF_NAME_MAX_BYTES];

	if (!hf_cgroup_key(key, sizeof key, words, HF_ARRAY_SIZE(words))) {
		static const hf_cgroup_values none = {
			.fact = {HF_UNREADABLE, "/proc", "the container's name is too long"}};

		return &none;
	}
	return hf_facts_once(facts, &values_type, key);
}

const hf_cgroup_values *hf_cgroup_values_get(hf_check_run *run, const hf_container *container,
					     const char *v2_file, const char *v1_controller,
					     const char *v1_file)
{
	const question q = {v2_file, v1_controller, v1_file};

	return values_of(hf_facts_of(run), container, &q);
}

/* ---- limits ---- */

/* What v1 shows for "none" is the largest number of pages in bytes: 9223372036854771712 with pages
 * of 4 KiB, less with larger ones. Nobody has half an exbibyte. */
#define NO_LIMIT (UINT64_C(1) << 59)

/* True with the number of a limit; false for none. Malformed text sets *ret_error. */
static bool parse_limit(const char *text, uint64_t *ret_value, bool *ret_error)
{
	int64_t number;

	if (strcmp(text, "max") == 0)
		return false;
	if (hf_parse_i64(text, &number) < 0) {
		*ret_error = true;
		return false;
	}
	*ret_value = (uint64_t)number;
	return number >= 0 && (uint64_t)number < NO_LIMIT;
}

/* v2 "50000 100000" in one file. */
static bool parse_cpu_max(const char *text, uint64_t *ret_value, bool *ret_error)
{
	const char *blank = strchr(text, ' ');
	char first[32];
	uint64_t quota, period;

	if (strncmp(text, "max", 3) == 0 && (text[3] == ' ' || text[3] == '\0'))
		return false;
	*ret_error = true;
	if (!blank || (size_t)(blank - text) >= sizeof first)
		return false;
	memcpy(first, text, (size_t)(blank - text));
	first[blank - text] = '\0';
	if (hf_parse_u64(first, &quota) < 0 || hf_parse_u64(blank + 1, &period) < 0 ||
	    period == 0 || quota > UINT64_MAX / 1000)
		return false;
	*ret_error = false;
	*ret_value = quota * 1000 / period;
	return true;
}

typedef struct level_limit {
	bool is_limited;
	bool is_malformed;
	uint64_t value;
} level_limit;

typedef struct limit_input {
	hf_facts *facts;
	size_t own_levels;
	const hf_cgroup_values *values;
	const hf_cgroup_values
		*hierarchy; /* v1: whether a level's memory limit covers those below */
} limit_input;

/* v1 has the period in a file beside the quota; it is asked for only where there is a quota. */
static const char *period_of(hf_facts *facts, const char *quota_path)
{
	const char *slash = strrchr(quota_path, '/');
	const char *path =
		hf_checked(hf_arena_printf(hf_facts_arena(facts), "%.*s/cpu.cfs_period_us",
					   (int)(slash - quota_path), quota_path));
	const hf_file *file = hf_facts_file(facts, path);

	return file->fact.state == HF_PRESENT ? text_of(facts, file) : NULL;
}

static level_limit limit_at(const limit_input *in, hf_limit_kind kind, size_t i)
{
	level_limit level = {0};
	const char *text = in->values->levels[i].text;
	uint64_t period = 0;
	bool none = false;

	if (kind == HF_LIMIT_CPU && !in->values->is_v1) {
		level.is_limited = parse_cpu_max(text, &level.value, &level.is_malformed);
		return level;
	}
	level.is_limited = parse_limit(text, &level.value, &level.is_malformed);
	if (kind != HF_LIMIT_CPU || !level.is_limited)
		return level;
	const char *period_text = period_of(in->facts, in->values->levels[i].fact.source);

	if (!period_text || !parse_limit(period_text, &period, &none) || period == 0 ||
	    level.value > UINT64_MAX / 1000)
		level.is_malformed = true;
	else
		level.value = level.value * 1000 / period;
	level.is_limited = !level.is_malformed;
	return level;
}

/* Since 5.11 every limit covers what is below. */
static bool is_covering(hf_facts *facts)
{
	const hf_kernel *kernel = hf_facts_kernel(facts);

	return kernel->fact.state == HF_PRESENT && hf_kernel_compare(kernel, "5.11") >= 0;
}

/* Before 5.11 a limit of v1 covered the groups below only where use_hierarchy said so. */
static bool covers_below(const limit_input *in, size_t i, bool *ret_unknown)
{
	const hf_cgroup_value *at =
		in->hierarchy && i < in->hierarchy->count ? &in->hierarchy->levels[i] : NULL;

	if (i == 0 || !in->hierarchy)
		return true;
	if (at && at->fact.state == HF_PRESENT)
		return strcmp(at->text, "0") != 0;
	*ret_unknown = true;
	return false;
}

static const question limit_questions[] = {
	[HF_LIMIT_MEMORY] = {"memory.max", "memory", "memory.limit_in_bytes"},
	[HF_LIMIT_SWAP] = {"memory.swap.max", "memory", "memory.memsw.limit_in_bytes"},
	[HF_LIMIT_PIDS] = {"pids.max", "pids", "pids.max"},
	[HF_LIMIT_CPU] = {"cpu.max", "cpu", "cpu.cfs_quota_us"},
};

/* One level of the minimum; the reason where it could not be told, else NULL. */
static const char *take_level(const limit_input *in, hf_limit_kind kind, size_t i, hf_limit *limit)
{
	const hf_cgroup_value *at = &in->values->levels[i];
	bool is_unknown = false;

	if (at->fact.state != HF_PRESENT)
		return at->fact.state == HF_ABSENT ? NULL : at->fact.why;
	level_limit level = limit_at(in, kind, i);

	if (level.is_malformed)
		return "is no number";
	if (!level.is_limited)
		return NULL;
	if (i < in->own_levels && (!limit->is_own_limited || level.value < limit->own)) {
		limit->is_own_limited = true;
		limit->own = level.value;
	}
	if (!covers_below(in, i, &is_unknown))
		return is_unknown ? "whether it holds for groups below (use_hierarchy) is not known"
				  : NULL;
	if (!limit->is_limited || level.value < limit->value) {
		limit->is_limited = true;
		limit->value = level.value;
		limit->path = at->path;
	}
	return NULL;
}

static void take_minimum(const limit_input *in, hf_limit_kind kind, hf_limit *limit)
{
	const hf_cgroup_values *values = in->values;
	hf_fact hole = values->fact;
	/* without the group's path: what holds for many containers alike is told once */
	const char *source =
		values->is_v1 ? limit_questions[kind].v1_file : limit_questions[kind].v2_file;

	hole.source = source;
	limit->fact = hole;
	limit->path = values->count > 0 ? values->levels[0].path : "/";
	if (values->count == 0 || values->fact.state == HF_ABSENT)
		return;
	for (size_t i = 0; i < values->count; i++) {
		const char *why = take_level(in, kind, i, limit);

		if (why)
			hole = (hf_fact){HF_UNREADABLE, source, why};
	}
	/* a level that could not be read can only be stricter: a limit that was seen holds */
	limit->fact = limit->is_limited ? (hf_fact){HF_PRESENT, source, NULL} : hole;
}

static const hf_limit *limit_of(hf_facts *facts, const hf_container *container, hf_limit_kind kind);

/* v1 limits memory and swap together: what is left for swap is the difference. */
static void subtract_memory(hf_facts *facts, const hf_container *container, hf_limit *limit)
{
	const hf_limit *memory = limit_of(facts, container, HF_LIMIT_MEMORY);

	if (limit->is_limited && memory->is_limited)
		limit->value = limit->value > memory->value ? limit->value - memory->value : 0;
	if (limit->is_own_limited && memory->is_own_limited)
		limit->own = limit->own > memory->own ? limit->own - memory->own : 0;
}

static const void *compute_limit(hf_facts *facts, const char *key)
{
	static const question hierarchy = {NULL, "memory", "memory.use_hierarchy"};
	hf_limit *limit = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *limit));
	hf_limit_kind kind = (hf_limit_kind)(key[0] - '0');
	const hf_container *container = hf_facts_container_by_id(facts, key + 2);

	if (!container) {
		limit->fact =
			(hf_fact){HF_UNREADABLE, "containers", "is no container of this node"};
		return limit;
	}
	limit_input in = {
		.facts = facts,
		.values = values_of(facts, container, &limit_questions[kind]),
		.own_levels =
			hf_facts_cgroup_place(facts, container, limit_questions[kind].v1_controller)
				->own_levels,
	};

	if (in.values->is_v1 && (kind == HF_LIMIT_MEMORY || kind == HF_LIMIT_SWAP) &&
	    !is_covering(facts))
		in.hierarchy = values_of(facts, container, &hierarchy);
	take_minimum(&in, kind, limit);
	if (in.values->is_v1 && kind == HF_LIMIT_SWAP && limit->fact.state == HF_PRESENT)
		subtract_memory(facts, container, limit);
	return limit;
}

static const hf_fact_type limit_type = {.name = "cgroup limit", .compute = compute_limit};

static const hf_limit *limit_of(hf_facts *facts, const hf_container *container, hf_limit_kind kind)
{
	/* an address of its own for each kind; the container is larger */
	const char *owner = (const char *)container + kind;
	char number[2] = {(char)('0' + kind), '\0'}, key[HF_NAME_MAX_BYTES];
	const char *words[] = {number, container->id};

	if (kind < 0 || kind >= HF_LIMIT_COUNT ||
	    !hf_cgroup_key(key, sizeof key, words, HF_ARRAY_SIZE(words))) {
		static const hf_limit none = {
			.fact = {HF_UNREADABLE, "/proc", "the container's name is too long"}};

		return &none;
	}
	const hf_limit *limit = hf_facts_recall(facts, &limit_type, owner);

	if (limit)
		return limit;
	return hf_facts_once_for(facts, &limit_type, owner, key);
}

const hf_limit *hf_container_limit(hf_check_run *run, const hf_container *container,
				   hf_limit_kind kind)
{
	return limit_of(hf_facts_of(run), container, kind);
}
