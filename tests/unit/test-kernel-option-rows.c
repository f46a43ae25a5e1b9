/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every row of kernel options in made-up worlds. A world says what is true; an oracle computes from
 * it what the row must give, and a record that shows the world is judged by the row. The two must
 * agree in every world, and the worlds must bring about every status that a row can have. */
#include "base/base.h"
#include "engine/engine.h"
#include "facts/store.h"
#include "kernel/options.h"
#include "record/record.h"

#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

/* ---- worlds ---- */

enum { ENTRIES_MAX = 32, CANDIDATES_MAX = 12, TEXT_MAX = 128 };

/* An option that the row or one of its terms is about, and the values that make a difference. */
typedef struct entry {
	option_kind kind;
	char name[TEXT_MAX];
	char candidates[CANDIDATES_MAX][TEXT_MAX];
	size_t candidate_count;
	const char *value; /* NULL: not set */
	bool is_unread;	   /* of a sysctl */
} entry;

typedef struct world {
	const option_row *row;
	entry entries[ENTRIES_MAX]; /* the first is the row's own */
	size_t entry_count;
	const char *release;
	const char *machine; /* NULL: uname is not known */
	bool has_config;
	bool has_cmdline;
	/* hardware */
	bool has_cpuinfo;
	bool is_amd;
	bool is_guest;
	bool has_rtm;
	bool has_tpm;
	/* what runs */
	bool has_runtime; /* the rest could be read */
	const char *lsm;
	hf_lockdown_level lockdown;
	bool is_loaded; /* every module that the row names */
	const char *vulnerability;
	bool is_smt;
	bool is_cgroup1;
	bool has_kubelet;
	bool has_rootless;
	bool has_bridge;
	bool is_audited; /* by a daemon older than all else, with room for what waits */
	char path[TEXT_MAX]; /* a file that the row names */
	bool is_path_zero;
} world;

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % below;
}

static bool likely(void)
{
	return draw(8) != 0;
}

static entry *entry_of(world *w, option_kind kind, const char *name)
{
	for (size_t i = 0; i < w->entry_count; i++)
		if (w->entries[i].kind == kind && strcmp(w->entries[i].name, name) == 0)
			return &w->entries[i];
	assert_true(w->entry_count < ENTRIES_MAX);

	entry *made = &w->entries[w->entry_count++];

	*made = (entry){.kind = kind};
	(void)snprintf(made->name, sizeof made->name, "%s", name);
	return made;
}

static void add_candidate(entry *e, const char *text)
{
	for (size_t i = 0; i < e->candidate_count; i++)
		if (strcmp(e->candidates[i], text) == 0)
			return;
	if (e->candidate_count < CANDIDATES_MAX)
		(void)snprintf(e->candidates[e->candidate_count++], TEXT_MAX, "%s", text);
}

/* Values that @item is about: on both sides of a bound, in a list, or the word itself. */
static void add_candidates_of(world *w, entry *e, const char *item)
{
	static const char *const words[] = {"not-set", "absent", "present", "info", "max", "empty"};
	char name[OPTION_NAME_MAX];
	long long bound;
	long long high;
	char text[TEXT_MAX];

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++)
		if (strcmp(item, words[i]) == 0)
			return add_candidate(e, strcmp(item, "empty") == 0 ? "" : "1");
	if (option_wanted_limit(item, name)) {
		add_candidate(entry_of(w, OPTION_KCONFIG, name), "32");
		return add_candidate(e, "32");
	}
	if (strcmp(item, "taint-ok") == 0) {
		add_candidate(e, "0");
		return add_candidate(e, "128");
	}
	if (strcmp(item, "helper-ok") == 0) {
		add_candidate(e, "core");
		return add_candidate(e, "|/tmp/helper %p");
	}
	if (sscanf(item, "%lld..%lld", &bound, &high) == 2 || sscanf(item, ">=%lld", &bound) == 1 ||
	    sscanf(item, "<=%lld", &bound) == 1 || sscanf(item, "field1<=%lld", &bound) == 1) {
		(void)snprintf(text, sizeof text, "%lld", bound);
		add_candidate(e, text);
		(void)snprintf(text, sizeof text, "%lld", bound - 1);
		add_candidate(e, text);
		(void)snprintf(text, sizeof text, "%lld", bound + 1);
		return add_candidate(e, text);
	}
	item += strspn(item, "!=~");
	add_candidate(e, item);
	(void)snprintf(text, sizeof text, "other,%s", item);
	add_candidate(e, text);
}

