/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the tables of cases: a record, a check, the status it must get. Asks the registry which checks exist, so
 * that none can be without its cases. The format is described in tests/README.md. */
#include "engine/engine.h"
#include "facts/store.h"
#include "record/record.h"

#include <dlfcn.h>
#include <glob.h>
#include <linux/magic.h>
#include <stdio.h>

enum { NEEDS_PASS = 1, NEEDS_FAIL = 2, NEEDS_UNKNOWN = 4, NEEDS_REVIEW = 8, NEEDS_INFO = 16 };

typedef struct coverage {
	unsigned seen; /* 1 << status */
	unsigned never;
	bool elsewhere; /* covered by a test of its own */
} coverage;

typedef struct harness {
	hf_registry *registry;
	coverage *covered; /* by index into the registry's checks */
	const char *srcdir;
	const char *only; /* run cases of this check alone, or NULL */
	unsigned passed;
	unsigned failed;
	/* of the file being read */
	const char *file;
	unsigned line;
	hf_record *base;
	hf_list with; /* char *: override lines */
	const hf_loaded_check *check;
	hf_list also; /* char *: what else runs in the cases of .check */
	bool in_with;
	/* of the case being read */
	bool has_case;
	hf_status expected;
	unsigned case_line;
	hf_list overrides;
} harness;

static void complain(harness *h, unsigned line, const char *format, ...) HF_PRINTF(3, 4);
static void complain(harness *h, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fprintf(stderr, "%s:%u: ", h->file ? h->file : "cases", line);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	h->failed++;
}

static void free_lines(hf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	hf_list_free(list);
}

/* ---- overrides ---- */

static const hf_meta ordinary_file = {
	.mode = 0100644, .nlink = 1, .fs_magic = EXT4_SUPER_MAGIC, .dev_major = 254, .ino = 1};

/* C escapes in place; returns the size, which may hold NULs. */
static size_t unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (*in != '\\') {
			*out++ = *in;
			continue;
		}
		in++;
		switch (*in) {
		case 'n':
			*out++ = '\n';
			break;
		case 't':
			*out++ = '\t';
			break;
		case 'r':
			*out++ = '\r';
			break;
		case '0':
			*out++ = '\0';
			break;
		case 'x':
			if (in[1] && in[2]) {
				const char hex[] = {in[1], in[2], '\0'};

				*out++ = (char)strtoul(hex, NULL, 16);
				in += 2;
			}
			break;
		case '\0':
			in--;
			*out++ = '\\';
			break;
		default:
			*out++ = *in;
			break;
		}
	}
	*out = '\0';
	return (size_t)(out - text);
}

static uint32_t fs_number(const char *name)
{
	static const struct {
		const char *name;
		uint32_t magic;
	} known[] = {
		{"ext4", EXT4_SUPER_MAGIC}, {"tmpfs", TMPFS_MAGIC},  {"proc", PROC_SUPER_MAGIC},
		{"sysfs", SYSFS_MAGIC},	    {"debugfs", DEBUGFS_MAGIC}, {"overlay", OVERLAYFS_SUPER_MAGIC},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, name) == 0)
			return known[i].magic;
	}
	return (uint32_t)strtoul(name, NULL, 0);
}

static bool parse_meta(char *text, hf_meta *meta)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		char *value = strchr(word, '=');

		if (!value)
			return false;
		*value++ = '\0';
		if (strcmp(word, "mode") == 0)
			meta->mode = (uint32_t)strtoul(value, NULL, 8);
		else if (strcmp(word, "uid") == 0)
			meta->uid = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(word, "gid") == 0)
			meta->gid = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(word, "nlink") == 0)
			meta->nlink = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(word, "ino") == 0)
			meta->ino = strtoull(value, NULL, 10);
		else if (strcmp(word, "size") == 0)
			meta->size = strtoull(value, NULL, 10);
		else if (strcmp(word, "mtime") == 0)
			meta->mtime_ns = strtoll(value, NULL, 10) * 1000000000;
		else if (strcmp(word, "ctime") == 0)
			meta->ctime_ns = strtoll(value, NULL, 10) * 1000000000;
		else if (strcmp(word, "fs") == 0)
			meta->fs_magic = fs_number(value);
		else if (strcmp(word, "rdev") == 0 || strcmp(word, "dev") == 0) {
			char *minor = strchr(value, ':');
			bool is_rdev = *word == 'r';

			*(is_rdev ? &meta->rdev_major : &meta->dev_major) =
				(uint32_t)strtoul(value, NULL, 10);
			*(is_rdev ? &meta->rdev_minor : &meta->dev_minor) =
				minor ? (uint32_t)strtoul(minor + 1, NULL, 10) : 0;
		} else {
			return false;
		}
	}
	return true;
}

