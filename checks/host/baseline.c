/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node as a whole: what its own checks found. */
#include <holdfast/holdfast.h>

#include <string.h>

enum { HIGH = 70, NAMES_TOLD = 8 };

/* About the node and not about an engine: kernel, security modules, host. */
static bool is_of_host(const hf_check *check)
{
	static const char *const areas[] = {"kernel.", "kconfig.",  "cmdline.", "sysctl.",
					    "host.",   "apparmor.", "selinux."};

	for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++) {
		if (check->subject == HF_SUBJECT_HOST &&
		    strncmp(check->id, areas[i], strlen(areas[i])) == 0)
			return (check->flags & (HF_CHECK_INFO | HF_CHECK_MANUAL)) == 0;
	}
	return false;
}

typedef struct listing {
	const char *names;
	size_t count;
} listing;

static void add(hf_check_run *run, listing *list, const char *name)
{
	if (list->count++ < NAMES_TOLD)
		list->names = hf_text(run, "%s%s%s", list->names ? list->names : "",
				      list->names ? ", " : "", name);
}

static const char *told(hf_check_run *run, const listing *list)
{
	return list->count > NAMES_TOLD
		       ? hf_text(run, "%s and %zu more", list->names, list->count - NAMES_TOLD)
		       : list->names;
}

static void check_hardened(hf_check_run *run)
{
	static const char source[] = "this run's checks of the node";
	static const char wanted[] =
		"every check of the node of severity high or critical passes, or does not apply";
	const hf_outcome *outcomes;
	size_t count = hf_outcomes_get(run, &outcomes), passed = 0;
	listing failed = {0}, unknown = {0}, left_out = {0};

	for (size_t i = 0; i < count; i++) {
		const hf_outcome *outcome = &outcomes[i];

		if (!is_of_host(outcome->check) || outcome->score_tenths < HIGH)
			continue;
		switch (outcome->status) {
		case HF_FAIL:
			add(run, &failed, outcome->check->id);
			break;
		case HF_UNKNOWN:
		case HF_ERROR:
		case HF_STATUS_COUNT:
			add(run, &unknown, outcome->check->id);
			break;
		case HF_NOTSELECTED:
			add(run, &left_out, outcome->check->id);
			break;
		case HF_PASS:
		case HF_NOTAPPLICABLE:
		case HF_NOTCHECKED:
		case HF_INFORMATIONAL:
			passed++;
			break;
		}
	}
	if (failed.count > 0)
		(void)hf_expect(run, source,
				hf_text(run, "%zu fail: %s", failed.count, told(run, &failed)),
				wanted, false);
	if (unknown.count > 0)
		hf_unknown(run, source,
			   hf_text(run, "%zu are unknown: %s", unknown.count, told(run, &unknown)));
	if (left_out.count > 0 || passed + failed.count + unknown.count == 0)
		hf_review(run, source,
			  left_out.count ? hf_text(run, "%zu are no part of this run: %s",
						   left_out.count, told(run, &left_out))
					 : "there are none",
			  "a scan with all checks of the node");
	else if (failed.count == 0 && unknown.count == 0)
		(void)hf_expect(run, source, hf_text(run, "%zu pass or do not apply", passed),
				wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "host.docker-hardened",
		.title = "The node itself meets the host baseline of this checker",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.flags = HF_CHECK_ROLLUP,
		.refs = HF_REFS("CIS-Docker-1.6:1.2.1", "CWE:1188", "ATTACK:T1611",
				"NIST-800-190:4.5.1", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_1_2_1"),
		.risk = "Every container shares the kernel and the services of the node: what is "
			"open there is open to all of them.",
		.threat =
			"Whoever gets out of a container, or reaches the node by another way, uses "
			"the first setting that was left open.",
		.remediation =
			"holdfast scan --only 'kernel' --only 'host' shows the failing checks with "
			"what to change for each.",
		.run = check_hardened,
	},
};

HF_CHECK_SET(host_baseline, checks);
