/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of the runtimes' records, and which of them is a container's: by the id in its control
 * group; where a runtime lets people choose ids, by its first process; LXC by name. */
#include "facts/declared.h"

#include "facts/cgroup.h"
#include "facts/parts.h"

static bool is_full_id(const char *id)
{
	return strlen(id) == HF_CONTAINER_ID_DIGITS &&
	       strspn(id, "0123456789abcdef") == HF_CONTAINER_ID_DIGITS;
}

void hf_declared_seal(hf_arena *arena, hf_map *map)
{
	struct hf_map_slot *slots =
		hf_checked(hf_arena_memdup(arena, map->slots, map->room * sizeof *slots));

	free(map->slots);
	map->slots = slots;
}

void hf_declared_seal_list(hf_arena *arena, hf_list *list)
{
	void **items = hf_checked(hf_arena_memdup(arena, list->items, list->count * sizeof *items));

	free(list->items);
	list->items = items;
	list->room = list->count;
}

/* ---- lines of call:records ---- */

typedef struct line {
	const char *kind;
	const char *id;
	const char *path;
} line;

/* "\ooo" stands for what is not printable, a blank or a backslash. */
static const char *unescape(hf_arena *arena, const char *text, size_t length)
{
	char *copy = hf_checked(hf_arena_memdup(arena, text, length)), *out = copy;

	for (const char *in = copy; *in;) {
		if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' && in[2] <= '7' &&
		    in[3] >= '0' && in[3] <= '7') {
			*out++ = (char)((in[1] - '0') * 64 + (in[2] - '0') * 8 + in[3] - '0');
			in += 4;
		} else {
			*out++ = *in++;
		}
	}
	*out = '\0';
	return copy;
}

static bool parse_line(hf_arena *arena, const char *text, size_t length, line *l)
{
	const char *end = text + length;
	const char *id = memchr(text, ' ', length);
	const char *path = id ? memchr(id + 1, ' ', (size_t)(end - id - 1)) : NULL;

	if (!path)
		return false;
	*l = (line){
		.kind = unescape(arena, text, (size_t)(id - text)),
		.id = unescape(arena, id + 1, (size_t)(path - id - 1)),
		.path = unescape(arena, path + 1, (size_t)(end - path - 1)),
	};
	return *l->kind && *l->id && *l->path;
}

/* ---- the list ---- */

static hf_declared_record *add_record(hf_facts *facts, hf_list *records, hf_declared_list *list,
				      const line *l)
{
	bool has_id = is_full_id(l->id);
	hf_declared_record *record = has_id ? hf_map_get(&list->by_id, l->id) : NULL;
	hf_declared_record *last = records->count > 0 ? records->items[records->count - 1] : NULL;

	/* what runc or crun keep of a container comes right before the bundle that it names, and
	 * what a shim keeps right behind */
	if (!has_id && last && strcmp(last->seen.id, l->id) == 0 &&
	    (strcmp(l->kind, "pid") == 0
		     ? last->config && !last->state
		     : strcmp(l->kind, "bundle") == 0 && last->state && !last->config))
		record = last;
	if (record)
		return record;
	record = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *record));
	record->seen.id = l->id;
	if (hf_list_add(records, record) < 0 || (has_id ? hf_map_put(&list->by_id, l->id, record)
							: hf_list_add(&list->by_place, record)) < 0)
		hf_facts_out_of_memory();
	return record;
}

static const char *runtime_of_bundle(const char *path)
{
	if (strstr(path, ".task/moby/"))
		return "docker";
	if (strstr(path, ".task/k8s.io/"))
		return "kubernetes";
	if (strstr(path, ".task/buildkit/"))
		return "buildkit";
	return strstr(path, "io.containerd.") ? "containerd" : NULL;
}

static void set_runtime(hf_declared_record *record, const char *runtime)
{
	if (!record->seen.runtime || (runtime && (strcmp(record->seen.runtime, "runc") == 0 ||
						  strcmp(record->seen.runtime, "crun") == 0)))
		record->seen.runtime = runtime;
}

static void take_record(hf_declared_record *record, const line *l)
{
	if (!record->seen.source || strcmp(l->kind, "docker") != 0)
		record->seen.source = l->path;
	if (strcmp(l->kind, "bundle") == 0) {
		record->config = l->path;
		record->is_live = true;
		set_runtime(record, runtime_of_bundle(l->path));
	} else if (strcmp(l->kind, "storage") == 0) {
		record->config = l->path;
		set_runtime(record, "podman");
	} else if (strcmp(l->kind, "docker") == 0) {
		record->folder = l->path;
		set_runtime(record, "docker");
	} else if (strcmp(l->kind, "pid") == 0) {
		record->state = l->path;
		record->seen.source = record->config;
	} else if (strcmp(l->kind, "machine") == 0) {
		record->state = l->path;
		record->is_live = true;
	} else if (strcmp(l->kind, "runc") == 0 || strcmp(l->kind, "crun") == 0) {
		record->state = l->path;
		record->is_live = true;
		set_runtime(record, l->kind);
	} else if (strcmp(l->kind, "lxc") == 0) {
		set_runtime(record, "lxc");
	}
	if (strcmp(l->kind, "machine") == 0)
		set_runtime(record, "systemd-nspawn");
}

