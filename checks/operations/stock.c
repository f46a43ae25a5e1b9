/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What piles up on a node: images that nobody runs, containers that stopped long ago, volumes that
 * nobody mounts. */
#include <holdfast/holdfast.h>

#include <inttypes.h>
#include <string.h>

/* A profile's parameters later. */
enum {
	UNUSED_IMAGES = 10, /* or half of all, where that is more */
	IMAGE_DAYS = 90,
	STOPPED_CONTAINERS = 25,
	STOPPED_DAYS = 30,
	VOLUME_DAYS = 30,
	NAMES_TOLD = 3,
};

/* The first names, and how many there are. */
typedef struct listing {
	const char *names;
	size_t count;
} listing;

static void add(hf_check_run *run, listing *list, const char *name)
{
	if (list->count++ < NAMES_TOLD)
		list->names = hf_text(run, "%s%s%.64s", list->names ? list->names : "",
				      list->names ? ", " : "", name);
}

static const char *told(hf_check_run *run, const listing *list)
{
	if (list->count == 0)
		return "none";
	return list->count > NAMES_TOLD ? hf_text(run, "%zu: %s and %zu more", list->count,
						  list->names, list->count - NAMES_TOLD)
					: hf_text(run, "%zu: %s", list->count, list->names);
}

/* "sha256:ab12…" as the engine's own client shows it. */
static const char *short_id(hf_check_run *run, const char *id)
{
	const char *colon = strchr(id, ':');

	return hf_text(run, "%.12s", colon ? colon + 1 : id);
}

/* NULL after the run was marked: the list is not complete, or no day is known to judge it by. */
static const hf_moment *begin(hf_check_run *run, const hf_fact *fact)
{
	const hf_moment *now = hf_moment_get(run);

	if (fact->state == HF_ABSENT) {
		hf_not_applicable(run, fact->source, fact->why ? fact->why : "does not exist",
				  "the engine keeps nothing");
		return NULL;
	}
	return hf_need(run, fact) && hf_need(run, &now->fact) ? now : NULL;
}

/* ---- operations.image-sprawl ---- */

static void check_images(hf_check_run *run)
{
	const hf_stock *stock = hf_stock_get(run);
	const hf_moment *now = begin(run, &stock->images_fact);
	listing dangling = {0}, old = {0};
	size_t shown = 0, unused = 0;

	if (!now)
		return;
	for (size_t i = 0; i < stock->image_count; i++) {
		const hf_kept_image *image = &stock->images[i];

		/* a layer of a build goes with the image that was built */
		if (image->is_parent && !image->is_tagged)
			continue;
		shown++;
		if (image->is_used)
			continue;
		unused++;
		if (!image->is_tagged)
			add(run, &dangling, short_id(run, image->id));
		if (image->since_day + IMAGE_DAYS < now->day)
			add(run, &old, short_id(run, image->id));
	}
	const size_t limit = shown / 2 > UNUSED_IMAGES ? shown / 2 : UNUSED_IMAGES;
	const char *source = stock->images_fact.source;

	(void)hf_expect(
		run, source,
		hf_text(run, "images without a name that nobody runs: %s", told(run, &dangling)),
		"none", dangling.count == 0);
	(void)hf_expect(run, source,
			hf_text(run, "%zu of %zu images are used by no container", unused, shown),
			hf_text(run, "at most %zu", limit), unused <= limit);
	(void)hf_expect(
		run, source,
		hf_text(run, "unused for more than %d days: %s", IMAGE_DAYS, told(run, &old)),
		"none", old.count == 0);
}

/* ---- operations.container-sprawl ---- */

static bool is_running(const hf_kept_container *container)
{
	return strcmp(container->state, "stopped") != 0 && strcmp(container->state, "dead") != 0;
}

