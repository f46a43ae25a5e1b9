/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps containers within bounds, and alive: limits, control groups, the daemon's own
 * restart. */
#include "judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Parents that this site gives its containers beside the engine's own. A profile parameter
 * later. */
static const char *const approved_parents[] = {NULL};

/* The highest defaults that count as a bound. Profile parameters later. */
typedef struct bound {
	const char *name; /* in default-ulimits */
	const char *line; /* in /proc/PID/limits */
	int64_t maximum;
} bound;

static const bound bounded_limits[] = {
	{"nofile", "Max open files", 1048576},
	{"nproc", "Max processes", 32768},
};

/* ---- daemon.default-ulimits ---- */

/* "soft:hard", or one number for both; -1 and "unlimited" are INT64_MAX. */
static bool parse_limit(const char *text, int64_t *ret_value)
{
	char *end;

	if (strcmp(text, "unlimited") == 0 || strcmp(text, "-1") == 0) {
		*ret_value = INT64_MAX;
		return true;
	}
	errno = 0;
	*ret_value = strtoll(text, &end, 10);
	return end != text && *end == '\0' && errno == 0 && *ret_value >= 0;
}

static bool parse_pair(hf_check_run *run, const char *text, int64_t *ret_soft, int64_t *ret_hard)
{
	const char *colon = strchr(text, ':');
	const char *soft = hf_text(run, "%.*s", (int)strcspn(text, ":"), text);

	return parse_limit(soft, ret_soft) && parse_limit(colon ? colon + 1 : soft, ret_hard);
}

/* The hard limit of a process; false when it cannot be read. */
static bool running_limit(hf_check_run *run, int32_t pid, const bound *limit, int64_t *ret_hard)
{
	const hf_file *file = hf_process_file(run, pid, "limits");
	const char *line = file->fact.state == HF_PRESENT ? strstr(file->data, limit->line) : NULL;

	if (!line)
		return false;
	line += strlen(limit->line);
	line += strspn(line, " ");
	line += strcspn(line, " \n"); /* soft */
	line += strspn(line, " ");
	return parse_limit(hf_text(run, "%.*s", (int)strcspn(line, " \n"), line), ret_hard);
}

typedef enum own_limit {
	OWN_NO,	 /* the inspection shows today's default, or nothing */
	OWN_YES, /* the container asked for another value */
	OWN_UNKNOWN
} own_limit;

/* The API merges today's defaults into what it shows, so only a difference proves a choice of the
 * container's own. */
static own_limit find_own(hf_check_run *run, const hf_container *container, const bound *limit,
			  int64_t soft, int64_t hard)
{
	const hf_api_value *list = daemon_inspect(run, container, "HostConfig/Ulimits");

	if (list->fact.state != HF_PRESENT)
		return OWN_UNKNOWN;
	for (size_t i = 0; i < list->count; i++) {
		const hf_api_value *name = daemon_inspect(
			run, container, hf_text(run, "HostConfig/Ulimits/%zu/Name", i));
		const hf_api_value *shown_soft = daemon_inspect(
			run, container, hf_text(run, "HostConfig/Ulimits/%zu/Soft", i));
		const hf_api_value *shown_hard = daemon_inspect(
			run, container, hf_text(run, "HostConfig/Ulimits/%zu/Hard", i));
		int64_t a, b;

		if (name->fact.state != HF_PRESENT || strcmp(name->text, limit->name) != 0)
			continue;
		if (shown_soft->fact.state != HF_PRESENT || shown_hard->fact.state != HF_PRESENT ||
		    !parse_limit(shown_soft->text, &a) || !parse_limit(shown_hard->text, &b))
			return OWN_UNKNOWN;
		return a == soft && b == hard ? OWN_NO : OWN_YES;
	}
	return OWN_NO;
}

