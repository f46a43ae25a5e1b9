/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether anything on this node asks for an image's signature before it runs: the client of old, or the engines. */
#include "judge.h"

#include <stdlib.h>

/* ---- image.content-trust ---- */

#define PACKAGES "packages:*docker*", "packages:moby-cli"

static const char variable[] = "DOCKER_CONTENT_TRUST";

/* From 29.0 on the client knows no content trust any more (docker/cli, pull request 6603). */
enum { LAST_MAJOR = 28 };

typedef struct clients {
	const char *source; /* of the one that was found first; NULL: none is there */
	const char *version; /* of a packaged one; NULL: not known */
	unsigned long major;
} clients;

static unsigned long major_of(const char *version)
{
	const char *colon = strchr(version, ':');

	return strtoul(colon ? colon + 1 : version, NULL, 10);
}

/* Of those that bring /usr/bin/docker. */
static bool find_package(hf_check_run *run, clients *found)
{
	static const char *const names[] = {"docker-ce-cli", "docker-cli", "moby-cli", "docker.io"};
	static const char *const patterns[] = {"*docker*", "moby-cli"};

	for (size_t n = 0; n < IMAGE_COUNT(names); n++) {
		for (size_t i = 0; i < IMAGE_COUNT(patterns); i++) {
			const hf_packages *packages = hf_packages_get(run, patterns[i]);

			for (size_t k = 0; k < packages->count; k++) {
				const hf_package *package = &packages->all[k];

				if (!package->is_installed || !package->version ||
				    strcmp(package->name, names[n]) != 0)
					continue;
				found->version = package->version;
				found->major = major_of(package->version);
				return true;
			}
		}
	}
	return false;
}

/* False after marking @run. */
static bool find_clients(hf_check_run *run, clients *found)
{
	static const char *const programs[] = {"/usr/local/bin/docker", "/snap/bin/docker", "/usr/bin/docker"};

	*found = (clients){0};
	for (size_t i = 0; i < IMAGE_COUNT(programs); i++) {
		const hf_file *file = hf_stat_get(run, programs[i]);

		if (file->fact.state == HF_ABSENT)
			continue;
		if (file->fact.state == HF_UNREADABLE) {
			hf_unknown(run, programs[i], file->fact.why);
			return false;
		}
		if (!found->source)
			found->source = programs[i];
	}
	if (!found->source) {
		hf_not_applicable(run, "/usr/bin/docker", "not there", "no client of Docker is installed");
		return false;
	}
	if (strcmp(found->source, "/usr/bin/docker") == 0 && find_package(run, found))
		return true;
	hf_unknown(run, found->source,
		   "which version the client is cannot be told: no package that we know brought it");
	return false;
}

/* "export NAME='1'", "NAME=1", of pam_env.conf(5) "NAME DEFAULT=1": the last one counts. "": it is unset. NULL: no such line. */
static const char *find_setting(hf_check_run *run, const hf_file *file)
{
	const char *value = NULL;

	for (const char *line = file->data; line && *line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\n");
		size_t length = strcspn(line, "\n");
		const char *at = line;

		if (strncmp(at, "unset ", 6) == 0 && strncmp(at + 6, variable, strlen(variable)) == 0)
			value = "";
		if (strncmp(at, "export ", 7) == 0)
			at += 7;
		if (strncmp(at, variable, strlen(variable)) != 0)
			continue;
		at += strlen(variable);
		at += strspn(at, " \t");
		if (strncmp(at, "DEFAULT", 7) == 0)
			at += 7;
		if (*at != '=' || at >= line + length)
			continue;
		at += 1 + strspn(at + 1, "\"'");
		value = hf_text(run, "%.*s", (int)strcspn(at, "\"' \t\n;"), at);
	}
	return value;
}

typedef struct setting {
	const char *value;
	const char *source;
	bool is_off; /* some file takes it away */
	bool is_unread;
} setting;

