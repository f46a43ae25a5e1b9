/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: what sysctl.d sets at the next boot, by the rules of systemd-sysctl.
 *
 * Watched with systemd 252: a later line replaces an earlier one for the same key, unless it says
 * the same, then the earlier keeps its place; globs are applied in that order and skip every key
 * that has a line of its own, be it "-key" or "key=". procps reads /etc/sysctl.conf on its own,
 * systemd only where it is linked into /etc/sysctl.d (Debian: 99-sysctl.conf); as systemd-sysctl is
 * what runs at boot, so do we. */
#include "facts/conf-files.h"
#include "facts/kernel-text.h"
#include "facts/store.h"

static const char folders_text[] =
	"/etc/sysctl.d, /run/sysctl.d, /usr/local/lib/sysctl.d, /usr/lib/sysctl.d";

/* A line with what is needed to weigh it. */
typedef struct weighed {
	hf_declared_line *line; /* its public face */
	const char *key;	/* normalised */
	size_t place;		/* of its file and line in the order of reading */
	size_t file;
} weighed;

typedef struct merged {
	hf_declared_lines lines;
	const weighed *all; /* those that count, in the order of reading */
	size_t count;
	const weighed **effective; /* one for each key, by key */
	size_t effective_count;
	const weighed **globs; /* the effective ones that are globs, in order */
	size_t glob_count;
	bool is_blind; /* a folder could not be listed */
	bool has_gap;  /* a file that counts could not be read: it may override what comes before it
			*/
	size_t gap;    /* the last such file */
	hf_fact unread; /* of the folder or that file */
} merged;

/* ---- reading ---- */

typedef struct reading {
	hf_facts *facts;
	merged *m;
	weighed *all;
	hf_declared_line *lines;
	size_t count;
	size_t room;
} reading;

static void free_reading(reading *r)
{
	free(r->all);
	free(r->lines);
}

/* "net/ipv4/conf/eth0.1/x" <-> "net.ipv4.conf.eth0/1.x" */
static const char *swapped(hf_arena *arena, const char *key)
{
	char *copy = hf_facts_checked(hf_arena_strdup(arena, key));

	for (char *p = copy; *p; p++) {
		if (*p == '/')
			*p = '.';
		else if (*p == '.')
			*p = '/';
	}
	return copy;
}

static void add_line(reading *r, const hf_conf_file *conf, size_t file, const hf_sysctl_line *line)
{
	hf_arena *arena = hf_facts_arena(r->facts);

	if (r->count == r->room) {
		r->room = r->room ? r->room * 2 : 256;
		r->all = hf_facts_checked(reallocarray(r->all, r->room, sizeof *r->all));
		r->lines = hf_facts_checked(reallocarray(r->lines, r->room, sizeof *r->lines));
	}
	r->all[r->count] = (weighed){.key = line->key, .place = r->count, .file = file};
	r->lines[r->count++] = (hf_declared_line){
		.key = swapped(arena, line->key),
		.value = line->value,
		.source =
			hf_facts_checked(hf_arena_printf(arena, "%s:%u", conf->path, line->number)),
		.masked_by = conf->masked_by,
	};
}

static void note_gap(reading *r, const hf_conf_file *conf, size_t file, const char *why)
{
	const hf_fact unread = {.state = HF_UNREADABLE, .source = conf->path, .why = why};

	r->m->lines.fact = unread;
	if (conf->masked_by)
		return;
	r->m->has_gap = true;
	r->m->gap = file;
	r->m->unread = unread;
}

static void read_file(reading *r, const hf_conf_file *conf, size_t file)
{
	hf_sysctl_lines lines;

	if (conf->is_void)
		return;
	if (conf->file->fact.state != HF_PRESENT) {
		note_gap(r, conf, file, conf->file->fact.why);
		return;
	}
	int error = hf_sysctl_d_parse(hf_facts_arena(r->facts), conf->file->data, conf->file->size,
				      &lines);

	if (error == -ENOMEM)
		hf_facts_out_of_memory();
	if (error < 0 || lines.count > HF_CONF_MAX_LINES - r->count) {
		note_gap(r, conf, file, "more lines than are read");
		return;
	}
	for (size_t i = 0; i < lines.count; i++)
		add_line(r, conf, file, &lines.all[i]);
}