static void add_candidates(world *w, entry *e, const char *wanted, bool is_list)
{
	char item[TEXT_MAX];

	while (is_list && strchr(wanted, ',')) {
		(void)snprintf(item, sizeof item, "%.*s", (int)strcspn(wanted, ","), wanted);
		add_candidates_of(w, e, item);
		wanted += strcspn(wanted, ",") + 1;
	}
	add_candidates_of(w, e, wanted);
}

static option_truth collect(const option_term *term, void *data)
{
	world *w = data;
	char name[TEXT_MAX];

	if (term->source == OPTION_TERM_K && strcmp(term->name, "LOCALVERSION") != 0) {
		(void)snprintf(name, sizeof name, "CONFIG_%s", term->name);
		add_candidates(w, entry_of(w, OPTION_KCONFIG, name), term->wanted, term->is_list);
	} else if (term->source == OPTION_TERM_C) {
		add_candidates(w, entry_of(w, OPTION_CMDLINE, term->name), term->wanted,
			       term->is_list);
	} else if (term->source == OPTION_TERM_S && *term->name && !strchr(term->name, '*')) {
		add_candidates(w, entry_of(w, OPTION_SYSCTL, term->name), term->wanted,
			       term->is_list);
	} else if (term->source == OPTION_TERM_RT && strcmp(term->name, "core-pattern-safe") == 0) {
		add_candidates(w, entry_of(w, OPTION_SYSCTL, "kernel.core_pattern"), "helper-ok",
			       false);
	} else if (term->source == OPTION_TERM_RT && strncmp(term->name, "audit-before", 12) == 0) {
		add_candidates(w, entry_of(w, OPTION_CMDLINE, "audit"), "0,1", true);
	} else if (term->source == OPTION_TERM_RT && term->name[0] == '/') {
		(void)snprintf(w->path, sizeof w->path, "%s", term->name);
	}
	return OPTION_CANNOT_KNOW; /* so that every term is asked */
}

static void prepare(world *w, const option_row *row)
{
	option_truth truth;
	entry *own;

	*w = (world){.row = row};
	own = entry_of(w, row->kind, row->name);
	add_candidates(w, own, row->wanted, true);
	add_candidate(own, row->kind == OPTION_KCONFIG ? "y" : "7");
	add_candidate(own, row->kind == OPTION_KCONFIG ? "m" : "0");
	for (size_t i = 0; i < row->clause_count; i++)
		assert_true(option_expr_evaluate(row->clauses[i].text, collect, w, &truth));
}

static void draw_options(world *w)
{
	w->has_config = likely();
	w->has_cmdline = likely();
	for (size_t i = 0; i < w->entry_count; i++) {
		entry *e = &w->entries[i];
		uint32_t pick = draw((uint32_t)e->candidate_count + 2);

		e->value = pick < e->candidate_count ? e->candidates[pick] : NULL;
		e->is_unread = e->kind == OPTION_SYSCTL && !likely();
	}
}

static void draw_world(world *w)
{
	static const char *const releases[] = {"4.15.18", "5.4.100", "5.4.250",		 "5.10.200",
					       "6.1.119", "6.6.5",   "6.6.87",		 "6.12.20",
					       "6.15.3",  "6.17.1",  "5.4.0-200-generic"};
	static const char *const lists[] = {"capability,yama,apparmor", "capability,selinux",
					    "capability"};
	static const char *const vulnerabilities[] = {"Not affected", "Mitigation: PTI",
						      "Vulnerable"};
	const char *arches = w->row->arches;

	w->release = releases[draw(HF_ARRAY_SIZE(releases))];
	w->machine = strcmp(arches, "all") == 0 || !likely() ? "x86_64"
		     : strcmp(arches, "arm64") == 0	     ? "aarch64"
		     : strcmp(arches, "arm") == 0	     ? "armv7l"
							     : "x86_64";
	if (!likely())
		w->machine = NULL;
	draw_options(w);
	w->has_cpuinfo = likely();
	w->is_amd = draw(2);
	w->is_guest = draw(2);
	w->has_rtm = draw(2);
	w->has_tpm = draw(2);
	w->has_runtime = likely();
	w->lsm = lists[draw(HF_ARRAY_SIZE(lists))];
	w->lockdown = (hf_lockdown_level)draw(3);
	w->is_loaded = draw(2);
	w->vulnerability = vulnerabilities[draw(HF_ARRAY_SIZE(vulnerabilities))];
	w->is_smt = draw(2);
	w->is_cgroup1 = draw(2);
	w->has_kubelet = draw(2);
	w->has_rootless = draw(2);
	w->has_bridge = draw(2);
	w->is_audited = draw(2);
	w->is_path_zero = draw(2);
}

/* ---- the oracle ---- */

