/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose an image is. Which registries and bases are approved only the site knows. */
#include "judge.h"

/* "docker.io/library/debian" of "debian@sha256:…". */
static const char *repository_of(hf_check_run *run, const char *name)
{
	size_t length = strcspn(name, "@");
	const char *slash = memchr(name, '/', length);
	size_t host = slash ? (size_t)(slash - name) : 0;
	/* a registry's name has a dot or a port in it, or is localhost: distribution/reference */
	bool has_host = host > 0 && (memchr(name, '.', host) || memchr(name, ':', host) ||
				     (host == 9 && strncmp(name, "localhost", 9) == 0));

	return hf_text(run, "%s%.*s", has_host ? "" : slash ? "docker.io/" : "docker.io/library/",
		       (int)length, name);
}

static const char *origin_of(hf_check_run *run, const hf_image *image)
{
	image_list list = {0};

	for (size_t i = 0; i < image->digest_count; i++)
		image_list_add(run, &list, repository_of(run, image->digests[i]));
	return image_list_text(run, &list);
}

/* What the image says of its base; what this node knows of it. "": nothing. */
static const char *base_of(hf_check_run *run, const hf_image *image)
{
	for (const hf_image *base = image->base; base; base = base->base) {
		if (base->digest_count > 0)
			return origin_of(run, base);
	}
	if (image->base_name)
		return hf_text(run, "%s, by its label", image->base_name);
	return image->base_digest ? "a digest, by its label" : "";
}

static void check_trusted_base(hf_check_run *run)
{
	static const char source[] = "repositories of the image and its base";
	const hf_image *image = image_begin(run, "");

	if (!image || !hf_need(run, &image->names_fact))
		return;
	const char *base = base_of(run, image);

	/* containerd's store gives a digest to what was built here, too */
	if (image->digest_count == 0 && *base == '\0')
		(void)hf_expect(run, source, "none: built or imported here, on nothing that has a name",
				"a digest in an approved repository, of the image or of its base", false);
	else
		hf_review(run, source,
			  hf_text(run, "%s%s%s%s",
				  image->digest_count > 0 ? origin_of(run, image) : "built here",
				  *base ? ", on " : "", base,
				  strcmp(image->store, "containerd") == 0
					  ? " (containerd's store names what was built here alike)"
					  : ""),
			  "whether these repositories are among those that the site approves");
}

static const hf_check checks[] = {
	{
		.id = "image.trusted-base",
		.title = "Images come from approved registries and bases",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("CIS-Docker-1.6:4.2", "CWE:829", "CWE:494", "ATTACK:T1204.003",
				"ATTACK:T1525", "NIST-800-190:4.1.5", "OWASP-Docker:D08",
				"DOCKER-BENCH:check_4_2"),
		.risk = "Whoever made the base decides what runs in every container that rests on it.",
		.threat = "An image with a name much like a known one, or from an account that was taken "
			  "over, brings a miner or a way in.",
		.remediation = "Build on official or own images by digest (FROM debian:13@sha256:…), and "
			       "keep them in a registry of your own. Remove what nobody can account "
			       "for: docker image rm.",
		.run = check_trusted_base,
	},
};

HF_CHECK_SET(image_origin, checks);
