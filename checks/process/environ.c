/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets in environments. Values never get here: the collector tells names, lengths and shapes
 * alone. */
#include "process.h"

#include <strings.h>

/* Switches that are called after what they switch: ALLOW_EMPTY_PASSWORD=yes,
 * MYSQL_RANDOM_ROOT_PASSWORD=1. */
static bool is_switch(const char *name)
{
	static const char *const words[] = {"ALLOW_", "RANDOM_", "ENABLE_", "DISABLE_", "REQUIRE_"};

	for (size_t i = 0; i < PROCESS_COUNT(words); i++) {
		if (strcasestr(name, words[i]))
			return true;
	}
	return false;
}

/* What the shared list of names leaves to us: it is made for settings of engines, and these are of
 * services. */
static bool is_more_secret(const char *name)
{
	static const char *const ends[] = {"_PASS", "_PRIVATE_KEY", "_ENCRYPTION_KEY",
					   "_SIGNING_KEY", "_SECRET_KEY_BASE"};
	size_t length = strlen(name);

	for (size_t i = 0; i < PROCESS_COUNT(ends); i++) {
		size_t tail = strlen(ends[i]);

		if (length > tail && strcasecmp(name + length - tail, ends[i]) == 0)
			return true;
	}
	return false;
}

/* "AWS_ACCESS_KEY_ID" names which key it is; the key is another. */
static bool names_no_value(const char *name)
{
	size_t length = strlen(name);

	return is_switch(name) || (length > 3 && strcasecmp(name + length - 3, "_ID") == 0);
}

static bool is_secret(const hf_variable *variable)
{
	if (variable->value_length == 0)
		return false;
	if (*variable->shape)
		return true;
	return (variable->is_secret_name || is_more_secret(variable->name)) &&
	       !names_no_value(variable->name);
}

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
			if (is_secret(&variables->all[k]))
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
