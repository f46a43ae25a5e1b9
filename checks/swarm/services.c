/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets of services. Values never get here: the collector tells names, lengths and shapes. */
#include "judge.h"

static const char *add(hf_check_run *run, const char *list, const hf_swarm_service *service,
		       const char *where, const hf_variable *variable)
{
	return swarm_join(run, list,
			  hf_text(run, "%s: %s %s%s%s", service->name, where, variable->name,
				  *variable->shape ? ", looks like: " : "", variable->shape));
}

static void check_secrets(hf_check_run *run)
{
	static const char wanted[] = "secrets reach services as secrets of the swarm";
	const hf_swarm_services *services = hf_swarm_services_get(run);
	const char *bad = "";
	bool is_unread = false;

	if (!swarm_is_managed(run) || !hf_need(run, &services->fact))
		return;
	for (size_t i = 0; i < services->count; i++) {
		const hf_swarm_service *s = &services->all[i];

		for (size_t k = 0; k < s->variable_count; k++) {
			if (hf_variable_is_secret(&s->variables[k]))
				bad = add(run, bad, s, "variable", &s->variables[k]);
		}
		for (size_t k = 0; k < s->argument_count; k++)
			bad = add(run, bad, s, "argument", &s->arguments[k]);
		for (size_t k = 0; k < s->config_count; k++) {
			const char *shape = s->configs[k].shape;

			/* "?": what is in it could not be looked at */
			if (strcmp(shape, "?") == 0)
				is_unread = true;
			else if (*shape)
				bad = add(run, bad, s, "config", &s->configs[k]);
		}
	}
	if (is_unread && *bad == '\0')
		hf_unknown(run, "engine API /configs", "what is in some config could not be looked at");
	else
		(void)hf_expect(run, services->fact.source,
				*bad ? bad : hf_text(run, "none of %zu services", services->count), wanted,
				*bad == '\0');
}

static const hf_check checks[] = {
	{
		.id = "swarm.secrets",
		.title = "Secrets reach services as swarm secrets, not as environment or config",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.4", "CWE:522", "CWE:526", "ATTACK:T1552.007",
				"NIST-800-190:4.1.4", "OWASP-Docker:D06", "DOCKER-BENCH:check_7_4"),
		.risk = "Everybody who may ask a manager about a service has the password.",
		.threat = "docker service inspect or docker config inspect shows it, and so does every "
			  "backup of a stack file.",
		.remediation = "docker secret create NAME -, then docker service update --secret-add "
			       "NAME --env-rm VARIABLE SERVICE; the service reads /run/secrets/NAME. "
			       "Change the value: it is known.",
		.run = check_secrets,
	},
};

HF_CHECK_SET(swarm_services, checks);
