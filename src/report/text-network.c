/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format `network`: the networks of containers, and who can reach whom. */
#include "report/network-view.h"
#include "report/render.h"
#include "report/text-table.h"
#include "report/text.h"

/* ---- networks ---- */

static void show_bridge(const json_t *network, hf_buffer *cell)
{
	hf_buffer_puts(cell, hf_text_member(network, "bridge"));
}

static void show_name(const json_t *network, hf_buffer *cell)
{
	const char *name = hf_text_member(network, "name");

	hf_buffer_puts(cell, *name ? name : "-");
}

static void show_engine(const json_t *network, hf_buffer *cell)
{
	const char *engine = hf_text_member(network, "engine");

	hf_buffer_puts(cell, *engine ? engine : "-");
}

static void show_subnets(const json_t *network, hf_buffer *cell)
{
	size_t index;
	json_t *subnet;

	json_array_foreach (json_object_get(network, "subnets"), index, subnet)
		hf_buffer_printf(cell, "%s%s", index > 0 ? " " : "", hf_network_word(subnet));
	if (cell->size == 0)
		hf_buffer_puts(cell, "-");
}

static void show_ports(const json_t *network, hf_buffer *cell)
{
	hf_buffer_printf(cell, "%lld", hf_text_count(network, "ports"));
}

static void show_fate(const json_t *network, const char *key, hf_buffer *cell)
{
	const char *fate = hf_text_member(json_object_get(network, key), "fate");

	hf_buffer_puts(cell, strcmp(fate, "accepted") == 0  ? "open"
			     : strcmp(fate, "dropped") == 0 ? "closed"
			     : *fate			    ? "?"
							    : "-");
}

static void show_among(const json_t *network, hf_buffer *cell)
{
	show_fate(network, "among", cell);
}

static void show_others(const json_t *network, hf_buffer *cell)
{
	show_fate(network, "others", cell);
}

static void show_out(const json_t *network, hf_buffer *cell)
{
	show_fate(network, "out", cell);
	if (json_is_true(json_object_get(network, "internal")))
		hf_buffer_puts(cell, " (internal)");
}

static void show_in(const json_t *network, hf_buffer *cell)
{
	show_fate(network, "in", cell);
}

static const hf_text_column network_columns[] = {
	{.title = "BRIDGE", .width = 16, .show = show_bridge},
	{.title = "NETWORK", .width = 20, .show = show_name},
	{.title = "ENGINE", .width = 8, .show = show_engine},
	{.title = "PORTS", .width = 5, .show = show_ports},
	{.title = "AMONG", .width = 6, .show = show_among},
	{.title = "OTHERS", .width = 6, .show = show_others},
	{.title = "FROM OUTSIDE", .width = 12, .show = show_in},
	{.title = "TO OUTSIDE", .width = 17, .show = show_out},
	{.title = "SUBNETS", .width = 0, .show = show_subnets},
};

static hf_style network_style(const json_t *network)
{
	const json_t *in = json_object_get(network, "in"), *others = json_object_get(network, "others");

	if (strcmp(hf_text_member(in, "fate"), "accepted") == 0)
		return HF_STYLE_BAD;
	return strcmp(hf_text_member(others, "fate"), "accepted") == 0 ? HF_STYLE_WARN : HF_STYLE_PLAIN;
}

/* ---- published ports ---- */

static void show_address(const json_t *published, hf_buffer *cell)
{
	const char *address = hf_text_member(published, "address");
	long long port = hf_text_count(published, "port"), count = hf_text_count(published, "count");

	hf_buffer_printf(cell, strchr(address, ':') ? "[%s]:%lld" : "%s:%lld", address, port);
	if (count > 1)
		hf_buffer_printf(cell, "-%lld", port + count - 1);
	hf_buffer_printf(cell, "/%s", hf_text_member(published, "protocol"));
}

static void show_target(const json_t *published, hf_buffer *cell)
{
	const char *container = hf_text_member(published, "container");
	const char *address = hf_text_member(published, "to_address");

	hf_buffer_printf(cell, "%s port %lld", *container ? container : *address ? address : "?",
			 hf_text_count(published, "to_port"));
}

static void show_zone(const json_t *published, hf_buffer *cell)
{
	const char *zone = hf_text_member(published, "zone");

	hf_buffer_puts(cell, *zone ? hf_network_label(zone) : "-");
}

