/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a container runs what its image's name means today. */
#include "judge.h"

#include <string.h>

static const char wanted[] = "by digest, or a tag other than latest that still names it";
static const char source[] = "image of the container and names of local images";

/* The tag of "registry:5000/name:tag", or NULL. */
static const char *tag_of(const char *reference)
{
	const char *slash = strrchr(reference, '/');

	return strchr(slash ? slash : reference, ':');
}

/* What the name alone settles: true after a verdict. */
static bool judge_name(hf_check_run *run, const char *reference)
{
	const char *tag = tag_of(reference);

	if (strstr(reference, "@sha256:") || strncmp(reference, "sha256:", 7) == 0) {
		(void)hf_expect(run, source, "by digest", wanted, true);
		return true;
	}
	if (!tag || strcmp(tag, ":latest") == 0) {
		(void)hf_expect(
			run, source,
			hf_text(run, "%s: latest, which says of no image which it is", reference),
			wanted, false);
		return true;
	}
	return false;
}

static void judge_tag(hf_check_run *run, const hf_image_tag *tag)
{
	if (!tag->has_repository) {
		if (!tag->is_tagged)
			(void)hf_expect(run, source, "by an id that no tag names any more", wanted,
					false);
		else
			(void)hf_expect(run, source, "by id, which a tag names", wanted, true);
		return;
	}
	if (judge_name(run, tag->reference))
		return;
	if (!tag->now)
		(void)hf_expect(run, source,
				hf_text(run, "%s is no local tag any more", tag->reference), wanted,
				false);
	else if (strcmp(tag->now, tag->image) != 0)
		(void)hf_expect(run, source,
				hf_text(run, "%s names another image by now", tag->reference),
				wanted, false);
	else
		(void)hf_expect(run, source, hf_text(run, "%s names what it runs", tag->reference),
				wanted, true);
}

static void check_image_current(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_image_tag *tag = hf_container_image_tag(run, container);

	hf_message(run, "Local view: what the registry has by now is not asked");
	if (tag->fact.state == HF_PRESENT) {
		judge_tag(run, tag);
		return;
	}
	if (container->image) {
		/* a pod's: the name can be bad enough */
		if (!judge_name(run, container->image))
			hf_unknown(run, tag->fact.source,
				   hf_text(run, "which image %s names is not known: %s",
					   container->image, tag->fact.why));
		return;
	}
	if (tag->fact.state == HF_UNREADABLE)
		hf_unknown(run, tag->fact.source, tag->fact.why);
	else
		hf_not_applicable(run, "runtime", container->runtime,
				  "it was not started from an image with a name");
}

static const hf_check checks[] = {
	{
		.id = "container.image-current",
		.title = "Containers run the image their tag means today, by digest",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.28", "CWE:1104", "CWE:829", "ATTACK:T1525",
				"NIST-800-190:4.2.2", "OWASP-Docker:D02",
				"DOCKER-BENCH:check_5_28"),
		.risk = "The container runs older code than the name says, without the fixes that "
			"the newer "
			"image has.",
		.threat = "A hole that the new image closed is still open in what runs; or a tag "
			  "that moves "
			  "brings in what nobody looked at.",
		.remediation = "docker run NAME@sha256:DIGEST, or a tag that is never reused; "
			       "start the container "
			       "anew after each pull.",
		.run = check_image_current,
	},
};

HF_CHECK_SET(container_image, checks);
