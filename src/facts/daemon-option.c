/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The effective value of an option: every witness is heard, the best one decides, the others are told. */
#include "facts/parts.h"

#include <stdio.h>

/* One witness' word. */
typedef struct word {
	const char *value; /* NULL: says nothing about the option */
	const char *source;
	const char *why; /* it could not be heard; then .value is NULL */
} word;

typedef struct hearing {
	hf_facts *facts;
	hf_arena *arena;
	const hf_daemon_parts *daemon;
	const hf_option_row *row;
	hf_shown shown; /* what the engine's answers tell */
	word engine;
	word flag;
	word file;
	word unit;         /* of a daemon that runs: only to see whether it would start like that again */
	const char *stale; /* why the file does not prove what runs, or NULL */
	hf_option *option;
} hearing;

/* ---- equality ---- */

static bool is_loopback_range(const char *item)
{
	return strcmp(item, "127.0.0.0/8") == 0 || strcmp(item, "::1/128") == 0;
}

/* The engine writes back some items in a form of its own. */
static bool same_item(const char *a, size_t a_length, const char *b, size_t b_length)
{
	a_length -= a_length > 0 && a[a_length - 1] == '/';
	b_length -= b_length > 0 && b[b_length - 1] == '/';
	return a_length == b_length && memcmp(a, b, a_length) == 0;
}

static bool has_item(const char *items, const char *item, size_t item_length)
{
	const char *cursor = items, *line;
	size_t length;

	while (hf_next_line(&cursor, items + strlen(items), &line, &length)) {
		if (same_item(line, length, item, item_length))
			return true;
	}
	return false;
}

static bool is_subset(hf_arena *arena, const char *items, const char *of)
{
	const char *cursor = items, *line;
	size_t length;

	while (hf_next_line(&cursor, items + strlen(items), &line, &length)) {
		const char *item = hf_checked(hf_arena_memdup(arena, line, length));

		if (!is_loopback_range(item) && !has_item(of, line, length))
			return false;
	}
	return true;
}

/* With userns-remap the engine keeps its data below "UID.GID" of the folder. */
static bool is_remapped_root(const char *shown, const char *declared)
{
	size_t length = strlen(declared);
	unsigned uid, gid;
	char more;

	while (length > 1 && declared[length - 1] == '/')
		length--;
	return strncmp(shown, declared, length) == 0 &&
	       (shown[length] == '\0' || sscanf(shown + length, "/%u.%u%c", &uid, &gid, &more) == 2);
}

static bool is_built_in(const char *profile)
{
	return strcmp(profile, "") == 0 || strcmp(profile, "default") == 0 ||
	       strcmp(profile, "builtin") == 0;
}

static bool same_value(const hearing *h, const char *effective, const char *said)
{
	const char *name = h->row->name;

	if (strcmp(effective, said) == 0)
		return true;
	switch (h->row->kind) {
	case HF_OPTION_LIST:
	case HF_OPTION_MAP:
	case HF_OPTION_BOOLS:
	case HF_OPTION_ULIMITS:
	case HF_OPTION_POOLS:
	case HF_OPTION_NESTED:
		return is_subset(h->arena, effective, said) && is_subset(h->arena, said, effective);
	case HF_OPTION_RUNTIMES: /* the engine adds its own */
		return is_subset(h->arena, said, effective);
	case HF_OPTION_BOOL:
	case HF_OPTION_NUMBER:
	case HF_OPTION_SIZE:
	case HF_OPTION_OBJECT:
		return false;
	case HF_OPTION_TEXT:
		break;
	}
	if (strcmp(name, "data-root") == 0 || strcmp(name, "graph") == 0)
		return is_remapped_root(effective, said);
	if (strcmp(name, "seccomp-profile") == 0)
		return is_built_in(effective) && is_built_in(said);
	if (strcmp(name, "userns-remap") == 0)
		return h->shown == HF_SHOWN_ON && *said;
	if (strcmp(name, "firewall-backend") == 0) /* "iptables+firewalld" */
		return hf_has_prefix(effective, said);
	return false;
}

/* ---- hearing the witnesses ---- */

static const char *quote(const hearing *h, const char *value)
{
	return h->row->kind == HF_OPTION_BOOL || h->row->kind == HF_OPTION_NUMBER
		       ? value
		       : hf_checked(hf_arena_printf(h->arena, "\"%s\"", value));
}

static const char *flag_value(const hearing *h, const hf_flags *flags)
{
	const char *value = hf_flags_value(flags, h->row);

	/* the older word for the same option, up to 23.0 */
	if (!value && strcmp(h->row->name, "data-root") == 0)
		value = hf_flags_value(flags, hf_option_by_key("graph"));
	return value;
}

