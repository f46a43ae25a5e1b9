/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User namespaces of containers, and the ids of the host that they map. */
#include "spaces.h"

#include <stdio.h>
#include <string.h>

enum {
	FIRST_UNPRIVILEGED = 65536, /* below are accounts, dynamic users of systemd and nobody */
	LENGTH_MAX = 1 << 17,
};

/* ---- namespace.user-host ---- */

/* PRESENT: the engine maps users of its containers; ABSENT: it does not; else it cannot be told. */
static hf_state is_engine_remapping(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *options = hf_api_get(run, "/info", "SecurityOptions");

	if (strcmp(container->runtime, "docker") != 0 ||
	    hf_api_lists_container(run, container->id) != HF_PRESENT ||
	    options->fact.state != HF_PRESENT || !options->text)
		return HF_UNREADABLE;
	return strstr(options->text, "name=userns") || strstr(options->text, "name=rootless")
		       ? HF_PRESENT
		       : HF_ABSENT;
}

/* True where the kernel lets nobody make user namespaces: then nobody can be blamed. */
static bool is_switched_off(hf_check_run *run)
{
	const hf_sysctl *most = hf_sysctl_get(run, "user.max_user_namespaces");

	return most->fact.state == HF_PRESENT && most->is_number && most->number == 0;
}

static void judge_shared_user(hf_check_run *run, const hf_container *container, const char *found,
			      const char *wanted)
{
	static const char source[] = "ns/user of every task";
	hf_state remapping = is_engine_remapping(run, container);

	if (is_switched_off(run)) {
		hf_inform(run, source, found,
			  "user.max_user_namespaces is 0: this node lets nobody make one");
		return;
	}
	if (remapping == HF_ABSENT) {
		hf_not_applicable(run, source, found,
				  "its engine remaps nobody; daemon.userns-remap speaks of that");
		return;
	}
	(void)hf_expect(run, source, found, wanted, false);
	if (remapping == HF_PRESENT)
		hf_message(run,
			   "The engine remaps the users of its containers, and this one opted out "
			   "(--userns=host or --privileged).");
}

static bool covers(const hf_id_map *maps, size_t count, uint32_t outside)
{
	for (size_t i = 0; i < count; i++) {
		if (spaces_overlap(maps[i].outside, maps[i].length, outside, 1))
			return true;
	}
	return false;
}

/* The next task whose user namespace is another than that of the task before; NULL at the end.
 * Nearly all containers have one. *cursor begins at 0. */
static const hf_task *next_user_ns(const hf_container *container, size_t *cursor)
{
	for (; *cursor < container->task_count; (*cursor)++) {
		const hf_task *task = &container->tasks[*cursor];

		if (task->fact.state != HF_PRESENT ||
		    (*cursor > 0 && task[-1].ns[HF_NS_USER] == task->ns[HF_NS_USER]))
			continue;
		(*cursor)++;
		return task;
	}
	return NULL;
}

static void check_user(hf_check_run *run)
{
	static const char wanted[] =
		"a user namespace of its own that does not map the host's root";
	const hf_container *container = hf_container_of(run);
	uint64_t initial;

	if (!spaces_initial(run, HF_NS_USER, &initial))
		return;
	spaces_found found = spaces_find(run, container, HF_NS_USER, initial);

	if (found.in.count > 0) {
		judge_shared_user(
			run, container,
			found.in.count == container->task_count
				? "the host's"
				: hf_text(run, "the host's: %s", spaces_text(run, &found.in)),
			wanted);
		return;
	}
	if (!spaces_all_read(run, container, found.unread))
		return;
	const hf_task *task;

	for (size_t i = 0; (task = next_user_ns(container, &i));) {
		const hf_id_maps *maps = hf_task_id_maps(run, task);

		if (!maps || !hf_need(run, &maps->fact))
			return;
		if (covers(maps->uid, maps->uid_count, 0)) {
			(void)hf_expect(run, "uid_map", "its own, which maps uid 0 of the host",
					wanted, false);
			return;
		}
	}
	(void)hf_expect(run, "ns/user and uid_map of every task",
			"its own, without uid 0 of the host", wanted, true);
}

/* ---- namespace.uid-map-root ---- */

static bool maps_root_to_root(const hf_id_maps *maps)
{
	for (size_t i = 0; i < maps->uid_count; i++) {
		if (maps->uid[i].inside == 0 && maps->uid[i].outside == 0 &&
		    maps->uid[i].length > 0)
			return true;
	}
	return false;
}

