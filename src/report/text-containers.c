/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format `containers`: one line for each container, or everything about one. */
#include "report/render.h"
#include "report/text-table.h"
#include "report/text.h"

#include <fnmatch.h>

/* "" for what is no string. */
static const char *string_of(const json_t *value)
{
	return json_is_string(value) ? json_string_value(value) : "";
}

/* ---- cells ---- */

static void add_word(hf_buffer *cell, const char *word)
{
	if (cell->size > 0)
		hf_buffer_puts(cell, ",");
	hf_buffer_puts(cell, word);
}

static void show_name(const json_t *container, hf_buffer *cell)
{
	hf_buffer_puts(cell, hf_text_member(container, "name"));
}

static void show_runtime(const json_t *container, hf_buffer *cell)
{
	hf_buffer_puts(cell, hf_text_member(container, "runtime"));
}

static void show_image(const json_t *container, hf_buffer *cell)
{
	const char *image = hf_text_member(container, "image");

	hf_buffer_puts(cell, *image ? image : "-");
}

static void show_user(const json_t *container, hf_buffer *cell)
{
	const char *user = hf_text_member(container, "user");

	hf_buffer_puts(cell, *user ? user : "?");
}

/* Those that are the host's; "own" when none is. Time is the host's nearly everywhere, and harms little. */
static void show_namespaces(const json_t *container, hf_buffer *cell)
{
	const char *name;
	json_t *value;
	bool is_unknown = false;

	json_object_foreach (json_object_get(container, "namespaces"), name, value) {
		const char *word = json_is_string(value) ? json_string_value(value) : "";

		if (strcmp(name, "time") == 0)
			continue;
		is_unknown |= strcmp(word, "unknown") == 0;
		if (strcmp(word, "host") == 0 || strcmp(word, "mixed") == 0)
			add_word(cell, name);
	}
	if (cell->size == 0)
		hf_buffer_puts(cell, is_unknown ? "?" : "own");
}

static void show_capabilities(const json_t *container, hf_buffer *cell)
{
	const json_t *sets = json_object_get(container, "capabilities");
	size_t count = json_array_size(json_object_get(sets, "bounding"));

	hf_buffer_printf(cell, "%zu%s", count,
			 json_is_true(json_object_get(sets, "in_own_user_namespace")) ? "u" : "");
}

static void show_seccomp(const json_t *container, hf_buffer *cell)
{
	hf_buffer_puts(cell, hf_text_member(container, "seccomp"));
}

static void show_label(const json_t *container, hf_buffer *cell)
{
	const char *label = hf_text_member(container, "label");

	hf_buffer_puts(cell, *label ? label : "-");
}

static void show_limits(const json_t *container, hf_buffer *cell)
{
	static const struct {
		const char *name, *shown;
	} limits[] = {
		{"memory_bytes", "mem"},
		{"swap_bytes", "swap"},
		{"pids", "pids"},
		{"cpu_thousandths", "cpu"},
	};
	const json_t *all = json_object_get(container, "limits");
	bool is_unknown = false;

	for (size_t i = 0; i < HF_ARRAY_SIZE(limits); i++) {
		const json_t *limit = json_object_get(all, limits[i].name);

		if (json_is_integer(limit))
			add_word(cell, limits[i].shown);
		is_unknown |= json_is_string(limit) &&
			      strcmp(json_string_value(limit), "unknown") == 0;
	}
	if (cell->size == 0)
		hf_buffer_puts(cell, is_unknown ? "?" : "none");
}

static void show_mounts(const json_t *container, hf_buffer *cell)
{
	const json_t *count = json_object_get(container, "mount_count");
	size_t writable = 0, index;
	json_t *mount;

	json_array_foreach (json_object_get(container, "mounts"), index, mount)
		writable += json_is_false(json_object_get(mount, "read_only"));
	if (!json_is_integer(count))
		hf_buffer_puts(cell, "?");
	else if (writable > 0)
		hf_buffer_printf(cell, "%lld (%zu rw)", (long long)json_integer_value(count), writable);
	else
		hf_buffer_printf(cell, "%lld", (long long)json_integer_value(count));
}