static option_truth when(bool is_known, bool holds)
{
	return is_known ? option_truth_of(holds) : OPTION_CANNOT_KNOW;
}

static bool is_readable(const world *w, const entry *e)
{
	switch (e->kind) {
	case OPTION_KCONFIG:
		return w->has_config;
	case OPTION_CMDLINE:
		return w->has_cmdline;
	case OPTION_SYSCTL:
		break;
	}
	return !e->is_unread;
}

static option_truth oracle_value(world *w, const entry *e, const char *wanted, bool is_list)
{
	const option_value value = {
		.kind = e->kind, .is_set = e->value != NULL, .text = e->value, .list = e->value};
	option_limit limit = {0};
	option_truth truth;
	char name[OPTION_NAME_MAX];

	if (!is_readable(w, e))
		return OPTION_CANNOT_KNOW;
	if (strcmp(wanted, "taint-ok") == 0)
		return option_truth_of(e->value && strcmp(e->value, "0") == 0);
	if (strcmp(wanted, "helper-ok") == 0)
		return option_truth_of(e->value && e->value[0] != '|');
	if (option_wanted_limit(w->row->wanted, name) && w->has_config) {
		const entry *max = entry_of(w, OPTION_KCONFIG, name);

		limit.is_known = max->value != NULL;
		limit.max = 32;
	}
	assert_true(is_list ? option_wanted_match(wanted, &value, &limit, &truth)
			    : option_item_match(wanted, &value, &limit, &truth));
	return truth;
}

static option_truth oracle_version(const world *w, const char *range)
{
	unsigned a[3] = {0};
	unsigned b[3] = {0};
	bool is_frozen = w->machine && strchr(w->release, '-');
	const char *number = range + strspn(range, "<>=");

	if (!w->machine)
		return OPTION_CANNOT_KNOW;
	assert_int_equal(sscanf(w->release, "%u.%u.%u", &a[0], &a[1], &a[2]), 3);
	assert_true(sscanf(number, "%u.%u.%u", &b[0], &b[1], &b[2]) >= 2);
	if (is_frozen && a[0] == b[0] && a[1] == b[1] && b[2] > 0)
		return OPTION_CANNOT_KNOW;

	const uint64_t x = (uint64_t)a[0] << 40 | (uint64_t)a[1] << 20 | a[2];
	const uint64_t y = (uint64_t)b[0] << 40 | (uint64_t)b[1] << 20 | b[2];

	return option_truth_of(range[0] == '>' ? x >= y : x < y);
}

static option_truth oracle_arch(const world *w, const char *arch)
{
	if (!w->machine)
		return OPTION_CANNOT_KNOW;
	if (strcmp(w->machine, "x86_64") == 0)
		return option_truth_of(strcmp(arch, "x86_64") == 0);
	if (strcmp(w->machine, "aarch64") == 0)
		return option_truth_of(strcmp(arch, "arm64") == 0);
	return option_truth_of(strcmp(arch, "arm") == 0);
}

/* On ARM the firmware tells a guest, and there is no vendor and no flag. The guests there have no
 * atomics, and what would be an AMD is a Cortex-A72, which is known to lack PAN. */
static option_truth oracle_hardware(const world *w, const char *name)
{
	const bool is_x86 = !w->machine || strcmp(w->machine, "x86_64") == 0;
	const option_truth vm = when(is_x86 ? w->has_cpuinfo : true, w->is_guest);

	if (strcmp(name, "vm") == 0 || strcmp(name, "vm-no-passthrough") == 0)
		return vm; /* no PCI bus: nothing is passed through */
	if (strcmp(name, "amd") == 0)
		return when(w->has_cpuinfo && is_x86, w->is_amd);
	if (strcmp(name, "intel") == 0)
		return when(w->has_cpuinfo && is_x86, !w->is_amd);
	if (strcmp(name, "no-rtm") == 0)
		return when(w->has_cpuinfo && is_x86, !w->has_rtm);
	if (strcmp(name, "no-tpm") == 0)
		return when(w->has_cpuinfo, !w->has_tpm);
	assert_string_equal(name, "pan");
	return when(w->has_cpuinfo && !is_x86 && (!w->is_guest || w->is_amd), !w->is_guest);
}

static option_truth oracle_lockdown(const world *w, const char *wanted)
{
	if (strcmp(wanted, ">=integrity") == 0)
		return when(w->has_runtime, w->lockdown >= HF_LOCKDOWN_INTEGRITY);
	assert_string_equal(wanted, "confidentiality");
	return when(w->has_runtime, w->lockdown == HF_LOCKDOWN_CONFIDENTIALITY);
}

