/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts on recorded hosts with containers: judges each capture that has a table of verdicts beside it
 * (tests/captures/NAME.verdicts) and compares.
 *
 *   verdicts            all of them; where one differs, what came out is left in NAME.verdicts.actual
 *   verdicts CAPTURE    prints the table of this one
 *
 * A table names what does not pass: each check that is not listed for a container passes there. */
#include "replay.h"

#include "facts/store.h"

#include <glob.h>
#include <stdio.h>

enum { WIDTH = 110, TAB = 8 };

static const hf_status told[] = {HF_FAIL, HF_UNKNOWN, HF_ERROR, HF_NOTCHECKED, HF_NOTAPPLICABLE};

/* These two are about the node alone, have tables of cases of their own, and would hide the rest. */
static bool is_left_out(const hf_result *result)
{
	return strcmp(result->check->plugin->name, "kernel") == 0 ||
	       strcmp(result->check->plugin->name, "daemon") == 0;
}

static bool is_about(const hf_result *result, const hf_subject *subject)
{
	if (is_left_out(result))
		return false;
	if (subject->kind == HF_SUBJECT_HOST)
		return !result->subject || result->subject->kind != HF_SUBJECT_CONTAINER;
	return result->subject && strcmp(result->subject->key, subject->key) == 0;
}

/* "  fail  cgroup: cpu-limit io-limit": one plugin a line, its name not repeated. */
static void print_status(const hf_results *results, const hf_subject *subject, hf_status status,
			 hf_buffer *out)
{
	const hf_loaded_plugin *plugin = NULL;
	size_t column = 0;

	for (size_t i = 0; i < results->count; i++) {
		const hf_result *result = &results->all[i];

		if (result->status != status || !is_about(result, subject))
			continue;
		const char *name = strchr(result->check->row->id, '.') + 1;

		if (result->check->plugin != plugin || column + strlen(name) + 1 > WIDTH) {
			plugin = result->check->plugin;
			hf_buffer_printf(out, "%s\t%-13s %s:", column ? "\n" : "",
					 hf_status_name(status), plugin->name);
			column = TAB + sizeof "notapplicable " + strlen(plugin->name);
		}
		hf_buffer_printf(out, " %s", name);
		column += strlen(name) + 1;
	}
	if (column)
		hf_buffer_puts(out, "\n");
}

static void print_subject(const hf_results *results, const hf_subject *subject, hf_buffer *out)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(told); i++)
		print_status(results, subject, told[i], out);
}

static int by_name(const void *a, const void *b)
{
	const hf_subject *const *first = a, *const *second = b;

	return strcmp((*first)->name, (*second)->name);
}

static void print_containers(const hf_results *results, const hf_subjects *subjects, hf_buffer *out)
{
	hf_cleanup(hf_freep) const hf_subject **sorted = calloc(subjects->count + 1, sizeof *sorted);

	if (!sorted)
		exit(99);
	for (size_t i = 0; i < subjects->count; i++)
		sorted[i] = &subjects->all[i];
	qsort(sorted, subjects->count, sizeof *sorted, by_name);
	for (size_t i = 0; i < subjects->count; i++) {
		hf_buffer_printf(out, "%s %s\n", sorted[i]->runtime ? sorted[i]->runtime : "unknown",
				 sorted[i]->name);
		print_subject(results, sorted[i], out);
	}
}

static void judge(const hf_registry *registry, const char *path, hf_buffer *out)
{
	static const hf_subject node = {.kind = HF_SUBJECT_HOST};
	hf_record *record = replay_load_capture(path);
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;
	hf_results results;

	if (hf_facts_new(record, &facts) < 0 ||
	    hf_engine_run(registry, NULL, facts, NULL, NULL, &results) < 0)
		exit(99);
	hf_buffer_puts(out, "node\n");
	print_subject(&results, &node, out);
	print_containers(&results, hf_facts_container_subjects(facts), out);
	hf_facts_free(HF_TAKE(facts));
	hf_record_free(record);
	if (out->failed)
		exit(99);
}

static bool read_table(const char *path, hf_buffer *table)
{
	FILE *in = fopen(path, "re");
	hf_cleanup(hf_freep) char *line = NULL;
	size_t room = 0;

	if (!in)
		return false;
	while (getline(&line, &room, in) >= 0) {
		if (line[0] != '#')
			hf_buffer_puts(table, line);
	}
	(void)fclose(in);
	return !table->failed;
}

/* What came out, so that it can be looked at and taken over. */
static void keep(const char *table, const hf_buffer *actual)
{
	const char *slash = strrchr(table, '/');
	hf_cleanup(hf_freep) char *path = NULL;

	if (asprintf(&path, "%s.actual", slash ? slash + 1 : table) < 0)
		exit(99);
	FILE *out = fopen(path, "we");

	if (!out || fwrite(actual->data, 1, actual->size, out) != actual->size || fclose(out) != 0)
		exit(99);
	(void)printf("not ok: %s: see %s\n", table, path);
}

static bool is_as_told(const hf_registry *registry, const char *table)
{
	hf_buffer wanted = {0}, actual = {0};
	hf_cleanup(hf_freep) char *capture = NULL;
	int stem = (int)(strlen(table) - strlen(".verdicts"));

	if (!read_table(table, &wanted) || asprintf(&capture, "%.*s.json", stem, table) < 0)
		exit(99);
	judge(registry, capture, &actual);
	bool same = wanted.size > 0 && wanted.size == actual.size &&
		    memcmp(wanted.data, actual.data, actual.size) == 0;

	if (!same)
		keep(table, &actual);
	hf_buffer_free(&wanted);
	hf_buffer_free(&actual);
	return same;
}

static int judge_all(const hf_registry *registry, const char *srcdir)
{
	hf_cleanup(hf_freep) char *pattern = NULL;
	unsigned failed = 0;
	glob_t tables;

	if (asprintf(&pattern, "%s/tests/captures/*.verdicts", srcdir) < 0 ||
	    glob(pattern, 0, NULL, &tables) != 0) {
		(void)printf("not ok: there are no tables of verdicts\n");
		return 1;
	}
	for (size_t i = 0; i < tables.gl_pathc; i++)
		failed += !is_as_told(registry, tables.gl_pathv[i]);
	(void)printf("%zu passed, %u failed\n", tables.gl_pathc - failed, failed);
	globfree(&tables);
	return failed > 0;
}

int main(int argc, char **argv)
{
#if !defined(HAVE_APPARMOR) || !defined(HAVE_SELINUX)
	puts("built without libapparmor or libselinux, whose verdicts stand in the tables");
	return 77;
#endif
	const char *srcdir = getenv("srcdir"), *builddir = getenv("builddir");
	hf_registry *registry;
	int status = 0;

	if (hf_registry_new(&registry) < 0)
		return 99;
	replay_load_plugins(registry, builddir ? builddir : ".");
	if (argc > 1) {
		hf_buffer out = {0};

		judge(registry, argv[1], &out);
		(void)fwrite(out.data, 1, out.size, stdout);
		hf_buffer_free(&out);
	} else {
		status = judge_all(registry, srcdir ? srcdir : ".");
	}
	hf_registry_free(registry);
	return status;
}
