/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of containers share: the engine's record, whose a socket is, who came from
 * outside. */
#include "judge.h"

#include <stdio.h>
#include <string.h>

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return word && (strcmp(word, a) == 0 || strcmp(word, b) == 0);
}

const hf_api_value *container_record_value(hf_check_run *run, const hf_container *container,
					   const char *path, const container_others *others)
{
	const hf_api_value *value = hf_container_inspect(run, container, path);
	const hf_fact *fact = &value->fact;

	if (fact->state == HF_PRESENT ||
	    (fact->state == HF_ABSENT && strcmp(fact->source, "declared") != 0))
		return value;
	if (fact->state == HF_UNREADABLE)
		hf_unknown(run, fact->source, fact->why);
	else if (is_one_of(container->runtime, "kubernetes", "cri-o"))
		hf_not_applicable(run, "runtime", container->runtime, others->kubelet);
	else if (strcmp(container->runtime, "podman") == 0)
		hf_unknown(run, "Podman's database", others->podman);
	else
		hf_not_applicable(run, "runtime", container->runtime, others->rest);
	return NULL;
}

const char *container_text(const hf_api_value *value)
{
	return value->fact.state == HF_PRESENT && !value->is_null ? value->text : "";
}

bool container_has_host_network(hf_check_run *run, const hf_container *container)
{
	const hf_ns_reference *reference = hf_ns_reference_get(run);

	return container->init && reference->inode[HF_NS_NET] != 0 &&
	       container->init->ns[HF_NS_NET] == reference->inode[HF_NS_NET];
}

container_holds container_holds_socket(hf_check_run *run, const hf_container *container,
				       uint64_t inode)
{
	container_holds holds = container->tasks_fact.state == HF_PRESENT ? CONTAINER_HOLDS_NOT
									  : CONTAINER_HOLDS_UNKNOWN;
	char target[32];

	(void)snprintf(target, sizeof target, "socket:[%llu]", (unsigned long long)inode);
	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].tid != container->tasks[i].pid)
			continue;
		const hf_opens *opens = hf_process_opens(run, container->tasks[i].pid);

		if (opens->fact.state != HF_PRESENT)
			holds = CONTAINER_HOLDS_UNKNOWN;
		for (size_t k = 0; k < opens->count; k++) {
			if (strcmp(opens->all[k].target, target) == 0)
				return CONTAINER_HOLDS;
		}
	}
	return holds;
}

const char *container_task_name(hf_check_run *run, const hf_task *task)
{
	return hf_text(run, "%s (pid %d)", task->name ? task->name : "?", task->pid);
}

const char *container_join(hf_check_run *run, const char *list, const char *item)
{
	enum { LONG = 400 };

	/* nobody reads a hundred names */
	if (strlen(list) > LONG)
		return list;
	return hf_text(run, "%s%s%s", list, *list ? ", " : "", item);
}
