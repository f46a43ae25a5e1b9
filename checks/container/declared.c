/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container was started with that only its record tells: restarts, health, settings, logs.
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- container.restart-policy ---- */

static bool is_swarm_task(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *label =
		hf_container_inspect(run, container, "Config/Labels/com.docker.swarm.task.id");

	return label->fact.state == HF_PRESENT;
}

static void check_restart_policy(hf_check_run *run)
{
	static const char wanted[] = "no, or on-failure with 1 to 5 retries";
	static const container_others others = {
		.kubelet = "the kubelet restarts it, and waits longer each time",
		.podman = "holds the restart policy, and is not read",
		.rest = "its runtime restarts nothing",
	};
	const hf_container *container = hf_container_of(run);
	const hf_api_value *name =
		container_record_value(run, container, "HostConfig/RestartPolicy/Name", &others);

	if (!name)
		return;
	const char *policy = container_text(name), *shown = policy;
	bool is_none = *policy == '\0' || strcmp(policy, "no") == 0;

	/* anybody can set the label, but a task of a swarm has no policy of its own */
	if (is_none && is_swarm_task(run, container)) {
		hf_unknown(run, "restart policy of its service",
			   "a task of a swarm: only a manager knows the service");
		return;
	}
	const char *retries = container_text(
		hf_container_inspect(run, container, "HostConfig/RestartPolicy/MaximumRetryCount"));
	bool is_bounded = strlen(retries) == 1 && *retries >= '1' && *retries <= '5';

	if (strcmp(policy, "on-failure") == 0)
		shown = hf_text(run, "on-failure, %s retries",
				*retries && strcmp(retries, "0") != 0 ? retries : "endless");
	(void)hf_expect(run, name->fact.source, *shown ? shown : "no", wanted,
			is_none || (strcmp(policy, "on-failure") == 0 && is_bounded));
}

/* ---- container.health ---- */

/* Seconds since 1970 of "2026-11-22T08:26:53.7Z"; -1: it is none. */
static int64_t seconds_of(const char *text)
{
	struct tm tm = {0};

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return timegm(&tm);
}

/* A duration in nanoseconds, in seconds; 0 or nothing stands for the engine's default. */
static int64_t duration_of(hf_check_run *run, const hf_container *container, const char *name,
			   int64_t otherwise)
{
	const char *text = container_text(
		hf_container_inspect(run, container, hf_text(run, "Config/Healthcheck/%s", name)));
	long long value;

	return sscanf(text, "%lld", &value) == 1 && value > 0 ? value / 1000000000 : otherwise;
}

/* The first probe runs an interval after the start, and those within StartPeriod do not count. */
static void judge_starting(hf_check_run *run, const hf_container *container, const char *source,
			   const char *wanted)
{
	enum { INTERVAL = 30 };
	const hf_moment *moment = hf_moment_get(run);
	const char *started =
		container_text(hf_container_inspect(run, container, "State/StartedAt"));
	int64_t limit = duration_of(run, container, "StartPeriod", 0) +
			duration_of(run, container, "Interval", INTERVAL);
	int64_t since = seconds_of(started);

	if (!hf_need(run, &moment->fact))
		return;
	if (since < 0) {
		hf_unknown(run, source, "starting, and since when is not known");
		return;
	}
	bool is_early = seconds_of(moment->text) - since <= limit;

	(void)hf_expect(run, source,
			is_early ? "starting"
				 : hf_text(run, "starting since %s, longer than its %lld s",
					   started, (long long)limit),
			wanted, is_early);
}

static void check_health(hf_check_run *run)
{
	static const char wanted[] = "healthy, or starting for no longer than it may";
	static const container_others others = {
		.kubelet = "the kubelet probes it, as the pod says",
		.podman = "holds the result of health checks, and is not read",
		.rest = "its runtime has no health checks",
	};
	const hf_container *container = hf_container_of(run);
	const hf_api_value *status =
		container_record_value(run, container, "State/Health/Status", &others);
	const char *test;

	if (!status)
		return;
	const char *word = container_text(status);
	const char *source = "State.Health of the engine's record";

	test = container_text(hf_container_inspect(run, container, "Config/Healthcheck/Test/0"));
	if (*test == '\0' || strcmp(test, "NONE") == 0)
		(void)hf_expect(run, "Config.Healthcheck of the engine's record",
				*test ? "switched off (NONE)" : "no health check", wanted, false);
	else if (strcmp(word, "starting") == 0)
		judge_starting(run, container, source, wanted);
	else if (strcmp(word, "healthy") == 0 || strcmp(word, "unhealthy") == 0)
		(void)hf_expect(run, source, word, wanted, strcmp(word, "healthy") == 0);
	else
		hf_unknown(run, source, *word ? word : "it has a health check and no result");
}

/* ---- container.sysctls ---- */

/* Each belongs to a namespace of the container and gives nothing that root in it could not have
 * otherwise. */
static bool is_safe(const char *key)
{
	static const char *const safe[] = {
		"kernel.shm_rmid_forced",
		"net.ipv4.ip_local_port_range",
		"net.ipv4.ip_unprivileged_port_start",
		"net.ipv4.ping_group_range",
		"net.ipv4.tcp_syncookies",
	};

	for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
		if (strcmp(key, safe[i]) == 0)
			return true;
	}
	return false;
}

typedef struct settings {
	size_t count;
	const char *unsafe;
} settings;

static void add_setting(hf_check_run *run, settings *s, const char *key)
{
	s->count++;
	if (!is_safe(key))
		s->unsafe = container_join(run, s->unsafe, key);
}