static option_truth oracle_runtime(world *w, const option_term *term)
{
	const char *name = term->name;
	const char *wanted = term->wanted;

	if (strcmp(name, "lsm") == 0)
		return when(w->has_runtime, strstr(w->lsm, wanted + 1) != NULL);
	if (strcmp(name, "lockdown") == 0)
		return oracle_lockdown(w, wanted);
	if (strcmp(name, "module") == 0) /* a loaded one is neither denied nor absent */
		return when(w->has_runtime && w->is_loaded, false);
	if (strncmp(name, "vulnerabilities/", 16) == 0)
		return when(w->has_runtime, wanted[0] == '~'
						    ? strstr(w->vulnerability, wanted + 1) != NULL
						    : strcmp(w->vulnerability, wanted) == 0);
	if (name[0] == '/')
		return when(w->has_runtime, (strcmp(wanted, "0") == 0) == w->is_path_zero);
	if (strcmp(name, "smt") == 0)
		return when(w->has_runtime, !w->is_smt);
	if (strcmp(name, "cgroup") == 0)
		return when(w->has_runtime, (strcmp(wanted, "v1") == 0) == w->is_cgroup1);
	if (strcmp(name, "no-kubelet") == 0)
		return when(w->has_runtime, !w->has_kubelet);
	if (strcmp(name, "rootless-in-use") == 0 || strcmp(name, "userns-in-use") == 0)
		return when(w->has_runtime, w->has_rootless);
	if (strcmp(name, "no-bridge-networks") == 0)
		return when(w->has_runtime, !w->has_bridge);
	if (strcmp(name, "host-network-only") == 0)
		return when(w->has_runtime && w->has_bridge, false);
	if (strcmp(name, "vm-runtimes") == 0)
		return when(w->has_runtime, false); /* there is no /dev/kvm */
	if (strcmp(name, "core-pattern-safe") == 0) {
		const entry *e = entry_of(w, OPTION_SYSCTL, "kernel.core_pattern");

		return e->value ? oracle_value(w, e, "helper-ok", false) : OPTION_CANNOT_KNOW;
	}
	if (strcmp(name, "audit-before-containers") == 0) {
		const entry *e = entry_of(w, OPTION_CMDLINE, "audit");
		bool is_on;

		if (w->has_cmdline && (!e->value || !option_parse_bool(e->value, &is_on)))
			return when(w->has_runtime, w->is_audited);
		return when(w->has_cmdline, e->value && e->value[0] == '1');
	}
	if (strcmp(name, "audit-backlog-ok") == 0)
		return when(w->has_runtime, w->is_audited);
	if (strcmp(name, "no-kconfig") == 0)
		return option_truth_of(!w->has_config);
	return OPTION_CANNOT_KNOW; /* nothing tells */
}

static option_truth oracle_term(const option_term *term, void *data)
{
	world *w = data;
	char name[TEXT_MAX];

	switch (term->source) {
	case OPTION_TERM_K:
		if (strcmp(term->name, "LOCALVERSION") == 0)
			return option_truth_of(w->has_config);
		(void)snprintf(name, sizeof name, "CONFIG_%s", term->name);
		return oracle_value(w, entry_of(w, OPTION_KCONFIG, name), term->wanted,
				    term->is_list);
	case OPTION_TERM_C:
		return oracle_value(w, entry_of(w, OPTION_CMDLINE, term->name), term->wanted,
				    term->is_list);
	case OPTION_TERM_S:
		if (strchr(term->name, '*')) /* the only interface of the world is the row's own */
			return w->entries[0].value || w->entries[0].is_unread
				       ? oracle_value(w, &w->entries[0], term->wanted, false)
				       : OPTION_CANNOT_KNOW;
		return oracle_value(
			w, *term->name ? entry_of(w, OPTION_SYSCTL, term->name) : &w->entries[0],
			term->wanted, term->is_list);
	case OPTION_TERM_V:
		return oracle_version(w, term->wanted);
	case OPTION_TERM_A:
		return oracle_arch(w, term->name);
	case OPTION_TERM_HW:
		return oracle_hardware(w, term->name);
	case OPTION_TERM_RT:
		break;
	}
	return oracle_runtime(w, term);
}

static option_truth oracle_clauses(world *w, option_clause_kind kind, option_truth truth)
{
	for (size_t i = 0; i < w->row->clause_count; i++) {
		option_truth one;

		if (w->row->clauses[i].kind != kind)
			continue;
		assert_true(option_expr_evaluate(w->row->clauses[i].text, oracle_term, w, &one));
		truth = kind == OPTION_AND ? option_both(truth, one) : option_either(truth, one);
	}
	return truth;
}