static void hear_flags(hearing *h)
{
	const hf_flags *flags = h->daemon->flags;

	h->flag.source = hf_checked(hf_arena_printf(h->arena, "%s --%s", flags->fact.source,
						    hf_option_flag(h->row)));
	if (flags->fact.state == HF_UNREADABLE) {
		h->flag.source = flags->fact.source;
		h->flag.why = flags->fact.why;
	} else if (flags->fact.state == HF_PRESENT) {
		h->flag.value = flag_value(h, flags);
	}
}

/* The folder tells when a name was last added to it or taken away. The engine itself makes key.json there in its
 * first moments. */
static const char *why_absence_is_stale(const hearing *h)
{
	const int64_t first_moments_ns = INT64_C(60000000000);
	const char *path = h->daemon->seen.config_path;
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash || slash == path || h->daemon->seen.start.state != HF_PRESENT)
		return NULL;
	const char *folder = hf_checked(hf_arena_memdup(h->arena, path, (size_t)(slash - path)));
	const hf_answer *listing = hf_facts_ask(h->facts, HF_ASK_DIR, folder);

	if (!listing || listing->error || !listing->meta.mode ||
	    listing->meta.mtime_ns < h->daemon->read_before_ns + first_moments_ns)
		return NULL;
	return hf_checked(hf_arena_printf(
		h->arena, "%s does not exist, but its folder changed after the daemon's start, and the "
			  "engine does not show this option",
		path));
}

static const char *why_stale(const hearing *h)
{
	const hf_config *config = h->daemon->config;
	bool is_older;

	if (!h->daemon->seen.is_running)
		return NULL;
	if (config->fact.state == HF_ABSENT)
		return why_absence_is_stale(h);
	if (!hf_daemon_is_older(&h->daemon->seen, config->file, &is_older))
		return h->daemon->seen.start.why ? h->daemon->seen.start.why
						 : "when the daemon started is not known";
	return is_older ? NULL
			: hf_checked(hf_arena_printf(
				  h->arena, "%s was changed after the daemon's start, and the engine does "
					    "not show this option",
				  config->file->fact.source));
}

static void hear_file(hearing *h)
{
	const hf_config *config = h->daemon->config;

	h->file.source = config->fact.source;
	if (config->fact.state == HF_UNREADABLE) {
		h->file.why = config->fact.why;
		return;
	}
	h->stale = why_stale(h);
	if (config->fact.state != HF_PRESENT)
		return;
	h->file.value = hf_config_value(config, h->row);
	if (!h->file.value && strcmp(h->row->name, "data-root") == 0)
		h->file.value = hf_config_value(config, hf_option_by_key("graph"));
}

static void hear_engine(hearing *h)
{
	const hf_daemon *seen = &h->daemon->seen;

	h->shown = HF_NOT_SHOWN;
	h->engine.source = seen->api.source;
	if (!seen->is_running)
		return;
	if (seen->api.state != HF_PRESENT) {
		h->shown = HF_LOST;
		h->engine.why = seen->api.why;
		return;
	}
	h->shown = hf_engine_option(h->facts, h->row, seen->version, &h->engine.value,
				    &h->engine.source, &h->engine.why);
}

static void hear_unit(hearing *h)
{
	if (!h->daemon->seen.is_running || !h->daemon->is_main)
		return;
	const hf_flags *flags = &hf_facts_daemon_unit(h->facts)->flags;

	if (flags->fact.state != HF_PRESENT)
		return;
	h->unit.value = flag_value(h, flags);
	h->unit.source = h->unit.value ? hf_checked(hf_arena_printf(h->arena, "%s --%s",
								    flags->fact.source,
								    hf_option_flag(h->row)))
				       : flags->fact.source;
}

/* ---- deciding ---- */

static void settle(hearing *h, hf_origin origin, const char *value, const char *source)
{
	h->option->fact = (hf_fact){.state = HF_PRESENT, .source = source};
	h->option->value = value;
	h->option->origin = origin;
}

static void give_up(hearing *h, hf_state state, const char *source, const char *why)
{
	h->option->fact = (hf_fact){.state = state, .source = source, .why = why};
}

static void settle_default(hearing *h)
{
	const hf_daemon *seen = &h->daemon->seen;
	const char *value, *why = NULL;
	const char *source = seen->version
				     ? hf_checked(hf_arena_printf(h->arena, "default of engine %s",
								  seen->version))
				     : "default of the engine";
	hf_state state = hf_option_default(h->row, seen->version,
					   seen->user.state == HF_PRESENT && seen->is_rootless, &value,
					   &why);

	if (state != HF_PRESENT) {
		give_up(h, state, source, why);
	} else if (h->row->rootless && seen->user.state != HF_PRESENT) {
		give_up(h, HF_UNREADABLE, source, seen->user.why);
	} else {
		settle(h, HF_ORIGIN_DEFAULT, value, source);
	}
}

