/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image declares: its user, its health check, its ports. */
#include "judge.h"

#include <stdlib.h>

/* ---- image.non-root-user ---- */

static void check_non_root_user(hf_check_run *run)
{
	static const char source[] = "user of the image", wanted[] = "a user whose uid is not 0";
	const hf_image *image = image_begin(run, "");

	if (!image)
		return;
	if (strcmp(image->operating_system, "windows") == 0) {
		hf_not_applicable(run, "operating system of the image", image->operating_system,
				  "it has no uids");
		return;
	}
	if (*image->user == '\0' || *image->user == ':') {
		(void)hf_expect(run, source, "none, which is root", wanted, false);
		return;
	}
	if (strcspn(image->user, ":") == 4 && strncmp(image->user, "root", 4) == 0) {
		(void)hf_expect(run, source, image->user, wanted, false);
		return;
	}
	if (image->uid_fact.state == HF_ABSENT) {
		(void)hf_expect(run, source,
				hf_text(run, "%s, which its /etc/passwd does not know", image->user),
				wanted, false);
		return;
	}
	if (image->uid_fact.state == HF_UNREADABLE) {
		hf_unknown(run, image->uid_fact.source,
			   hf_text(run, "which uid %s has: %s", image->user, image->uid_fact.why));
		return;
	}
	(void)hf_expect(run, source,
			strspn(image->user, "0123456789") == strcspn(image->user, ":")
				? hf_text(run, "uid %u", image->uid)
				: hf_text(run, "%s, uid %u", image->user, image->uid),
			wanted, image->uid != 0);
}

/* ---- image.healthcheck ---- */

static void check_healthcheck(hf_check_run *run)
{
	static const char source[] = "health check of the image", wanted[] = "a test";
	const hf_image *image = image_begin(run, "");

	if (!image)
		return;
	if (*image->health == '\0' && image->is_oci)
		hf_not_applicable(run, "form of the image", "OCI",
				  "it has no place for a health check: the container's own decides");
	else
		(void)hf_expect(run, source, *image->health ? image->health : "none", wanted,
				*image->health && strcmp(image->health, "NONE") != 0);
}

/* ---- image.no-ssh-port ---- */

/* "22/tcp", "22", "20-25/tcp" */
static bool is_login_port(const char *port)
{
	char *rest;
	unsigned long first = strtoul(port, &rest, 10), last = first;

	if (rest == port)
		return false;
	if (*rest == '-')
		last = strtoul(rest + 1, &rest, 10);
	if (*rest && strcmp(rest, "/tcp") != 0)
		return false;
	return (first <= 22 && last >= 22) || (first <= 23 && last >= 23);
}

static bool is_login_server(const char *program)
{
	static const char *const servers[] = {"sshd", "dropbear", "telnetd", "in.telnetd"};

	for (size_t i = 0; i < IMAGE_COUNT(servers); i++) {
		if (strcmp(program, servers[i]) == 0)
			return true;
	}
	return false;
}

static void check_no_ssh_port(hf_check_run *run)
{
	static const char wanted[] = "neither port 22 nor 23 of TCP, and no server for them";
	const hf_image *image = image_begin(run, "ports");
	image_list ports = {0}, servers = {0};

	if (!image)
		return;
	for (size_t i = 0; i < image->port_count; i++) {
		if (is_login_port(image->ports[i]))
			image_list_add(run, &ports, image->ports[i]);
	}
	(void)hf_expect(run, "ports that the image announces",
			ports.count > 0 ? image_list_text(run, &ports) : "no port of a remote shell", wanted,
			ports.count == 0);
	const hf_image_files *files = hf_image_files_get(run, image);

	for (size_t i = 0; i < files->count; i++) {
		const hf_image_file *file = &files->all[i];

		if (strcmp(file->kind, "program") == 0 && !file->is_hidden && is_login_server(file->what))
			image_list_add(run, &servers, file->path);
	}
	if (servers.count > 0)
		(void)hf_expect(run, files->fact.source, image_list_text(run, &servers), wanted, false);
	else if (files->fact.state == HF_UNREADABLE)
		hf_unknown(run, files->fact.source, files->fact.why);
	else if (files->fact.state == HF_PRESENT)
		(void)hf_expect(run, files->fact.source, "no server for remote logins", wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "image.non-root-user",
		.title = "Images declare an unprivileged user",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.1", "CWE:250", "ATTACK:T1611", "NIST-800-190:4.1.2",
				"OWASP-Docker:D01", "DOCKER-BENCH:check_4_1"),
		.risk = "Every container of the image runs as root unless somebody says otherwise "
			"each time: what breaks out of it, or writes to a volume, is root.",
		.threat = "A flaw in the service gives root of the container at once, and one in the "
			  "kernel or the runtime, or a careless mount, the host.",
		.remediation = "In the Dockerfile: RUN adduser --system --uid 10001 app, then USER "
			       "10001. Give what it must write to that uid; ports below 1024 need no "
			       "root since Docker 20.03.",
		.run = check_non_root_user,
	},
	{
		.id = "image.healthcheck",
		.title = "Images say how their health is tested",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.6", "CWE:754", "OWASP-Docker:D07",
				"DOCKER-BENCH:check_4_6"),
		.risk = "A service that hangs looks healthy as long as its process lives, and nobody "
			"restarts it.",
		.threat = "One request that makes the service hang takes it away until a person "
			  "notices.",
		.remediation = "HEALTHCHECK --interval=30s CMD … in the Dockerfile (podman build "
			       "--format docker keeps it), or --health-cmd at docker run; an "
			       "orchestrator's probes do as well.",
		.run = check_healthcheck,
	},
	{
		.id = "image.no-ssh-port",
		.title = "Images do not announce a remote shell",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.7", "CWE:1188", "ATTACK:T1021.004",
				"NIST-800-190:4.1.2", "OWASP-Docker:D04"),
		.risk = "A way into the container past the engine and its logs, with keys and "
			"passwords of its own to look after.",
		.threat = "A login with a password that the image shipped, or by a flaw of the server.",
		.remediation = "Take EXPOSE 22 and the SSH server out of the image; docker exec (or "
			       "kubectl exec) gives a shell to those who may, and logs it. With --deep "
			       "the layers are searched for the server, too.",
		.run = check_no_ssh_port,
	},
};

HF_CHECK_SET(image_config, checks);
