/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the engine is part of a swarm. */
#include "judge.h"

#include <string.h>

/* ---- swarm.disabled ---- */

/* The swarm's management and gossip, while the engine says that there is none. */
static const char *swarm_listeners(hf_check_run *run, const hf_daemon *daemon)
{
	const hf_listeners *listeners = hf_daemon_listeners(run);
	const char *list = "";

	for (size_t i = 0; listeners->fact.state == HF_PRESENT && i < listeners->count; i++) {
		const hf_listener *l = &listeners->all[i];

		if (l->pid == daemon->pid && (l->port == 2377 || l->port == 7946))
			list = daemon_join(run, list,
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
};

HF_CHECK_SET(daemon_swarm, checks);