static void show_findings(const json_t *container, hf_buffer *cell)
{
	static const struct {
		const char *name;
		char letter;
	} kinds[] = {{"critical", 'C'}, {"high", 'H'}, {"medium", 'M'}, {"low", 'L'}, {"unknown", '?'}};
	const json_t *findings = json_object_get(container, "findings");

	for (size_t i = 0; i < HF_ARRAY_SIZE(kinds); i++) {
		long long count = hf_text_count(findings, kinds[i].name);

		if (count > 0)
			hf_buffer_printf(cell, "%s%lld%c", cell->size > 0 ? " " : "", count,
					 kinds[i].letter);
	}
	if (cell->size == 0)
		hf_buffer_puts(cell, "none");
}

/* What matters most stands first: a narrow terminal cuts the end. */
static const hf_text_column columns[] = {
	{.title = "NAME", .width = 24, .show = show_name},
	{.title = "RUNTIME", .width = 10, .show = show_runtime},
	{.title = "FAILED", .width = 16, .show = show_findings},
	{.title = "USER", .width = 10, .show = show_user},
	{.title = "HOST NS", .width = 12, .show = show_namespaces},
	{.title = "CAPS", .width = 4, .show = show_capabilities},
	{.title = "SECCOMP", .width = 7, .show = show_seccomp},
	{.title = "MAC", .width = 14, .show = show_label},
	{.title = "LIMITS", .width = 17, .show = show_limits},
	{.title = "MOUNTS", .width = 8, .show = show_mounts},
	{.title = "IMAGE", .width = 0, .show = show_image},
};

static hf_style style_of(const json_t *container)
{
	const json_t *findings = json_object_get(container, "findings");

	if (hf_text_count(findings, "critical") > 0)
		return HF_STYLE_BAD;
	return hf_text_count(findings, "high") > 0 ? HF_STYLE_WARN : HF_STYLE_PLAIN;
}

/* ---- one container ---- */

enum { LABEL_COLUMN = 22 };

static void say_pair(hf_screen *screen, const char *label, hf_style style, const char *text)
{
	hf_screen_say(screen, HF_STYLE_DIM, label, 0);
	hf_screen_pad(screen, ' ', LABEL_COLUMN);
	hf_screen_wrap(screen, style, LABEL_COLUMN, 0, *text ? text : "-");
	hf_screen_newline(screen);
}

static void say_member(hf_screen *screen, const char *label, const json_t *object, const char *key)
{
	say_pair(screen, label, HF_STYLE_PLAIN, hf_text_member(object, key));
}

static void say_list(hf_screen *screen, const char *label, const json_t *list, hf_style style)
{
	hf_buffer text = {0};
	size_t index;
	json_t *item;

	json_array_foreach (list, index, item)
		hf_buffer_printf(&text, "%s%s", index > 0 ? " " : "", string_of(item));
	say_pair(screen, label, style, text.size > 0 ? hf_text_of(&text) : "none");
	screen->text.failed |= text.failed;
	hf_buffer_free(&text);
}

static void say_namespaces(hf_screen *screen, const json_t *container)
{
	hf_buffer text = {0};
	const char *name;
	json_t *value;

	json_object_foreach (json_object_get(container, "namespaces"), name, value) {
		if (json_is_string(value))
			hf_buffer_printf(&text, "%s%s=%s", text.size > 0 ? " " : "", name,
					 json_string_value(value));
	}
	say_pair(screen, "namespaces", HF_STYLE_PLAIN, hf_text_of(&text));
	hf_buffer_free(&text);
}

static void say_limits(hf_screen *screen, const json_t *container)
{
	hf_buffer text = {0};
	const char *name;
	json_t *value;

	json_object_foreach (json_object_get(container, "limits"), name, value) {
		hf_buffer_printf(&text, "%s%s=", text.size > 0 ? " " : "", name);
		if (json_is_integer(value))
			hf_buffer_printf(&text, "%lld", (long long)json_integer_value(value));
		else
			hf_buffer_puts(&text, json_is_string(value) ? string_of(value) : "?");
	}
	say_pair(screen, "limits", HF_STYLE_PLAIN, hf_text_of(&text));
	hf_buffer_free(&text);
}