static void take_file(hf_check_run *run, const hf_file *file, setting *found)
{
	const char *value;

	if (file->fact.state == HF_UNREADABLE) {
		found->is_unread = true;
		hf_unknown(run, file->fact.source, file->fact.why);
	}
	if (file->fact.state != HF_PRESENT)
		return;
	value = find_setting(run, file);
	if (!value)
		return;
	if (strcmp(value, "1") != 0) {
		found->is_off = true;
		found->source = file->fact.source;
	} else if (!found->value) {
		found->value = value;
		found->source = file->fact.source;
	}
}

static void check_content_trust(hf_check_run *run)
{
	static const char wanted[] = "DOCKER_CONTENT_TRUST=1 for every login";
	static const char *const files[] = {"/etc/environment", "/etc/security/pam_env.conf",
					    "/etc/profile", "/etc/bash.bashrc"};
	setting found = {0};
	const hf_file *const *profiles;
	clients client;

	if (!find_clients(run, &client))
		return;
	if (client.major > LAST_MAJOR) {
		hf_not_applicable(run, "version of the client", client.version,
				  "it has no content trust any more: image.signed-artifacts decides");
		return;
	}
	for (size_t i = 0; i < IMAGE_COUNT(files); i++)
		take_file(run, hf_file_get(run, files[i]), &found);
	size_t count = hf_files_matching(run, "/etc/profile.d/*.sh", &profiles);

	for (size_t i = 0; i < count; i++)
		take_file(run, profiles[i], &found);
	if (found.is_off)
		(void)hf_expect(run, found.source, "sets it to something else, or unsets it", wanted, false);
	else if (found.value)
		(void)hf_expect(run, found.source, "DOCKER_CONTENT_TRUST=1", wanted, true);
	else if (!found.is_unread)
		(void)hf_expect(run, "environment of logins", "DOCKER_CONTENT_TRUST is not set", wanted,
				false);
}

/* ---- image.signed-artifacts ---- */

static const char signed_wanted[] = "images without a known signature are refused";
static const char policy[] = "/etc/containers/policy.json";

static bool runs(hf_check_run *run, const char *program)
{
	const hf_processes *processes = hf_processes_get(run);

	for (size_t i = 0; i < processes->count; i++) {
		const char *exe = processes->all[i].exe;
		const char *slash = exe && !processes->all[i].is_container ? strrchr(exe, '/') : NULL;

		if (slash && strcmp(slash + 1, program) == 0)
			return true;
	}
	return false;
}

static bool has_store(hf_check_run *run, const char *store)
{
	const hf_images *images = hf_images_get(run);

	for (size_t i = 0; i < images->count; i++) {
		if (strcmp(images->all[i]->store, store) == 0)
			return true;
	}
	return false;
}

