/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: the options that the running kernel was built with. */
#include "facts/kernel-text.h"
#include "facts/store.h"

#define ZLIB_CONST
#include <zlib.h>

enum { HF_KCONFIG_MAX_OPTIONS = 200000 };

typedef struct kconfig {
	hf_kconfig head; /* first: hf_kconfig_value() gets a pointer to it */
	hf_map options;  /* name -> value, or not_set */
} kconfig;

static char not_set[] = "";

/* ---- gzip ---- */

static void end_inflate(z_stream *stream)
{
	(void)inflateEnd(stream);
}

static bool is_gzip(const char *data, size_t size)
{
	return size >= 2 && data[0] == '\x1f' && data[1] == '\x8b';
}

static int inflate_all(const char *data, size_t size, hf_buffer *plain, hf_error *err)
{
	hf_cleanup(end_inflate) z_stream stream = {0};
	char chunk[8192];

	if (size > UINT32_MAX || inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	stream.next_in = (const Bytef *)data;
	stream.avail_in = (uInt)size;
	for (;;) {
		stream.next_out = (Bytef *)chunk;
		stream.avail_out = sizeof chunk;
		int r = inflate(&stream, Z_NO_FLUSH);

		if (r == Z_MEM_ERROR)
			return -ENOMEM;
		hf_buffer_add(plain, chunk, sizeof chunk - stream.avail_out);
		if (plain->failed)
			return -ENOMEM;
		if (plain->size > HF_KCONFIG_MAX_BYTES)
			return hf_error_set(err, -EFBIG, "inflates to more than %d bytes",
					    HF_KCONFIG_MAX_BYTES);
		if (r == Z_STREAM_END)
			return 0;
		if (r != Z_OK)
			return hf_error_set(err, -EBADMSG, "damaged gzip: %s",
					    stream.msg ? stream.msg : "it ends too early");
	}
}

/* ---- text ---- */

typedef struct parsing {
	hf_arena *arena;
	hf_map options;
	size_t lines;
	const char *header;
} parsing;

static void free_parsing(parsing *p)
{
	hf_map_free(&p->options);
}

static size_t name_length(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && (*at == '_' || (*at >= '0' && *at <= '9') ||
			    (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z')))
		at++;
	return (size_t)(at - text);
}

/* The last line for each name holds, as the kernel's own conf(1) has it. Both texts stay where they stand. */
static int add(parsing *p, const char *name, char *value)
{
	return ++p->lines > HF_KCONFIG_MAX_OPTIONS ? -E2BIG : hf_map_put(&p->options, name, value);
}

static bool has_text(const char *at, const char *end, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(end - at) >= length && memcmp(at, text, length) == 0;
}

/* "# Linux/x86 6.1.119 Kernel Configuration"; before 3.2 "# Linux kernel version: 2.6.32". */
static bool names_version(const char *line, size_t length)
{
	return memmem(line, length, " Kernel Configuration", strlen(" Kernel Configuration")) ||
	       memmem(line, length, "Linux kernel version:", strlen("Linux kernel version:"));
}

static int parse_comment(parsing *p, char *line, size_t length)
{
	const char *end = line + length;
	char *name = line + 2;

	if (length > 2 && has_text(name, end, "CONFIG_")) {
		size_t size = name_length(name, end);

		if (!has_text(name + size, end, " is not set"))
			return 0;
		name[size] = '\0';
		return add(p, name, not_set);
	}
	if (!p->header && names_version(line, length)) {
		char *header = hf_arena_memdup(p->arena, line + 1, length - 1);

		if (!header)
			return -ENOMEM;
		p->header = hf_strip(header);
	}
	return 0;
}

/* line[length] is the newline, or the NUL behind the text. */
static int parse_line(parsing *p, char *line, size_t length)
{
	const char *end = line + length;

	if (length > 0 && *line == '#')
		return parse_comment(p, line, length);
	if (!has_text(line, end, "CONFIG_"))
		return 0;
	size_t size = name_length(line, end);

	if (size == length || line[size] != '=')
		return 0;
	while (length > size + 1 && (line[length - 1] == '\r' || line[length - 1] == ' ' ||
				     line[length - 1] == '\t'))
		length--;
	line[size] = '\0';
	line[length] = '\0';
	return add(p, line, line + size + 1);
}

static int finish(parsing *p, hf_kconfig **ret_config)
{
	kconfig *config = hf_arena_alloc(p->arena, sizeof *config);

	if (!config || hf_arena_adopt(p->arena, p->options.slots) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < p->options.room; i++) {
		const void *value = p->options.slots[i].value;

		config->head.count += value && value != not_set;
	}
	config->options = p->options;
	config->head.header = p->header;
	p->options = (hf_map){0};
	*ret_config = &config->head;
	return 0;
}

/* @text is the arena's, with a NUL behind it: names and values are cut out of it. */
static int parse_text(hf_arena *arena, char *text, size_t size, hf_kconfig **ret_config,
		      hf_error *err)
{
	hf_cleanup(free_parsing) parsing p = {.arena = arena};
	const char *cursor = text, *line;
	size_t length;

	if (size > HF_KCONFIG_MAX_BYTES)
		return hf_error_set(err, -EFBIG, "larger than %d bytes", HF_KCONFIG_MAX_BYTES);
	if (memchr(text, '\0', size))
		return hf_error_set(err, -EBADMSG, "holds a NUL byte: no kernel configuration");
	while (hf_next_line(&cursor, text + size, &line, &length)) {
		int r = parse_line(&p, text + (line - text), length);

		if (r < 0)
			return hf_error_set(err, r, "more than %d options", HF_KCONFIG_MAX_OPTIONS);
	}
	if (p.lines == 0)
		return hf_error_set(err, -EBADMSG, "no line of it is a kernel option");
	return finish(&p, ret_config);
}

static char *adopt_text(hf_arena *arena, hf_buffer *plain)
{
	hf_buffer_add(plain, "", 0);
	if (plain->failed || hf_arena_adopt(arena, plain->data) < 0)
		return NULL;
	return HF_TAKE(plain->data);
}

int hf_kconfig_parse(hf_arena *arena, const char *text, size_t size, hf_kconfig **ret_config,
		     hf_error *err)
{
	hf_cleanup(hf_buffer_free) hf_buffer plain = {0};

	int r = is_gzip(text, size) ? inflate_all(text, size, &plain, err) : 0;

	if (r < 0)
		return r;
	size_t plain_size = is_gzip(text, size) ? plain.size : size;
	char *copy = is_gzip(text, size) ? adopt_text(arena, &plain)
					 : hf_arena_memdup(arena, text, size);

	return copy ? parse_text(arena, copy, plain_size, ret_config, err) : -ENOMEM;
}

/* ---- the fact ---- */

/* NULL: not from there; then *last tells why, of the first that was there and could not be read. */
static hf_kconfig *try_source(hf_facts *facts, const char *path, hf_fact *last)
{
	const hf_file *file = hf_facts_file(facts, path);
	hf_fact fact = file->fact;
	hf_kconfig *config;
	hf_error err;

	if (fact.state == HF_PRESENT) {
		int r = hf_kconfig_parse(hf_facts_arena(facts), file->data, file->size, &config,
					 &err);

		if (r == -ENOMEM)
			hf_facts_out_of_memory();
		if (r == 0) {
			config->fact = fact;
			return config;
		}
		fact.state = HF_UNREADABLE;
		fact.why = hf_facts_checked(hf_arena_strdup(hf_facts_arena(facts), err.text));
	}
	if (last->state != HF_UNREADABLE)
		*last = fact;
	return NULL;
}

static hf_kconfig *search(hf_facts *facts, hf_fact *last)
{
	static const char given[] = "/kernel-config"; /* scan --kernel-config FILE */
	static const struct {
		const char *before;
		const char *after;
	} paths[] = {
		{"/boot/config-", ""},
		{"/usr/lib/modules/", "/config"},
		{"/lib/modules/", "/config"},
		{"/lib/modules/", "/build/.config"},
	};

	/* who asks about one file wants no answer from another */
	if (hf_record_get(hf_facts_record(facts), HF_ASK_FILE, given))
		return try_source(facts, given, last);
	hf_kconfig *config = try_source(facts, "/proc/config.gz", last);

	if (config)
		return config;
	const hf_kernel *kernel = hf_facts_kernel(facts);

	if (kernel->fact.state != HF_PRESENT && last->state != HF_UNREADABLE)
		*last = kernel->fact;
	if (kernel->fact.state != HF_PRESENT)
		return NULL;
	for (size_t i = 0; !config && i < HF_ARRAY_SIZE(paths); i++) {
		config = try_source(facts,
				    hf_facts_checked(hf_arena_printf(
					    hf_facts_arena(facts), "%s%s%s", paths[i].before,
					    kernel->release, paths[i].after)),
				    last);
	}
	return config;
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_fact last = {.state = HF_ABSENT};
	const hf_kconfig *config = search(facts, &last);

	(void)key;
	if (config)
		return config;
	kconfig *none = hf_arena_alloc(hf_facts_arena(facts), sizeof *none);

	if (!none)
		return NULL;
	none->head.fact = last;
	return &none->head;
}

static const hf_fact_type type = {.name = "kconfig", .compute = compute};

const hf_kconfig *hf_facts_kconfig(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "");
}

const hf_kconfig *hf_kconfig_get(hf_check_run *run)
{
	return hf_facts_kconfig(hf_facts_of(run));
}

const char *hf_kconfig_value(const hf_kconfig *config, const char *name, bool *ret_named)
{
	const kconfig *whole = (const kconfig *)(const void *)config;
	const char *value = hf_map_get(&whole->options, name);

	if (ret_named)
		*ret_named = value != NULL;
	return value == not_set ? NULL : value;
}