static hf_status oracle_status(world *w)
{
	const option_row *row = w->row;
	option_truth spared = oracle_clauses(w, OPTION_NA, OPTION_NO);
	option_truth truth;

	if (strcmp(row->arches, "all") != 0) {
		truth = oracle_arch(w, row->arches);
		spared = option_either(spared, truth == OPTION_CANNOT_KNOW
						       ? truth
						       : option_truth_of(truth == OPTION_NO));
	}
	if (*row->kernels) {
		truth = oracle_version(w, row->kernels);
		spared = option_either(spared, truth == OPTION_CANNOT_KNOW
						       ? truth
						       : option_truth_of(truth == OPTION_NO));
	}
	if (spared == OPTION_YES)
		return HF_NOTAPPLICABLE;
	if (strcmp(row->wanted, "info") == 0)
		return is_readable(w, &w->entries[0]) ? HF_INFORMATIONAL : HF_UNKNOWN;
	truth = oracle_clauses(w, OPTION_OR, oracle_value(w, &w->entries[0], row->wanted, true));
	truth = oracle_clauses(w, OPTION_AND, truth);
	if (truth == OPTION_YES)
		return HF_PASS;
	return truth == OPTION_NO && spared == OPTION_NO ? HF_FAIL : HF_UNKNOWN;
}

/* ---- a record that shows the world ---- */

static void put(hf_record *record, hf_ask_kind kind, const char *name, const char *data,
		size_t size)
{
	const hf_answer answer = {
		.kind = kind,
		.name = name,
		.data = data,
		.size = size,
		.meta = {.mode = kind == HF_ASK_DIR ? S_IFDIR | 0755U : S_IFREG | 0644U,
			 .nlink = 1,
			 .fs_magic = PROC_SUPER_MAGIC},
	};

	assert_int_equal(hf_record_put(record, &answer, true), 0);
}

static void put_text(hf_record *record, hf_ask_kind kind, const char *name, const char *text)
{
	put(record, kind, name, text, strlen(text));
}

static void put_error(hf_record *record, hf_ask_kind kind, const char *name, int error)
{
	const hf_answer answer = {.kind = kind, .name = name, .error = error, .data = ""};

	assert_int_equal(hf_record_put(record, &answer, true), 0);
}

/* Names separated by blanks, as a listing. */
static void put_dir(hf_record *record, const char *path, const char *names)
{
	char data[1024];
	size_t size = strlen(names);

	assert_true(size + 1 < sizeof data);
	memcpy(data, names, size + 1);
	for (size_t i = 0; i < size; i++)
		if (data[i] == ' ')
			data[i] = '\0';
	put(record, HF_ASK_DIR, path, data, size > 0 ? size + 1 : 0);
}

static void show_sysctl(hf_record *record, const world *w, const entry *e)
{
	char path[TEXT_MAX + 16];
	char folder[TEXT_MAX + 16];
	char names[1024] = "";
	char text[TEXT_MAX + 2];
	char *slash;

	(void)snprintf(path, sizeof path, "/proc/sys/%s", e->name);
	for (char *c = path + strlen("/proc/sys/"); *c; c++)
		if (*c == '.')
			*c = '/';
	(void)snprintf(text, sizeof text, "%s\n", e->value ? e->value : "");
	if (e->is_unread)
		put_error(record, HF_ASK_FILE, path, EACCES);
	else if (e->value)
		put_text(record, HF_ASK_FILE, path, text);
	else
		put_error(record, HF_ASK_FILE, path, ENOENT);
	/* the listing of its folder: what of it is there */
	slash = strrchr(path, '/');
	(void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	for (size_t i = 0; i < w->entry_count; i++) {
		const entry *other = &w->entries[i];
		const char *dot = strrchr(other->name, '.');
		const size_t length = (size_t)(dot ? dot - other->name : 0);

		if (other->kind != OPTION_SYSCTL || !dot ||
		    strncmp(other->name, e->name, length + 1) != 0 ||
		    strchr(e->name + length + 1, '.') || (!other->value && !other->is_unread))
			continue;
		(void)snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
			       *names ? " " : "", dot + 1);
	}
	/* no folder of the kernel's is empty */
	put_dir(record, folder, *names ? names : "other");
}

