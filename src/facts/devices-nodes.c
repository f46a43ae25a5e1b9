/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes of devices that a container can see: below its /dev, and where a mount shows one elsewhere.
 * What is asked of the container's files stands in collect/inside.h. */
#include "facts/parts.h"
#include "facts/cgroup-tree.h"

enum { DEPTH_MAX = 4, DECLARED_MAX = 500 };

typedef struct search {
	hf_check_run *run;
	hf_facts *facts;
	const hf_container *container;
	const hf_container_mounts *mounts;
	hf_container_node *all;
	size_t count;
	size_t room;
	hf_fact hole; /* present while there is none */
} search;

/* The device controller's default of every runtime grants these, and every container has them:
 * null, zero, full, random, urandom; tty, ptmx; the terminals of devpts. A node of the host's
 * console is none of them. */
static bool is_everywhere(const hf_file *file)
{
	uint32_t major = file->rdev_major, minor = file->rdev_minor;

	if (file->type != HF_FILE_CHAR_DEVICE)
		return false;
	return (major == 1 &&
		(minor == 3 || minor == 5 || minor == 7 || minor == 8 || minor == 9)) ||
	       (major == 5 && (minor == 0 || minor == 2)) || (major >= 136 && major <= 143) ||
	       (major == 0 && minor == 0); /* a whiteout of overlayfs */
}

static void note_hole(search *s, const hf_fact *fact)
{
	if (s->hole.state == HF_PRESENT)
		s->hole = (hf_fact){HF_UNREADABLE, fact->source, fact->why};
}

static void add(search *s, const char *path, const hf_file *file)
{
	const hf_container_mount *on =
		s->mounts->fact.state == HF_PRESENT ? hf_container_mount_at(s->mounts, path) : NULL;

	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 16;
		hf_container_node *all = reallocarray(s->all, room, sizeof *all);

		if (!all)
			hf_facts_out_of_memory();
		s->all = all;
		s->room = room;
	}
	s->all[s->count++] = (hf_container_node){
		.path = hf_checked(hf_arena_strdup(hf_facts_arena(s->facts), path)),
		.type = file->type == HF_FILE_BLOCK_DEVICE ? 'b' : 'c',
		.major = file->rdev_major,
		.minor = file->rdev_minor,
		.mode = file->mode,
		.uid = file->uid,
		.gid = file->gid,
		.is_nodev = on && hf_mount_has_option(on->mount, "nodev"),
	};
}

static bool is_device(const hf_file *file)
{
	return file->type == HF_FILE_BLOCK_DEVICE || file->type == HF_FILE_CHAR_DEVICE;
}

/* Folders of /dev that hold no devices of the host, but may hold many names. */
static bool has_devices(const char *name)
{
	static const char *const others[] = {"fd", "hugepages", "mqueue", "pts", "shm"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(others); i++) {
		if (strcmp(name, others[i]) == 0)
			return false;
	}
	return true;
}

static void search_folder(search *s, const char *folder, unsigned depth)
{
	const hf_dir *dir = hf_container_dir(s->run, s->container, folder);
	char path[HF_NAME_MAX_BYTES];

	if (dir->fact.state == HF_UNREADABLE)
		note_hole(s, &dir->fact);
	for (size_t i = 0; i < dir->count; i++) {
		if (hf_print(path, sizeof path, "%s/%s", folder, dir->names[i]) >= (int)sizeof path)
			continue;
		const hf_file *file = hf_container_stat(s->run, s->container, path);

		if (file->fact.state == HF_UNREADABLE)
			note_hole(s, &file->fact);
		if (file->fact.state != HF_PRESENT)
			continue;
		if (is_device(file) && !is_everywhere(file))
			add(s, path, file);
		else if (file->type == HF_FILE_DIRECTORY && depth > 0 && has_devices(dir->names[i]))
			search_folder(s, path, depth - 1);
	}
}

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* A mount that can show a device: of a device file itself (a folder says so by its own stat), or of
 * a tree of devices. Nodes deep in other trees are device.stray-nodes'. */
static void search_mount(search *s, const hf_container_mount *mount)
{
	const hf_mount *on = mount->mount;
	bool is_tree = strcmp(on->fs_type, "devtmpfs") == 0 || hf_streq(mount->host_path, "/dev");

	if (mount->is_covered || is_below(on->target, "/proc") || is_below(on->target, "/sys") ||
	    is_below(on->target, "/dev") || strcmp(on->target, "/") == 0)
		return;
	if (!is_tree && (mount->is_declared_by_runtime || hf_mount_has_option(on, "nodev")))
		return;
	const hf_file *file = hf_container_stat(s->run, s->container, on->target);

	if (file->fact.state == HF_PRESENT && is_device(file)) {
		if (!is_everywhere(file))
			add(s, on->target, file);
	} else if (is_tree && (file->fact.state != HF_PRESENT || file->type == HF_FILE_DIRECTORY)) {
		search_folder(s, on->target, DEPTH_MAX);
	}
}