static void show_way(const json_t *published, hf_buffer *cell)
{
	bool by_rule = json_is_true(json_object_get(published, "by_rule"));
	bool by_proxy = json_is_true(json_object_get(published, "by_proxy"));

	hf_buffer_puts(cell, by_rule && by_proxy ? "rule, proxy" : by_rule ? "rule" : by_proxy ? "proxy" : "-");
}

static void show_from_outside(const json_t *published, hf_buffer *cell)
{
	show_fate(published, "from_outside", cell);
}

static const hf_text_column published_columns[] = {
	{.title = "PUBLISHED", .width = 40, .show = show_address},
	{.title = "ZONE", .width = 4, .show = show_zone},
	{.title = "FROM OUTSIDE", .width = 12, .show = show_from_outside},
	{.title = "BY", .width = 11, .show = show_way},
	{.title = "LEADS TO", .width = 0, .show = show_target},
};

static hf_style published_style(const json_t *published)
{
	const json_t *fate = json_object_get(published, "from_outside");

	return strcmp(hf_text_member(fate, "fate"), "unknown") == 0 ? HF_STYLE_WARN : HF_STYLE_PLAIN;
}

/* ---- zones ---- */

enum { NAME_COLUMN = 12, WAY_COLUMN = 16 };

static void say_title(hf_screen *screen, const char *title, const char *note)
{
	hf_screen_say(screen, HF_STYLE_BOLD, title, 0);
	if (*note) {
		hf_screen_say(screen, HF_STYLE_PLAIN, "  ", 0);
		hf_screen_say(screen, HF_STYLE_DIM, note, 0);
	}
	hf_screen_newline(screen);
}

static void say_zone(hf_screen *screen, const json_t *zone)
{
	hf_buffer text = {0};

	hf_screen_say(screen, HF_STYLE_BOLD, hf_network_label(hf_text_member(zone, "key")), 0);
	hf_screen_pad(screen, ' ', NAME_COLUMN);
	hf_network_describe(zone, &text);
	hf_screen_wrap(screen, HF_STYLE_PLAIN, NAME_COLUMN, 0, hf_text_of(&text));
	hf_screen_newline(screen);
	screen->text.failed |= text.failed;
	hf_buffer_free(&text);
}

static void say_zones(hf_screen *screen, const json_t *network)
{
	const json_t *zones = json_object_get(network, "zones");
	bool is_first = true;
	size_t index;
	json_t *zone;

	json_array_foreach (zones, index, zone) {
		if (json_array_size(json_object_get(zone, "containers")) == 0)
			continue;
		if (is_first)
			say_title(screen, "Zones", "containers that stand alike to everybody else");
		is_first = false;
		say_zone(screen, zone);
	}
	if (!is_first)
		hf_screen_newline(screen);
}

/* ---- ways ---- */

typedef struct way_line {
	const char *from; /* keys of the ways that are gathered */
	const char *to;
	hf_buffer open;
	hf_buffer unknown;
} way_line;

static void say_line(hf_screen *screen, const way_line *line, const char *text, bool is_known)
{
	const char *to = strcmp(line->from, line->to) == 0 ? "each other" : hf_network_label(line->to);

	hf_screen_say(screen, HF_STYLE_PLAIN, "  to ", 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, to, 0);
	hf_screen_pad(screen, ' ', WAY_COLUMN);
	hf_screen_wrap(screen, is_known ? HF_STYLE_PLAIN : HF_STYLE_WARN, WAY_COLUMN, 0, text);
	hf_screen_newline(screen);
}

static void flush_line(hf_screen *screen, way_line *line)
{
	if (line->open.size > 0)
		say_line(screen, line, hf_text_of(&line->open), true);
	if (line->unknown.size > 0)
		say_line(screen, line, hf_text_of(&line->unknown), false);
	screen->text.failed |= line->open.failed || line->unknown.failed;
	hf_buffer_free(&line->open);
	hf_buffer_free(&line->unknown);
	line->open = line->unknown = (hf_buffer){0};
}