static void show_options(hf_record *record, const world *w)
{
	hf_buffer config = {0};
	hf_buffer cmdline = {0};

	hf_buffer_puts(&config, "CONFIG_LOCALVERSION=\"\"\n");
	hf_buffer_puts(&cmdline, "BOOT_IMAGE=/vmlinuz ro");
	for (size_t i = 0; i < w->entry_count; i++) {
		const entry *e = &w->entries[i];

		if (e->kind == OPTION_KCONFIG && e->value)
			hf_buffer_printf(&config, "%s=%s\n", e->name, e->value);
		else if (e->kind == OPTION_CMDLINE && e->value)
			hf_buffer_printf(&cmdline, *e->value ? " %s=%s" : " %s", e->name, e->value);
		else if (e->kind == OPTION_SYSCTL)
			show_sysctl(record, w, e);
	}
	hf_buffer_puts(&cmdline, "\n");
	if (w->has_config)
		put(record, HF_ASK_FILE, "/kernel-config", config.data, config.size);
	else
		put_error(record, HF_ASK_FILE, "/kernel-config", EACCES);
	if (w->has_cmdline)
		put(record, HF_ASK_FILE, "/proc/cmdline", cmdline.data, cmdline.size);
	else
		put_error(record, HF_ASK_FILE, "/proc/cmdline", EACCES);
	hf_buffer_free(&config);
	hf_buffer_free(&cmdline);
}

static void show_hardware(hf_record *record, const world *w)
{
	const bool is_x86 = !w->machine || strcmp(w->machine, "x86_64") == 0;
	char text[512];

	if (w->machine) {
		(void)snprintf(text, sizeof text, "Linux\n%s\n#1 SMP\n%s\n", w->release,
			       w->machine);
		put_text(record, HF_ASK_CALL, "uname", text);
	}
	put_error(record, HF_ASK_FILE, "/proc/bus/pci/devices", ENOENT);
	put_error(record, HF_ASK_DIR, "/proc/bus/pci", ENOENT);
	put_dir(record, "/proc/bus", "input");
	if (!is_x86) {
		put_text(record, HF_ASK_FILE, "/sys/class/dmi/id/product_name", "Server\n");
		put_text(record, HF_ASK_FILE, "/sys/class/dmi/id/sys_vendor",
			 w->is_guest ? "QEMU\n" : "ACME\n");
	}
	if (!w->has_cpuinfo)
		return;
	if (is_x86)
		(void)snprintf(text, sizeof text,
			       "processor\t: 0\nvendor_id\t: %s\nflags\t\t: fpu%s%s nx\n\n",
			       w->is_amd ? "AuthenticAMD" : "GenuineIntel",
			       w->is_guest ? " hypervisor" : "", w->has_rtm ? " rtm" : "");
	else
		(void)snprintf(text, sizeof text,
			       "processor\t: 0\nFeatures\t: fp%s\nCPU implementer\t: 0x41\nCPU "
			       "part\t: %s\n\n",
			       w->is_guest ? "" : " atomics", w->is_amd ? "0xd08" : "0xd0c");
	put_text(record, HF_ASK_FILE, "/proc/cpuinfo", text);
	put_dir(record, "/sys/class/tpm", w->has_tpm ? "tpm0" : "");
}

static void show_process(hf_record *record, int pid, int parent, const char *exe)
{
	char name[64];
	char text[128];

	(void)snprintf(name, sizeof name, "/proc/%d/stat", pid);
	(void)snprintf(text, sizeof text,
		       "%d (p) S %d 1 1 0 -1 %u 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0 0 0 0 0 0 0 0 0\n",
		       pid, parent, exe ? 0U : 0x200000U /* PF_KTHREAD */);
	put_text(record, HF_ASK_FILE, name, text);
	(void)snprintf(name, sizeof name, "/proc/%d/cgroup", pid);
	put_text(record, HF_ASK_FILE, name, "0::/\n");
	(void)snprintf(name, sizeof name, "/proc/%d/ns/mnt", pid);
	put_text(record, HF_ASK_LINK, name, "mnt:[4026531832]");
	(void)snprintf(name, sizeof name, "/proc/%d/exe", pid);
	if (exe)
		put_text(record, HF_ASK_LINK, name, exe);
	else
		put_error(record, HF_ASK_LINK, name, ENOENT);
}

static void show_devices(hf_record *record, const world *w)
{
	static const char folder[] = "/sys/devices/virtual/net";

	put_dir(record, folder, w->has_bridge ? "docker0 lo" : "lo");
	put_error(record, HF_ASK_FILE, "/sys/devices/virtual/net/lo/bridge/bridge_id", ENOENT);
	put_error(record, HF_ASK_DIR, "/sys/devices/virtual/net/lo/bridge", ENOENT);
	put_dir(record, "/sys/devices/virtual/net/lo", "mtu");
	if (w->has_bridge) {
		put_dir(record, "/sys/devices/virtual/net/docker0", "bridge mtu");
		put_dir(record, "/sys/devices/virtual/net/docker0/bridge", "bridge_id");
		put_text(record, HF_ASK_FILE, "/sys/devices/virtual/net/docker0/bridge/bridge_id",
			 "8000.0242ac110001\n");
	}
	put_error(record, HF_ASK_STAT, "/dev/kvm", ENOENT);
	put_dir(record, "/dev", "null zero");
}

