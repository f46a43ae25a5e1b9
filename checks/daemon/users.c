/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As whom the daemon runs, and whom its containers' root is on the host. */
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- daemon.rootless ---- */

/* The kernel decides; of a daemon that does not run, its unit's User=. */
static void check_rootless(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	const char *found, *entry = daemon_security_option(run, "name=rootless");
	const hf_unit *unit = hf_unit_get(run, "docker.service");

	if (!daemon->is_running && unit->fact.state == HF_PRESENT && unit->is_masked) {
		hf_not_applicable(run, unit->fact.source, "masked", "nothing can start it");
		return;
	}
	if (!hf_need(run, &daemon->user))
		return;
	if (!daemon->is_running)
		found = "starts as root";
	else if (daemon->is_rootless)
		found = hf_text(run, "pid %d is uid %u, not root of the initial user namespace",
				daemon->pid, daemon->uid);
	else
		found = hf_text(run, "pid %d is root of the initial user namespace", daemon->pid);
	if (entry && !daemon->is_rootless)
		hf_note(run, "engine API /info SecurityOptions",
			"the engine says name=rootless; the kernel decides");
	(void)hf_expect(run, daemon->user.source, found, "a user other than root",
			daemon->is_rootless);
}

/* ---- daemon.userns-remap ---- */

typedef struct id_range {
	uint64_t first;
	uint64_t count;
} id_range;

static bool ranges_overlap(const id_range *a, const id_range *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

static bool in_range(const id_range *range, uint64_t id)
{
	return id >= range->first && id - range->first < range->count;
}

/* The next line of @file; false at the end. */
static bool next_line(hf_check_run *run, const hf_file *file, size_t *offset, const char **ret_line)
{
	if (*offset >= file->size)
		return false;
	const char *start = file->data + *offset;
	size_t length = strcspn(start, "\n");

	*ret_line = hf_text(run, "%.*s", (int)length, start);
	*offset += length + 1;
	return true;
}

/* "name:first:count" of subuid(5). */
static bool parse_subordinate(const char *line, id_range *ret_range)
{
	const char *colon = strchr(line, ':');

	return colon &&
	       sscanf(colon + 1, "%" SCNu64 ":%" SCNu64, &ret_range->first, &ret_range->count) ==
		       2 &&
	       ret_range->first <= UINT32_MAX && ret_range->count <= UINT32_MAX;
}

static bool is_line_of(const char *line, const char *name)
{
	size_t length = strlen(name);

	return strncmp(line, name, length) == 0 && line[length] == ':';
}

/* The accounts whose id (third field of passwd(5) and group(5)) lies in @range. */
static const char *accounts_in(hf_check_run *run, const hf_file *accounts, const id_range *range)
{
	const char *found = "", *line;

	for (size_t at = 0; next_line(run, accounts, &at, &line);) {
		char *end;
		const char *field = strchr(line, ':');

		field = field ? strchr(field + 1, ':') : NULL;
		if (!field)
			continue;
		uint64_t id = strtoull(field + 1, &end, 10);

		if (end != field + 1 && in_range(range, id))
			found = daemon_join(run, found,
					    hf_text(run, "%.*s", (int)strcspn(line, ":"), line));
	}
	return found;
}

/* What is wrong with one range of @name: shared with a real account or another one's range; or
 * NULL. */
static const char *range_fault(hf_check_run *run, const hf_file *ranges, const hf_file *accounts,
			       const char *name, const id_range *range)
{
	const char *line, *real = accounts_in(run, accounts, range);
	id_range other;

	if (*real)
		return hf_text(run, "%" PRIu64 ":%" PRIu64 " holds real accounts: %s", range->first,
			       range->count, real);
	for (size_t at = 0; next_line(run, ranges, &at, &line);) {
		if (!is_line_of(line, name) && parse_subordinate(line, &other) &&
		    ranges_overlap(range, &other))
			return hf_text(run, "%" PRIu64 ":%" PRIu64 " overlaps %s", range->first,
				       range->count, line);
	}
	return NULL;
}

/* @name has ranges of its own in @ranges_path, apart from accounts and others' ranges. */
static void judge_ranges(hf_check_run *run, const char *ranges_path, const char *accounts_path,
			 const char *name)
{
	static const char wanted[] = "ranges of its own, apart from real accounts and other ranges";
	const hf_file *ranges = hf_file_get(run, ranges_path);
	const hf_file *accounts = hf_file_get(run, accounts_path);
	const char *line, *fault = NULL, *shown = "";
	id_range range;

	if (ranges->fact.state == HF_ABSENT) {
		(void)hf_expect(run, ranges->fact.source, "does not exist", wanted, false);
		return;
	}
	if (!hf_need(run, &ranges->fact) || !hf_need(run, &accounts->fact))
		return;
	for (size_t at = 0; !fault && next_line(run, ranges, &at, &line);) {
		if (!is_line_of(line, name))
			continue;
		shown = daemon_join(run, shown, line);
		fault = parse_subordinate(line, &range)
				? range_fault(run, ranges, accounts, name, &range)
				: hf_text(run, "%s is no range", line);
	}
	if (!fault && *shown == '\0')
		fault = hf_text(run, "no range of %s", name);
	(void)hf_expect(run, ranges->fact.source, fault ? fault : shown, wanted, !fault);
}

/* The host's id of id 0 in a uid_map; false when 0 is not mapped. */
static bool host_id_of_root(hf_check_run *run, const hf_file *map, uint64_t *ret_id)
{
	const char *line;

	for (size_t at = 0; next_line(run, map, &at, &line);) {
		uint64_t inside, outside, count;

		if (sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64, &inside, &outside, &count) ==
			    3 &&
		    inside == 0 && count > 0) {
			*ret_id = outside;
			return true;
		}
	}
	return false;
}

