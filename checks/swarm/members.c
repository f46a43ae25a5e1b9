/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes of a swarm: how many managers, and what runs on them. */
#include "judge.h"

static const char *node_text(hf_check_run *run, size_t index, const char *path)
{
	const hf_api_value *value = hf_api_get(run, "/nodes", hf_text(run, "%zu/%s", index, path));

	return value->fact.state == HF_PRESENT ? value->text : "";
}

static const char *node_name(hf_check_run *run, size_t index)
{
	const char *name = node_text(run, index, "Description/Hostname");

	return *name ? name : node_text(run, index, "ID");
}

static bool is_manager(hf_check_run *run, size_t index)
{
	return strcmp(node_text(run, index, "Spec/Role"), "manager") == 0;
}

/* The list of nodes; NULL after marking @run. */
static const hf_api_value *nodes(hf_check_run *run)
{
	const hf_api_value *all = hf_api_get(run, "/nodes", "");

	if (!hf_need(run, &all->fact))
		return NULL;
	if (all->count > 0)
		return all;
	hf_unknown(run, all->fact.source, "is empty");
	return NULL;
}

/* ---- swarm.manager-count ---- */

enum { MANAGERS_MAX = 7 };

static void check_manager_count(hf_check_run *run)
{
	static const char wanted[] = "an odd number, 7 at most, and all reachable";
	const char *lost = "";
	int64_t managers;

	if (!swarm_is_managed(run) || !swarm_number(run, "Swarm/Managers", &managers))
		return;
	(void)hf_expect_i64(run, "engine API /info Swarm/Managers", managers, wanted,
			    managers >= 1 && managers <= MANAGERS_MAX && managers % 2 == 1);
	const hf_api_value *all = nodes(run);

	for (size_t i = 0; all && i < all->count; i++) {
		const char *reach = node_text(run, i, "ManagerStatus/Reachability");

		if (is_manager(run, i) && strcmp(reach, "reachable") != 0)
			lost = swarm_join(run, lost,
					  hf_text(run, "%s: %s", node_name(run, i),
						  *reach ? reach : "not told"));
	}
	if (all)
		(void)hf_expect(run, all->fact.source, *lost ? lost : "all managers reachable", wanted,
				*lost == '\0');
}

/* ---- swarm.manager-drain ---- */

/* How many tasks that should run the node has; -1 after marking @run. */
static int64_t tasks_of(hf_check_run *run, const char *node)
{
	const hf_api_value *tasks = hf_api_get(run, "/tasks", "");
	int64_t count = 0;

	if (!hf_need(run, &tasks->fact))
		return -1;
	for (size_t i = 0; i < tasks->count; i++) {
		const hf_api_value *at = hf_api_get(run, "/tasks", hf_text(run, "%zu/NodeID", i));

		count += at->fact.state == HF_PRESENT && strcmp(at->text, node) == 0;
	}
	return count;
}

static void judge_manager(hf_check_run *run, size_t index, const char **busy)
{
	const char *availability = node_text(run, index, "Spec/Availability");

	if (strcmp(availability, "drain") == 0)
		return;
	/* a paused one gets no new tasks, and keeps those that it has */
	int64_t tasks = strcmp(availability, "pause") == 0 ? tasks_of(run, node_text(run, index, "ID")) : 1;

	if (tasks > 0)
		*busy = swarm_join(run, *busy,
				   hf_text(run, "%s: %s", node_name(run, index),
					   *availability ? availability : "not told"));
}

static void check_manager_drain(hf_check_run *run)
{
	static const char wanted[] = "drain, for every manager";
	const char *busy = "";
	size_t workers = 0;

	if (!swarm_is_managed(run))
		return;
	const hf_api_value *all = nodes(run);

	if (!all)
		return;
	for (size_t i = 0; i < all->count; i++)
		workers += !is_manager(run, i);
	if (workers == 0) {
		hf_not_applicable(run, all->fact.source, "no worker", "managers have to do the work here");
		return;
	}
	for (size_t i = 0; i < all->count; i++) {
		if (is_manager(run, i))
			judge_manager(run, i, &busy);
	}
	if (*busy || hf_status_so_far(run) != HF_UNKNOWN)
		(void)hf_expect(run, all->fact.source, *busy ? busy : "no manager takes tasks", wanted,
				*busy == '\0');
}

static const hf_check checks[] = {
	{
		.id = "swarm.manager-count",
		.title = "The swarm has an odd, small number of managers",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.1", "CWE:1188", "NIST-800-190:4.3.5",
				"OWASP-Docker:D04", "DOCKER-BENCH:check_7_1"),
		.risk = "With an even number one manager more can fail no more than before, and each "
			"manager holds all keys of the swarm.",
		.threat = "Two of four managers lost, and nothing can be changed any more; a break-in on "
			  "any one of many managers is one on all nodes.",
		.remediation = "docker node demote NODE (or promote), so that there are 3, or 5 across "
			       "sites; docker node ls shows which cannot be reached.",
		.run = check_manager_count,
	},
	{
		.id = "swarm.manager-drain",
		.title = "Managers run no workload",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:7.1", "CWE:653", "NIST-800-190:4.3.4",
				"OWASP-Docker:D05"),
		.risk = "A container that breaks out on a manager owns the whole swarm, its secrets "
			"included.",
		.threat = "A flaw in any service that was placed on a manager is the way to all nodes.",
		.remediation = "docker node update --availability drain MANAGER, for each.",
		.run = check_manager_drain,
	},
};

HF_CHECK_SET(swarm_members, checks);