/* The engine itself has no such thing; a plugin that decides about requests could. */
static void judge_docker(hf_check_run *run)
{
	const hf_api_value *plugins = hf_api_get(run, "/info", "Plugins/Authorization");

	if (plugins->fact.state == HF_UNREADABLE)
		hf_unknown(run, plugins->fact.source, plugins->fact.why);
	else if (plugins->fact.state == HF_PRESENT && plugins->count > 0)
		hf_review(run, plugins->fact.source, plugins->text,
			  "whether the plugin refuses images without a known signature");
	else
		(void)hf_expect(run, "Docker engine", "no plugin that could look at signatures",
				signed_wanted, false);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

/* A list of requirements, all of which must hold, asks for nothing: containers-policy.json(5). */
static bool accepts_anything(const hf_api_value *requirements)
{
	return count_of(requirements->text, "\"type\":") ==
	       count_of(requirements->text, "\"type\":\"insecureAcceptAnything\"");
}

static void judge_policy(hf_check_run *run)
{
	static const char scopes[] = "transports/docker";
	const hf_api_value *all = hf_json_file_get(run, policy, "default");
	const hf_api_value *value;
	image_list open = {0};
	const char *scope;

	if (all->fact.state == HF_ABSENT && hf_file_get(run, policy)->fact.state == HF_ABSENT) {
		(void)hf_expect(run, policy, "not there", signed_wanted, false);
		return;
	}
	if (!hf_need(run, &all->fact))
		return;
	if (accepts_anything(all))
		image_list_add(run, &open, "default");
	for (size_t i = 0; (scope = hf_json_file_member(run, policy, scopes, i, &value)); i++) {
		if (accepts_anything(value))
			image_list_add(run, &open, *scope ? scope : "docker");
	}
	(void)hf_expect(run, policy,
			open.count > 0 ? hf_text(run, "accepts anything: %s", image_list_text(run, &open))
				       : "asks for a signature, or rejects",
			signed_wanted, open.count == 0);
}

/* Programs that containerd asks before it unpacks what it pulled. */
static void judge_verifiers(hf_check_run *run)
{
	static const char folder[] = "/opt/containerd/image-verifier/bin";
	const hf_dir *dir = hf_dir_get(run, folder);

	if (dir->fact.state == HF_UNREADABLE)
		hf_unknown(run, folder, dir->fact.why);
	else if (dir->fact.state == HF_PRESENT && dir->count > 0)
		(void)hf_expect(run, folder, hf_text(run, "%zu verifiers", dir->count), signed_wanted, true);
	else
		(void)hf_expect(run, folder, "no verifier", signed_wanted, false);
}

static void check_signed_artifacts(hf_check_run *run)
{
	const hf_images *images = hf_images_get(run);
	const hf_processes *processes = hf_processes_get(run);
	bool has_docker = has_store(run, "docker") || has_store(run, "containerd") || runs(run, "dockerd");
	bool has_storage = has_store(run, "storage") || runs(run, "crio");
	bool has_containerd = runs(run, "kubelet") || (runs(run, "containerd") && !runs(run, "dockerd"));

	if (has_docker)
		judge_docker(run);
	if (has_storage)
		judge_policy(run);
	if (has_containerd && !runs(run, "crio"))
		judge_verifiers(run);
	if (has_docker || has_storage || has_containerd)
		return;
	if (images->fact.state == HF_UNREADABLE)
		hf_unknown(run, images->fact.source, images->fact.why);
	else if (processes->fact.state != HF_PRESENT || processes->gap)
		hf_unknown(run, "running programs", processes->gap ? processes->gap : processes->fact.why);
	else
		hf_not_applicable(run, "engines", "none", "nothing on this node runs images");
}

static const hf_check checks[] = {
	{
		.id = "image.content-trust",
		.title = "Pulled images are verified by signature on the client side",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:4.5", "CWE:345", "CWE:494", "ATTACK:T1525",
				"NIST-800-190:4.1.5", "OWASP-Docker:D08", "DOCKER-BENCH:check_4_5"),
		.reads = HF_READS("/etc/environment", "/etc/security/pam_env.conf", "/etc/profile",
				  "/etc/bash.bashrc", "/etc/profile.d/*.sh", "stat:/usr/bin/docker",
				  "stat:/usr/local/bin/docker", "stat:/snap/bin/docker", PACKAGES),
		.risk = "A pull by tag takes what the registry gives: nobody asks who signed it.",
		.threat = "Whoever gets into the registry, or between it and the node, moves a tag to "
			  "an image of his own.",
		.remediation = "Put DOCKER_CONTENT_TRUST=1 into /etc/environment, for clients before "
			       "29.0. Newer ones have dropped it: verify signatures (cosign, notation) "
			       "where images are admitted instead.",
		.run = check_content_trust,
	},
	{
		.id = "image.signed-artifacts",
		.title = "Something on the node refuses unsigned images",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.12", "CWE:347", "ATTACK:T1525", "NIST-800-190:4.1.5",
				"OWASP-Docker:D08", "DOCKER-BENCH:check_4_12"),
		.reads = HF_READS("/etc/containers/policy.json",
				  "dir:/opt/containerd/image-verifier/bin"),
		.risk = "Any image that anybody can name runs, whoever made it.",
		.threat = "A typing error, a dependency's example or a stolen registry account brings a "
			  "foreign image to the node.",
		.remediation = "Podman and CRI-O: \"default\": [{\"type\": \"reject\"}] in "
			       "/etc/containers/policy.json, and sigstoreSigned or signedBy for the "
			       "registries in use. containerd: a verifier in "
			       "/opt/containerd/image-verifier/bin. Docker has no such thing of its own: "
			       "admit images in the orchestrator, or by an authorization plugin.",
		.run = check_signed_artifacts,
	},
};

HF_CHECK_SET(image_trust, checks);
