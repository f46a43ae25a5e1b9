/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the engine is part of a swarm, and who can read what it keeps of it. */
#include "judge.h"

/* ---- swarm.disabled ---- */

/* The swarm's management and gossip, while the engine says that there is none. */
static const char *swarm_listeners(hf_check_run *run, const hf_daemon *daemon)
{
	const hf_listeners *listeners = hf_daemon_listeners(run);
	const char *list = "";

	for (size_t i = 0; listeners->fact.state == HF_PRESENT && i < listeners->count; i++) {
		const hf_listener *l = &listeners->all[i];

		if (l->pid == daemon->pid && (l->port == 2377 || l->port == 7946))
			list = swarm_join(run, list,
					  hf_text(run, "port %u of %s", l->port, l->address));
	}
	return list;
}

static void check_disabled(hf_check_run *run)
{
	static const char wanted[] = "inactive";
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_api_value *state = hf_api_get(run, "/info", "Swarm/LocalNodeState");

	if (!hf_need(run, &state->fact))
		return;
	if (*state->text == '\0') {
		hf_unknown(run, state->fact.source, "the engine names no state");
		return;
	}
	/* pending, locked (after a restart with autolock) and error are a swarm, too */
	if (!hf_expect(run, state->fact.source, state->text, wanted,
		       strcmp(state->text, "inactive") == 0))
		return;
	const char *list = swarm_listeners(run, daemon);

	if (*list)
		(void)hf_expect(run, "listening sockets of the daemon", list,
				"none of the swarm's ports", false);
}

/* ---- swarm.state-files ---- */

/* Below the folder of the state, with the most that each may allow: as the engine makes them. */
static const struct {
	const char *name;
	uint32_t mode;
	bool is_needed; /* of a node that is in a swarm */
} state_files[] = {
	{"", 0700, true},
	{"/docker-state.json", 0600, true},
	{"/state.json", 0600, false},
	{"/raft", 0700, false},
	{"/worker", 0755, false},
	{"/certificates", 0755, false},
	{"/certificates/swarm-node.key", 0600, false},
	{"/certificates/swarm-node.crt", 0644, false},
	{"/certificates/swarm-root-ca.crt", 0644, false},
};

static void check_state_files(hf_check_run *run)
{
	static const char wanted[] = "root's, and closed to all others";
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_swarm *swarm = hf_swarm_get(run);
	const char *bad = "";

	if (!swarm->root) {
		hf_unknown(run, swarm->fact.source, swarm->fact.why);
		return;
	}
	const hf_dir *dir = hf_dir_get(run, swarm->root);

	/* what a "swarm leave" could not take away is judged, too */
	if (dir->fact.state == HF_ABSENT || (dir->fact.state == HF_PRESENT && dir->count == 0)) {
		hf_not_applicable(run, swarm->root, dir->fact.state == HF_ABSENT ? "not there" : "empty",
				  "the daemon keeps no state of a swarm");
		return;
	}
	if (!hf_need(run, &dir->fact))
		return;
	for (size_t i = 0; i < sizeof state_files / sizeof state_files[0]; i++) {
		const hf_file *file = hf_stat_get(run, hf_text(run, "%s%s", swarm->root, state_files[i].name));
		const char *name = *state_files[i].name ? state_files[i].name + 1 : "the folder";

		if (file->fact.state == HF_ABSENT && !state_files[i].is_needed)
			continue;
		if (file->fact.state != HF_PRESENT) {
			hf_unknown(run, file->fact.source, file->fact.why);
			continue;
		}
		bool is_own = file->uid == 0 || (daemon->user.state == HF_PRESENT && file->uid == daemon->uid);

		if (!is_own || (file->mode & 07777U & ~state_files[i].mode))
			bad = swarm_join(run, bad,
					 hf_text(run, "%s (%04o, uid %u)", name, file->mode & 07777U,
						 file->uid));
	}
	if (*bad || hf_status_so_far(run) != HF_UNKNOWN)
		(void)hf_expect(run, swarm->root, *bad ? bad : "root's, and closed", wanted, *bad == '\0');
}

static const hf_check checks[] = {
	{
		.id = "swarm.disabled",
		.title = "Swarm mode is off where it is not used",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.1", "CWE:1188", "ATTACK:T1046",
				"NIST-800-190:4.3.2", "OWASP-Docker:D03", "DOCKER-BENCH:check_5_1"),
		.risk = "A manager elsewhere starts containers on this node, and the node listens "
			"on the network for it.",
		.threat = "Whoever has a join token or a manager's certificate runs what he likes "
			  "here; the ports for gossip and overlay traffic trust what reaches them.",
		.remediation = "docker swarm leave (with --force on the last manager). Where swarm "
			       "is used, close 2377/tcp, 7946 and 4789/udp to all but its nodes.",
		.run = check_disabled,
	},
	{
		.id = "swarm.state-files",
		.title = "Swarm keys and raft state on disk are closed to others",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:C/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.5", "CWE:732", "CWE:522", "ATTACK:T1552.004",
				"NIST-800-190:4.5.5", "OWASP-Docker:D06"),
		.risk = "Whoever can read the node's key poses as the node; with the log of a manager he "
			"has the swarm's secrets.",
		.threat = "A user of the node, or a container with a part of the data root mounted, "
			  "copies the files.",
		.remediation = "chown -R root:root /var/lib/docker/swarm && chmod 0700 "
			       "/var/lib/docker/swarm && chmod 0600 "
			       "/var/lib/docker/swarm/certificates/swarm-node.key (below your own data "
			       "root). Remove what is left after docker swarm leave.",
		.run = check_state_files,
	},
};

HF_CHECK_SET(swarm_state, checks);
