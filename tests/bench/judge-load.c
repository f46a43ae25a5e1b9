/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What judging costs: each step of the judge's half in time and memory, for a capture and the plugins that are named,
 * or for many subjects with many checks each that are made up here (300 containers x 200 checks).
 *
 *	judge-load CAPTURE PLUGIN...
 *	judge-load SUBJECTS CHECKS */
#include "report/report.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

typedef struct steps {
	uint64_t last_us;
	size_t last_bytes;
	size_t results;
} steps;

/* Resident, as the limits of a scan are. */
static size_t used_bytes(void)
{
	size_t size = 0, resident = 0;
	FILE *in = fopen("/proc/self/statm", "re");

	if (in && fscanf(in, "%zu %zu", &size, &resident) != 2)
		resident = 0;
	if (in)
		(void)fclose(in);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void step(steps *s, const char *name)
{
	uint64_t now = hf_now_us();
	size_t bytes = used_bytes();

	printf("%-12s %8" PRIu64 " us %8zu KiB", name, now - s->last_us,
	       bytes > s->last_bytes ? (bytes - s->last_bytes) / 1024 : 0);
	if (s->results > 0)
		printf("   %7.3f us %6zu bytes a result",
		       (double)(now - s->last_us) / (double)s->results,
		       bytes > s->last_bytes ? (bytes - s->last_bytes) / s->results : 0);
	printf("\n");
	s->last_bytes = used_bytes();
	s->last_us = hf_now_us();
}

static int fail(const char *what)
{
	(void)fprintf(stderr, "judge-load: %s\n", what);
	return 1;
}

/* ---- made-up load ---- */

/* As a real check of containers would be: one in ten fails, a few could not be read, each cites what it saw. */
static void judge_made_up(hf_check_run *run)
{
	unsigned number = (unsigned)(uintptr_t)hf_check_param(run);
	const char *id = hf_subject_of(run)->id;
	unsigned subject = (unsigned)strtoul(id + 58, NULL, 16);

	if ((subject * 7 + number) % 97 == 0)
		hf_unknown(run, "/proc/1/status", "permission denied");
	else if ((subject * 31 + number) % 10 == 0)
		(void)hf_expect(run, "HostConfig/ReadonlyRootfs",
				hf_text(run, "false for %.12s", id), "true", false);
	else
		(void)hf_expect(run, "HostConfig/Privileged", "false", "false", true);
}

static hf_check *make_rows(unsigned count)
{
	hf_check *rows = calloc(count, sizeof *rows);

	for (unsigned i = 0; rows && i < count; i++) {
		char *id = NULL;

		if (asprintf(&id, "bench.row-%u", i) < 0)
			return NULL;
		rows[i] = (hf_check){
			.id = id,
			.title = "A container's root file system cannot be written",
			.subject = HF_SUBJECT_CONTAINER,
			.stride = HF_STRIDE_T | HF_STRIDE_E,
			.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
			.level = 1,
			.refs = HF_REFS("CWE:732", "CIS-Docker:5.12", "NIST-800-190:4.4.4"),
			.risk = "whoever breaks in can keep what was changed",
			.threat = "an attacker inside writes to the root file system",
			.remediation = "start the container with --read-only and a tmpfs for what it writes",
			.run = judge_made_up,
			.param = (const void *)(uintptr_t)i,
		};
	}
	return rows;
}

static hf_subject *make_subjects(unsigned count)
{
	hf_subject *subjects = calloc(count, sizeof *subjects);

	for (unsigned i = 0; subjects && i < count; i++) {
		char *key = NULL;

		if (asprintf(&key, "container:%056x%08x", 0xc0ffeeU, i) < 0)
			return NULL;
		subjects[i] = (hf_subject){
			.kind = HF_SUBJECT_CONTAINER,
			.key = key,
			.id = key + strlen("container:"),
			.name = "web",
			.runtime = "docker",
		};
	}
	return subjects;
}

/* ---- the steps ---- */

static int report(steps *s, const hf_registry *registry, hf_facts *facts, const hf_results *results)
{
	const hf_document_head head = {.profile = "all", .started = "2026-01-01T00:00:00Z"};
	hf_assessment assessment;

	if (hf_assess(registry, results, hf_facts_arena(facts), &assessment) < 0)
		return fail("no assessment");
	step(s, "assess");
	hf_document_keep_memory(); /* as the worker does */
	json_t *document = hf_document_new(&assessment, registry, facts, &head);

	if (!document)
		return fail("no document");
	step(s, "document");
	for (const hf_format *format = hf_formats; format->name; format++) {
		const hf_render_options options = {.width = 80};
		FILE *out = fopen("/dev/null", "we");

		if (!out || format->write(document, &options, out) < 0 || fclose(out) != 0)
			return fail("no report");
		step(s, format->name);
	}
	json_decref(document);
	return 0;
}

static int run_made_up(unsigned subject_count, unsigned check_count)
{
	hf_check *rows = make_rows(check_count);
	hf_subject *subjects = make_subjects(subject_count);
	const hf_check_set set = {.name = "bench", .checks = rows, .count = check_count};
	const hf_plugin plugin = {
		.abi = HF_ABI,
		.plugin_size = sizeof plugin,
		.check_size = sizeof *rows,
		.name = "bench",
		.title = "Made up",
		.sets = (const hf_check_set *const[]){&set, NULL},
	};
	const hf_subjects list = {
		.fact = {.state = HF_PRESENT, .source = "made up"},
		.all = subjects,
		.count = subject_count,
	};
	hf_registry *registry = NULL;
	hf_record *record = NULL;
	hf_facts *facts = NULL;
	hf_results results;
	steps s = {0};

	if (!rows || !subjects || hf_registry_new(&registry) < 0 || hf_record_new(&record) < 0 ||
	    hf_facts_new(record, &facts) < 0)
		return fail("no memory");
	s.last_us = hf_now_us();
	s.last_bytes = used_bytes();
	if (hf_registry_add(registry, &plugin, "made up", NULL) < 0)
		return fail("the rows were refused");
	step(&s, "registry");
	s.results = (size_t)subject_count * check_count;
	hf_facts_give_subjects(facts, HF_SUBJECT_CONTAINER, &list);
	if (hf_engine_run(registry, NULL, facts, NULL, NULL, &results) < 0)
		return fail("no results");
	step(&s, "checks");
	return report(&s, registry, facts, &results);
}

static char *read_all(const char *path, size_t *ret_size)
{
	FILE *in = fopen(path, "re");
	struct stat st;
	char *text = NULL;

	if (in && fstat(fileno(in), &st) == 0)
		text = malloc((size_t)st.st_size + 1);
	*ret_size = text ? fread(text, 1, (size_t)st.st_size, in) : 0;
	if (in)
		(void)fclose(in);
	return text;
}

static int run_capture(const char *path, char **plugins)
{
	hf_registry *registry = NULL;
	hf_record *record = NULL;
	hf_facts *facts = NULL;
	hf_results results;
	hf_error err = {0};
	steps s = {.last_us = hf_now_us(), .last_bytes = used_bytes()};

	if (hf_registry_new(&registry) < 0)
		return fail("no memory");
	for (; *plugins; plugins++) {
		int fd = open(*plugins, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || hf_registry_load(registry, fd, *plugins, &err) < 0)
			return fail(*err.text ? err.text : *plugins);
	}
	step(&s, "plugins");
	size_t size;
	char *text = read_all(path, &size);

	if (!text || hf_capture_parse(text, size, &record, &err) < 0)
		return fail(*err.text ? err.text : path);
	step(&s, "capture");
	if (hf_facts_new(record, &facts) < 0 ||
	    hf_engine_run(registry, NULL, facts, NULL, NULL, &results) < 0)
		return fail("no results");
	s.results = results.count;
	step(&s, "checks");
	return report(&s, registry, facts, &results);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strspn(argv[1], "0123456789") == strlen(argv[1]))
		return run_made_up((unsigned)strtoul(argv[1], NULL, 10),
				   (unsigned)strtoul(argv[2], NULL, 10));
	if (argc < 3)
		return fail("SUBJECTS CHECKS, or CAPTURE PLUGIN...");
	return run_capture(argv[1], argv + 2);
}