static void say_from(hf_screen *screen, const json_t *network, const char *from)
{
	hf_screen_say(screen, HF_STYLE_PLAIN, "from ", 0);
	hf_screen_say(screen, HF_STYLE_BOLD, hf_network_label(from), 0);
	if (strcmp(from, "outside") == 0) {
		size_t index;
		json_t *uplink;

		json_array_foreach (json_object_get(network, "uplinks"), index, uplink) {
			hf_screen_say(screen, HF_STYLE_DIM, index > 0 ? ", " : "  by ", 0);
			hf_screen_say(screen, HF_STYLE_DIM, hf_network_word(uplink), 0);
		}
	}
	hf_screen_newline(screen);
}

/* Each reason once: what is lost is lost for many ways. */
static void say_reasons(hf_screen *screen, const json_t *network)
{
	enum { REASONS_MAX = 5, MARK_COLUMN = 4 };
	const char *said[REASONS_MAX];
	size_t count = 0, index;
	json_t *way;

	json_array_foreach (json_object_get(network, "ways"), index, way) {
		const char *why = hf_network_is_open(way) ? "" : hf_network_why_unknown(way);
		bool is_new = *why && count < REASONS_MAX;

		for (size_t i = 0; i < count; i++)
			is_new &= strcmp(said[i], why) != 0;
		if (!is_new)
			continue;
		said[count++] = why;
		hf_screen_say(screen, HF_STYLE_WARN, "  ? ", 0);
		hf_screen_wrap(screen, HF_STYLE_PLAIN, MARK_COLUMN, 0, why);
		hf_screen_newline(screen);
	}
}

/* The document has the ways of one zone together, and in them those to one zone. */
static void say_ways(hf_screen *screen, const json_t *network)
{
	const json_t *ways = json_object_get(network, "ways");
	way_line line = {.from = "", .to = ""};
	const char *said = "";
	size_t index;
	json_t *way;

	say_title(screen, "Who can reach whom", "first packets of connections; what is not here is dropped");
	json_array_foreach (ways, index, way) {
		const char *from = hf_text_member(way, "from"), *to = hf_text_member(way, "to");
		bool is_open = hf_network_is_open(way), is_unknown = hf_network_is_unknown(way);

		if (!is_open && !is_unknown)
			continue;
		if (strcmp(from, line.from) != 0 || strcmp(to, line.to) != 0)
			flush_line(screen, &line);
		if (strcmp(from, said) != 0)
			say_from(screen, network, from);
		said = from;
		line.from = from;
		line.to = to;
		hf_buffer *text = is_open ? &line.open : &line.unknown;

		if (text->size > 0)
			hf_buffer_puts(text, ", ");
		hf_network_describe_way(way, text);
	}
	flush_line(screen, &line);
	if (!*said) {
		hf_screen_say(screen, HF_STYLE_PLAIN, "nobody anybody", 0);
		hf_screen_newline(screen);
	}
	say_reasons(screen, network);
	hf_screen_newline(screen);
}

/* ---- with --verbose: each way, and what decides ---- */

/* The rule at the end of the line, or on the next one where the screen is narrow. */
static void say_rule(hf_screen *screen, const char *rule)
{
	enum { RULE_COLUMN = 56, NARROW = 84, NARROW_COLUMN = 6 };
	unsigned column = RULE_COLUMN;

	if (screen->width != 0 && screen->width < NARROW) {
		hf_screen_newline(screen);
		column = NARROW_COLUMN;
	}
	hf_screen_pad(screen, ' ', column);
	hf_screen_wrap(screen, HF_STYLE_PLAIN, column, 0, rule);
	hf_screen_newline(screen);
}

static void say_fate(hf_screen *screen, const json_t *way, const char *family, const char *name)
{
	const json_t *fate = json_object_get(way, family);
	const char *word = hf_text_member(fate, "fate");
	hf_style style = strcmp(word, "accepted") == 0	? HF_STYLE_WARN
			 : strcmp(word, "dropped") == 0 ? HF_STYLE_GOOD
							: HF_STYLE_PLAIN;
	hf_buffer text = {0};

	if (!json_is_object(fate))
		return;
	hf_buffer_printf(&text, "  %s -> %s", hf_network_label(hf_text_member(way, "from")),
			 hf_network_label(hf_text_member(way, "to")));
	hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_of(&text), 0);
	hf_buffer_free(&text);
	hf_screen_pad(screen, ' ', 22);
	text = (hf_buffer){0};
	hf_network_describe_port(way, &text);
	hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_of(&text), 0);
	hf_buffer_free(&text);
	hf_screen_pad(screen, ' ', 42);
	hf_screen_say(screen, HF_STYLE_DIM, name, 0);
	hf_screen_pad(screen, ' ', 47);
	hf_screen_say(screen, style, word, 0);
	say_rule(screen, hf_text_member(fate, "by"));
}

