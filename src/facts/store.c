/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of facts: computed once, kept with the questions they rest on. */
#include "facts/store.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>

/* What a fact or a verdict can rest on: questions and other facts. */
typedef struct ground {
	uint32_t mark; /* the trace that listed it last */
	bool is_fact;
} ground;

/* A question that somebody asked. Of those with an answer nobody wants a list: that would be the longest part of
 * what a run knows, for every check of every container rests on all that tells which there are. */
typedef struct question {
	ground ground; /* first */
	hf_used used;
	const hf_answer *answer; /* NULL: not in the record */
} question;

/* What a fact lacked is told by the facts that it rests on; only for a verdict that lacks something, which is
 * rare, is it put together. */
typedef struct fact_slot {
	ground ground; /* first */
	bool is_flat;  /* .rests_on has questions alone, each once */
	uint32_t count;
	const void *value;
	ground **rests_on;
} fact_slot;

typedef struct trace {
	struct trace *outer;
	uint32_t mark;
	hf_list grounds;
} trace;

struct hf_facts {
	hf_record *record;
	hf_arena *arena;
	hf_map questions[HF_ASK_KIND_END]; /* by kind; what they hold lives in the arena */
	struct fact_kind {
		const hf_fact_type *type;
		hf_map slots;
	} kinds[192];
	size_t kind_count;
	uint8_t kind_of_type[256]; /* by a hash of the type's address: its number in .kinds, from 1 */
	const hf_subjects *given[HF_SUBJECT_COUNT];
	trace *current;
	trace *spare; /* those that ended, with the room of their lists */
	uint32_t last_mark;
	bool traces_all;
	/* by a hash of both addresses; the last one stays */
	struct recalled {
		const hf_fact_type *type;
		const void *owner;
		fact_slot *slot;
	} recalled[4096];
};

_Noreturn void hf_facts_out_of_memory(void)
{
	/* Half a set of facts could make a check pass. The judge's process ends here, and whoever started it
	 * reports an incomplete run. */
	static const char message[] = "holdfast: out of memory\n";

	if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
		_exit(71);
	_exit(71);
}

static void *checked(void *p)
{
	if (!p)
		hf_facts_out_of_memory();
	return p;
}

int hf_facts_new(hf_record *record, hf_facts **ret_facts)
{
	hf_facts *facts = calloc(1, sizeof *facts);

	if (!facts || hf_arena_new(&facts->arena) < 0) {
		free(facts);
		return -ENOMEM;
	}
	facts->record = record;
	*ret_facts = facts;
	return 0;
}

static void free_traces(trace *t)
{
	while (t) {
		trace *outer = t->outer;

		hf_list_free(&t->grounds);
		free(t);
		t = outer;
	}
}

void hf_facts_free(hf_facts *facts)
{
	if (!facts)
		return;
	free_traces(facts->current);
	free_traces(facts->spare);
	for (size_t i = 0; i < HF_ARRAY_SIZE(facts->questions); i++)
		hf_map_free(&facts->questions[i]);
	for (size_t i = 0; i < facts->kind_count; i++)
		hf_map_free(&facts->kinds[i].slots);
	hf_arena_free(facts->arena);
	free(facts);
}

hf_arena *hf_facts_arena(hf_facts *facts)
{
	return facts->arena;
}

hf_record *hf_facts_record(hf_facts *facts)
{
	return facts->record;
}

void hf_facts_give_subjects(hf_facts *facts, hf_subject_kind kind, const hf_subjects *subjects)
{
	facts->given[kind] = subjects;
}

const hf_subjects *hf_facts_given_subjects(const hf_facts *facts, hf_subject_kind kind)
{
	return facts->given[kind];
}

/* The facts of one type. There are some dozen types, and all are static. */
static hf_map *slots_of(hf_facts *facts, const hf_fact_type *type)
{
	size_t at = (uintptr_t)type / sizeof(void *) * 0x9E3779B1U >> 20;

	for (;; at++) {
		uint8_t *number = &facts->kind_of_type[at % HF_ARRAY_SIZE(facts->kind_of_type)];

		if (*number > 0 && facts->kinds[*number - 1].type == type)
			return &facts->kinds[*number - 1].slots;
		if (*number > 0)
			continue;
		if (facts->kind_count == HF_ARRAY_SIZE(facts->kinds))
			hf_facts_out_of_memory();
		facts->kinds[facts->kind_count].type = type;
		*number = (uint8_t)++facts->kind_count;
		return &facts->kinds[*number - 1].slots;
	}
}

