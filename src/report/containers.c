/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's "containers": each container's isolation at a glance and what it can reach. */
#include "report/builder.h"

#include <sys/capability.h>
#include <stdio.h>

enum { LIST_MAX = 64 }; /* entries of one list; the rest is counted */

/* The getters of plugins, for a reader who judges nothing. */
static hf_check_run *reader_of(hf_view *view)
{
	return (hf_check_run *)(void *)view;
}

static void put_words(hf_builder *b, json_t *object, const char *key, const char *const *words,
		      size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		hf_append(b, list, hf_json_text(words[i], strlen(words[i])));
	hf_put(b, object, key, list);
}

/* ---- namespaces ---- */

/* "own", "host", "mixed" (some of its tasks are in the host's), "unknown"; NULL: this kernel has none. */
static const char *placed(const hf_container *container, const hf_ns_reference *reference,
			  hf_ns_type type)
{
	size_t own = 0, host = 0;

	if (reference->fact.state != HF_PRESENT || reference->inode[type] == 0)
		return reference->fact.state == HF_PRESENT && !reference->why[type] ? NULL : "unknown";
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->ns[type] == reference->inode[type])
			host++;
		else if (task->ns[type] != 0)
			own++;
	}
	if (own + host < container->task_count || own + host == 0)
		return host > 0 ? "mixed" : "unknown";
	return host == 0 ? "own" : own == 0 ? "host" : "mixed";
}

static void put_namespaces(hf_builder *b, json_t *object, hf_view *view,
			   const hf_container *container)
{
	const hf_ns_reference *reference = hf_ns_reference_get(reader_of(view));
	json_t *namespaces = json_object();

	for (unsigned type = 0; type < HF_NS_COUNT; type++)
		hf_put_text(b, namespaces, hf_ns_name((hf_ns_type)type),
			    placed(container, reference, (hf_ns_type)type));
	hf_put(b, object, "namespaces", namespaces);
}

/* ---- capabilities and filters ---- */

static json_t *capability_list(hf_builder *b, uint64_t set)
{
	json_t *list = json_array();

	for (int bit = 0; bit < 64; bit++) {
		char *name = set & UINT64_C(1) << bit ? cap_to_name(bit) : NULL;

		if (name)
			hf_append(b, list, hf_json_text(name, strlen(name)));
		(void)cap_free(name);
	}
	return list;
}

/* The union over all tasks: what somebody in the container can use, or come to use. */
static void put_capabilities(hf_builder *b, json_t *object, hf_view *view,
			     const hf_container *container)
{
	uint64_t effective = 0, bounding = 0;
	bool is_remapped = container->task_count > 0;
	json_t *capabilities = json_object();

	for (size_t i = 0; i < container->task_count; i++) {
		effective |= container->tasks[i].cap_effective | container->tasks[i].cap_permitted;
		bounding |= container->tasks[i].cap_bounding;
		is_remapped &= hf_task_is_remapped(reader_of(view), &container->tasks[i]);
	}
	hf_put(b, capabilities, "effective", capability_list(b, effective));
	hf_put(b, capabilities, "bounding", capability_list(b, bounding));
	hf_put(b, capabilities, "in_own_user_namespace", json_boolean(is_remapped));
	hf_put(b, object, "capabilities", capabilities);
}

/* "filter", "none", "mixed", "unknown" */
static const char *seccomp_of(const hf_container *container)
{
	size_t filtered = 0, free = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].fact.state != HF_PRESENT)
			continue;
		if (container->tasks[i].seccomp_mode > 0)
			filtered++;
		else
			free++;
	}
	if (filtered + free < container->task_count || filtered + free == 0)
		return free > 0 && filtered > 0 ? "mixed" : free > 0 ? "none" : "unknown";
	return free == 0 ? "filter" : filtered == 0 ? "none" : "mixed";
}

static json_t *all_or_null(const hf_container *container, bool (*holds)(const hf_task *task))
{
	bool result = true, is_known = container->task_count > 0;

	for (size_t i = 0; i < container->task_count; i++) {
		is_known &= container->tasks[i].fact.state == HF_PRESENT;
		result &= holds(&container->tasks[i]);
	}
	return is_known ? json_boolean(result) : json_null();
}

static bool has_no_new_privs(const hf_task *task)
{
	return task->no_new_privs;
}