/* The default is a bound; do containers that took it have it? Those made before it do not. */
static void judge_running_limits(hf_check_run *run, const bound *limit, int64_t soft, int64_t hard)
{
	const char *source = hf_text(run, "/proc/PID/limits of each container, %s", limit->line);
	const hf_containers *containers = hf_containers_get(run);
	const char *wanted = hf_text(run, "at most %" PRId64, limit->maximum);
	const char *bad = "", *unsure = "";
	const hf_container *container;
	size_t good = 0;

	daemon_require(run, &containers->fact);
	for (size_t i = 0; (container = daemon_container(run, containers, &i));) {
		const char *name = container->name ? container->name : container->id;
		int64_t found;

		if (!running_limit(run, container->pid, limit, &found)) {
			unsure = daemon_join(run, unsure, name);
			continue;
		}
		if (found <= limit->maximum) {
			good++;
			continue;
		}
		own_limit own = find_own(run, container, limit, soft, hard);

		if (own == OWN_NO)
			bad = daemon_join(run, bad, name);
		else if (own == OWN_UNKNOWN)
			unsure = daemon_join(run, unsure, name);
	}
	if (*bad)
		(void)hf_expect(run, source, hf_text(run, "above the maximum: %s", bad), wanted,
				false);
	else if (good > 0)
		(void)hf_expect(run, source, hf_text(run, "bounded in %zu", good), wanted, true);
	if (*unsure)
		hf_unknown(run, source, hf_text(run, "not known for %s", unsure));
}

static void note_unit_limit(hf_check_run *run, const char *unit, const char *key)
{
	const hf_unit_setting *setting = hf_unit_setting_get(run, unit, key);

	if (setting->fact.state == HF_PRESENT)
		hf_note(run, setting->fact.source,
			hf_text(run, "%s %s=%s", unit, key, setting->value));
}

static void check_default_ulimits(hf_check_run *run)
{
	bool is_bounded = true;

	(void)daemon_begin(run);
	for (size_t i = 0; i < sizeof bounded_limits / sizeof bounded_limits[0]; i++) {
		const bound *limit = &bounded_limits[i];
		daemon_reading reading =
			daemon_read(run, hf_text(run, "default-ulimits.%s", limit->name));
		const char *wanted = hf_text(run, "soft <= hard <= %" PRId64, limit->maximum);
		int64_t soft = 0, hard = 0;
		bool holds = reading.value && parse_pair(run, reading.value, &soft, &hard) &&
			     soft <= hard && hard <= limit->maximum;

		if (daemon_expect(run, &reading, wanted, holds))
			judge_running_limits(run, limit, soft, hard);
		is_bounded = is_bounded && holds;
	}
	if (!is_bounded) {
		note_unit_limit(run, "docker.service", "Service.LimitNOFILE");
		note_unit_limit(run, "docker.service", "Service.LimitNPROC");
		note_unit_limit(run, "containerd.service", "Service.LimitNOFILE");
		note_unit_limit(run, "containerd.service", "Service.LimitNPROC");
	}
}

/* ---- daemon.cgroup-parent ---- */

static bool ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

/* Where the engine puts containers unasked: /docker with cgroupfs, system.slice with systemd, the
 * user manager's user.slice below a rootless engine. A daemon in a group of its own has /docker
 * below that. */
static bool is_default_parent(const char *parent, const hf_daemon *daemon, const char *driver)
{
	bool is_rootless = daemon->user.state == HF_PRESENT && daemon->is_rootless;

	if (strcmp(driver, "systemd") != 0 && ends_with(parent, "/docker"))
		return true;
	if (strcmp(driver, "cgroupfs") == 0)
		return false;
	return strcmp(parent, "/system.slice") == 0 ||
	       (is_rootless && ends_with(parent, "/user.slice"));
}

static const char *parent_of(hf_check_run *run, const char *cgroup)
{
	const char *slash = strrchr(cgroup, '/');

	return slash && slash != cgroup ? hf_text(run, "%.*s", (int)(slash - cgroup), cgroup) : "/";
}

static void judge_placement(hf_check_run *run, const hf_daemon *daemon)
{
	static const char source[] = "/proc/PID/cgroup of each container";
	static const char wanted[] = "the engine's own tree";
	const hf_api_value *told = hf_api_get(run, "/info", "CgroupDriver");
	const char *driver = told->fact.state == HF_PRESENT ? told->text : "";
	const hf_containers *containers = hf_containers_get(run);
	const char *bad = "", *unsure = "";
	const hf_container *container;
	size_t good = 0;

	daemon_require(run, &containers->fact);
	for (size_t i = 0; (container = daemon_container(run, containers, &i));) {
		const char *name = container->name ? container->name : container->id;
		const char *parent = parent_of(run, container->cgroup);

		if (is_default_parent(parent, daemon, driver)) {
			good++;
			continue;
		}
		const hf_api_value *own = daemon_inspect(run, container, "HostConfig/CgroupParent");

		if (own->fact.state != HF_PRESENT)
			unsure = daemon_join(run, unsure, hf_text(run, "%s (%s)", name, parent));
		else if (*own->text)
			hf_note(run, own->fact.source,
				hf_text(run, "%s asked for its own parent %s", name, own->text));
		else
			bad = daemon_join(run, bad, hf_text(run, "%s (%s)", name, parent));
	}
	if (*bad)
		(void)hf_expect(run, source, bad, wanted, false);
	else if (good > 0)
		(void)hf_expect(run, source, hf_text(run, "%zu in it", good), wanted, true);
	if (*unsure)
		hf_unknown(run, source,
			   hf_text(run, "elsewhere, and whether they asked for it is not known: %s",
				   unsure));
}