/* ---- weighing ---- */

static int by_key(const void *a, const void *b)
{
	const weighed *const *x = a, *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	if (order == 0)
		order = ((*x)->place > (*y)->place) - ((*x)->place < (*y)->place);
	return order;
}

static int by_place(const void *a, const void *b)
{
	const weighed *const *x = a, *const *y = b;

	return ((*x)->place > (*y)->place) - ((*x)->place < (*y)->place);
}

static const char *in_words(hf_arena *arena, const hf_declared_line *line)
{
	return hf_facts_checked(
		line->value ? hf_arena_printf(arena, "%s = %s", line->source, line->value)
			    : hf_arena_printf(arena, "%s takes it out", line->source));
}

/* The lines for one key, in order: returns the one that stays, and marks those that it overrides.
 */
static const weighed *settle(hf_arena *arena, const weighed *const *group, size_t count)
{
	const weighed *stays = group[0];
	const char *words = NULL;

	for (size_t i = 1; i < count; i++) {
		if (!hf_streq(group[i]->line->value, stays->line->value))
			stays = group[i];
	}
	for (size_t i = 0; i < count; i++) {
		hf_declared_line *line = group[i]->line;

		if (hf_streq(line->value, stays->line->value))
			continue;
		if (!words)
			words = in_words(arena, stays->line);
		line->overridden_by = words;
	}
	return stays;
}

static void weigh(hf_arena *arena, merged *m)
{
	const weighed **sorted =
		hf_facts_checked(hf_arena_calloc(arena, m->count + 1, sizeof *sorted));

	m->effective = hf_facts_checked(hf_arena_calloc(arena, m->count + 1, sizeof *m->effective));
	m->globs = hf_facts_checked(hf_arena_calloc(arena, m->count + 1, sizeof *m->globs));
	for (size_t i = 0; i < m->count; i++)
		sorted[i] = &m->all[i];
	qsort(sorted, m->count, sizeof(weighed *), by_key);
	for (size_t i = 0, next; i < m->count; i = next) {
		for (next = i + 1; next < m->count; next++) {
			if (strcmp(sorted[i]->key, sorted[next]->key) != 0)
				break;
		}
		const weighed *stays = settle(arena, sorted + i, next - i);

		m->effective[m->effective_count++] = stays;
		if (hf_sysctl_is_glob(stays->key) && stays->line->value)
			m->globs[m->glob_count++] = stays;
	}
	qsort(m->globs, m->glob_count, sizeof(weighed *), by_place);
}

static void publish(reading *r, size_t counting)
{
	hf_arena *arena = hf_facts_arena(r->facts);
	merged *m = r->m;
	weighed *all = hf_facts_checked(hf_arena_calloc(arena, r->count + 1, sizeof *all));
	hf_declared_line *lines =
		hf_facts_checked(hf_arena_calloc(arena, r->count + 1, sizeof *lines));

	for (size_t i = 0; i < r->count; i++) {
		lines[i] = r->lines[i];
		all[i] = r->all[i];
		all[i].line = &lines[i];
	}
	m->lines.all = lines;
	m->lines.count = r->count;
	m->all = all;
	m->count = counting;
	weigh(arena, m);
}

