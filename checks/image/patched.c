/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How old an image is, and whether its distribution still mends it. */
#include "judge.h"

enum {
	AGE_MAX_DAYS = 90,
	/* builds that want the same bytes each time write 1970, or 1980, where archives begin */
	REAL_SINCE = 4018, /* 1981-01-01 */
};

/* The day on which it was made, by its own word or by the newest entry of its history; INT64_MIN: not told. */
static int64_t day_of(const hf_image *image, const char **ret_source)
{
	int64_t newest = INT64_MIN;

	*ret_source = "creation date of the image";
	if (image->day >= REAL_SINCE)
		return image->day;
	for (size_t i = 0; i < image->step_count; i++) {
		if (image->steps[i].day > newest)
			newest = image->steps[i].day;
	}
	*ret_source = "newest entry of the image's history";
	return newest >= REAL_SINCE ? newest : INT64_MIN;
}

static void judge_age(hf_check_run *run, const hf_image *image, int64_t today)
{
	const char *source;
	int64_t day = day_of(image, &source);

	if (day == INT64_MIN)
		hf_unknown(run, "creation date of the image", "it does not say when it was made");
	else if (day > today + 1)
		hf_unknown(run, source, hf_text(run, "%s lies ahead", image_date(run, day)));
	else
		(void)hf_expect(run, source, image_date(run, day),
				hf_text(run, "not older than %d days", AGE_MAX_DAYS),
				today - day <= AGE_MAX_DAYS);
}

static void judge_release(hf_check_run *run, const hf_image *image, int64_t today)
{
	static const char wanted[] = "a release that still gets fixes";
	const hf_fact *fact = &image->release_fact;
	int64_t end = image_day(image->release_support_end);

	if (fact->state == HF_ABSENT) {
		hf_note(run, fact->source, "none: no distribution is in it");
		return;
	}
	if (fact->state == HF_UNREADABLE) {
		hf_unknown(run, fact->source, fact->why);
		return;
	}
	const char *name = hf_text(run, "%s %s", *image->release_id ? image->release_id : "linux",
				   image->release_version);

	if (end == INT64_MIN && !image_release_end(image->release_id, image->release_version, &end)) {
		hf_note(run, fact->source, hf_text(run, "%s: not in our table of releases", name));
		return;
	}
	(void)hf_expect(run, fact->source,
			hf_text(run, "%s, %s %s", name, end >= today ? "supported until" : "ended on",
				image_date(run, end)),
			wanted, end >= today);
}

static void check_patched(hf_check_run *run)
{
	const hf_image *image = image_begin(run, "");
	const hf_moment *moment = hf_moment_get(run);

	if (!image || !hf_need(run, &moment->fact))
		return;
	judge_age(run, image, moment->day);
	judge_release(run, image, moment->day);
}

static const hf_check checks[] = {
	{
		.id = "image.patched",
		.title = "Images are recent and built on a supported distribution release",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_E | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:M/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.4", "CWE:1395", "CWE:1104", "ATTACK:T1190",
				"NIST-800-190:4.1.1", "OWASP-Docker:D02", "DOCKER-BENCH:check_4_4"),
		.risk = "Holes that were closed months ago are open in every container of the image, "
			"and of a release that has ended none will ever be closed.",
		.threat = "An attacker tries what is published for the version that the service's "
			  "banner names.",
		.remediation = "docker build --pull --no-cache, at least every month, on a release that "
			       "is supported; then start the containers anew. A scanner for known "
			       "holes tells which ones it was about.",
		.run = check_patched,
	},
};

HF_CHECK_SET(image_patched, checks);