static char *read_data(const harness *h, const char *name, size_t *ret_size)
{
	hf_cleanup(hf_freep) char *path = NULL;
	hf_buffer all = {0};
	char block[8192];
	size_t n;

	if (asprintf(&path, "%s/tests/checks/data/%s", h->srcdir, name) < 0)
		return NULL;
	FILE *in = fopen(path, "re");

	if (!in)
		return NULL;
	hf_buffer_add(&all, "", 0);
	while ((n = fread(block, 1, sizeof block, in)) > 0)
		hf_buffer_add(&all, block, n);
	(void)fclose(in);
	*ret_size = all.size;
	return all.data;
}

/* The name may hold blanks (a path): it ends before the operator that stands between blanks. */
static char *split_operator(char *question, char *ret_operator)
{
	for (char *p = question; *p; p++) {
		if ((*p == ' ' || *p == '\t') && strchr("=!<@", p[1]) && p[1] &&
		    (p[2] == ' ' || p[2] == '\0')) {
			*ret_operator = p[1];
			*p = '\0';
			return p[2] ? p + 3 : p + 2;
		}
	}
	return NULL;
}

static bool apply_to(hf_record *record, hf_ask_kind kind, const char *name, char operator, char *value,
		     const harness *h)
{
	const hf_answer *old = hf_record_get(record, kind, name);
	hf_cleanup(hf_freep) char *data = NULL;
	hf_answer answer = {.kind = kind, .name = name, .data = "", .meta = ordinary_file};

	if (old && operator== '=')
		answer.meta = old->meta.mode ? old->meta : ordinary_file;
	if (kind == HF_ASK_DIR && !(old && operator== '='))
		answer.meta.mode = 040755;
	if (kind == HF_ASK_API || kind == HF_ASK_CALL)
		answer.meta = (hf_meta){0};
	switch (operator) {
	case '=':
		answer.size = unescape(value);
		answer.data = value;
		break;
	case '<':
		data = read_data(h, value, &answer.size);
		if (!data)
			return false;
		answer.data = data;
		break;
	case '!': {
		char *reason = strchr(value, ' ');

		if (reason)
			*reason++ = '\0';
		answer.error = hf_errno_number(value);
		answer.reason = reason;
		answer.meta = (hf_meta){0};
		if (!answer.error)
			return false;
		break;
	}
	case '@':
		if (old && !old->error) {
			data = malloc(old->size + 1);
			if (!data)
				return false;
			memcpy(data, old->data, old->size + 1);
			answer.data = data;
			answer.size = old->size;
			answer.meta = old->meta.mode ? old->meta : ordinary_file;
		}
		if (!parse_meta(value, &answer.meta))
			return false;
		break;
	default:
		return false;
	}
	return hf_record_put(record, &answer, true) == 0;
}

/* The program's own folder of configuration is where this build was told. */
static char *with_folder(const char *line)
{
	static const char mark[] = "@SYSCONFDIR@";
	const char *at = strstr(line, mark);
	char *copy = NULL;

	if (!at)
		return strdup(line);
	return asprintf(&copy, "%.*s%s%s", (int)(at - line), line, HF_SYSCONFDIR,
			at + strlen(mark)) < 0
		       ? NULL
		       : copy;
}

static bool apply(const harness *h, hf_record *record, const char *line)
{
	hf_cleanup(hf_freep) char *copy = with_folder(line);
	char operator= 0;

	if (!copy)
		return false;
	bool is_removal = hf_has_prefix(copy, "- ");
	char *question = is_removal ? copy + 2 : copy;
	char *value = is_removal ? NULL : split_operator(question, &operator);
	char *colon = strchr(question, ':');
	hf_ask_kind kind = colon ? hf_ask_kind_number(question, (size_t)(colon - question))
				 : (hf_ask_kind)0;

	if (!kind)
		return false;
	if (is_removal)
		return hf_record_remove(record, kind, colon + 1);
	return value && apply_to(record, kind, colon + 1, operator, value, h);
}

/* ---- running one case ---- */

static int copy_answer(const hf_answer *answer, void *record)
{
	return hf_record_put(record, answer, true);
}

/* What a build without an optional library cannot tell is left to a person, whatever the case says. */
static bool lacks_library(const hf_results *results)
{
	for (size_t i = 0; i < results->count; i++) {
		const hf_result *result = &results->all[i];

		if (result->status == HF_NOTCHECKED && result->evidence_count > 0 &&
		    hf_has_prefix(result->evidence[0].found, "holdfast was built without lib"))
			return true;
	}
	return false;
}