static void check_map_root(hf_check_run *run)
{
	static const char source[] = "uid_map of every task",
			  wanted[] = "uid 0 is no root of the host";
	const hf_container *container = hf_container_of(run);
	const hf_task *task, *unread = NULL;
	uint64_t initial;

	if (!spaces_initial(run, HF_NS_USER, &initial))
		return;
	for (size_t i = 0; (task = next_user_ns(container, &i));) {
		const hf_id_maps *maps = hf_task_id_maps(run, task);

		if (task->ns[HF_NS_USER] == 0) {
			unread = unread ? unread : task;
		} else if (!maps) {
			(void)hf_expect(run, source, "the host's user namespace: uid 0 is root",
					wanted, false);
			return;
		} else if (maps->fact.state == HF_PRESENT && maps_root_to_root(maps)) {
			(void)hf_expect(run, source, "0 0: uid 0 is root", wanted, false);
			hf_message(run, "A user namespace of its own confines capabilities, but "
					"files of the "
					"host's root are its root's.");
			return;
		} else if (!hf_need(run, &maps->fact)) {
			return;
		}
	}
	if (spaces_all_read(run, container, unread))
		(void)hf_expect(run, source, "uid 0 is another user of the host, or nobody", wanted,
				true);
}

/* ---- namespace.uid-map-range ---- */

typedef struct id_kind {
	const char *word; /* "uid" */
	const char *accounts;
	const char *ranges;
} id_kind;

static const id_kind uids = {"uid", "/etc/passwd", "/etc/subuid"};
static const id_kind gids = {"gid", "/etc/group", "/etc/subgid"};

/* Rootless engines map the root inside to the user whose they are; systemd names his groups after
 * him. */
static bool is_owners(const hf_container *container, const hf_id_map *map)
{
	char slice[32];

	(void)snprintf(slice, sizeof slice, "/user-%u.slice/", map->outside);
	return map->length == 1 && map->outside != 0 && container->cgroup &&
	       strstr(container->cgroup, slice);
}

static bool is_declared(hf_check_run *run, const id_kind *kind, const hf_id_map *map)
{
	const hf_file *file = hf_file_get(run, kind->ranges);
	const char *cursor = NULL;
	spaces_range range;

	while (file->fact.state == HF_PRESENT && spaces_next_range(file, &cursor, &range)) {
		if (!range.is_bad && range.first <= map->outside &&
		    (uint64_t)map->outside + map->length <= (uint64_t)range.first + range.length)
			return true;
	}
	return false;
}

/* Why a range is not fit, or NULL. */
static const char *why_unfit(hf_check_run *run, const id_kind *kind, const hf_file *accounts,
			     const hf_id_map *map)
{
	const char *cursor = NULL;
	spaces_account account;

	while (spaces_next_account(accounts, &cursor, &account)) {
		if (spaces_overlap(map->outside, map->length, account.id, 1))
			return hf_text(run, "%s %u to %u: %u is %.*s of the host", kind->word,
				       map->outside, map->outside + map->length - 1, account.id,
				       account.name_length, account.name);
	}
	if (map->outside < FIRST_UNPRIVILEGED)
		return hf_text(run, "%s %u is below %d", kind->word, map->outside,
			       FIRST_UNPRIVILEGED);
	if (map->length > LENGTH_MAX && !is_declared(run, kind, map))
		return hf_text(run, "%s %u: %u ids, which %s does not give", kind->word,
			       map->outside, map->length, kind->ranges);
	return NULL;
}

/* False: it is decided. */
static bool judge_ranges(hf_check_run *run, const hf_container *container, const id_kind *kind,
			 const hf_id_map *maps, size_t count)
{
	const hf_file *accounts = hf_file_get(run, kind->accounts);

	if (!hf_need(run, &accounts->fact))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (is_owners(container, &maps[i])) {
			hf_note(run, "uid_map and gid_map",
				hf_text(run, "%s %u is the owner of a rootless engine", kind->word,
					maps[i].outside));
			continue;
		}
		const char *why = why_unfit(run, kind, accounts, &maps[i]);

		if (!why)
			continue;
		(void)hf_expect(run, "uid_map and gid_map", why,
				"ranges from 65536 up, of at most 131072 ids or declared, without "
				"an account's",
				false);
		return false;
	}
	return true;
}

static void check_map_range(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_task *task, *unread = NULL;
	bool has_any = false;
	uint64_t initial;

	if (!spaces_initial(run, HF_NS_USER, &initial))
		return;
	for (size_t i = 0; (task = next_user_ns(container, &i));) {
		const hf_id_maps *maps = hf_task_id_maps(run, task);

		if (task->ns[HF_NS_USER] == 0)
			unread = unread ? unread : task;
		if (!maps)
			continue;
		has_any = true;
		if (!hf_need(run, &maps->fact) ||
		    !judge_ranges(run, container, &uids, maps->uid, maps->uid_count) ||
		    !judge_ranges(run, container, &gids, maps->gid, maps->gid_count))
			return;
	}
	if (!spaces_all_read(run, container, unread))
		return;
	if (has_any)
		(void)hf_expect(run, "uid_map and gid_map", "narrow, unprivileged, nobody else's",
				"ranges from 65536 up, of at most 131072 ids or declared, without "
				"an account's",
				true);
	else
		hf_not_applicable(run, "ns/user of every task", "the host's",
				  "it has no user namespace of its own");
}

