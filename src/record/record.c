/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record in memory. */
#include "record/record.h"

#include <fnmatch.h>

typedef struct slot {
	hf_answer answer; /* strings follow in the same block */
	int collector;
	bool is_removed; /* the map still borrows its name */
} slot;

struct hf_record {
	hf_map slots[HF_ASK_KIND_END]; /* by kind */
	size_t count;
	hf_record_collector *collectors;
	size_t collector_count;
	hf_list notes;
	hf_arena *arena; /* slots, reasons, notes, source */
	hf_source source;
};

static const char *const state_names[] = {
	[HF_COLLECTOR_RUNNING] = "running", [HF_COLLECTOR_DONE] = "done",
	[HF_COLLECTOR_DIED] = "died",	    [HF_COLLECTOR_LATE] = "late",
	[HF_COLLECTOR_FLOODED] = "flooded", [HF_COLLECTOR_LIED] = "lied",
};

const char *hf_collector_state_name(hf_collector_state state)
{
	return state_names[state];
}

bool hf_collector_state_parse(const char *name, hf_collector_state *ret_state)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(state_names); i++) {
		if (strcmp(name, state_names[i]) == 0) {
			*ret_state = (hf_collector_state)i;
			return true;
		}
	}
	return false;
}

const char *hf_source_kind_name(hf_source_kind kind)
{
	switch (kind) {
	case HF_SOURCE_LIVE:
		return "live";
	case HF_SOURCE_ROOT:
		return "root";
	case HF_SOURCE_CAPTURE:
		return "capture";
	case HF_SOURCE_FILES:
		return "files";
	}
	return "live";
}

static int compare_slots(const void *a, const void *b)
{
	return strcmp((*(slot *const *)a)->answer.name, (*(slot *const *)b)->answer.name);
}

int hf_record_new(hf_record **ret_record)
{
	hf_record *record = calloc(1, sizeof *record);

	if (!record)
		return -ENOMEM;
	if (hf_arena_new(&record->arena) < 0) {
		free(record);
		return -ENOMEM;
	}
	record->source = (hf_source){.path = "", .taken = ""};
	*ret_record = record;
	return 0;
}

static void free_maps(hf_record *record)
{
	for (size_t kind = 0; kind < HF_ARRAY_SIZE(record->slots); kind++)
		hf_map_free(&record->slots[kind]);
}

void hf_record_free(hf_record *record)
{
	if (!record)
		return;
	free_maps(record);
	free(record->collectors);
	hf_list_free(&record->notes);
	hf_arena_free(record->arena);
	free(record);
}

/* One block: the slot, then name and reason, each with its NUL. It stays when it is replaced or removed, which is
 * rare, until the record goes. The data of many is the same: limits, empty tables, maps of users. */
static slot *new_slot(hf_arena *arena, const hf_answer *answer, int collector)
{
	size_t name_size = strlen(answer->name) + 1;
	size_t reason_size = answer->reason && *answer->reason ? strlen(answer->reason) + 1 : 0;
	slot *new = hf_arena_alloc(arena, sizeof(slot) + name_size + reason_size);
	const char *data = answer->size > 0 ? hf_arena_share(arena, answer->data, answer->size) : "";

	if (!new || !data)
		return NULL;
	char *name = (char *)(new + 1), *reason = name + name_size;

	memcpy(name, answer->name, name_size);
	if (reason_size > 0)
		memcpy(reason, answer->reason, reason_size);
	new->answer = *answer;
	new->answer.name = name;
	new->answer.reason = reason_size > 0 ? reason : NULL;
	new->answer.data = data;
	new->collector = collector;
	new->is_removed = false;
	return new;
}

/* The slot of a question, be it removed or not. */
static slot *find_slot(const hf_record *record, hf_ask_kind kind, const char *name)
{
	return kind > 0 && kind < HF_ASK_KIND_END ? hf_map_get(&record->slots[kind], name) : NULL;
}