static void put_confinement(hf_builder *b, json_t *object, const hf_container *container)
{
	const hf_task *init = container->init;

	hf_put_text(b, object, "seccomp", seccomp_of(container));
	hf_put(b, object, "no_new_privs", all_or_null(container, has_no_new_privs));
	hf_put_text(b, object, "label", init ? init->label : NULL);
}

/* How many system calls the least filtered task has open, by ABI; an ABI that the kernel does not run is left out. */
static void put_calls(hf_builder *b, json_t *object, hf_view *view, const hf_container *container)
{
	hf_check_run *run = reader_of(view);
	const hf_filtering *filtering = hf_container_filtering(run, container);
	bool is_free = filtering->unfiltered > 0;
	bool is_known = is_free || (filtering->tasks_fact.state == HF_PRESENT &&
				    filtering->fact.state == HF_PRESENT && filtering->filtered > 0);
	json_t *calls = is_known ? json_object() : json_null();

	for (unsigned abi = 0; is_known && abi < HF_CALL_ABI_FOREIGN; abi++) {
		const char *name = hf_call_abi_name(run, (hf_call_abi)abi);
		size_t open = is_free ? hf_call_count(run, (hf_call_abi)abi)
				      : hf_filtering_open(run, filtering, (hf_call_abi)abi);

		if (name && (abi == HF_CALL_ABI_NATIVE ||
			     hf_call_abi_runs(run, (hf_call_abi)abi)->state != HF_ABSENT))
			hf_put(b, calls, name, json_integer((json_int_t)open));
	}
	hf_put(b, object, "system_calls", calls);
}

/* ---- devices ---- */

static bool may_open(hf_view *view, const hf_container *container, const hf_container_node *node)
{
	static const char *const accesses[] = {"r", "w"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(accesses); i++) {
		if (hf_container_device_rule(reader_of(view), container, node->type, node->major,
					     node->minor, accesses[i], NULL) != HF_DEVICE_DENIED)
			return true;
	}
	return false;
}

/* Nodes that can be seen, and that its device rules let be opened for something. */
static void put_devices(hf_builder *b, json_t *object, hf_view *view, const hf_container *container)
{
	const hf_container_nodes *nodes = hf_container_nodes_get(reader_of(view), container);
	bool is_known = nodes->fact.state == HF_PRESENT;
	const char *found[LIST_MAX];
	size_t count = 0;

	for (size_t i = 0; i < nodes->count && count < LIST_MAX; i++) {
		const hf_container_node *node = &nodes->all[i];

		if (!node->is_nodev && may_open(view, container, node))
			found[count++] = node->path;
	}
	if (is_known || count > 0)
		put_words(b, object, "devices", found, count);
	else
		hf_put(b, object, "devices", json_null());
}

/* ---- limits ---- */

static void put_limits(hf_builder *b, json_t *object, hf_view *view, const hf_container *container)
{
	static const char *const names[HF_LIMIT_COUNT] = {
		[HF_LIMIT_MEMORY] = "memory_bytes",
		[HF_LIMIT_SWAP] = "swap_bytes",
		[HF_LIMIT_PIDS] = "pids",
		[HF_LIMIT_CPU] = "cpu_thousandths",
	};
	json_t *limits = json_object();

	for (unsigned kind = 0; kind < HF_LIMIT_COUNT; kind++) {
		const hf_limit *limit = hf_container_limit(reader_of(view), container,
							   (hf_limit_kind)kind);
		bool is_known = limit->fact.state != HF_UNREADABLE;

		hf_put(b, limits, names[kind],
		       limit->fact.state == HF_PRESENT && limit->is_limited
			       ? json_integer((json_int_t)limit->value)
			       : json_string(is_known ? "unlimited" : "unknown"));
	}
	hf_put(b, object, "limits", limits);
}

/* ---- reachable ---- */

static json_t *mount_object(hf_builder *b, const hf_container_mount *mount)
{
	json_t *object = json_object();

	hf_put_text(b, object, "host", mount->host_path);
	hf_put_text(b, object, "target", mount->mount->target);
	hf_put_text(b, object, "type", mount->mount->fs_type);
	hf_put(b, object, "read_only", json_boolean(mount->is_read_only));
	return object;
}

static bool is_root(const hf_container_mount *mount)
{
	return strcmp(mount->mount->target, "/") == 0;
}