static const void *compute_merged(hf_facts *facts, const char *key)
{
	static const char *const folders[] = {
		"/etc/sysctl.d",     "/run/sysctl.d", "/usr/local/lib/sysctl.d",
		"/usr/lib/sysctl.d", "/lib/sysctl.d", NULL,
	};
	static const char *const suffixes[] = {".conf", NULL};
	const hf_conf_files *files = hf_conf_files_new(facts, folders, suffixes);
	merged *m = hf_arena_alloc(hf_facts_arena(facts), sizeof *m);
	hf_cleanup(free_reading) reading r = {.facts = facts, .m = m};

	(void)key;
	if (!m)
		return NULL;
	m->is_blind = files->fact.state != HF_PRESENT;
	m->unread = files->fact;
	m->lines.fact = files->fact;
	if (!m->is_blind)
		m->lines.fact.source = folders_text;
	for (size_t i = 0; i < files->count; i++) {
		if (!files->all[i].masked_by)
			read_file(&r, &files->all[i], i);
	}
	size_t counting = r.count;

	for (size_t i = 0; i < files->count; i++) {
		if (files->all[i].masked_by)
			read_file(&r, &files->all[i], i);
	}
	publish(&r, counting);
	return m;
}

static const hf_fact_type merged_type = {.name = "sysctl.d", .compute = compute_merged};

/* ---- asking ---- */

static int compare_key(const void *key, const void *element)
{
	const weighed *const *w = element;

	return strcmp(key, (*w)->key);
}

static const weighed *find(const merged *m, const char *key)
{
	if (m->effective_count == 0)
		return NULL;
	const weighed *const *exact =
		bsearch(key, m->effective, m->effective_count, sizeof(weighed *), compare_key);

	if (exact)
		return *exact;
	for (size_t i = m->glob_count; i > 0; i--) {
		if (hf_sysctl_glob_matches(m->globs[i - 1]->key, key))
			return m->globs[i - 1];
	}
	return NULL;
}

static bool concerns(const weighed *w, const char *key)
{
	return strcmp(w->key, key) == 0 ||
	       (hf_sysctl_is_glob(w->key) && hf_sysctl_glob_matches(w->key, key));
}

/* The last line that would set @key to something else than @winner does. */
static const char *loser_of(hf_arena *arena, const merged *m, const weighed *winner,
			    const char *key)
{
	for (size_t i = m->count; i > 0; i--) {
		const weighed *w = &m->all[i - 1];

		if (w != winner && w->line->value && concerns(w, key) &&
		    !hf_streq(w->line->value, winner->line->value))
			return in_words(arena, w->line);
	}
	return NULL;
}

/* A file that could not be read hides lines that may override @winner, unless they would come
 * before it. */
static bool is_sure(const merged *m, const weighed *winner, const char *key)
{
	if (m->is_blind || !m->has_gap)
		return !m->is_blind;
	return winner && winner->file > m->gap && strcmp(winner->key, key) == 0;
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_declared *declared = hf_arena_alloc(arena, sizeof *declared);
	const merged *m = hf_facts_once(facts, &merged_type, "");
	const char *wanted = swapped(arena, key);
	const weighed *winner = find(m, wanted);

	if (!declared)
		return NULL;
	if (winner)
		declared->loser = loser_of(arena, m, winner, wanted);
	if (!is_sure(m, winner, wanted)) {
		declared->fact = m->unread;
	} else if (!winner) {
		declared->fact = (hf_fact){HF_ABSENT, folders_text, "no file there sets it"};
	} else if (!winner->line->value) {
		declared->fact = (hf_fact){HF_ABSENT, winner->line->source,
					   "taken out of what globs set, and nothing else sets it"};
	} else {
		declared->fact = (hf_fact){.state = HF_PRESENT, .source = winner->line->source};
		declared->value = winner->line->value;
	}
	return declared;
}

static const hf_fact_type type = {.name = "declared sysctl", .compute = compute};

const hf_declared *hf_facts_sysctl_declared(hf_facts *facts, const char *key)
{
	return hf_facts_once(facts, &type, key);
}

const hf_declared_lines *hf_facts_sysctl_declared_lines(hf_facts *facts)
{
	const merged *m = hf_facts_once(facts, &merged_type, "");

	return &m->lines;
}

const hf_declared *hf_sysctl_declared(hf_check_run *run, const char *key)
{
	return hf_facts_sysctl_declared(hf_facts_of(run), key);
}

const hf_declared_lines *hf_sysctl_declared_lines(hf_check_run *run)
{
	return hf_facts_sysctl_declared_lines(hf_facts_of(run));
}