static void end_case(harness *h)
{
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;

	if (!h->has_case)
		return;
	h->has_case = false;
	if (h->only && strcmp(h->only, h->check->row->id) != 0) {
		free_lines(&h->overrides);
		return;
	}
	if (hf_record_new(&record) < 0 || hf_facts_new(record, &facts) < 0)
		abort();
	if (h->base)
		(void)hf_record_each(h->base, copy_answer, record);
	for (size_t i = 0; i < h->with.count + h->overrides.count; i++) {
		const char *line = i < h->with.count ? h->with.items[i]
						     : h->overrides.items[i - h->with.count];

		if (!apply(h, record, line))
			complain(h, h->case_line, "cannot apply \"%s\"", line);
	}
	free_lines(&h->overrides);
	enum { ALSO_MAX = 16 };
	const char *only[ALSO_MAX + 2] = {h->check->row->id};
	const hf_selection selection = {.only = only};
	hf_results results;
	hf_status worst = HF_NOTSELECTED;

	for (size_t i = 0; i < h->also.count && i < ALSO_MAX; i++)
		only[i + 1] = h->also.items[i];
	if (hf_engine_run(h->registry, &selection, facts, NULL, NULL, &results) < 0)
		abort();
	for (size_t i = 0; i < results.count; i++) {
		if (results.all[i].check == h->check)
			worst = hf_status_worse(worst, results.all[i].status);
	}
	if (worst == h->expected || lacks_library(&results)) {
		h->passed++;
		return;
	}
	complain(h, h->case_line, "%s: is %s, must be %s", h->check->row->id, hf_status_name(worst),
		 hf_status_name(h->expected));
	for (size_t i = 0; i < results.count; i++) {
		const hf_result *result = &results.all[i];

		for (size_t e = 0; e < result->evidence_count; e++)
			(void)fprintf(stderr, "    %s: %s (wanted: %s)\n",
				      result->evidence[e].source, result->evidence[e].found,
				      result->evidence[e].wanted ? result->evidence[e].wanted : "-");
	}
}

/* ---- reading ---- */

static size_t index_of(const harness *h, const hf_loaded_check *check)
{
	const hf_loaded_check *checks;

	(void)hf_registry_checks(h->registry, &checks);
	return (size_t)(check - checks);
}

static void set_base(harness *h, const char *name)
{
	hf_cleanup(hf_freep) char *path = NULL;
	hf_error err = {0};

	hf_record_free(h->base);
	h->base = NULL;
	free_lines(&h->with);
	if (strcmp(name, "empty") == 0)
		return;
	if (asprintf(&path, "%s/tests/captures/%s.json", h->srcdir, name) < 0)
		abort();
	FILE *in = fopen(path, "re");
	hf_buffer all = {0};
	char block[8192];
	size_t n;

	if (!in) {
		complain(h, h->line, "no capture named %s", name);
		return;
	}
	while ((n = fread(block, 1, sizeof block, in)) > 0)
		hf_buffer_add(&all, block, n);
	(void)fclose(in);
	if (hf_capture_parse(all.data, all.size, &h->base, &err) < 0)
		complain(h, h->line, "%s: %s", path, err.text);
	hf_buffer_free(&all);
}

static void mark_elsewhere(harness *h, char *pattern)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(h->registry, &checks);
	char *by = strstr(pattern, " by ");
	unsigned marked = 0;

	if (by)
		*by = '\0';
	const char *const only[] = {hf_strip(pattern), NULL};
	const hf_selection selection = {.only = only};

	for (size_t i = 0; i < count; i++) {
		if (hf_selection_has(&selection, &checks[i])) {
			h->covered[i].elsewhere = true;
			marked++;
		}
	}
	if (!by || marked == 0)
		complain(h, h->line, "\"covered GLOB by TEST\" names no check or no test");
}