/* Directories and files of the host that its administrator gave to the container. */
static bool is_host_mount(const hf_container_mount *mount)
{
	return mount->host_path && !mount->is_declared_by_runtime && !mount->is_covered &&
	       !is_root(mount);
}

static void put_mounts(hf_builder *b, json_t *object, const hf_container_mounts *mounts)
{
	bool is_known = mounts->fact.state == HF_PRESENT;
	const char *root = "unknown";
	json_t *list = json_array();
	size_t count = 0;

	for (size_t i = 0; is_known && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (is_root(mount) && !mount->is_covered)
			root = mount->is_read_only ? "read-only" : "writable";
		if (is_host_mount(mount) && count++ < LIST_MAX)
			hf_append(b, list, mount_object(b, mount));
	}
	hf_put_text(b, object, "root", root);
	hf_put(b, object, "mounts", list);
	hf_put(b, object, "mount_count", is_known ? json_integer((json_int_t)count) : json_null());
}

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (strcmp(folder, "/") == 0)
		return true;
	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Without a mount of the host's files nobody asks for the sockets that it could show. */
static bool shows_host(const hf_container_mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		if (is_host_mount(&mounts->all[i]))
			return true;
	}
	return false;
}

static bool may_hold(const hf_container_mounts *mounts, const char *path)
{
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->all[i].host_path && !is_root(&mounts->all[i]) &&
		    is_below(path, mounts->all[i].host_path))
			return true;
	}
	return false;
}

/* Listening sockets of the host that can be seen in the container. */
static void put_sockets(hf_builder *b, json_t *object, hf_view *view,
			const hf_container *container, const hf_container_mounts *mounts)
{
	const hf_host_sockets *sockets = hf_host_sockets_get(reader_of(view));
	bool is_shown = shows_host(mounts);
	bool is_known = mounts->fact.state == HF_PRESENT &&
			(sockets->fact.state == HF_PRESENT || !is_shown);
	const char *found[LIST_MAX];
	size_t count = 0;

	for (size_t i = 0; is_known && is_shown && i < sockets->count && count < LIST_MAX; i++) {
		const char *path = sockets->all[i].path;

		if (!path || !may_hold(mounts, path))
			continue;
		const hf_reach *reach = hf_container_reach(reader_of(view), container,
							   sockets->all[i].name);

		if (reach->fact.state == HF_PRESENT)
			found[count++] = path;
		is_known &= reach->fact.state != HF_UNREADABLE;
	}
	if (is_known || count > 0)
		put_words(b, object, "host_sockets", found, count);
	else
		hf_put(b, object, "host_sockets", json_null());
}

static void put_ports(hf_builder *b, json_t *object, hf_view *view, const hf_container *container)
{
	const hf_sockets *sockets = hf_container_sockets(reader_of(view), container);
	bool is_known = sockets->fact.state == HF_PRESENT;
	json_t *list = json_array();
	size_t count = 0;

	for (size_t i = 0; is_known && i < sockets->count && count < LIST_MAX; i++) {
		const hf_socket *socket = &sockets->all[i];

		if (strcmp(socket->family, "unix") == 0 || socket->is_loopback)
			continue;
		json_t *port = json_object();

		hf_put_text(b, port, "protocol", socket->family);
		hf_put_text(b, port, "address", socket->address);
		hf_put(b, port, "port", json_integer(socket->port));
		hf_append(b, list, port);
		count++;
	}
	hf_put(b, object, "listeners", is_known ? list : json_null());
	if (!is_known)
		json_decref(list);
}

/* ---- findings ---- */

typedef struct tally {
	const hf_subject *subject;
	unsigned failed[HF_SEVERITY_COUNT];
	unsigned unknown;
	const char **checks;
	size_t check_count;
} tally;

static int compare_tallies(const void *a, const void *b)
{
	const tally *x = a, *y = b;

	return (x->subject > y->subject) - (x->subject < y->subject);
}

static tally *find_tally(tally *all, size_t count, const hf_subject *subject)
{
	const tally wanted = {.subject = subject};

	return count > 0 ? bsearch(&wanted, all, count, sizeof *all, compare_tallies) : NULL;
}