static void say_rules(hf_screen *screen, const json_t *network)
{
	size_t index;
	json_t *way;

	say_title(screen, "What decides", "");
	json_array_foreach (json_object_get(network, "ways"), index, way) {
		say_fate(screen, way, "ipv4", "IPv4");
		say_fate(screen, way, "ipv6", "IPv6");
	}
	json_array_foreach (json_object_get(network, "published"), index, way) {
		const json_t *fate = json_object_get(way, "from_outside");
		hf_buffer text = {0};

		if (!json_is_object(fate))
			continue;
		hf_buffer_puts(&text, "  published ");
		show_address(way, &text);
		hf_buffer_printf(&text, ": %s", hf_text_member(fate, "fate"));
		hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_of(&text), 0);
		say_rule(screen, hf_text_member(fate, "by"));
		hf_buffer_free(&text);
	}
	hf_screen_newline(screen);
}

/* ---- all ---- */

static bool is_failing(const json_t *result)
{
	return strcmp(hf_text_member(result, "status"), "fail") == 0;
}

static void say_failures(hf_screen *screen, const json_t *document)
{
	static const hf_severity order[] = {HF_SEVERITY_CRITICAL, HF_SEVERITY_HIGH, HF_SEVERITY_MEDIUM,
					    HF_SEVERITY_LOW};
	bool is_first = true;

	for (size_t s = 0; s < HF_ARRAY_SIZE(order); s++) {
		size_t index;
		json_t *result;

		json_array_foreach (json_object_get(document, "results"), index, result) {
			const char *severity = hf_text_member(result, "severity");

			if (!is_failing(result) || strcmp(severity, hf_severity_name(order[s])) != 0)
				continue;
			if (is_first)
				say_title(screen, "Failing checks", "");
			is_first = false;
			hf_screen_say(screen, hf_text_severity_style(order[s]), severity, 0);
			hf_screen_pad(screen, ' ', 10);
			hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_member(result, "check"), 0);
			hf_screen_pad(screen, ' ', 42);
			hf_screen_say(screen, HF_STYLE_DIM, hf_text_member(result, "title"), 0);
			hf_screen_newline(screen);
		}
	}
}

static void say_network(hf_screen *screen, const json_t *document, const json_t *network, bool is_verbose)
{
	const json_t *networks = json_object_get(network, "networks");
	const json_t *published = json_object_get(network, "published");

	if (json_is_false(json_object_get(network, "complete"))) {
		hf_screen_say(screen, HF_STYLE_WARN, "Not all of it could be told: ", 0);
		hf_screen_wrap(screen, HF_STYLE_WARN, 4, 0, hf_text_member(network, "why"));
		hf_screen_newline(screen);
		hf_screen_newline(screen);
	}
	if (json_array_size(networks) > 0) {
		hf_text_table(screen, network_columns, HF_ARRAY_SIZE(network_columns), networks,
			      network_style, show_in);
	} else {
		hf_screen_say(screen, HF_STYLE_PLAIN, "no bridge of containers", 0);
		hf_screen_newline(screen);
	}
	hf_screen_newline(screen);
	say_zones(screen, network);
	if (json_array_size(published) > 0) {
		hf_text_table(screen, published_columns, HF_ARRAY_SIZE(published_columns), published,
			      published_style, show_from_outside);
		hf_screen_newline(screen);
	}
	say_ways(screen, network);
	if (is_verbose)
		say_rules(screen, network);
	say_failures(screen, document);
}

int hf_write_network(const json_t *document, const hf_render_options *options, FILE *out)
{
	const json_t *network = json_object_get(document, "network");
	hf_screen screen = {.color = options->color, .width = options->width};

	if (json_is_object(network)) {
		say_network(&screen, document, network, options->verbose);
	} else {
		hf_screen_say(&screen, HF_STYLE_PLAIN,
			      "This document does not tell of networks: make one with `holdfast network -f json`.",
			      0);
		hf_screen_newline(&screen);
	}
	int r = screen.text.failed ? -ENOMEM : hf_write_all(hf_text_of(&screen.text), screen.text.size, out);

	hf_buffer_free(&screen.text);
	return r;
}