static const char *both(const hearing *h)
{
	hf_buffer items = {0};

	hf_buffer_printf(&items, "%s\n%s", h->file.value, h->flag.value);
	const char *text = items.failed ? NULL : hf_arena_strdup(h->arena, items.data);

	hf_buffer_free(&items);
	return hf_checked((void *)(uintptr_t)text);
}

static void decide(hearing *h)
{
	hf_origin flags = h->daemon->seen.is_running ? HF_ORIGIN_FLAG : HF_ORIGIN_UNIT;
	bool are_merged = h->row->is_merged && h->file.value && h->flag.value && !h->stale;

	if (h->daemon->unsure)
		give_up(h, HF_UNREADABLE, "processes", h->daemon->unsure);
	else if (h->shown == HF_SHOWN)
		settle(h, HF_ORIGIN_ENGINE, h->engine.value, h->engine.source);
	else if (h->shown == HF_SHOWN_ON)
		settle(h, HF_ORIGIN_ENGINE,
		       h->flag.value && *h->flag.value	 ? h->flag.value
		       : h->file.value && *h->file.value ? h->file.value
							 : h->engine.value,
		       h->engine.source);
	else if (are_merged)
		settle(h, flags, both(h), h->flag.source);
	else if (h->flag.value && !(h->row->is_merged && (h->stale || h->file.why)))
		settle(h, flags, h->flag.value, h->flag.source);
	else if (h->flag.why)
		give_up(h, HF_UNREADABLE, h->flag.source, h->flag.why);
	else if (h->file.why)
		give_up(h, HF_UNREADABLE, h->file.source, h->file.why);
	else if (h->stale)
		give_up(h, HF_UNREADABLE, h->file.source, h->stale);
	else if (h->file.value)
		settle(h, HF_ORIGIN_FILE, h->file.value, h->file.source);
	else
		settle_default(h);
}

/* ---- what the others say ---- */

static void object(const hearing *h, hf_buffer *objections, const word *witness)
{
	if (!witness->value || !h->option->value || same_value(h, h->option->value, witness->value))
		return;
	hf_buffer_printf(objections, "%s%s says %s", objections->size ? "; " : "", witness->source,
			 quote(h, witness->value));
}

/* The engine runs with what nobody declares any more. */
static void object_by_silence(const hearing *h, hf_buffer *objections)
{
	const char *value, *why;

	if (h->shown != HF_SHOWN || h->flag.value || h->file.value || h->flag.why || h->file.why ||
	    hf_option_default(h->row, h->daemon->seen.version, h->daemon->seen.is_rootless, &value,
			      &why) != HF_PRESENT ||
	    *h->option->value == '\0' || same_value(h, h->option->value, value) ||
	    (h->row->kind == HF_OPTION_TEXT && *value == '\0'))
		return;
	hf_buffer_printf(objections, "%sneither flags nor %s set it: the next start brings %s",
			 objections->size ? "; " : "", h->file.source, quote(h, value));
}

static void hear_objections(hearing *h)
{
	hf_buffer objections = {0};

	if (h->flag.value && h->file.value && !h->row->is_merged)
		hf_buffer_printf(&objections,
				 "both --%s and %s set it, with which the engine refuses to start",
				 hf_option_flag(h->row), h->file.source);
	if (h->option->fact.state == HF_PRESENT) {
		if (!h->row->is_merged || h->shown == HF_SHOWN) {
			object(h, &objections, &h->flag);
			object(h, &objections, &h->file);
		}
		object(h, &objections, &h->unit);
		object_by_silence(h, &objections);
		if (h->unit.source && !h->unit.value && h->flag.value)
			hf_buffer_printf(&objections, "%s%s does not give --%s",
					 objections.size ? "; " : "", h->unit.source,
					 hf_option_flag(h->row));
	}
	if (objections.failed)
		hf_facts_out_of_memory();
	if (objections.size > 0)
		h->option->conflict = hf_checked(hf_arena_strdup(h->arena, objections.data));
	hf_buffer_free(&objections);
}

static void note_declared(hearing *h)
{
	const word *const witnesses[] = {&h->flag, &h->file, &h->unit};

	for (size_t i = 0; i < HF_ARRAY_SIZE(witnesses); i++) {
		if (!witnesses[i]->value)
			continue;
		h->option->is_declared = true;
		h->option->declared = witnesses[i]->value;
		h->option->declared_source = witnesses[i]->source;
		return;
	}
}

/* Naming tlsverify at all, be it false, switches TLS on; and from 20.10 on TLS verifies clients unless tlsverify
 * says otherwise: loadDaemonCliConfig(). Before, DOCKER_TLS_VERIFY had the force of --tlsverify. */
