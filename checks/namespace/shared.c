/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers in the namespaces of other containers. */
#include "spaces.h"

#include <string.h>

typedef struct shared_param {
	hf_ns_type type;
	bool is_pods;	  /* containers of one pod share it by design */
	bool needs_trust; /* … where they are equally trusted */
} shared_param;

static bool is_one_pod(const hf_peers *peers)
{
	const char *pod = peers->all[0]->pod;

	for (size_t i = 0; i < peers->count; i++) {
		if (!pod || !peers->all[i]->pod || strcmp(peers->all[i]->pod, pod) != 0)
			return false;
	}
	return true;
}

/* Who has the same rights has nothing to gain from the other. */
static bool is_like(const hf_task *a, const hf_task *b)
{
	return (a->uid[1] == 0) == (b->uid[1] == 0) && a->cap_effective == b->cap_effective &&
	       a->cap_bounding == b->cap_bounding && a->seccomp_mode == b->seccomp_mode;
}

/* The members whose rights differ from the first one's; the pause container runs nothing. */
static bool is_equally_trusted(hf_check_run *run, const hf_peers *peers, spaces_names *others)
{
	const hf_task *first = NULL;

	for (size_t i = 0; i < peers->count; i++) {
		const hf_container *peer = peers->all[i];

		if (peer->is_sandbox || !peer->init)
			continue;
		if (first && !is_like(first, peer->init))
			spaces_add(run, others, spaces_container(run, peer));
		first = first ? first : peer->init;
	}
	return others->count == 0;
}

static void judge_pod(hf_check_run *run, const shared_param *param, const hf_peers *peers,
		      const char *source, const char *wanted)
{
	spaces_names others = {0};

	if (!param->needs_trust || is_equally_trusted(run, peers, &others))
		(void)hf_expect(run, source, "containers of one pod", wanted, true);
	else
		(void)hf_expect(
			run, source,
			hf_text(run, "containers of one pod with other rights than its first: %s",
				spaces_text(run, &others)),
			wanted, false);
}

static void check_shared(hf_check_run *run)
{
	const shared_param *param = hf_check_param(run);
	const hf_container *container = hf_container_of(run);
	const hf_peers *peers = hf_container_ns_peers(run, container, param->type);
	const char *source =
		hf_text(run, "ns/%s of the tasks of all containers", hf_ns_name(param->type));
	const char *wanted = param->is_pods ? "one container's, or one pod's" : "one container's";
	spaces_names names = {0};
	uint64_t initial;

	if (!spaces_initial(run, param->type, &initial))
		return;
	for (size_t i = 0; i < peers->count; i++)
		spaces_add(run, &names, spaces_container(run, peers->all[i]));
	if (peers->count > 1 && param->is_pods && is_one_pod(peers))
		judge_pod(run, param, peers, source, wanted);
	else if (peers->count > 1)
		(void)hf_expect(run, source, hf_text(run, "shared by %s", spaces_text(run, &names)),
				wanted, false);
	else if (!hf_need(run, &peers->fact))
		return;
	else if (peers->total < 2)
		hf_not_applicable(run, source, "one container", "there is no other on this node");
	else if (peers->count == 1)
		(void)hf_expect(run, source, "one container's", wanted, true);
	else
		hf_not_applicable(
			run, source, "the host's",
			hf_text(run, "namespace.%s-host speaks of that", hf_ns_name(param->type)));
	/* what could not be read might add a stranger to the pod */
	if (hf_status_so_far(run) == HF_PASS && peers->fact.state != HF_PRESENT)
		hf_unknown(run, peers->fact.source, peers->fact.why);
}

#define SHARED_REMEDIATION                                                                         \
	"Start each container without --network, --pid or --ipc container:NAME, or put them into " \
	"one pod where they belong together; end processes that entered another container."

static const hf_check checks[] = {
	{
		.id = "namespace.net-shared",
		.title = "Containers do not share a network namespace with another container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "CWE:668", "NIST-800-190:4.4.2", "ATTACK:T1040",
				"CIS-Docker-1.6:5.16", "CIS-Docker-1.6:5.10"),
		.aliases = HF_ALIASES("container.joined-namespaces"),
		.risk = "One container reaches what the other serves on loopback only, and uses "
			"its address.",
		.threat = "With NET_RAW it sniffs the other's traffic and answers in its name.",
		.remediation = SHARED_REMEDIATION,
		.run = check_shared,
		.param = &(const shared_param){.type = HF_NS_NET, .is_pods = true},
	},
	{
		.id = "namespace.pid-shared",
		.title = "Containers do not share a pid namespace with another container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "KUBEHOUND:SHARE_PS_NAMESPACE", "ATTACK:T1080",
				"NIST-800-190:4.4.3", "CIS-Docker-1.6:5.16", "CIS-Docker-1.6:5.10"),
		.risk = "One container sees and signals the processes of the other.",
		.threat = "With the same user or SYS_PTRACE it reads the other's memory, and its "
			  "files through "
			  "/proc/PID/root.",
		.remediation = SHARED_REMEDIATION,
		.run = check_shared,
		.param = &(const shared_param){.type = HF_NS_PID,
					       .is_pods = true,
					       .needs_trust = true},
	},
	{
		.id = "namespace.ipc-shared",
		.title = "Containers do not share an ipc namespace with another container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "CWE:668", "CIS-Docker-1.6:5.16", "CIS-Docker-1.6:5.10"),
		.risk = "Shared memory and queues cross the border between two containers.",
		.threat = "What one keeps in shared memory the other reads, changes or removes.",
		.remediation = SHARED_REMEDIATION,
		.run = check_shared,
		.param = &(const shared_param){.type = HF_NS_IPC, .is_pods = true},
	},
	{
		.id = "namespace.mnt-shared",
		.title = "Containers do not share a mount namespace with another container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:653"),
		.risk = "Both have one view of files: a mount or a change in one is a change in "
			"the other.",
		.threat = "A process of one container has entered the other's mount namespace, and "
			  "with it all of "
			  "its files and secrets.",
		.remediation = SHARED_REMEDIATION,
		.run = check_shared,
		.param = &(const shared_param){.type = HF_NS_MNT},
	},
	{
		.id = "namespace.uts-shared",
		.title = "Containers do not share a uts namespace with another container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:653"),
		.risk = "A change of the host name in one container is seen in the other.",
		.threat = "A program that goes by its host name takes itself for another.",
		.remediation = SHARED_REMEDIATION,
		.run = check_shared,
		.param = &(const shared_param){.type = HF_NS_UTS, .is_pods = true},
	},
};

HF_CHECK_SET(namespace_shared, checks);