/* Once to count, and once more (where .checks has room) to list. */
static void tally_finding(tally *all, size_t count, const hf_assessed *assessed,
			  const hf_finding *finding)
{
	if (finding->status != HF_FAIL && finding->status != HF_UNKNOWN)
		return;
	for (size_t i = 0; i < finding->subject_count; i++) {
		tally *t = find_tally(all, count, finding->subjects[i]);

		if (!t)
			continue;
		if (t->checks && finding->status == HF_FAIL)
			t->checks[t->check_count++] = assessed->check->row->id;
		if (t->checks)
			continue;
		if (finding->status == HF_UNKNOWN)
			t->unknown++;
		else
			t->failed[assessed->severity]++;
	}
}

static void tally_findings(tally *all, size_t count, const hf_assessment *assessment)
{
	for (size_t i = 0; i < assessment->check_count; i++) {
		const hf_assessed *assessed = &assessment->checks[i];

		for (size_t k = 0; k < assessed->finding_count; k++)
			tally_finding(all, count, assessed, &assessed->findings[k]);
	}
}

static tally *tally_all(hf_builder *b, const hf_subjects *subjects)
{
	hf_arena *arena = hf_facts_arena(b->facts);
	tally *all = hf_arena_calloc(arena, subjects->count + 1, sizeof *all);
	bool has_memory = all != NULL;

	for (size_t i = 0; all && i < subjects->count; i++)
		all[i].subject = &subjects->all[i];
	if (all)
		tally_findings(all, subjects->count, b->assessment);
	for (size_t i = 0; has_memory && i < subjects->count; i++) {
		size_t failed = 0;

		for (unsigned s = 0; s < HF_SEVERITY_COUNT; s++)
			failed += all[i].failed[s];
		all[i].checks = hf_arena_calloc(arena, failed + 1, sizeof *all[i].checks);
		has_memory = all[i].checks != NULL;
	}
	if (has_memory)
		tally_findings(all, subjects->count, b->assessment);
	return has_memory ? all : NULL;
}

static void put_findings(hf_builder *b, json_t *object, const tally *t)
{
	json_t *findings = json_object();

	for (unsigned s = HF_SEVERITY_COUNT; s-- > HF_SEVERITY_LOW;)
		hf_put(b, findings, hf_severity_name((hf_severity)s), json_integer(t->failed[s]));
	hf_put(b, findings, "unknown", json_integer(t->unknown));
	hf_put(b, object, "findings", findings);
	put_words(b, object, "failing", t->checks, t->check_count);
}

/* ---- all ---- */

static json_t *container_object(hf_builder *b, const hf_subject *subject, const tally *t)
{
	const hf_container *container = subject->fact;
	hf_view view = {.facts = b->facts, .subject = subject};
	const hf_container_mounts *mounts =
		hf_container_mounts_get(reader_of(&view), container);
	json_t *object = json_object();

	hf_put_text(b, object, "key", subject->key);
	hf_put_text(b, object, "id", container->id);
	hf_put_text(b, object, "name", subject->name);
	hf_put_text(b, object, "runtime", container->runtime);
	hf_put_text(b, object, "image", container->image);
	hf_put_text(b, object, "pod", container->pod);
	hf_put(b, object, "sandbox", json_boolean(container->is_sandbox));
	hf_put(b, object, "pid", json_integer(container->pid));
	hf_put_text(b, object, "user", container->user);
	hf_put(b, object, "tasks", json_integer((json_int_t)container->task_count));
	hf_put(b, object, "complete", json_boolean(container->tasks_fact.state == HF_PRESENT));
	put_namespaces(b, object, &view, container);
	put_capabilities(b, object, &view, container);
	put_confinement(b, object, container);
	put_calls(b, object, &view, container);
	put_limits(b, object, &view, container);
	put_mounts(b, object, mounts);
	put_devices(b, object, &view, container);
	put_sockets(b, object, &view, container, mounts);
	put_ports(b, object, &view, container);
	put_findings(b, object, t);
	return object;
}

json_t *hf_document_containers(hf_builder *b)
{
	const hf_subjects *subjects = hf_facts_subjects(b->facts, HF_SUBJECT_CONTAINER);
	const hf_selection *selection = b->selection;
	tally *tallies = tally_all(b, subjects);
	json_t *list = json_array();

	for (size_t i = 0; tallies && i < subjects->count; i++) {
		if (hf_selection_has_subject(selection, &subjects->all[i]))
			hf_append(b, list, container_object(b, &subjects->all[i], &tallies[i]));
	}
	b->failed |= !tallies;
	return list;
}