static void take_keyword(harness *h, char *line)
{
	end_case(h);
	h->in_with = false;
	if (hf_has_prefix(line, "base ")) {
		set_base(h, hf_strip(line + 5));
	} else if (strcmp(line, "with") == 0) {
		free_lines(&h->with);
		h->in_with = true;
	} else if (hf_has_prefix(line, "also ")) {
		char *word = strdup(hf_strip(line + 5));

		if (!word || hf_list_add(&h->also, word) < 0)
			abort();
	} else if (hf_has_prefix(line, "check ")) {
		free_lines(&h->also);
		h->check = hf_registry_find(h->registry, hf_strip(line + 6));
		if (!h->check)
			complain(h, h->line, "no such check: %s", line + 6);
	} else if (hf_has_prefix(line, "covered ")) {
		mark_elsewhere(h, line + 8);
	} else if (hf_has_prefix(line, "never ") && h->check) {
		char *word = line + 6, *reason = strchr(word, ' ');

		if (reason)
			*reason = '\0';
		hf_status status = hf_status_number(word);

		if (!reason || status == HF_STATUS_COUNT)
			complain(h, h->line, "\"never STATUS because …\" lacks one of them");
		else
			h->covered[index_of(h, h->check)].never |= 1U << status;
	} else {
		line[strcspn(line, ": \t")] = '\0';
		hf_status status = hf_status_number(line);

		if (status == HF_STATUS_COUNT) {
			complain(h, h->line, "unknown keyword \"%s\"", line);
		} else if (h->check) {
			h->has_case = true;
			h->case_line = h->line;
			h->expected = status;
			h->covered[index_of(h, h->check)].seen |= 1U << status;
		}
	}
}

static void read_file(harness *h, const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	h->file = path;
	h->line = 0;
	h->check = NULL;
	if (!in) {
		complain(h, 0, "cannot be read");
		return;
	}
	while ((length = getline(&line, &room, in)) >= 0) {
		h->line++;
		while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
			line[--length] = '\0';
		const char *start = line + strspn(line, " \t");

		if (*start == '\0' || *start == '#')
			continue;
		if (start == line) {
			take_keyword(h, line);
		} else if (h->in_with || h->has_case) {
			char *copy = strdup(start);

			if (!copy || hf_list_add(h->in_with ? &h->with : &h->overrides, copy) < 0)
				abort();
		} else if (h->check) {
			complain(h, h->line, "an override outside of a case");
		}
	}
	end_case(h);
	free_lines(&h->also);
	set_base(h, "empty");
	free(line);
	(void)fclose(in);
}

/* ---- coverage ---- */

static void check_coverage(harness *h)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(h->registry, &checks);

	h->file = "coverage";
	for (size_t i = 0; i < count; i++) {
		const hf_check *row = checks[i].row;
		const coverage *c = &h->covered[i];
		unsigned needed = row->flags & HF_CHECK_INFO
					  ? 1U << HF_INFORMATIONAL | 1U << HF_UNKNOWN
				  : row->flags & HF_CHECK_MANUAL
					  ? 1U << HF_NOTCHECKED | 1U << HF_UNKNOWN
					  : 1U << HF_PASS | 1U << HF_FAIL | 1U << HF_UNKNOWN;
		unsigned missing = needed & ~(c->seen | c->never);

		for (unsigned s = 0; !c->elsewhere && s < HF_STATUS_COUNT; s++) {
			if (missing & 1U << s)
				complain(h, 0, "%s has no case with status %s", row->id,
					 hf_status_name((hf_status)s));
		}
	}
}

static void load_plugins(harness *h, const char *pattern)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0) {
		complain(h, 0, "no plugin at %s", pattern);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		hf_error err = {0};
		void *handle = dlopen(found.gl_pathv[i], RTLD_NOW | RTLD_LOCAL);
		const hf_plugin *plugin = handle ? dlsym(handle, "hf_plugin_v1") : NULL;

		if (!plugin)
			complain(h, 0, "%s", dlerror());
		else if (hf_registry_add(h->registry, plugin, found.gl_pathv[i], &err) < 0)
			complain(h, 0, "%s: %s", found.gl_pathv[i], err.text);
	}
	globfree(&found);
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *builddir = getenv("builddir");
	harness h = {.srcdir = srcdir ? srcdir : ".", .only = argc > 1 ? argv[1] : NULL};
	hf_cleanup(hf_freep) char *plugins = NULL;
	hf_cleanup(hf_freep) char *cases = NULL;
	glob_t found;

	if (hf_registry_new(&h.registry) < 0 ||
	    asprintf(&plugins, "%s/checks/*/.libs/*.so", builddir ? builddir : ".") < 0 ||
	    asprintf(&cases, "%s/tests/checks/*.cases", h.srcdir) < 0)
		return 99;
	load_plugins(&h, plugins);
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(h.registry, &checks);

	h.covered = calloc(count + 1, sizeof *h.covered);
	if (!h.covered)
		return 99;
	if (glob(cases, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(&h, found.gl_pathv[i]);
		globfree(&found);
	}
	if (!h.only)
		check_coverage(&h);
	(void)printf("%zu checks\n%u passed, %u failed\n", count, h.passed, h.failed);
	free(h.covered);
	hf_registry_free(h.registry);
	return h.failed > 0;
}