static bool is_known(const search *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->all[i].path, path) == 0)
			return true;
	}
	return false;
}

static bool member_number(search *s, const char *device, const char *name, uint32_t *ret_number)
{
	const hf_api_value *value = hf_container_oci(
		s->run, s->container,
		hf_checked(hf_arena_printf(hf_facts_arena(s->facts), "%s/%s", device, name)));
	uint64_t number;

	if (value->fact.state != HF_PRESENT || hf_parse_u64(value->text, &number) < 0 ||
	    number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static const char *member_text(search *s, const char *device, const char *name)
{
	const hf_api_value *value = hf_container_oci(
		s->run, s->container,
		hf_checked(hf_arena_printf(hf_facts_arena(s->facts), "%s/%s", device, name)));

	return value->fact.state == HF_PRESENT ? value->text : "";
}

/* Whether its rules let it open anything but what everybody has: else a node that is not known does
 * not matter. */
static bool may_open_more(const search *s)
{
	const hf_device_filter *filter = hf_container_device_filter(s->run, s->container);

	if (!filter->is_active || filter->rules_fact.state != HF_PRESENT)
		return true;
	for (size_t i = 0; i < filter->rule_count; i++) {
		const hf_device_grant *rule = &filter->rules[i];
		const hf_file file = {.type = rule->type == 'c' ? HF_FILE_CHAR_DEVICE
								: HF_FILE_BLOCK_DEVICE,
				      .rdev_major = rule->major,
				      .rdev_minor = rule->minor};
		/* the console and tun, which the usual rules allow */
		bool is_usual = (rule->major == 5 && rule->minor == 1) ||
				(rule->major == 10 && rule->minor == 200);

		if ((rule->can_read || rule->can_write) &&
		    (rule->is_any_major || (rule->is_any_minor && rule->major != 136) ||
		     (!is_everywhere(&file) && !is_usual)))
			return true;
	}
	return false;
}

/* "--device /dev/kmsg:/opt/log": a node that the runtime made outside of /dev, where nobody looks.
 * Its record knows. */
static void search_declared(search *s)
{
	const hf_api_value *list = hf_container_oci(s->run, s->container, "linux/devices");

	if (list->fact.state == HF_UNREADABLE && may_open_more(s))
		note_hole(s, &list->fact);
	for (size_t i = 0; list->fact.state == HF_PRESENT && i < list->count && i < DECLARED_MAX;
	     i++) {
		const char *device = hf_checked(
			hf_arena_printf(hf_facts_arena(s->facts), "linux/devices/%zu", i));
		const char *path = member_text(s, device, "path"),
			   *type = member_text(s, device, "type");
		hf_file file = {.type = *type == 'b' ? HF_FILE_BLOCK_DEVICE : HF_FILE_CHAR_DEVICE,
				.mode = 0666};

		if (*path != '/' || is_below(path, "/dev") || is_known(s, path) ||
		    !member_number(s, device, "major", &file.rdev_major) ||
		    !member_number(s, device, "minor", &file.rdev_minor))
			continue;
		(void)member_number(s, device, "fileMode", &file.mode);
		(void)member_number(s, device, "uid", &file.uid);
		(void)member_number(s, device, "gid", &file.gid);
		file.mode &= 07777;
		if (!is_everywhere(&file))
			add(s, path, &file);
	}
}

static const void *compute(hf_facts *facts, const char *id)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_container_nodes *nodes = hf_checked(hf_arena_alloc(arena, sizeof *nodes));
	const hf_container *container = hf_facts_container_by_id(facts, id);
	hf_view view = {.facts = facts}; /* what the getters below need of a check */

	if (!container) {
		nodes->fact =
			(hf_fact){HF_UNREADABLE, "containers", "is no container of this node"};
		return nodes;
	}
	search s = {
		.run = (hf_check_run *)(void *)&view,
		.facts = facts,
		.container = container,
		.hole = {HF_PRESENT, "device nodes of the container", NULL},
	};

	s.mounts = hf_container_mounts_get(s.run, container);
	if (s.mounts->fact.state != HF_PRESENT || s.mounts->fact.why)
		note_hole(&s, &s.mounts->fact);
	search_folder(&s, "/dev", DEPTH_MAX);
	for (size_t i = 0; i < s.mounts->count; i++)
		search_mount(&s, &s.mounts->all[i]);
	search_declared(&s);
	hf_container_node *all = hf_checked(hf_arena_calloc(arena, s.count + 1, sizeof *all));

	if (s.count > 0)
		memcpy(all, s.all, s.count * sizeof *all);
	free(s.all);
	*nodes = (hf_container_nodes){.fact = s.hole, .all = all, .count = s.count};
	return nodes;
}

static const hf_fact_type type = {.name = "container nodes", .compute = compute};

const hf_container_nodes *hf_container_nodes_get(hf_check_run *run, const hf_container *container)
{
	return hf_facts_once(hf_facts_of(run), &type, container->id);
}