static void add(hf_list *list, const void *item)
{
	if (hf_list_add(list, (void *)(uintptr_t)item) < 0)
		hf_facts_out_of_memory();
}

static void take_line(hf_facts *facts, hf_declared_list *list, hf_list *records, const line *l)
{
	hf_arena *arena = hf_facts_arena(facts);

	if (strcmp(l->kind, "user") == 0) {
		add(&list->users, strrchr(l->path, '/') ? strrchr(l->path, '/') + 1 : "");
	} else if (*l->id == '!') {
		list->fact.state = HF_UNREADABLE;
		list->fact.why = hf_checked(hf_arena_printf(arena, "%s: %s", l->path,
							    strerror(hf_errno_number(l->id + 1))));
	} else if (strcmp(l->kind, "names") == 0) {
		add(&list->names, l->path);
	} else if (strcmp(l->kind, "images") == 0) {
		add(&list->images, l->path);
	} else if (strcmp(l->kind, "exec") == 0) {
		hf_declared_exec *exec = hf_checked(hf_arena_alloc(arena, sizeof *exec));

		*exec = (hf_declared_exec){.container = l->id, .id = l->path};
		add(&list->execs, exec);
	} else if (strcmp(l->id, "-") != 0) {
		take_record(add_record(facts, records, list, l), l);
	}
}

/* ---- the first process, as the record has it ---- */

static uint64_t number_of(const hf_json *object, const char *name)
{
	const hf_json *member = hf_json_member(object, name);
	uint64_t value;

	return member && member->kind == HF_JSON_NUMBER && hf_parse_u64(member->text, &value) == 0
		       ? value
		       : 0;
}

/* "NAME=value" lines of /run/systemd/machines/NAME. */
static uint64_t leader_of(const hf_file *file)
{
	static const char key[] = "LEADER=";
	const char *cursor = file->data, *text;
	size_t length;

	while (hf_next_line(&cursor, file->data + file->size, &text, &length)) {
		if (length > strlen(key) && memcmp(text, key, strlen(key)) == 0)
			return strtoull(text + strlen(key), NULL, 10);
	}
	return 0;
}

static void find_process(hf_facts *facts, hf_declared_record *record)
{
	uint64_t pid = 0;

	/* a full id is enough to know it by, and then nobody read the file */
	if (!record->state || is_full_id(record->seen.id))
		return;
	if (hf_has_suffix(record->state, "/init.pid") ||
	    hf_has_prefix(record->state, "/run/systemd/")) {
		const hf_file *file = hf_facts_file(facts, record->state);

		if (file->fact.state == HF_PRESENT)
			pid = hf_has_suffix(record->state, "/init.pid")
				      ? strtoull(file->data, NULL, 10)
				      : leader_of(file);
	} else {
		const hf_declared_json *state = hf_facts_declared_json(facts, record->state);

		pid = number_of(state->json, "init_process_pid");
		record->start_ticks = number_of(state->json, "init_process_start");
		if (pid == 0) {
			pid = number_of(state->json, "pid");
			record->start_ticks = number_of(state->json, "process-start-time");
		}
	}
	record->seen.pid = pid > 0 && pid <= INT32_MAX ? (int32_t)pid : 0;
}

/* ---- the fact ---- */

static const void *compute_list(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_declared_list *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, "records");
	hf_cleanup(hf_list_free) hf_list records = {0};
	size_t length;
	const char *text;

	(void)key;
	list->fact = hf_facts_head(facts, HF_ASK_CALL, "records", answer);
	list->fact.source = "records of container runtimes";
	if (list->fact.state != HF_PRESENT)
		return list;
	for (const char *cursor = answer->data;
	     hf_next_line(&cursor, answer->data + answer->size, &text, &length);) {
		line l;

		if (parse_line(arena, text, length, &l))
			take_line(facts, list, &records, &l);
	}
	const hf_declared_record **all =
		hf_checked(hf_arena_calloc(arena, records.count + 1, sizeof *all));

	for (size_t i = 0; i < records.count; i++) {
		hf_declared_record *record = records.items[i];

		if (!record->seen.runtime)
			record->seen.runtime = "unknown";
		find_process(facts, record);
		all[i] = record;
	}
	list->all = all;
	list->count = records.count;
	hf_declared_seal(arena, &list->by_id);
	hf_declared_seal_list(arena, &list->by_place);
	hf_declared_seal_list(arena, &list->names);
	hf_declared_seal_list(arena, &list->images);
	hf_declared_seal_list(arena, &list->execs);
	hf_declared_seal_list(arena, &list->users);
	return list;
}

static const hf_fact_type list_type = {.name = "declared", .compute = compute_list};

const hf_declared_list *hf_facts_declared(hf_facts *facts)
{
	return hf_facts_once(facts, &list_type, "");
}

/* ---- whose record it is ---- */