/* The host's id of a container's root is one of @name's subordinate ids. */
static bool is_subordinate(hf_check_run *run, const char *name, uint64_t id)
{
	const hf_file *ranges = hf_file_get(run, "/etc/subuid");
	const char *line;
	id_range range;

	for (size_t at = 0; next_line(run, ranges, &at, &line);) {
		if (is_line_of(line, name) && parse_subordinate(line, &range) &&
		    in_range(&range, id))
			return true;
	}
	return false;
}

/* Container root must be a subordinate id of @name (NULL: any but 0, as below a rootless engine),
 * unless the container opted out, which is another check's matter (container.host-userns). */
static void judge_containers(hf_check_run *run, const char *name_of_range)
{
	static const char source[] = "/proc/PID/uid_map of each container";
	const char *wanted =
		name_of_range ? "a subordinate id of the remapped user" : "an id other than 0";
	const hf_containers *containers = hf_containers_get(run);
	const char *bad = "", *unread = "";
	const hf_container *container;
	size_t good = 0;

	daemon_require(run, &containers->fact);
	for (size_t i = 0; (container = daemon_container(run, containers, &i));) {
		const hf_file *map = hf_process_file(run, container->pid, "uid_map");
		const char *name = container->name ? container->name : container->id;
		uint64_t id;

		if (map->fact.state != HF_PRESENT || !host_id_of_root(run, map, &id)) {
			unread = daemon_join(run, unread, name);
			continue;
		}
		if (id != 0 && (!name_of_range || is_subordinate(run, name_of_range, id))) {
			good++;
			continue;
		}
		if (id != 0) {
			bad = daemon_join(run, bad, hf_text(run, "%s (uid %" PRIu64 ")", name, id));
			continue;
		}
		const hf_api_value *mode = daemon_inspect(run, container, "HostConfig/UsernsMode");

		if (mode->fact.state != HF_PRESENT)
			unread = daemon_join(run, unread, name);
		else if (strcmp(mode->text, "host") == 0)
			hf_note(run, mode->fact.source, hf_text(run, "%s opts out", name));
		else
			bad = daemon_join(run, bad, hf_text(run, "%s (uid 0)", name));
	}
	if (*bad)
		(void)hf_expect(run, source, hf_text(run, "root is no subordinate id in %s", bad),
				wanted, false);
	else if (good > 0)
		(void)hf_expect(run, source, hf_text(run, "root is such an id in %zu", good),
				wanted, true);
	if (*unread)
		hf_unknown(run, source, hf_text(run, "not known for %s", unread));
}