static void say_mounts(hf_screen *screen, const json_t *container)
{
	const json_t *mounts = json_object_get(container, "mounts");
	const json_t *count = json_object_get(container, "mount_count");
	size_t index;
	json_t *mount;

	say_member(screen, "root file system", container, "root");
	if (!json_is_integer(count))
		say_pair(screen, "host mounts", HF_STYLE_WARN, "could not be read");
	else if (json_array_size(mounts) == 0)
		say_pair(screen, "host mounts", HF_STYLE_PLAIN, "none");
	json_array_foreach (mounts, index, mount) {
		bool is_read_only = json_is_true(json_object_get(mount, "read_only"));
		hf_buffer text = {0};

		hf_buffer_printf(&text, "%s on %s (%s)", hf_text_member(mount, "host"),
				 hf_text_member(mount, "target"),
				 is_read_only ? "read-only" : "writable");
		say_pair(screen, index == 0 ? "host mounts" : "",
			 is_read_only ? HF_STYLE_PLAIN : HF_STYLE_WARN, hf_text_of(&text));
		hf_buffer_free(&text);
	}
	if (json_is_integer(count) && (size_t)json_integer_value(count) > json_array_size(mounts)) {
		hf_screen_pad(screen, ' ', LABEL_COLUMN);
		hf_screen_printf(screen, HF_STYLE_DIM, "and %lld more",
				 (long long)json_integer_value(count) -
					 (long long)json_array_size(mounts));
		hf_screen_newline(screen);
	}
}

static void say_listeners(hf_screen *screen, const json_t *container)
{
	const json_t *listeners = json_object_get(container, "listeners");
	hf_buffer text = {0};
	size_t index;
	json_t *listener;

	json_array_foreach (listeners, index, listener)
		hf_buffer_printf(&text, "%s%s:%s:%lld", index > 0 ? " " : "",
				 hf_text_member(listener, "protocol"),
				 hf_text_member(listener, "address"),
				 (long long)json_integer_value(json_object_get(listener, "port")));
	say_pair(screen, "listens on", HF_STYLE_PLAIN,
		 !json_is_array(listeners) ? "could not be read"
		 : text.size > 0	   ? hf_text_of(&text)
					   : "nothing");
	hf_buffer_free(&text);
}

/* "329 on x86-64, 331 on i386" */
static void say_calls(hf_screen *screen, const json_t *container)
{
	json_t *calls = json_object_get(container, "system_calls");
	hf_buffer text = {0};
	const char *abi;
	json_t *open;

	json_object_foreach (calls, abi, open)
		hf_buffer_printf(&text, "%s%lld on %s", text.size > 0 ? ", " : "",
				 (long long)json_integer_value(open), abi);
	if (json_is_object(calls))
		say_pair(screen, "open system calls", HF_STYLE_PLAIN, hf_text_of(&text));
	else
		say_pair(screen, "open system calls", HF_STYLE_WARN, "could not be read");
	screen->text.failed |= text.failed;
	hf_buffer_free(&text);
}

/* A list of what is reachable: nothing of it is best. */
static void say_reachable(hf_screen *screen, const char *label, const json_t *list)
{
	if (json_is_array(list))
		say_list(screen, label, list,
			 json_array_size(list) > 0 ? HF_STYLE_BAD : HF_STYLE_PLAIN);
	else
		say_pair(screen, label, HF_STYLE_WARN, "could not be read");
}

static void say_surface(hf_screen *screen, const json_t *container)
{
	const json_t *sets = json_object_get(container, "capabilities");

	hf_screen_newline(screen);
	hf_screen_say(screen, HF_STYLE_BOLD, "Attack surface", 0);
	hf_screen_newline(screen);
	say_namespaces(screen, container);
	say_list(screen, "capabilities", json_object_get(sets, "effective"), HF_STYLE_PLAIN);
	say_list(screen, "can be gained", json_object_get(sets, "bounding"), HF_STYLE_PLAIN);
	say_member(screen, "seccomp", container, "seccomp");
	say_calls(screen, container);
	say_member(screen, "security label", container, "label");
	say_mounts(screen, container);
	say_reachable(screen, "devices", json_object_get(container, "devices"));
	say_reachable(screen, "host sockets", json_object_get(container, "host_sockets"));
	say_listeners(screen, container);
	say_limits(screen, container);
}

static const json_t *find_result(const json_t *document, const char *check)
{
	size_t index;
	json_t *result;

	json_array_foreach (json_object_get(document, "results"), index, result) {
		if (strcmp(hf_text_member(result, "check"), check) == 0)
			return result;
	}
	return NULL;
}