static void show_modules(hf_record *record, const world *w)
{
	char text[128];

	for (size_t i = 0; i < w->row->clause_count; i++) {
		const char *module = strstr(w->row->clauses[i].text, "RT:module ");

		if (!module)
			continue;
		module += strlen("RT:module ");
		(void)snprintf(text, sizeof text, "%.*s 16384 0 - Live 0x0000000000000000\n",
			       (int)strcspn(module, " "), module);
		put_text(record, HF_ASK_FILE, "/proc/modules", text);
	}
}

static void show_runtime(hf_record *record, const world *w)
{
	static const char *const levels[] = {
		[HF_LOCKDOWN_NONE] = "[none] integrity confidentiality\n",
		[HF_LOCKDOWN_INTEGRITY] = "none [integrity] confidentiality\n",
		[HF_LOCKDOWN_CONFIDENTIALITY] = "none integrity [confidentiality]\n",
	};
	static const char *const vulnerabilities[] = {"meltdown", "spec_store_bypass", "spectre_v1",
						      "spectre_v2"};
	char name[96];
	char text[64];

	put_text(record, HF_ASK_FILE, "/sys/kernel/security/lsm", w->lsm);
	put_text(record, HF_ASK_FILE, "/sys/kernel/security/lockdown", levels[w->lockdown]);
	put_text(record, HF_ASK_FILE, "/sys/devices/system/cpu/smt/active",
		 w->is_smt ? "1\n" : "0\n");
	put_text(record, HF_ASK_FILE, "/proc/1/mountinfo",
		 w->is_cgroup1 ? "24 1 0:22 / / rw - ext4 /dev/sda1 rw\n"
				 "25 24 0:23 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
			       : "24 1 0:22 / / rw - ext4 /dev/sda1 rw\n"
				 "25 24 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	for (size_t i = 0; i < HF_ARRAY_SIZE(vulnerabilities); i++) {
		(void)snprintf(name, sizeof name, "/sys/devices/system/cpu/vulnerabilities/%s",
			       vulnerabilities[i]);
		(void)snprintf(text, sizeof text, "%s\n", w->vulnerability);
		put_text(record, HF_ASK_FILE, name, text);
	}
	if (*w->path)
		put_text(record, HF_ASK_FILE, w->path, w->is_path_zero ? "0\n" : "1\n");
	if (w->is_loaded)
		show_modules(record, w);
	show_devices(record, w);
	put_dir(record, "/proc", "1 100 101 2 filesystems");
	show_process(record, 1, 0, "/usr/lib/systemd/systemd");
	show_process(record, 2, 0, NULL);
	show_process(record, 100, 1, w->has_kubelet ? "/usr/bin/kubelet" : "/usr/bin/bash");
	show_process(record, 101, 1, w->has_rootless ? "/usr/bin/rootlesskit" : "/usr/bin/bash");
	put_text(record, HF_ASK_CALL, "audit/status",
		 w->is_audited ? "enabled 1\nfailure 1\npid 1\nrate_limit 0\nbacklog_limit 8192\nlost 0\n"
				 "backlog 0\n"
			       : "enabled 0\nfailure 1\npid 0\nrate_limit 0\nbacklog_limit 64\nlost 0\n"
				 "backlog 0\n");
}

static void show(hf_record *record, const world *w)
{
	show_options(record, w);
	show_hardware(record, w);
	/* for S:net.ipv6.conf.*.accept_ra: one interface */
	put_dir(record, "/proc/sys/net/ipv6/conf", "all");
	if (w->has_runtime)
		show_runtime(record, w);
}

/* ---- the comparison ---- */

typedef struct bench {
	hf_registry *registry;
	const hf_loaded_check *checks;
	size_t count;
} bench;

static const hf_check_set *const sets[] = {&kernel_options, NULL};

static int setup(void **state)
{
	static bench b;
	static const hf_plugin plugin = {
		.abi = HF_ABI,
		.plugin_size = sizeof(hf_plugin),
		.check_size = sizeof(hf_check),
		.name = "kernel",
		.title = "Kernel",
		.sets = sets,
	};
	hf_error err = {0};

	assert_int_equal(hf_registry_new(&b.registry), 0);
	if (hf_registry_add(b.registry, &plugin, "", &err) < 0)
		fail_msg("%s", err.text);
	b.count = hf_registry_checks(b.registry, &b.checks);
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	bench *b = *state;

	hf_registry_free(b->registry);
	return 0;
}