/* The account whose subordinate ids are used: "default" is dockremap; "user:group" names both.
 * Returns the user. */
static const char *judge_remap_ranges(hf_check_run *run, const char *remap)
{
	const char *colon = strchr(remap, ':');
	const char *user = hf_text(run, "%.*s", (int)strcspn(remap, ":"), remap);
	const char *group = colon ? colon + 1 : user;

	if (strcmp(remap, "default") == 0)
		user = group = "dockremap";
	judge_ranges(run, "/etc/subuid", "/etc/passwd", user);
	judge_ranges(run, "/etc/subgid", "/etc/group", group);
	return user;
}

static void check_userns_remap(hf_check_run *run)
{
	static const char wanted[] = "name=userns or name=rootless";
	const hf_daemon *daemon = daemon_begin(run);
	const hf_api_value *list = hf_api_get(run, "/info", "SecurityOptions");
	daemon_reading remap = daemon_read(run, "userns-remap");
	const char *entry = daemon_security_option(run, "name=rootless");

	if (!entry && daemon->is_running && daemon->user.state == HF_PRESENT && daemon->is_rootless)
		entry = "the daemon itself is rootless";
	if (entry) {
		(void)hf_expect(run, daemon->user.source, entry, wanted, true);
		judge_containers(run, NULL);
		return;
	}
	if (list->fact.state == HF_PRESENT) {
		entry = daemon_security_option(run, "name=userns");
		if (!hf_expect(run, list->fact.source, entry ? entry : list->text, wanted, entry))
			return;
	} else if (!daemon_expect(run, &remap, "a user whose ids containers get",
				  remap.value && *remap.value)) {
		return;
	}
	const char *name = remap.option->declared ? remap.option->declared : "";

	if (*name)
		name = judge_remap_ranges(run, name);
	else
		hf_unknown(run, remap.source, "whose subordinate ids are used is not known");
	if (daemon->is_running)
		judge_containers(run, *name ? name : NULL);
}

static const hf_check checks[] = {
	{
		.id = "daemon.rootless",
		.title = "The Engine runs without root on the host",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.1", "CWE:250", "ATTACK:T1611",
				"NIST-800-190:4.4.3", "OWASP-Docker:D01", "DOCKER-BENCH:check_2_1"),
		.aliases = HF_ALIASES("runtime.rootless"),
		.risk = "Whoever can talk to the engine, or breaks out of it, is root on the node.",
		.threat =
			"A member of the docker group starts a container that mounts / and edits "
			"/etc/shadow; a flaw in the engine or in runc ends as root on the host.",
		.remediation =
			"Move to the rootless engine (dockerd-rootless-setuptool.sh install as "
			"the user that owns the containers), then stop and disable docker.service "
			"and docker.socket. Images and volumes do not move along; ports below "
			"1024, host devices, overlay networks and cgroup v1 limits do not work "
			"there.",
		.run = check_rootless,
	},
	{
		.id = "daemon.userns-remap",
		.title = "Container root is not host root (user namespace remapping)",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.9", "CIS-Docker-1.8:2.10", "CWE:250", "CWE:653",
				"ATTACK:T1611", "NIST-800-190:4.4.3", "OWASP-Docker:D01",
				"DOCKER-BENCH:check_2_9"),
		.reads = HF_READS("/etc/subuid", "/etc/subgid", "/etc/passwd", "/etc/group"),
		.risk =
			"Root in a container is uid 0 on the node: a path that leaks into it, or "
			"a breakout, comes with root's rights over every file.",
		.threat =
			"An intruder leaves the container by a flaw in runc or the kernel and is "
			"root at once, where a remapped root would be nobody.",
		.remediation =
			"Set \"userns-remap\": \"default\" in /etc/docker/daemon.json and restart "
			"the engine; it makes dockremap and its ranges in /etc/subuid and "
			"/etc/subgid. The data root becomes <root>/<uid>.<gid>, so images and "
			"containers must be made anew; bind mounts need other owners, and "
			"--network host or --pid host need --userns=host.",
		.run = check_userns_remap,
	},
};

HF_CHECK_SET(daemon_users, checks);