static void list(hf_list *list, uint32_t mark, ground *one)
{
	if (one->mark == mark)
		return;
	one->mark = mark;
	if (hf_list_add(list, one) < 0)
		hf_facts_out_of_memory();
}

static trace *push(hf_facts *facts)
{
	trace *t = facts->spare;

	if (t)
		facts->spare = t->outer;
	else
		t = checked(calloc(1, sizeof *t));
	t->outer = facts->current;
	t->mark = ++facts->last_mark;
	facts->current = t;
	return t;
}

static void pop(hf_facts *facts)
{
	trace *t = facts->current;

	facts->current = t->outer;
	t->grounds.count = 0;
	t->outer = facts->spare;
	facts->spare = t;
}

/* Files whose size the kernel makes up: they are as long as a read of them is. */
static bool has_real_size(const hf_answer *answer)
{
	if (answer->kind == HF_ASK_DIR || answer->kind == HF_ASK_LINK)
		return true;
	if (answer->kind != HF_ASK_FILE)
		return false;
	switch (answer->meta.fs_magic) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
	case SQUASHFS_MAGIC:
	case TMPFS_MAGIC:
		return true;
	default:
		return false;
	}
}

static bool is_cut(const hf_answer *answer)
{
	return !answer->error && answer->meta.mode && answer->size < answer->meta.size &&
	       has_real_size(answer);
}

/* Half an answer is none: a setting that was cut off must not look like one that is not there. */
static const hf_answer *whole(hf_facts *facts, const hf_answer *answer)
{
	if (!answer || !is_cut(answer))
		return answer;
	hf_answer *cut = checked(hf_arena_alloc(facts->arena, sizeof *cut));

	*cut = *answer;
	cut->error = EIO;
	cut->data = "";
	cut->size = 0;
	cut->reason = checked(hf_arena_printf(facts->arena, "cut short: %zu of %llu bytes",
					      answer->size, (unsigned long long)answer->meta.size));
	return cut;
}

static question *find_question(hf_facts *facts, hf_ask_kind kind, const char *name)
{
	question *q = hf_map_get(&facts->questions[kind], name);

	if (q)
		return q;
	q = checked(hf_arena_alloc(facts->arena, sizeof *q));
	q->used.kind = kind;
	q->answer = whole(facts, hf_record_get(facts->record, kind, name));
	q->used.name = q->answer ? q->answer->name : checked(hf_arena_strdup(facts->arena, name));
	if (hf_map_put(&facts->questions[kind], q->used.name, q) < 0)
		hf_facts_out_of_memory();
	return q;
}

const hf_answer *hf_facts_ask(hf_facts *facts, hf_ask_kind kind, const char *name)
{
	const hf_answer *answer = hf_record_get(facts->record, kind, name);

	/* most have a good answer: nothing is to be remembered of them */
	if (answer && !answer->error && !facts->traces_all && !is_cut(answer))
		return answer;
	question *q = find_question(facts, kind, name);

	if (facts->current && (facts->traces_all || !q->answer || q->answer->error))
		list(&facts->current->grounds, facts->current->mark, &q->ground);
	return q->answer;
}

/* What lists all processes rests on thousands of answers, and a thousand checks may use it: beyond some hundreds
 * only those that failed are kept, which tell what is missing. */
static void keep_some(hf_list *questions)
{
	enum { KEPT_MAX = 512 };
	size_t kept = 0;

	if (questions->count <= KEPT_MAX)
		return;
	for (size_t i = 0; i < questions->count && kept < KEPT_MAX; i++) {
		question *q = questions->items[i];

		if (!q->answer || q->answer->error)
			questions->items[kept++] = q;
	}
	questions->count = kept;
}

static void flatten(hf_facts *facts, fact_slot *slot);

/* The questions that @grounds come to, each once, in the order in which they were asked. */
static hf_list questions_of(hf_facts *facts, ground *const *grounds, size_t count)
{
	hf_list questions = {0};

	for (size_t i = 0; i < count; i++) {
		if (grounds[i]->is_fact)
			flatten(facts, (fact_slot *)(void *)grounds[i]);
	}
	uint32_t mark = ++facts->last_mark;

	for (size_t i = 0; i < count; i++) {
		const fact_slot *slot = (const fact_slot *)(const void *)grounds[i];

		if (!grounds[i]->is_fact)
			list(&questions, mark, grounds[i]);
		for (size_t k = 0; grounds[i]->is_fact && k < slot->count; k++)
			list(&questions, mark, slot->rests_on[k]);
	}
	return questions;
}

