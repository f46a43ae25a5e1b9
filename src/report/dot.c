/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format `dot`: who can reach whom as a graph for Graphviz. Edges are ways that are open, dashed ones those that nobody
 * can tell; what is dropped has none. */
#include "report/network-view.h"
#include "report/render.h"
#include "report/text.h"

enum { LINES_MAX = 12 }; /* of one label */

/* Inside quotes: what a container chose neither ends the string nor begins an escape of dot's. */
static void add_quoted(hf_buffer *dot, const char *text)
{
	hf_buffer safe = {0};

	hf_escape_terminal(&safe, text, strlen(text));
	for (size_t i = 0; i < safe.size; i++) {
		if (safe.data[i] == '"' || safe.data[i] == '\\')
			hf_buffer_add(dot, "\\", 1);
		hf_buffer_add(dot, &safe.data[i], 1);
	}
	dot->failed |= safe.failed;
	hf_buffer_free(&safe);
}

static void add_line(hf_buffer *dot, const char *text, size_t *lines)
{
	if (*lines > 0)
		hf_buffer_puts(dot, "\\n");
	add_quoted(dot, text);
	++*lines;
}

/* ---- nodes ---- */

static void add_zone(hf_buffer *dot, const json_t *network, const json_t *zone)
{
	const char *key = hf_text_member(zone, "key"), *kind = hf_text_member(zone, "kind");
	const json_t *names = json_object_get(zone, "names");
	size_t count = json_array_size(json_object_get(zone, "containers")), lines = 0, index;
	bool is_place = strcmp(kind, "outside") == 0 || strcmp(kind, "metadata") == 0;
	hf_buffer title = {0};
	json_t *name;

	hf_buffer_puts(&title, hf_network_label(key));
	if (!is_place && strcmp(kind, "host") != 0) {
		hf_buffer_puts(&title, ": ");
		hf_buffer where = {0};

		hf_network_describe_place(zone, &where);
		hf_buffer_puts(&title, hf_text_of(&where));
		hf_buffer_free(&where);
	}
	hf_buffer_puts(dot, "  \"");
	add_quoted(dot, key);
	hf_buffer_printf(dot, "\" [shape=%s, label=\"", is_place ? "ellipse" : "box");
	add_line(dot, hf_text_of(&title), &lines);
	hf_buffer_free(&title);
	if (strcmp(kind, "outside") == 0) {
		json_array_foreach (json_object_get(network, "uplinks"), index, name)
			add_line(dot, hf_network_word(name), &lines);
	}
	json_array_foreach (names, index, name) {
		if (lines >= LINES_MAX)
			break;
		add_line(dot, hf_network_word(name), &lines);
	}
	if (count > index)
		hf_buffer_printf(dot, "\\nand %zu more", count - index);
	hf_buffer_puts(dot, "\"];\n");
}

/* ---- edges ---- */

/* Ways from one zone to another, as lines of one label. */
typedef struct edge {
	const char *from;
	const char *to;
	bool is_open; /* dashed otherwise */
	size_t lines;
	size_t more;
	hf_buffer label;
} edge;

static void flush_edge(hf_buffer *dot, edge *e)
{
	if (e->lines > 0) {
		hf_buffer_puts(dot, "  \"");
		add_quoted(dot, e->from);
		hf_buffer_puts(dot, "\" -> \"");
		add_quoted(dot, e->to);
		hf_buffer_printf(dot, "\" [%slabel=\"", e->is_open ? "" : "style=dashed, ");
		hf_buffer_puts(dot, hf_text_of(&e->label));
		if (e->more > 0)
			hf_buffer_printf(dot, "\\nand %zu more", e->more);
		hf_buffer_puts(dot, "\"];\n");
	}
	dot->failed |= e->label.failed;
	hf_buffer_free(&e->label);
	*e = (edge){.from = "", .to = ""};
}

static void add_to_edge(hf_buffer *dot, edge *e, const char *from, const char *to, bool is_open,
			const hf_buffer *text)
{
	if (strcmp(from, e->from) != 0 || strcmp(to, e->to) != 0 || is_open != e->is_open) {
		flush_edge(dot, e);
		*e = (edge){.from = from, .to = to, .is_open = is_open};
	}
	if (e->lines < LINES_MAX)
		add_line(&e->label, hf_text_of(text), &e->lines);
	else
		e->more++;
}

static void add_ways(hf_buffer *dot, const json_t *network)
{
	edge e = {.from = "", .to = ""};
	size_t index;
	json_t *way;

	json_array_foreach (json_object_get(network, "ways"), index, way) {
		bool is_open = hf_network_is_open(way);
		hf_buffer text = {0};

		if (!is_open && !hf_network_is_unknown(way))
			continue;
		if (is_open)
			hf_network_describe_way(way, &text);
		else
			hf_network_describe_port(way, &text);
		add_to_edge(dot, &e, hf_text_member(way, "from"), hf_text_member(way, "to"), is_open,
			    &text);
		dot->failed |= text.failed;
		hf_buffer_free(&text);
	}
	flush_edge(dot, &e);
}

static void add_published(hf_buffer *dot, const json_t *network)
{
	size_t index;
	json_t *published;

	json_array_foreach (json_object_get(network, "published"), index, published) {
		const char *zone = hf_text_member(published, "zone");
		const char *fate = hf_text_member(json_object_get(published, "from_outside"), "fate");
		edge e = {.from = "", .to = ""};
		hf_buffer text = {0};

		if (!*zone || (strcmp(fate, "accepted") != 0 && strcmp(fate, "unknown") != 0))
			continue;
		hf_buffer_printf(&text, "%s %lld to %s port %lld", hf_text_member(published, "protocol"),
				 hf_text_count(published, "port"), hf_text_member(published, "container"),
				 hf_text_count(published, "to_port"));
		add_to_edge(dot, &e, "outside", zone, strcmp(fate, "accepted") == 0, &text);
		flush_edge(dot, &e);
		hf_buffer_free(&text);
	}
}

/* ---- all ---- */

/* Nobody wants to see a place that no way leads to or from. */
static bool is_named(const json_t *network, const json_t *zone)
{
	const char *key = hf_text_member(zone, "key");
	size_t index;
	json_t *way;

	if (json_array_size(json_object_get(zone, "containers")) > 0 || strcmp(key, "metadata") != 0)
		return true;
	json_array_foreach (json_object_get(network, "ways"), index, way) {
		if (strcmp(hf_text_member(way, "to"), key) == 0 &&
		    (hf_network_is_open(way) || hf_network_is_unknown(way)))
			return true;
	}
	return false;
}

int hf_write_dot(const json_t *document, const hf_render_options *options, FILE *out)
{
	const json_t *network = json_object_get(document, "network");
	hf_buffer dot = {0};
	size_t index;
	json_t *zone;

	(void)options;
	hf_buffer_puts(&dot, "digraph holdfast {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n"
			     "  edge [fontname=\"sans-serif\", fontsize=10];\n");
	json_array_foreach (json_object_get(network, "zones"), index, zone) {
		if (is_named(network, zone))
			add_zone(&dot, network, zone);
	}
	add_ways(&dot, network);
	add_published(&dot, network);
	hf_buffer_puts(&dot, "}\n");
	int r = dot.failed ? -ENOMEM : hf_write_all(dot.data, dot.size, out);

	hf_buffer_free(&dot);
	return r;
}
