/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces as they were declared against those that the container has. */
#include "spaces.h"

#include <stdio.h>
#include <string.h>

typedef enum declared { NOT_DECLARED = 0, PRIVATE, HOST, JOINED } declared;

typedef struct kind {
	hf_ns_type type;
	const char *oci;    /* linux.namespaces[].type, opencontainers/runtime-spec */
	const char *engine; /* HostConfig of Docker, or NULL */
} kind;

static const kind kinds[] = {
	{HF_NS_NET, "network", "HostConfig/NetworkMode"},
	{HF_NS_PID, "pid", "HostConfig/PidMode"},
	{HF_NS_IPC, "ipc", "HostConfig/IpcMode"},
	{HF_NS_UTS, "uts", "HostConfig/UTSMode"},
	{HF_NS_USER, "user", "HostConfig/UsernsMode"},
	{HF_NS_MNT, "mount", NULL},
	{HF_NS_CGROUP, "cgroup", "HostConfig/CgroupnsMode"},
	{HF_NS_TIME, "time", NULL},
};

/* One with a path is that of another process, perhaps of the host. Who is not in the list stays
 * where the runtime is. */
static declared of_bundle(hf_check_run *run, const hf_container *container, const kind *k)
{
	hf_api_value list = hf_container_oci_outline(run, container, "linux/namespaces");
	char at[64];

	if (list.fact.state != HF_PRESENT)
		return NOT_DECLARED;
	for (size_t i = 0; i < list.count; i++) {
		(void)snprintf(at, sizeof at, "linux/namespaces/%zu/type", i);
		const hf_api_value *type = hf_container_oci(run, container, at);

		if (type->fact.state != HF_PRESENT || !type->text)
			return NOT_DECLARED;
		if (strcmp(type->text, k->oci) != 0)
			continue;
		(void)snprintf(at, sizeof at, "linux/namespaces/%zu/path", i);
		const hf_api_value *path = hf_container_oci(run, container, at);

		return path->fact.state == HF_PRESENT && path->text && *path->text ? JOINED
										   : PRIVATE;
	}
	return HOST;
}

/* "" is the engine's default: a namespace of its own, but for the user's and, by version and
 * cgroup, the cgroup's. */
static declared of_engine(hf_check_run *run, const hf_container *container, const kind *k)
{
	const hf_api_value *mode =
		k->engine ? hf_container_inspect(run, container, k->engine) : NULL;

	if (!mode || mode->fact.state != HF_PRESENT || !mode->text || mode->is_null)
		return NOT_DECLARED;
	if (strcmp(mode->text, "host") == 0)
		return HOST;
	if (strncmp(mode->text, "container:", 10) == 0)
		return JOINED;
	if (*mode->text == '\0' && (k->type == HF_NS_USER || k->type == HF_NS_CGROUP))
		return NOT_DECLARED;
	return PRIVATE;
}

/* Another engine may run in namespaces of its own (in a container, in a network namespace of
 * tests); its "host" is where it is. */
static bool is_of_known_engine(hf_check_run *run, const hf_container *container)
{
	return strcmp(container->runtime, "docker") != 0 ||
	       hf_api_lists_container(run, container->id) == HF_PRESENT;
}

/* Says where @want and what is do not agree. */
static void compare(hf_check_run *run, const hf_container *container, const kind *k, declared want,
		    const char *source, uint64_t initial, size_t *compared)
{
	bool is_host = container->init->ns[k->type] == initial;
	const char *name = hf_ns_name(k->type);

	switch (want) {
	case NOT_DECLARED:
	case JOINED:
		return;
	case PRIVATE:
		if (is_host)
			(void)hf_expect(run, hf_text(run, "ns/%s of its first process", name),
					"the host's", hf_text(run, "its own, as %s says", source),
					false);
		break;
	case HOST:
		if (!is_host && !is_of_known_engine(run, container))
			hf_note(run, hf_text(run, "ns/%s of its first process", name),
				hf_text(run,
					"not the host's, but perhaps that of its runtime: %s asks "
					"for that",
					source));
		else if (!is_host)
			(void)hf_expect(run, hf_text(run, "ns/%s of its first process", name),
					"not the host's",
					hf_text(run, "the host's, as %s says", source), false);
		break;
	}
	(*compared)++;
}

/* A runtime that is in a user namespace itself (rootless) leaves containers where it is, not at the
 * host. */
static bool is_below_runtime(hf_check_run *run, const hf_container *container)
{
	return hf_task_is_remapped(run, container->init) &&
	       of_bundle(run, container, &kinds[4]) != PRIVATE;
}

static void check_drift(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_fact *record = hf_container_record(run, container);
	const hf_ns_reference *reference = hf_ns_reference_get(run);
	size_t compared = 0;

	if (record->state == HF_ABSENT) {
		hf_not_applicable(run, record->source, record->why ? record->why : "no record",
				  "no runtime's record names this container");
		return;
	}
	if (!hf_need(run, record))
		return;
	if (!container->init) {
		hf_unknown(run, "its first process", "could not be read");
		return;
	}
	bool is_below = is_below_runtime(run, container);

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const kind *k = &kinds[i];
		declared bundle = of_bundle(run, container, k),
			 engine = of_engine(run, container, k);

		if (reference->inode[k->type] == 0 && !reference->why[k->type])
			continue; /* not of this kernel */
		if (reference->inode[k->type] == 0 || container->init->ns[k->type] == 0) {
			hf_unknown(run,
				   hf_text(run, "ns/%s of its first process", hf_ns_name(k->type)),
				   reference->why[k->type] ? reference->why[k->type]
							   : "could not be read");
			continue;
		}
		if (is_below && (bundle == HOST || engine == HOST))
			continue;
		compare(run, container, k, bundle, "the bundle", reference->inode[k->type],
			&compared);
		compare(run, container, k, engine, "the engine's record", reference->inode[k->type],
			&compared);
	}
	if (hf_status_so_far(run) == HF_FAIL || hf_status_so_far(run) == HF_UNKNOWN)
		return;
	if (compared == 0)
		hf_unknown(run, record->source, "does not tell which namespaces were asked for");
	else
		(void)hf_expect(run, "namespaces as declared and of its first process", "agree",
				"what was declared", true);
}

static const hf_check checks[] = {
	{
		.id = "namespace.declared-drift",
		.title = "Declared and effective namespaces agree",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:223"),
		.risk = "Whoever goes by the record takes the container for other than it is.",
		.threat = "Somebody moved its process into the host's namespaces after the start, "
			  "or changed the "
			  "record.",
		.remediation = "Start the container anew from its declaration, and find out who "
			       "changed it.",
		.run = check_drift,
	},
};

HF_CHECK_SET(namespace_drift, checks);
