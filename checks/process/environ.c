/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets in environments. Values never get here: the collector tells names, lengths and shapes
 * alone. */
#include "process.h"

static const char *described(hf_check_run *run, const hf_variable *variable)
{
	return hf_text(run, "%s (%u bytes%s%s)", variable->name, variable->value_length,
		       *variable->shape ? ", looks like: " : "", variable->shape);
}

static void check_secrets(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	process_list bad = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (!process_is_main(task) || task->fact.state != HF_PRESENT)
			continue;
		const hf_variables *variables = hf_process_variables(run, task->pid);

		if (!hf_need(run, &variables->fact))
			continue;
		for (size_t k = 0; k < variables->count; k++) {
			if (hf_variable_is_secret(&variables->all[k]))
				process_list_add(run, &bad, described(run, &variables->all[k]));
		}
	}
	process_conclude(run, &bad, "environment of every process, by names and shapes", "secrets",
			 "none looks like a secret",
			 "no secret, or the name of a file that holds it");
}

static const hf_check checks[] = {
	{
		.id = "process.environ-secrets",
		.title = "Environments of container processes carry no secrets",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.10", "CIS-Docker-1.6:7.4", "CWE:526", "CWE:522",
				"ATTACK:T1552.001", "MS-K8S-MATRIX:MS-TA9027", "NIST-800-190:4.1.4",
				"OWASP-Docker:D06", "ATTACK:T1552.007"),
		.aliases = HF_ALIASES("container.environment-secrets"),
		.risk = "Everybody who may ask the engine, every child process and every crash "
			"report has the "
			"password.",
		.threat = "docker inspect, a debug page or /proc/PID/environ gives it away.",
		.remediation = "Hand the secret over as a file (--secret, a mounted tmpfs, *_FILE "
			       "variables of "
			       "most images), and change the one that was in the environment.",
		.run = check_secrets,
	},
};

HF_CHECK_SET(process_environ, checks);