static void complain(const world *w, const hf_result *result, hf_status expected)
{
	(void)fprintf(stderr, "%s: %s, expected %s; release %s machine %s guest %d amd %d\n",
		      result->check->row->id, hf_status_name(result->status),
		      hf_status_name(expected), w->release, w->machine ? w->machine : "?",
		      w->is_guest, w->is_amd);
	for (size_t i = 0; i < w->entry_count; i++)
		(void)fprintf(stderr, "  %s = %s%s\n", w->entries[i].name,
			      w->entries[i].value ? w->entries[i].value : "(unset)",
			      is_readable(w, &w->entries[i]) ? "" : " (unread)");
	for (size_t i = 0; i < result->evidence_count; i++)
		(void)fprintf(stderr, "  evidence: %s: %s\n", result->evidence[i].source,
			      result->evidence[i].found);
}

static hf_status judge(const bench *b, world *w, const char *id, hf_status expected)
{
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;
	const char *const only[] = {id, NULL};
	const hf_selection selection = {.only = only};
	hf_results results;
	hf_status status = HF_STATUS_COUNT;

	assert_int_equal(hf_record_new(&record), 0);
	show(record, w);
	assert_int_equal(hf_facts_new(record, &facts), 0);
	assert_int_equal(hf_engine_run(b->registry, &selection, facts, NULL, NULL, &results), 0);
	for (size_t i = 0; i < results.count; i++) {
		if (strcmp(results.all[i].check->row->id, id) == 0) {
			assert_true(results.all[i].evidence_count > 0);
			status = results.all[i].status;
			if (status != expected)
				complain(w, &results.all[i], expected);
		}
	}
	return status;
}

/* Rows that cannot have one of the usual statuses, and why. */
static const struct {
	const char *id;
	unsigned never;
} exceptions[] = {
	/* its architectures are ones on which it is not applicable: 32-bit processors only */
	{"kconfig.m486", 1U << HF_PASS | 1U << HF_FAIL | 1U << HF_UNKNOWN},
	/* an alternative that no source tells yet */
	{"kconfig.crypto-user-api-aead", 1U << HF_FAIL},
	{"sysctl.net.ipv4.conf.all.route_localnet", 1U << HF_FAIL},
};

static unsigned needed(const hf_check *row)
{
	unsigned all = row->flags & HF_CHECK_INFO
			       ? 1U << HF_INFORMATIONAL | 1U << HF_UNKNOWN
			       : 1U << HF_PASS | 1U << HF_FAIL | 1U << HF_UNKNOWN;

	for (size_t i = 0; i < HF_ARRAY_SIZE(exceptions); i++)
		if (strcmp(exceptions[i].id, row->id) == 0)
			all &= ~exceptions[i].never;
	return all;
}

static void test_worlds(void **state)
{
	enum { AT_LEAST = 12, AT_MOST = 3000 };
	const bench *b = *state;
	static world w;
	unsigned wrong = 0;

	for (size_t i = 0; i < b->count; i++) {
		const hf_check *row = b->checks[i].row;
		unsigned seen = 0;

		seed = (uint32_t)i + 1;
		prepare(&w, row->param);
		for (unsigned n = 0; n < AT_MOST && (n < AT_LEAST || needed(row) & ~seen); n++) {
			draw_world(&w);

			const hf_status expected = oracle_status(&w);

			/* what was seen already is not worth a record */
			if (n >= AT_LEAST && seen & 1U << expected)
				continue;
			wrong += judge(b, &w, row->id, expected) != expected;
			seen |= 1U << expected;
		}
		if (needed(row) & ~seen) {
			(void)fprintf(stderr, "%s: statuses %#x were not brought about\n", row->id,
				      needed(row) & ~seen);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* Nothing was read: everything is unknown, with a reason each. */
static void test_empty_record(void **state)
{
	const bench *b = *state;
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;
	hf_results results;

	assert_int_equal(hf_record_new(&record), 0);
	assert_int_equal(hf_facts_new(record, &facts), 0);
	assert_int_equal(hf_engine_run(b->registry, NULL, facts, NULL, NULL, &results), 0);
	assert_int_equal(results.count, b->count);
	for (size_t i = 0; i < results.count; i++) {
		if (results.all[i].status != HF_UNKNOWN)
			fail_msg("%s is %s", results.all[i].check->row->id,
				 hf_status_name(results.all[i].status));
		for (size_t k = 0; k < results.all[i].evidence_count; k++)
			if (!*results.all[i].evidence[k].found)
				fail_msg("%s gives no reason", results.all[i].check->row->id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worlds),
		cmocka_unit_test(test_empty_record),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