/* LXC names a container's group after it; the part ends the path of the container's own group. */
static bool is_named(const hf_declared_record *record, const char *cgroup)
{
	static const char *const before[] = {"lxc.payload.", "lxc/"};
	const char *id = record->seen.id;

	for (size_t i = 0; cgroup && i < HF_ARRAY_SIZE(before); i++) {
		const char *at = strstr(cgroup, before[i]);
		size_t length = strlen(id);

		if (!at || (at > cgroup && at[-1] != '/'))
			continue;
		at += strlen(before[i]);
		if (strncmp(at, id, length) == 0 && (at[length] == '\0' || at[length] == '/'))
			return true;
	}
	return false;
}

static bool is_of(const hf_declared_record *record, const hf_declared_key *key)
{
	if (strcmp(record->seen.runtime, "lxc") == 0)
		return is_named(record, key->cgroup);
	return record->seen.pid > 0 && record->seen.pid == key->pid &&
	       (record->start_ticks == 0 || key->start_ticks == 0 ||
		record->start_ticks == key->start_ticks);
}

static bool is_below_user(const char *cgroup, const char *uid)
{
	char slice[48];

	(void)hf_print(slice, sizeof slice, "/user-%.20s.slice/", uid);
	return cgroup && strstr(cgroup, slice);
}

hf_fact hf_declared_fact_for(hf_facts *facts, const char *cgroup)
{
	const hf_declared_list *list = hf_facts_declared(facts);
	hf_fact fact = list->fact;

	for (size_t i = 0; fact.state == HF_PRESENT && i < list->users.count; i++) {
		if (!is_below_user(cgroup, list->users.items[i]))
			continue;
		fact.state = HF_UNREADABLE;
		fact.why = hf_checked(hf_arena_printf(
			hf_facts_arena(facts),
			"the folders of user %s, whose runtime would keep it, could not be read",
			(const char *)list->users.items[i]));
	}
	return fact;
}

/* What a user wrote can only speak for that user's containers: their groups are below the user's own. */
static bool is_believable(hf_facts *facts, hf_declared_record *record, const char *cgroup)
{
	const char *whom = cgroup ? cgroup : "";
	char uid[16];

	if (record->asked_for && (record->asked_for == whom || strcmp(record->asked_for, whom) == 0))
		return record->is_believed;
	const char *path = record->folder
				   ? hf_checked(hf_arena_printf(hf_facts_arena(facts),
								"%s/config.v2.json", record->folder))
				   : record->seen.source;
	const hf_file *file = hf_facts_file(facts, path);

	(void)hf_print(uid, sizeof uid, "%u", file->uid);
	record->asked_for = hf_checked(hf_arena_strdup(hf_facts_arena(facts), whom));
	record->is_believed = file->uid == 0 || is_below_user(cgroup, uid);
	return record->is_believed;
}

const hf_declared_record *hf_declared_find(hf_facts *facts, const hf_declared_key *key)
{
	const hf_declared_list *list = hf_facts_declared(facts);
	hf_declared_record *record = hf_map_get(&list->by_id, key->id);

	for (size_t i = 0; !record && i < list->by_place.count; i++) {
		hf_declared_record *other = list->by_place.items[i];

		if (is_of(other, key))
			record = other;
	}
	return record && is_believable(facts, record, key->cgroup) ? record : NULL;
}

static uint64_t start_of(const hf_container *container)
{
	return container->init ? container->init->start_ticks : 0;
}

const hf_declared_record *hf_declared_of(hf_facts *facts, const hf_container *container)
{
	return hf_declared_find(facts, &(hf_declared_key){
					       .id = container->id,
					       .cgroup = container->cgroup,
					       .pid = container->pid,
					       .start_ticks = start_of(container),
				       });
}

/* ---- the getters ---- */

const hf_fact *hf_container_record(hf_check_run *run, const hf_container *container)
{
	hf_facts *facts = hf_facts_of(run);
	hf_fact *fact = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *fact));
	const hf_declared_record *record = hf_declared_of(facts, container);

	*fact = hf_declared_fact_for(facts, container->cgroup);
	if (record) {
		*fact = (hf_fact){.state = HF_PRESENT, .source = record->seen.source};
	} else if (hf_declared_listed(facts, container->id)) {
		*fact = (hf_fact){.state = HF_PRESENT, .source = "engine API /containers/json"};
	} else if (fact->state == HF_PRESENT) {
		fact->state = HF_ABSENT;
		fact->why = "no runtime on this node has a record of it";
	}
	return fact;
}

static const void *compute_running(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_runtime_records *running = hf_checked(hf_arena_alloc(arena, sizeof *running));
	const hf_declared_list *list = hf_facts_declared(facts);
	const hf_runtime_record **all =
		hf_checked(hf_arena_calloc(arena, list->count + 1, sizeof *all));

	(void)key;
	running->fact = list->fact;
	running->all = all;
	for (size_t i = 0; i < list->count; i++) {
		const hf_declared_record *record = list->all[i];

		if (record->is_live)
			all[running->count++] = &record->seen;
	}
	return running;
}

static const hf_fact_type running_type = {.name = "runtime records", .compute = compute_running};

const hf_runtime_records *hf_runtime_records_get(hf_check_run *run)
{
	return hf_facts_once(hf_facts_of(run), &running_type, "");
}