static void adjust_tls(hearing *h)
{
	const bool is_verify = strcmp(h->row->name, "tlsverify") == 0;
	const hf_option *other = hf_facts_daemon_option(h->facts, h->daemon,
							is_verify ? "tls" : "tlsverify");
	hf_option *option = h->option;
	int order;
	bool has_order = hf_version_compare(h->daemon->seen.version, "20.10", &order);

	if (option->fact.state != HF_PRESENT)
		return;
	if (!is_verify && other->is_declared) {
		settle(h, other->origin, "true", other->fact.source);
		return;
	}
	if (!is_verify || option->is_declared)
		return;
	if (other->fact.state != HF_PRESENT) {
		give_up(h, HF_UNREADABLE, other->fact.source, other->fact.why);
	} else if (strcmp(other->value, "true") == 0 && !has_order) {
		give_up(h, HF_UNREADABLE, other->fact.source,
			"tls alone verifies clients from engine 20.10 on, and the version is not known");
	} else if (strcmp(other->value, "true") == 0 && order >= 0) {
		settle(h, other->origin, "true", other->fact.source);
	}
}

/* ---- the fact ---- */

static void hear_all(hearing *h)
{
	hear_flags(h);
	hear_file(h);
	hear_engine(h);
	hear_unit(h);
	note_declared(h);
	decide(h);
	hear_objections(h);
}

/* "log-opts.max-size": one item of a list or map. */
static void narrow(hearing *h, const char *item)
{
	hf_option *option = h->option;
	const char *declared = option->declared ? hf_items_find(h->arena, option->declared, item) : NULL;

	option->declared = declared;
	option->is_declared = declared != NULL;
	if (!declared)
		option->declared_source = NULL;
	if (option->fact.state != HF_PRESENT)
		return;
	const char *value = hf_items_find(h->arena, option->value, item);

	option->value = value ? value : "";
}

/* @key: "daemon:docker\nname", with "\ntls" behind for the bare witnesses of tls and tlsverify. */
static const void *compute_option(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_option *option = hf_checked(hf_arena_alloc(arena, sizeof *option));
	char *copy = hf_checked(hf_arena_strdup(arena, key));
	const char *daemon = strsep(&copy, "\n");
	char *name = copy;
	char *item = strchr(name, '.');
	hearing h = {
		.facts = facts,
		.arena = arena,
		.daemon = hf_facts_daemon(facts, daemon),
		.option = option,
	};

	if (item)
		*item++ = '\0';
	h.row = hf_option_by_key(name);
	option->is_known = h.row != NULL;
	if (!h.row || !h.daemon) {
		option->fact = (hf_fact){.state = HF_ABSENT, .source = "options of dockerd",
					 .why = "no engine has such an option"};
		return option;
	}
	option->is_reloadable = h.row->is_reloadable;
	hear_all(&h);
	if (item)
		narrow(&h, item);
	return option;
}

static const void *compute_tls(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_option *option = hf_checked(hf_arena_alloc(arena, sizeof *option));
	const char *name = strchr(key, '\n') + 1;
	hearing h = {
		.facts = facts,
		.arena = arena,
		.daemon = hf_facts_daemon(
			facts, hf_checked(hf_arena_memdup(arena, key, (size_t)(name - 1 - key)))),
		.row = hf_option_by_key(name),
		.option = option,
	};

	option->is_known = true;
	if (!h.daemon)
		return option;
	hear_all(&h);
	adjust_tls(&h);
	return option;
}

static const hf_fact_type option_type = {.name = "daemon-option", .compute = compute_option};
static const hf_fact_type tls_type = {.name = "daemon-tls", .compute = compute_tls};

/* What is said of the option itself; tls and tlsverify move each other only in the public getter. */
const hf_option *hf_facts_daemon_option(hf_facts *facts, const hf_daemon_parts *daemon,
					const char *name)
{
	return hf_facts_once(facts, &option_type,
			     hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s\n%s", daemon->key,
							name)));
}

const hf_option *hf_daemon_option(hf_check_run *run, const char *name)
{
	static const hf_option none = {
		.fact = {.state = HF_ABSENT, .source = "processes", .why = "there is no Docker Engine"},
	};
	hf_facts *facts = hf_facts_of(run);
	const hf_daemon_parts *daemon = hf_daemon_parts_of(run);

	if (!daemon)
		return &none;
	if (strcmp(name, "tls") == 0 || strcmp(name, "tlsverify") == 0)
		return hf_facts_once(facts, &tls_type,
				     hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s\n%s",
								daemon->key, name)));
	return hf_facts_daemon_option(facts, daemon, name);
}
