/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subjects: what there is on this node that a check can be about. */
#include "facts/net.h"

static const hf_subject the_host = {
	.kind = HF_SUBJECT_HOST,
	.key = "host",
	.id = "host",
	.name = "host",
};

static const hf_subjects host_subjects = {
	.fact = {.state = HF_PRESENT, .source = "host"},
	.all = &the_host,
	.count = 1,
};

/* Kinds that no shipped check is about yet: a third-party check that asks for one gets notapplicable. */
static const hf_subjects no_subjects = {
	.fact = {.state = HF_ABSENT, .source = "subjects", .why = "this version lists none of this kind"},
};

const hf_subjects *hf_facts_subjects(hf_facts *facts, hf_subject_kind kind)
{
	const hf_subjects *given =
		kind < HF_SUBJECT_COUNT ? hf_facts_given_subjects(facts, kind) : NULL;

	if (given)
		return given;
	switch (kind) {
	case HF_SUBJECT_HOST:
		return &host_subjects;
	case HF_SUBJECT_DAEMON:
		return hf_facts_daemon_subjects(facts);
	case HF_SUBJECT_CONTAINER:
		return hf_facts_container_subjects(facts);
	case HF_SUBJECT_IMAGE:
		return hf_facts_image_subjects(facts);
	case HF_SUBJECT_NETWORK:
		return hf_facts_network_subjects(facts);
	case HF_SUBJECT_FILE:
	case HF_SUBJECT_SERVICE:
	case HF_SUBJECT_COUNT:
		return &no_subjects;
	}
	return &no_subjects;
}