static void check_cgroup_parent(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	daemon_reading parent = daemon_read(run, "cgroup-parent");
	bool is_unset = daemon_is(&parent, "");
	bool is_approved = parent.value && daemon_in(approved_parents, parent.value);

	if (daemon_expect(run, &parent, "not set, or a parent that was approved",
			  is_unset || is_approved) &&
	    is_unset && daemon->is_running)
		judge_placement(run, daemon);
}

/* ---- daemon.live-restore ---- */

static void check_live_restore(hf_check_run *run)
{
	(void)daemon_begin(run);
	const hf_api_value *swarm = hf_api_get(run, "/info", "Swarm/LocalNodeState");
	daemon_reading option = daemon_read(run, "live-restore");

	if (swarm->fact.state == HF_PRESENT && *swarm->text && strcmp(swarm->text, "inactive") != 0)
		hf_not_applicable(run, swarm->fact.source, swarm->text,
				  "an engine in a swarm refuses live-restore");
	else
		(void)daemon_expect(run, &option, "true", daemon_is(&option, "true"));
}

static const hf_check checks[] = {
	{
		.id = "daemon.default-ulimits",
		.title = "Containers get bounded open-file and process limits by default",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.8", "CIS-Docker-1.8:2.9", "CWE:770", "CWE:400",
				"ATTACK:T1499.001", "OWASP-Docker:D07", "DOCKER-BENCH:check_2_8"),
		.risk =
			"A container may open files and start processes until the node has none "
			"left.",
		.threat =
			"A fork bomb or a descriptor leak in one container stops every other one "
			"and the login to the node with it.",
		.remediation =
			"Set \"default-ulimits\": {\"nofile\": {\"Name\": \"nofile\", \"Soft\": "
			"65536, \"Hard\": 65536}, \"nproc\": {\"Name\": \"nproc\", \"Soft\": "
			"4096, \"Hard\": 8192}} in /etc/docker/daemon.json, restart the engine, "
			"and create the containers anew. nproc counts all processes of a uid on "
			"the node, so databases and Java servers may need more; --pids-limit is "
			"the sharper tool.",
		.run = check_default_ulimits,
	},
	{
		.id = "daemon.cgroup-parent",
		.title = "Containers land in the default cgroup tree of the Engine",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.10", "CIS-Docker-1.8:2.11", "CWE:770",
				"ATTACK:T1499.001", "OWASP-Docker:D07", "DOCKER-BENCH:check_2_10"),
		.risk =
			"Below another parent, above all the root group, containers escape the "
			"limits that were set for all of them together.",
		.threat =
			"A container takes the memory and processor time that the parent group "
			"should have left to the node's own services.",
		.remediation =
			"Remove \"cgroup-parent\" from /etc/docker/daemon.json (or "
			"--cgroup-parent from the unit), restart the engine and create the "
			"containers anew; limits that were set on the former parent must be set "
			"on system.slice or /docker.",
		.run = check_cgroup_parent,
	},
	{
		.id = "daemon.live-restore",
		.title = "Containers survive a stop of the Engine",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.15", "CIS-Docker-1.8:2.16", "CWE:400",
				"ATTACK:T1489", "OWASP-Docker:D07", "DOCKER-BENCH:check_2_15"),
		.risk =
			"Every restart of the engine, for an update or after a crash, stops all "
			"containers of the node.",
		.threat =
			"Whoever can crash the daemon takes all services down at once; and "
			"updates wait for a window, so known flaws stay open.",
		.remediation =
			"Set \"live-restore\": true in /etc/docker/daemon.json and reload the "
			"engine (systemctl reload docker). It cannot be used in a swarm, and does "
			"not cover an update over a major version or a change of the data root or "
			"bridge.",
		.run = check_live_restore,
	},
};

HF_CHECK_SET(daemon_resources, checks);