/* Whether @collector claims the question by its name, not just answers questions of its kind. */
static bool claims(const hf_record *record, int collector, const hf_answer *answer)
{
	if (collector < 0 || (size_t)collector >= record->collector_count)
		return false;
	const hf_record_collector *c = &record->collectors[collector];

	for (const char *const *prefix = c->prefixes; prefix && *prefix; prefix++) {
		if (**prefix != '!')
			return hf_record_owns(c, answer->kind, answer->name);
	}
	return false;
}

/* The first answer stays, for a question has one. But who claims it replaces another's: the host's listing of
 * /proc, a mere witness that some file is missing there, would name processes that were not looked at. */
static int put(hf_record *record, int collector, const hf_answer *answer, bool replace)
{
	slot *old = find_slot(record, answer->kind, answer->name);

	if (old && !old->is_removed && !replace &&
	    (!claims(record, collector, answer) || claims(record, old->collector, answer)))
		return -EEXIST;
	slot *new = new_slot(record->arena, answer, collector);

	if (!new || hf_map_put(&record->slots[answer->kind], new->answer.name, new) < 0)
		return -ENOMEM;
	record->count += !old || old->is_removed;
	return 0;
}

int hf_record_put(hf_record *record, const hf_answer *answer, bool replace)
{
	return put(record, -1, answer, replace);
}

/* A listing of /proc that some other collector made as a witness names other processes than those that were
 * read: who claims a name as its own ("=/proc") has the last word on it. */
static bool is_claimed(const hf_record_collector *collector, const char *name)
{
	for (const char *const *prefix = collector->prefixes; prefix && *prefix; prefix++) {
		if (**prefix == '=' && strcmp(*prefix + 1, name) == 0)
			return true;
	}
	return false;
}

int hf_record_put_from(hf_record *record, int index, const hf_answer *answer)
{
	return put(record, index, answer, is_claimed(&record->collectors[index], answer->name));
}

static slot *find(const hf_record *record, hf_ask_kind kind, const char *name)
{
	slot *found = find_slot(record, kind, name);

	return found && !found->is_removed ? found : NULL;
}

static void remove_slot(hf_record *record, slot *old)
{
	old->is_removed = true;
	record->count--;
}

bool hf_record_remove(hf_record *record, hf_ask_kind kind, const char *name)
{
	slot *old = find(record, kind, name);

	if (old)
		remove_slot(record, old);
	return old != NULL;
}

const hf_answer *hf_record_get(const hf_record *record, hf_ask_kind kind, const char *name)
{
	const slot *found = find(record, kind, name);

	return found ? &found->answer : NULL;
}

size_t hf_record_count(const hf_record *record)
{
	return record->count;
}

int hf_record_each_below(const hf_record *record, hf_ask_kind kind, const char *begin, hf_record_fn *fn,
			 void *data)
{
	hf_cleanup(hf_list_free) hf_list sorted = {0};
	const hf_map *map = &record->slots[kind];
	size_t length = strlen(begin);
	int r = 0;

	for (size_t i = 0; r == 0 && i < map->room; i++) {
		slot *at = map->slots[i].value;

		if (at && !at->is_removed && strncmp(at->answer.name, begin, length) == 0)
			r = hf_list_add(&sorted, at);
	}
	if (sorted.count > 0)
		qsort(sorted.items, sorted.count, sizeof sorted.items[0], compare_slots);
	for (size_t i = 0; r == 0 && i < sorted.count; i++)
		r = fn(&((const slot *)sorted.items[i])->answer, data);
	return r;
}

int hf_record_each_of(const hf_record *record, hf_ask_kind kind, hf_record_fn *fn, void *data)
{
	return hf_record_each_below(record, kind, "", fn, data);
}

int hf_record_each(const hf_record *record, hf_record_fn *fn, void *data)
{
	int r = 0;

	for (int kind = HF_ASK_FILE; r == 0 && kind < HF_ASK_KIND_END; kind++)
		r = hf_record_each_of(record, (hf_ask_kind)kind, fn, data);
	return r;
}