/* "lxc.sysctl.net.ipv4.ip_forward = 1", lxc.container.conf(5). */
static void read_lxc(hf_check_run *run, const hf_file *file, settings *s)
{
	static const char key[] = "lxc.sysctl.";
	const char *end = file->data + file->size;

	for (const char *line = file->data; line < end;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));

		line += strspn(line, " \t");
		if (strncmp(line, key, strlen(key)) == 0) {
			const char *name = line + strlen(key);

			add_setting(run, s,
				    hf_text(run, "%.*s", (int)strcspn(name, " \t=\n"), name));
		}
		line = next ? next + 1 : end;
	}
}

/* The source for evidence, or NULL after marking @run. */
static const char *read_settings(hf_check_run *run, const hf_container *container, settings *s)
{
	enum { MOST = 200 };
	const hf_api_value *all = hf_container_oci(run, container, "linux/sysctl");
	const hf_fact *record;
	const char *key;

	if (all->fact.state == HF_UNREADABLE) {
		hf_unknown(run, all->fact.source, all->fact.why);
		return NULL;
	}
	for (size_t i = 0;
	     i < MOST && (key = hf_container_oci_member(run, container, "linux/sysctl", i)); i++)
		add_setting(run, s, key);
	if (all->fact.state == HF_PRESENT || strcmp(all->fact.source, "declared") != 0)
		return "linux.sysctl of its OCI configuration";
	record = hf_container_record(run, container);
	if (record->state == HF_PRESENT && strcmp(container->runtime, "lxc") == 0) {
		const hf_file *file = hf_file_get(run, record->source);

		if (!hf_need(run, &file->fact))
			return NULL;
		read_lxc(run, file, s);
		return "lxc.sysctl of its configuration";
	}
	hf_not_applicable(run, all->fact.source, "none", "no record says what it was started with");
	return NULL;
}

static void check_sysctls(hf_check_run *run)
{
	settings s = {.unsafe = ""};
	const char *source = read_settings(run, hf_container_of(run), &s);

	if (!source)
		return;
	if (s.count == 0)
		hf_not_applicable(run, source, "none", "it changes no kernel parameter");
	else
		(void)hf_expect(run, source, *s.unsafe ? s.unsafe : "safe ones alone",
				"only parameters that are known to be harmless", *s.unsafe == '\0');
}

/* ---- container.logging ---- */

static void check_logging(hf_check_run *run)
{
	static const container_others others = {
		.kubelet = "the kubelet has the log of every container written",
		.podman = "holds the log driver, and is not read",
		.rest = "its runtime writes no logs: who started it has its output",
	};
	const hf_container *container = hf_container_of(run);
	const hf_api_value *type =
		container_record_value(run, container, "HostConfig/LogConfig/Type", &others);

	if (!type)
		return;
	const char *driver = container_text(type);
	const hf_api_value *mode =
		hf_container_inspect(run, container, "HostConfig/LogConfig/Config/mode");
	const hf_api_value *size =
		hf_container_inspect(run, container, "HostConfig/LogConfig/Config/max-buffer-size");

	if (*driver == '\0') {
		hf_unknown(run, type->fact.source, "the record names no driver");
		return;
	}
	if (strcmp(container_text(mode), "non-blocking") == 0 && size->fact.state != HF_PRESENT)
		hf_note(run, mode->fact.source,
			"non-blocking with the default buffer of 1 MB: what does not fit is lost");
	(void)hf_expect(run, type->fact.source, driver, "any driver but none",
			strcmp(driver, "none") != 0);
}

static const hf_check checks[] = {
	{
		.id = "container.restart-policy",
		.title = "Crashing containers are not restarted without end",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.15", "CWE:834", "ATTACK:T1499.001",
				"OWASP-Docker:D07", "DOCKER-BENCH:check_5_15"),
		.risk = "A container that crashes at its start is started again for ever, which "
			"takes processor "
			"time and fills logs.",
		.threat = "Whoever can crash the service keeps the node busy with restarts, and "
			  "each is one more "
			  "try for an exploit that needs luck.",
		.remediation = "docker update --restart=on-failure:5 CONTAINER",
		.run = check_restart_policy,
	},
	{
		.id = "container.health",
		.title = "Running containers report healthy",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.27", "CWE:754", "OWASP-Docker:D07",
				"DOCKER-BENCH:check_5_27"),
		.risk = "A service that hangs counts as running, and nobody replaces it.",
		.threat = "One request that makes the service hang is enough to take it away for "
			  "long.",
		.remediation = "HEALTHCHECK in the Dockerfile, or docker run --health-cmd; look "
			       "into one that is "
			       "unhealthy with docker inspect.",
		.run = check_health,
	},
	{
		.id = "container.sysctls",
		.title = "No container changes unsafe kernel parameters",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.10", "CWE:1188", "NIST-800-190:4.4.3",
				"OWASP-Docker:D04"),
		.risk = "The kernel treats the container's packets or shared memory in ways that "
			"the node's "
			"administrator did not choose.",
		.threat = "With forwarding or route_localnet in its namespace a container that was "
			  "taken over "
			  "leads others into networks that they cannot reach.",
		.remediation = "docker run without --sysctl, or with parameters of the safe list "
			       "alone; in a pod "
			       "securityContext.sysctls likewise.",
		.run = check_sysctls,
	},
	{
		.id = "container.logging",
		.title = "The log of each container is kept",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.13", "CWE:778", "ATTACK:T1562.001",
				"OWASP-Docker:D10"),
		.risk = "What the service did, and who used it, cannot be told afterwards.",
		.threat = "An intruder leaves no trace outside of the container, and nothing of it "
			  "survives its "
			  "end.",
		.remediation = "docker run --log-driver with anything but none (the engine's "
			       "default is taken "
			       "without the flag).",
		.run = check_logging,
	},
};

HF_CHECK_SET(container_declared, checks);