static void flatten(hf_facts *facts, fact_slot *slot)
{
	if (slot->is_flat)
		return;
	hf_cleanup(hf_list_free) hf_list questions = questions_of(facts, slot->rests_on, slot->count);

	keep_some(&questions);
	slot->rests_on = checked(hf_arena_memdup(facts->arena, questions.items,
						 questions.count * sizeof(ground *)));
	slot->count = (uint32_t)questions.count;
	slot->is_flat = true;
}

/* A copy of @name that is there anyway. */
static const char *name_of(hf_facts *facts, hf_ask_kind kind, const char *name)
{
	const hf_answer *answer = hf_record_get(facts->record, kind, name);

	return answer ? answer->name : find_question(facts, kind, name)->used.name;
}

static fact_slot *compute(hf_facts *facts, const hf_fact_type *type, const char *key)
{
	trace *t = push(facts);
	fact_slot *slot = checked(hf_arena_alloc(facts->arena, sizeof *slot));

	key = type->has_question ? name_of(facts, type->question, key)
				 : checked(hf_arena_strdup(facts->arena, key));
	slot->ground.is_fact = true;
	slot->value = type->compute(facts, key);
	if (!slot->value)
		hf_facts_out_of_memory();
	slot->count = type->is_common ? 0 : (uint32_t)t->grounds.count;
	if (slot->count > 0)
		slot->rests_on = checked(hf_arena_memdup(facts->arena, t->grounds.items,
							 slot->count * sizeof(ground *)));
	pop(facts);
	if (hf_map_put(slots_of(facts, type), key, slot) < 0)
		hf_facts_out_of_memory();
	return slot;
}

static const void *use(hf_facts *facts, fact_slot *slot)
{
	if (facts->current && slot->count > 0)
		list(&facts->current->grounds, facts->current->mark, &slot->ground);
	return slot->value;
}

static fact_slot *slot_for(hf_facts *facts, const hf_fact_type *type, const char *key)
{
	fact_slot *slot = hf_map_get(slots_of(facts, type), key);

	return slot ? slot : compute(facts, type, key);
}

const void *hf_facts_once(hf_facts *facts, const hf_fact_type *type, const char *key)
{
	return use(facts, slot_for(facts, type, key));
}

static struct recalled *recalled_at(hf_facts *facts, const hf_fact_type *type, const void *owner)
{
	uint64_t hash = ((uintptr_t)type ^ (uintptr_t)owner << 7) * UINT64_C(0x9e3779b97f4a7c15);

	return &facts->recalled[(hash >> 32) % HF_ARRAY_SIZE(facts->recalled)];
}

const void *hf_facts_recall(hf_facts *facts, const hf_fact_type *type, const void *owner)
{
	const struct recalled *at = recalled_at(facts, type, owner);

	return at->type == type && at->owner == owner ? use(facts, at->slot) : NULL;
}

const void *hf_facts_once_for(hf_facts *facts, const hf_fact_type *type, const void *owner,
			      const char *key)
{
	fact_slot *slot = slot_for(facts, type, key);

	*recalled_at(facts, type, owner) =
		(struct recalled){.type = type, .owner = owner, .slot = slot};
	return use(facts, slot);
}

void hf_facts_trace_all(hf_facts *facts)
{
	facts->traces_all = true;
}

bool hf_facts_traces_all(const hf_facts *facts)
{
	return facts->traces_all;
}

void hf_facts_trace_begin(hf_facts *facts)
{
	(void)push(facts);
}

size_t hf_facts_trace_end(hf_facts *facts, const hf_used **ret_used)
{
	enum { TOLD_MAX = 64 };
	const hf_list *grounds = &facts->current->grounds;
	size_t first = 0;

	if (!ret_used) {
		pop(facts);
		return 0;
	}
	hf_cleanup(hf_list_free) hf_list questions =
		questions_of(facts, (ground *const *)grounds->items, grounds->count);

	pop(facts);
	*ret_used = NULL;
	/* what a verdict lacked was asked for at last; hundreds of containers that each list what all of them lack
	 * would take more room than all that is known of them */
	if (!facts->traces_all && questions.count > TOLD_MAX)
		first = questions.count - TOLD_MAX;
	if (questions.count == 0)
		return 0;
	hf_used *used =
		checked(hf_arena_calloc(facts->arena, questions.count - first, sizeof *used));

	for (size_t i = first; i < questions.count; i++)
		used[i - first] = ((const question *)questions.items[i])->used;
	*ret_used = used;
	return questions.count - first;
}