int hf_record_add_collector(hf_record *record, const char *name, uint32_t kinds,
			    const char *const *prefixes)
{
	hf_record_collector *grown = reallocarray(record->collectors, record->collector_count + 1,
						  sizeof *grown);
	const char *copy = hf_arena_strdup(record->arena, name);

	if (grown)
		record->collectors = grown;
	if (!grown || !copy)
		return -ENOMEM;
	grown[record->collector_count] = (hf_record_collector){
		.name = copy,
		.state = HF_COLLECTOR_RUNNING,
		.reason = "still running",
		.kinds = kinds,
		.prefixes = prefixes,
	};
	return (int)record->collector_count++;
}

void hf_record_end_collector(hf_record *record, int index, hf_collector_state state,
			     const char *reason)
{
	hf_record_collector *collector = &record->collectors[index];

	collector->state = state;
	collector->reason = NULL;
	if (state != HF_COLLECTOR_DONE) {
		const char *copy = reason ? hf_arena_strdup(record->arena, reason) : NULL;

		collector->reason = copy ? copy : hf_collector_state_name(state);
	}
}

size_t hf_record_collectors(const hf_record *record, const hf_record_collector **ret_collectors)
{
	*ret_collectors = record->collectors;
	return record->collector_count;
}

void hf_record_drop_collector(hf_record *record, int index)
{
	for (size_t kind = 0; kind < HF_ARRAY_SIZE(record->slots); kind++) {
		const hf_map *map = &record->slots[kind];

		for (size_t i = 0; i < map->room; i++) {
			slot *at = map->slots[i].value;

			if (at && !at->is_removed && at->collector == index)
				remove_slot(record, at);
		}
	}
}

int hf_record_note(hf_record *record, const char *sentence)
{
	char *copy = hf_arena_strdup(record->arena, sentence);

	return copy ? hf_list_add(&record->notes, copy) : -ENOMEM;
}

size_t hf_record_notes(const hf_record *record, const char *const **ret_notes)
{
	*ret_notes = (const char *const *)record->notes.items;
	return record->notes.count;
}

static bool is_named_by(const char *prefix, const char *name)
{
	switch (*prefix) {
	case '!':
		return false;
	case '=':
		return strcmp(prefix + 1, name) == 0;
	case '~':
		return fnmatch(prefix + 1, name, 0) == 0;
	default:
		return hf_has_prefix(name, prefix);
	}
}

bool hf_record_owns(const hf_record_collector *collector, hf_ask_kind kind, const char *name)
{
	bool listed = false, has_positive = false;

	if (!(collector->kinds & 1U << kind))
		return false;
	for (const char *const *prefix = collector->prefixes; prefix && *prefix; prefix++) {
		if (**prefix == '!' && hf_has_prefix(name, *prefix + 1))
			return false;
		has_positive |= **prefix != '!';
		listed |= is_named_by(*prefix, name);
	}
	return listed || !has_positive;
}

const char *hf_record_why_missing(hf_record *record, hf_ask_kind kind, const char *name)
{
	const hf_record_collector *owner = NULL;

	for (size_t i = 0; i < record->collector_count; i++) {
		const hf_record_collector *c = &record->collectors[i];

		if (hf_record_owns(c, kind, name) && (!owner || c->state != HF_COLLECTOR_DONE))
			owner = c;
	}
	if (!owner || owner->state == HF_COLLECTOR_DONE)
		return "was not asked in this run";
	const char *why = hf_arena_printf(record->arena, "collector %s %s: %s", owner->name,
					  hf_collector_state_name(owner->state), owner->reason);

	return why ? why : "its collector did not end well";
}

int hf_record_set_source(hf_record *record, const hf_source *source)
{
	const char *path = hf_arena_strdup(record->arena, source->path);
	const char *taken = hf_arena_strdup(record->arena, source->taken);

	if (!path || !taken)
		return -ENOMEM;
	record->source = (hf_source){.kind = source->kind, .path = path, .taken = taken};
	return 0;
}

const hf_source *hf_record_source(const hf_record *record)
{
	return &record->source;
}