static void say_failures(hf_screen *screen, const json_t *document, const json_t *container)
{
	static const hf_severity order[] = {HF_SEVERITY_CRITICAL, HF_SEVERITY_HIGH,
					    HF_SEVERITY_MEDIUM, HF_SEVERITY_LOW};
	const json_t *failing = json_object_get(container, "failing");

	hf_screen_newline(screen);
	hf_screen_say(screen, HF_STYLE_BOLD, "Failing checks", 0);
	hf_screen_newline(screen);
	for (size_t s = 0; s < HF_ARRAY_SIZE(order); s++) {
		size_t index;
		json_t *id;

		json_array_foreach (failing, index, id) {
			const json_t *result = find_result(document, string_of(id));
			const char *severity = hf_text_member(result, "severity");

			if (strcmp(severity, hf_severity_name(order[s])) != 0)
				continue;
			hf_screen_say(screen, hf_text_severity_style(order[s]), severity, 0);
			hf_screen_pad(screen, ' ', 10);
			hf_screen_say(screen, HF_STYLE_PLAIN, string_of(id), 0);
			hf_screen_pad(screen, ' ', 42);
			hf_screen_say(screen, HF_STYLE_DIM, hf_text_member(result, "title"), 0);
			hf_screen_newline(screen);
		}
	}
	if (json_array_size(failing) == 0) {
		hf_screen_say(screen, HF_STYLE_GOOD, "none", 0);
		hf_screen_newline(screen);
	}
}

static void say_one(hf_screen *screen, const json_t *document, const json_t *container)
{
	hf_buffer findings = {0};

	hf_screen_say(screen, HF_STYLE_BOLD, hf_text_member(container, "name"), 0);
	hf_screen_newline(screen);
	say_member(screen, "id", container, "id");
	say_member(screen, "runtime", container, "runtime");
	say_member(screen, "image", container, "image");
	if (json_is_string(json_object_get(container, "pod")))
		say_member(screen, "pod", container, "pod");
	say_member(screen, "user on the host", container, "user");
	hf_screen_say(screen, HF_STYLE_DIM, "first process", 0);
	hf_screen_pad(screen, ' ', LABEL_COLUMN);
	hf_screen_printf(screen, HF_STYLE_PLAIN, "%lld, %lld tasks in all",
			 (long long)json_integer_value(json_object_get(container, "pid")),
			 (long long)json_integer_value(json_object_get(container, "tasks")));
	hf_screen_newline(screen);
	if (json_is_false(json_object_get(container, "complete")))
		say_pair(screen, "incomplete", HF_STYLE_WARN, "some of its tasks could not be read");
	show_findings(container, &findings);
	say_pair(screen, "failed", style_of(container), hf_text_of(&findings));
	hf_buffer_free(&findings);
	say_surface(screen, container);
	say_failures(screen, document, container);
}

/* ---- all ---- */

static bool is_meant(const json_t *container, const char *word)
{
	enum { SHORT_ID = 8 };
	const char *id = hf_text_member(container, "id");

	return fnmatch(word, hf_text_member(container, "name"), 0) == 0 ||
	       fnmatch(word, id, 0) == 0 || (strlen(word) >= SHORT_ID && hf_has_prefix(id, word));
}

int hf_write_containers(const json_t *document, const hf_render_options *options, FILE *out)
{
	const json_t *containers = json_object_get(document, "containers");
	hf_screen screen = {.color = options->color, .width = options->width};
	size_t index, shown = 0;
	json_t *container;

	if (!options->subject && json_array_size(containers) > 0)
		hf_text_table(&screen, columns, HF_ARRAY_SIZE(columns), containers, style_of, show_findings);
	json_array_foreach (containers, index, container) {
		if (!options->subject || !is_meant(container, options->subject))
			continue;
		if (shown++ > 0)
			hf_screen_newline(&screen);
		say_one(&screen, document, container);
	}
	if (json_array_size(containers) == 0 || (options->subject && shown == 0)) {
		hf_screen_say(&screen, HF_STYLE_PLAIN, options->subject ? "no such container"
									  : "no containers", 0);
		hf_screen_newline(&screen);
	}
	int r = screen.text.failed ? -ENOMEM : hf_write_all(hf_text_of(&screen.text), screen.text.size, out);

	hf_buffer_free(&screen.text);
	return r;
}