/* ---- namespace.uid-map-overlap ---- */

/* Who belongs to one pod is one party. */
static bool is_one_party(const hf_peers *peers)
{
	for (size_t i = 1; i < peers->count; i++) {
		const char *pod = peers->all[i]->pod, *first = peers->all[0]->pod;

		if (!pod || !first || strcmp(pod, first) != 0)
			return false;
	}
	return true;
}

static void check_map_overlap(hf_check_run *run)
{
	static const char source[] = "uid_map and gid_map of all containers",
			  wanted[] = "no id of the host in two of them";
	const hf_peers *peers = hf_container_id_peers(run, hf_container_of(run));
	spaces_names names = {0};

	for (size_t i = 0; i < peers->count; i++)
		spaces_add(run, &names, spaces_container(run, peers->all[i]));
	if (peers->count > 1 && !is_one_party(peers)) {
		(void)hf_expect(run, source,
				hf_text(run, "the same ids in %s", spaces_text(run, &names)),
				wanted, false);
		hf_message(run,
			   "Here user namespaces protect the host, and not one container from the "
			   "other.");
	} else if (!hf_need(run, &peers->fact)) {
		return;
	} else if (peers->count == 0) {
		hf_not_applicable(run, source, "none",
				  "it has no user namespace of its own that maps an id");
	} else if (peers->total < 2) {
		hf_not_applicable(run, source, "one container's",
				  "no other one has a user namespace of its own");
	} else {
		(void)hf_expect(run, source, "disjoint", wanted, true);
	}
}

/* ---- rows ---- */

static const hf_check checks[] = {
	{
		.id = "namespace.user-host",
		.title = "Containers run in a user namespace of their own",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.9", "CIS-Docker-1.6:5.31", "CWE:250",
				"ATTACK:T1611", "NIST-800-190:4.4.3", "OWASP-Docker:D01", "CWE:653",
				"DOCKER-BENCH:check_5_31"),
		.aliases = HF_ALIASES("container.host-userns"),
		.risk = "Root in the container is root of the host wherever something lets it "
			"reach the host.",
		.threat = "A flaw of the runtime or of the kernel, or a mount too many, and the "
			  "attacker owns the "
			  "node instead of an unprivileged range of ids.",
		.remediation =
			"Set \"userns-remap\": \"default\" in daemon.json (Podman: --userns=auto; "
			"Kubernetes: hostUsers: false) and start the container without "
			"--userns=host "
			"and --privileged.",
		.run = check_user,
	},
	{
		.id = "namespace.uid-map-root",
		.title = "Container uid 0 is not the host's uid 0",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.9", "CWE:250", "CWE:269", "ATTACK:T1611",
				"OWASP-Docker:D01", "NIST-800-190:4.4.3"),
		.risk = "Files that the container's root makes or changes are the host's root's.",
		.threat = "A shared directory carries a set-uid program, or a changed file of "
			  "root's, to the "
			  "host.",
		.remediation = "Set \"userns-remap\": \"default\" in daemon.json, or run the "
			       "engine rootless.",
		.run = check_map_root,
	},
	{
		.id = "namespace.uid-map-range",
		.title = "The mapped host id range is narrow, unprivileged and belongs to nobody "
			 "else",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:269", "CWE:732", "NIST-800-190:4.4.3", "OWASP-Docker:D01"),
		.reads = HF_READS("/etc/passwd", "/etc/group", "/etc/subuid", "/etc/subgid"),
		.risk = "A user in the container is an account of the host, with its files and "
			"groups.",
		.threat = "Who becomes that user inside reads the account's files on a shared "
			  "mount, or uses its "
			  "groups (docker, disk, sudo).",
		.remediation =
			"Give the engine ranges of its own in /etc/subuid and /etc/subgid, above "
			"every "
			"account (usermod --add-subuids 231072-296607 dockremap), and start the "
			"containers anew.",
		.run = check_map_range,
	},
	{
		.id = "namespace.uid-map-overlap",
		.title = "Two containers do not map to the same host ids",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "NIST-800-190:4.4.3"),
		.risk = "Who escapes from one container owns the files and processes of the other.",
		.threat = "Docker gives one range to all containers of an engine, so an escape "
			  "into the mapped "
			  "user is an escape into every neighbour.",
		.remediation =
			"Use a runtime that gives each container a range of its own: podman run "
			"--userns=auto, Kubernetes hostUsers: false, LXD security.idmap.isolated.",
		.run = check_map_overlap,
	},
};

HF_CHECK_SET(namespace_user, checks);