/* ---- presence, absence, and neither ---- */

static bool lists(const hf_answer *dir, const char *name)
{
	for (const char *at = dir->data; at < dir->data + dir->size; at += strlen(at) + 1) {
		if (strcmp(at, name) == 0)
			return true;
	}
	return false;
}

/* Where a file system of the kernel's is not mounted, a file tree or an empty folder in its place
 * lacks every file, and says nothing about the kernel: then one that is always there is lacking,
 * too. */
static bool is_mounted(const char *path, const char *folder, const hf_answer *listing)
{
	static const struct {
		const char *root;
		const char *witness;
	} trees[] = {{"/proc", "filesystems"}, {"/sys", "kernel"}, {"/dev", "null"}};

	for (size_t i = 0; i < HF_ARRAY_SIZE(trees); i++) {
		size_t length = strlen(trees[i].root);

		if (strncmp(path, trees[i].root, length) != 0 || path[length] != '/')
			continue;
		if (strcmp(folder, "/") == 0)
			return false;
		if (strcmp(folder, trees[i].root) != 0 || lists(listing, trees[i].witness))
			return true;
		/* processes are shown by proc's subset=pid, too */
		return i == 0 && path[length + 1] >= '1' && path[length + 1] <= '9' &&
		       listing->size > 0;
	}
	return true;
}

/* True when the first folder above @path that exists was listed and lacks the way to it. */
static bool is_absence_proven(hf_facts *facts, const char *path, const char **ret_why)
{
	char parent[HF_NAME_MAX_BYTES];
	size_t length = strlen(path);

	if (*path != '/' || length >= sizeof parent) {
		*ret_why = "not found, and nothing proves that it does not exist";
		return false;
	}
	memcpy(parent, path, length + 1);
	for (;;) {
		char *slash = strrchr(parent, '/');
		char name[NAME_MAX + 1];

		if (strlen(slash + 1) > NAME_MAX || slash[1] == '\0')
			return false;
		strcpy(name, slash + 1);
		*(slash == parent ? slash + 1 : slash) = '\0';
		const hf_answer *dir = hf_facts_ask(facts, HF_ASK_DIR, parent);

		if (!dir || (dir->error && dir->error != ENOENT && dir->error != ENOTDIR)) {
			*ret_why = "not found, but its folder could not be listed to prove it";
			return false;
		}
		if (dir->error && strcmp(parent, "/") != 0)
			continue;
		if (!dir->error && !lists(dir, name)) {
			if (is_mounted(path, parent, dir))
				return true;
			*ret_why = "not found, and its file system is not mounted there";
			return false;
		}
		*ret_why = "listed in its folder, but gone when it was read";
		return false;
	}
}

static const char *why_failed(hf_facts *facts, const hf_answer *answer)
{
	if (answer->reason)
		return answer->reason;
	return checked(hf_arena_printf(facts->arena, "%s", strerror(answer->error)));
}

hf_fact hf_facts_head(hf_facts *facts, hf_ask_kind kind, const char *name, const hf_answer *answer)
{
	hf_fact head = {
		.state = HF_PRESENT,
		.source = !answer			     ? name_of(facts, kind, name)
			  : strcmp(answer->name, name) == 0 ? answer->name
							     : checked(hf_arena_strdup(facts->arena, name)),
	};

	if (!answer) {
		head.state = HF_UNREADABLE;
		head.why = hf_record_why_missing(facts->record, kind, name);
	} else if (answer->error == ENOENT || answer->error == ENOTDIR) {
		head.why = "not found";
		head.state = answer->reason || kind == HF_ASK_API || kind == HF_ASK_CALL ||
					     !is_absence_proven(facts, name, &head.why)
				     ? HF_UNREADABLE
				     : HF_ABSENT;
		if (answer->reason)
			head.why = answer->reason;
		else if (head.state == HF_ABSENT)
			head.why = "does not exist";
	} else if (kind == HF_ASK_LINK && answer->error == EINVAL) {
		/* readlink(2): the file is there and is no link, which is an answer */
		head.state = HF_ABSENT;
		head.why = "is no symbolic link";
	} else if (answer->error) {
		head.state = HF_UNREADABLE;
		head.why = why_failed(facts, answer);
	}
	return head;
}