static void check_containers(hf_check_run *run)
{
	const hf_stock *stock = hf_stock_get(run);
	const hf_moment *now = begin(run, &stock->containers_fact);
	listing old = {0}, dateless = {0};
	size_t stopped = 0;

	if (!now)
		return;
	for (size_t i = 0; i < stock->container_count; i++) {
		const hf_kept_container *container = &stock->containers[i];
		/* one that was made and never started has no other date */
		int64_t since =
			container->finished_day ? container->finished_day : container->created_day;

		if (is_running(container))
			continue;
		stopped++;
		if (since == 0)
			add(run, &dateless, short_id(run, container->id));
		else if (since + STOPPED_DAYS < now->day)
			add(run, &old, short_id(run, container->id));
	}
	const char *source = stock->containers_fact.source;

	(void)hf_expect(
		run, source,
		hf_text(run, "%zu of %zu containers do not run", stopped, stock->container_count),
		hf_text(run, "at most %d", STOPPED_CONTAINERS), stopped <= STOPPED_CONTAINERS);
	(void)hf_expect(
		run, source,
		hf_text(run, "stopped for more than %d days: %s", STOPPED_DAYS, told(run, &old)),
		"none", old.count == 0);
	if (dateless.count > 0)
		hf_unknown(run, source,
			   hf_text(run, "since when they do not run is not known of %s",
				   told(run, &dateless)));
}

/* ---- operations.dangling-volumes ---- */

static void check_volumes(hf_check_run *run)
{
	const hf_stock *stock = hf_stock_get(run);
	const hf_moment *now = begin(run, &stock->volumes_fact);
	listing old = {0};
	size_t unused = 0;

	if (!now)
		return;
	for (size_t i = 0; i < stock->volume_count; i++) {
		const hf_kept_volume *volume = &stock->volumes[i];

		if (volume->is_used)
			continue;
		unused++;
		if (volume->changed_day + VOLUME_DAYS < now->day)
			add(run, &old, volume->name);
	}
	(void)hf_expect(run, stock->volumes_fact.source,
			hf_text(run,
				"%zu of %zu volumes belong to no container; unchanged for more "
				"than %d days: %s",
				unused, stock->volume_count, VOLUME_DAYS, told(run, &old)),
			hf_text(run, "no abandoned volume older than %d days", VOLUME_DAYS),
			old.count == 0);
}

static const hf_check checks[] = {
	{
		.id = "operations.image-sprawl",
		.title = "Unused images do not pile up",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:6.1", "CWE:1104", "NIST-800-190:4.2.2",
				"OWASP-Docker:D02", "DOCKER-BENCH:check_6_1"),
		.risk = "Images that nobody runs are never updated, and each can still be started "
			"by name with every hole that became known since.",
		.threat =
			"Somebody who may start containers, or a job that names an old tag, brings "
			"a vulnerable image back to life; the disk fills meanwhile.",
		.remediation =
			"docker image prune removes images without a name, docker image prune -a "
			"--filter until=2160h those that no container uses. Look at the list "
			"first: "
			"docker images.",
		.run = check_images,
	},
	{
		.id = "operations.container-sprawl",
		.title = "Stopped containers do not pile up",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:6.2", "CWE:1104", "NIST-800-190:4.4.5",
				"OWASP-Docker:D02", "DOCKER-BENCH:check_6_2"),
		.risk = "A stopped container keeps its files, its secrets and the rights that it "
			"was made with, and starts again with one command.",
		.threat = "Whoever reaches the engine copies data out of forgotten containers "
			  "(docker "
			  "cp), or starts one that was made privileged for an afternoon.",
		.remediation =
			"docker container prune --filter until=720h, after a look at docker ps -a; "
			"start short jobs with --rm.",
		.run = check_containers,
	},
	{
		.id = "operations.dangling-volumes",
		.title = "Abandoned volumes do not keep data lying about",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:6.2", "CWE:459", "CWE:212", "OWASP-Docker:D07"),
		.risk = "A volume that no container has any more still holds its data, which "
			"nobody "
			"protects, backs up or deletes.",
		.threat =
			"Whoever reaches the engine, or a backup of the node, reads databases and "
			"keys of services that are long gone.",
		.remediation =
			"docker volume ls -f dangling=true shows them; docker volume rm NAME once "
			"its data is saved or known to be worthless.",
		.run = check_volumes,
	},
};

HF_CHECK_SET(operations_stock, checks);
