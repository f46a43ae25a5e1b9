/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results document and its renderings, to the byte; and what hostile names and documents do to them. */
#include "report-fixture.h"

static void never_run(hf_check_run *run)
{
	(void)run;
	fail_msg("nothing here runs checks");
}

/* ---- a small node ---- */

static const hf_check rows[] = {
	{
		.id = "demo.high",
		.title = "Container root is not the node's root",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.9", "CWE:250"),
		.risk = "r",
		.threat = "t",
		.remediation = "Set \"userns-remap\": \"default\" in daemon.json and restart.\nThen look.",
		.run = never_run,
	},
	{
		.id = "demo.low",
		.title = "The kernel log is not public",
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:N/A:N"),
		.level = 1,
		.risk = "r",
		.threat = "t",
		.remediation = "Set kernel.dmesg_restrict = 1.",
		.run = never_run,
	},
	{
		.id = "demo.unread",
		.title = "The boot line has no hole",
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.risk = "r",
		.threat = "t",
		.remediation = "Remove it.",
		.run = never_run,
	},
	{
		.id = "demo.told",
		.title = "The kernel's age",
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.flags = HF_CHECK_INFO,
		.risk = "r",
		.threat = "t",
		.remediation = "",
		.run = never_run,
	},
	{
		.id = "demo.left-out",
		.title = "Nobody asked",
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.risk = "r",
		.threat = "t",
		.remediation = "",
		.run = never_run,
	},
};

static const hf_check_set row_set = {
	.name = "demo",
	.checks = rows,
	.count = HF_ARRAY_SIZE(rows),
};

static const hf_plugin demo_plugin = {
	.abi = HF_ABI,
	.plugin_size = sizeof(hf_plugin),
	.check_size = sizeof(hf_check),
	.name = "demo",
	.title = "A demonstration",
	.sets = (const hf_check_set *const[]){&row_set, NULL},
};

#define SAYS(result, where, what, should)                                                          \
	{.source = (where), .found = (what), .wanted = (should), .status = (result)}
#define NOTE(where, what) {.source = (where), .found = (what), .wanted = NULL}

enum { HIGH = 0, LOW, UNREAD, TOLD };

typedef struct node {
	hf_record *record;
	hf_facts *facts;
	hf_registry *registry;
	const hf_loaded_check *checks;
	hf_result results[16];
	size_t count;
} node;

static const hf_subject host = {.key = "host", .id = "host", .name = "host"};
static const hf_subject web = {
	.kind = HF_SUBJECT_CONTAINER,
	.key = "container:aa",
	.id = "aa",
	.name = "web",
	.runtime = "docker",
};
static const hf_subject db = {
	.kind = HF_SUBJECT_CONTAINER,
	.key = "container:bb",
	.id = "bb",
	.name = "db",
	.runtime = "docker",
};

static void answer(node *n, hf_ask_kind kind, const char *name, const char *data, size_t size)
{
	const hf_answer given = {
		.kind = kind,
		.name = name,
		.meta = {.mode = 0100644},
		.data = data,
		.size = size,
	};

	assert_int_equal(hf_record_put(n->record, &given, true), 0);
}

static void answer_file(node *n, const char *path, const char *text)
{
	answer(n, HF_ASK_FILE, path, text, strlen(text));
}

static void refuse(node *n, hf_ask_kind kind, const char *name, int error)
{
	const hf_answer given = {.kind = kind, .name = name, .error = error, .data = ""};

	assert_int_equal(hf_record_put(n->record, &given, true), 0);
}

static hf_result *add(node *n, size_t check, const hf_subject *subject, hf_status status,
		      const hf_evidence *evidence, size_t evidence_count)
{
	n->results[n->count] = (hf_result){
		.check = &n->checks[check],
		.subject = subject,
		.status = status,
		.evidence = evidence,
		.evidence_count = evidence_count,
	};
	return &n->results[n->count++];
}

static void make_record(node *n)
{
	static const char *const prefixes[] = {NULL};
	static const char names[] = "passwd\0shadow\0";
	const hf_source source = {
		.kind = HF_SOURCE_CAPTURE,
		.path = "node1.capture",
		.taken = "2026-11-22T03:00:00Z",
	};

	assert_int_equal(hf_record_new(&n->record), 0);
	assert_int_equal(hf_record_set_source(n->record, &source), 0);
	answer_file(n, "/proc/sys/kernel/hostname", "node1\n");
	answer_file(n, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	answer_file(n, "/etc/os-release",
		    "ID=debian\nPRETTY_NAME=\"Debian \\\"12\\\" (bookworm)\"\nVERSION_ID=12\n");
	answer_file(n, "/sys/kernel/security/lsm", "lockdown,capability,yama,apparmor");
	answer_file(n, "/proc/1/mountinfo",
		    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		    "33 22 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n");
	answer(n, HF_ASK_CALL, "uname", "Linux\n6.1.0-28-amd64\n#1 SMP\nx86_64\n", 36);
	refuse(n, HF_ASK_FILE, "/proc/cmdline", EACCES);
	refuse(n, HF_ASK_FILE, "/etc/nothing", ENOENT);
	answer(n, HF_ASK_DIR, "/etc", names, sizeof names - 1);

	int index = hf_record_add_collector(n->record, "runtime", 1U << HF_ASK_API, prefixes);

	assert_true(index >= 0);
	hf_record_end_collector(n->record, index, HF_COLLECTOR_LATE, "after 2000 ms");
	assert_int_equal(hf_record_note(n->record, "PrivateNetwork hides sockets"), 0);
}

static int set_up(void **state)
{
	node *n = calloc(1, sizeof *n);

	assert_non_null(n);
	make_record(n);
	assert_int_equal(hf_facts_new(n->record, &n->facts), 0);
	assert_int_equal(hf_registry_new(&n->registry), 0);
	assert_int_equal(hf_registry_add(n->registry, &demo_plugin, "", NULL), 0);
	(void)hf_registry_checks(n->registry, &n->checks);
	*state = n;
	return 0;
}

static int tear_down(void **state)
{
	node *n = *state;

	hf_registry_free(n->registry);
	hf_facts_free(n->facts);
	hf_record_free(n->record);
	free(n);
	return 0;
}

static void add_all(node *n)
{
	static const hf_evidence remapped[] = {
		SAYS(HF_PASS, "/proc/12/uid_map", "0 100000 65536", "no 0 outside"),
	};
	static const hf_evidence not_remapped[] = {
		SAYS(HF_PASS, "/proc/13/gid_map", "0 100000 65536", "no 0 outside"),
		SAYS(HF_FAIL, "/proc/13/uid_map", "0 0 4294967295", "no 0 outside"),
		NOTE("daemon.json", "{}"),
	};
	static const hf_evidence readable[] = {
		SAYS(HF_FAIL, "/proc/sys/kernel/dmesg_restrict", "0", "1"),
	};
	static const hf_evidence refused[] = {
		SAYS(HF_PASS, "/proc/config.gz", "y", "y"),
		SAYS(HF_UNKNOWN, "/proc/cmdline", "Permission denied", NULL),
	};
	static const hf_evidence age[] = {SAYS(HF_INFORMATIONAL, "uname", "6.1.0-28-amd64", NULL)};
	static const hf_used used[] = {
		{HF_ASK_API, "/info"},
		{HF_ASK_FILE, "/proc/cmdline"},
		{HF_ASK_FILE, "/etc/nothing"},
		{HF_ASK_FILE, "/proc/sys/kernel/hostname"},
	};

	add(n, HIGH, &web, HF_PASS, remapped, 1);
	add(n, HIGH, &db, HF_FAIL, not_remapped, 3)->message = "root inside is root outside";
	add(n, LOW, &host, HF_FAIL, readable, 1);

	hf_result *unknown = add(n, UNREAD, &host, HF_UNKNOWN, refused, 2);

	unknown->used = used;
	unknown->used_count = HF_ARRAY_SIZE(used);
	add(n, TOLD, &host, HF_INFORMATIONAL, age, 1);
	assert_int_equal(hf_registry_refuse(n->registry, "/site.so", "group can write"), 0);
}

static json_t *document_of(node *n)
{
	const hf_document_head head = {
		.profile = "default",
		.started = "2026-11-22T03:04:05Z",
		.duration_ms = 31,
	};
	const hf_results results = {.all = n->results, .count = n->count};
	hf_assessment assessment;

	assert_int_equal(hf_assess(n->registry, &results, hf_facts_arena(n->facts), &assessment), 0);
	json_t *document = hf_document_new(&assessment, n->registry, n->facts, &head);

	assert_non_null(document);
	/* a new release does not change the rest */
	json_object_set_new(json_object_get(document, "tool"), "version", json_string("0"));
	return document;
}

/* ---- exact output ---- */

static void test_json_exactly(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	char *text = render(document, "json", (hf_render_options){0});
	char path[512];

	/* the file is indented for whoever reads it, the output is not: both in the same order */
	golden_path(path, sizeof path, "report.json");
	json_t *golden = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	char *wanted = golden ? json_dumps(golden, JSON_COMPACT | JSON_ENSURE_ASCII |
							  JSON_REAL_PRECISION(15))
			      : strdup("");
	const size_t size = strlen(text);

	assert_int_equal(text[size - 1], '\n');
	text[size - 1] = '\0';
	assert_golden("report.json", text, wanted);
	free(wanted);
	free(text);
	json_decref(golden);
	json_decref(document);
}

/* Every sort of value and character, in all places of a block: what we print is what jansson would. */
static json_t *text_with(uint32_t point)
{
	char text[16] = "plain, plain";
	char *at = text + point % 9;
	const uint32_t lead = point < 0x800 ? 0xc0 : point < 0x10000 ? 0xe0 : 0xf0;
	unsigned shift = point < 0x800 ? 6 : point < 0x10000 ? 12 : 18;

	if (point < 0x80) {
		*at = (char)point;
		return json_string(text);
	}
	*at++ = (char)(lead | point >> shift);
	while (shift > 0) {
		shift -= 6;
		*at++ = (char)(0x80 | (point >> shift & 0x3f));
	}
	return json_string(text);
}

static void test_json_as_jansson_prints_it(void **state)
{
	static const double reals[] = {0.0,  -0.0,     0.1,	  5.0,	 63.4, 99.9,	100.0,	  0.05,
				       1e-7, 999999.9, 1234567.8, 1e300, -7.2, 1 / 3.0, 12345.678};
	json_t *all = json_array();

	(void)state;
	/* DEL is the one that jansson does not escape */
	for (uint32_t point = 1; point < 0x110000; point += point < 0x3000 ? 1 : 251) {
		if ((point < 0xd800 || point >= 0xe000) && point != 0x7f)
			assert_int_equal(json_array_append_new(all, text_with(point)), 0);
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(reals); i++)
		assert_int_equal(json_array_append_new(all, json_real(reals[i])), 0);
	json_t *odd = json_pack("[I, I, I, b, b, n, s, s, {}, [], {s: i}]", (json_int_t)INT64_MIN,
				(json_int_t)INT64_MAX, (json_int_t)0, 0, 1, "", "\"\\/\n", "\n\"", -1);

	assert_int_equal(json_array_append_new(all, odd), 0);
	char *text = render(all, "json", (hf_render_options){0});
	char *wanted =
		json_dumps(all, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));

	assert_int_equal(strlen(text), strlen(wanted) + 1);
	assert_memory_equal(text, wanted, strlen(wanted));
	free(wanted);
	free(text);
	json_decref(all);
}

static void test_text_exactly(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	char *text = render(document, "text", (hf_render_options){.width = 80});

	assert_golden_text("report.txt", text);
	free(text);
	json_decref(document);
}

static void test_same_record_same_bytes(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *first = document_of(n);
	json_t *second = document_of(n);
	char *a = render(first, "json", (hf_render_options){0});
	char *b = render(second, "json", (hf_render_options){0});

	assert_string_equal(a, b);
	free(a);
	free(b);
	json_decref(first);
	json_decref(second);
}

/* What was written is read back as the same, and renders as the same. */
static void test_saved_document_renders_alike(void **state)
{
	node *n = *state;
	hf_error err = {0};

	add_all(n);
	json_t *document = document_of(n);
	char *json = render(document, "json", (hf_render_options){0});
	json_t *loaded = json_loads(json, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(loaded);
	assert_true(json_equal(document, loaded));
	assert_int_equal(hf_document_check(loaded, &err), 0);
	for (int verbose = 0; verbose < 2; verbose++) {
		const hf_render_options options = {.width = 100, .verbose = verbose};
		char *a = render(document, "text", options);
		char *b = render(loaded, "text", options);

		assert_string_equal(a, b);
		free(a);
		free(b);
	}
	free(json);
	json_decref(loaded);
	json_decref(document);
}

static void test_host_without_answers(void **state)
{
	node *n = *state;
	json_t *host_object;

	assert_true(hf_record_remove(n->record, HF_ASK_FILE, "/proc/sys/kernel/hostname"));
	assert_true(hf_record_remove(n->record, HF_ASK_FILE, "/etc/os-release"));
	answer_file(n, "/usr/lib/os-release", "PRETTY_NAME='Fedora $40'\n");
	answer_file(n, "/etc/machine-id", "uninitialized\n");
	json_t *document = document_of(n);

	host_object = json_object_get(document, "host");
	assert_true(json_is_null(json_object_get(host_object, "hostname")));
	assert_true(json_is_null(json_object_get(host_object, "machine_id_hash")));
	assert_string_equal(json_string_value(json_object_get(host_object, "os")), "Fedora $40");
	assert_int_equal(hf_document_check(document, NULL), 0);
	json_decref(document);
}

/* ---- text for people ---- */

static void test_colour_only_where_asked(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	char *plain = render(document, "text", (hf_render_options){.width = 80});
	char *coloured = render(document, "text", (hf_render_options){.width = 80, .color = true});

	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(coloured, "\033[1;31mHIGH\033[0m"));
	/* nothing but the colour differs */
	char *to = coloured;

	for (const char *from = coloured; *from; from++) {
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = '\0';
	assert_string_equal(plain, coloured);
	free(plain);
	free(coloured);
	json_decref(document);
}

static void test_verbose_shows_every_check(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	char *brief = render(document, "text", (hf_render_options){.width = 80});
	char *full = render(document, "text", (hf_render_options){.width = 80, .verbose = true});

	assert_null(strstr(brief, "demo.told"));
	assert_null(strstr(brief, "on web"));
	assert_null(strstr(brief, "Then look."));
	assert_non_null(strstr(full, "demo.told"));
	assert_non_null(strstr(full, "on web"));
	assert_non_null(strstr(full, "Then look."));
	assert_null(strstr(full, "demo.left-out"));
	free(brief);
	free(full);
	json_decref(document);
}

static void test_lines_keep_the_width(void **state)
{
	static const unsigned widths[] = {40, 60, 80, 132};
	static const hf_evidence wordless[] = {
		SAYS(HF_FAIL,
		     "/a/very/long/path/that/has/no/blank/in/it/and/goes/on/and/on/and/on/and/on/x",
		     "0123456789012345678901234567890123456789012345678901234567890123456789", "1"),
		SAYS(HF_FAIL, "s", "", ""),
	};
	node *n = *state;

	add_all(n);
	add(n, HIGH, &web, HF_FAIL, wordless, 2);
	json_t *document = document_of(n);

	for (size_t i = 0; i < HF_ARRAY_SIZE(widths); i++) {
		for (int verbose = 0; verbose < 2; verbose++) {
			char *text = render(document, "text",
					    (hf_render_options){.width = widths[i],
								.verbose = verbose});

			assert_in_range(longest_line(text), 1, widths[i]);
			free(text);
		}
	}
	json_decref(document);
}

/* The closing is what is left on the screen: it begins with "== Score". */
static void test_closing_fits_a_screen(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	json_t *unread = json_object_get(document, "unread");
	json_t *results = json_object_get(document, "results");

	for (unsigned i = 0; i < 600; i++) {
		json_t *copy = json_deep_copy(json_array_get(results, i % 2));

		json_array_append_new(results, copy);
		json_array_append_new(unread, json_pack("{s:s, s:o}", "source", "file:/x", "reason",
							json_sprintf("reason %u", i)));
	}
	char *text = render(document, "text", (hf_render_options){.width = 80});
	const char *closing = strstr(text, "== Score");
	unsigned lines = 0;

	assert_non_null(closing);
	for (const char *c = closing; *c; c++)
		lines += *c == '\n';
	assert_in_range(lines, 15, 23); /* and the prompt */
	assert_non_null(strstr(closing, "demo.high"));
	free(text);
	json_decref(document);
}

/* ---- hostile text ---- */

static void test_escape_terminal(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *wanted;
	} cases[] = {
#define CASE(text, wanted) {text, sizeof(text) - 1, wanted}
		CASE("", ""),
		CASE("plain /path \"x\" \\n", "plain /path \"x\" \\n"),
		CASE("\x1b]0;owned\a", "\\x1b]0;owned\\x07"),
		CASE("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"),
		CASE("nul\0nul", "nul\\x00nul"),
		CASE("del\x7f", "del\\x7f"),
		CASE("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"),
		CASE("csi\xc2\x9b", "csi\\u{009B}"),
		CASE("raw\x9b", "raw\\x9b"),
		CASE("\xe2\x80\xaegnp.exe", "\\u{202E}gnp.exe"),
		CASE("\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"),
		CASE("zero\xe2\x80\x8bwidth", "zero\\u{200B}width"),
		CASE("\xef\xbb\xbf", "\\u{FEFF}"),
		CASE("\xf3\xa0\x81\x81", "\\u{E0041}"),
		CASE("\xf0\x9f\x90\xb3", "\xf0\x9f\x90\xb3"),
		CASE("cut\xe2\x80", "cut\\xe2\\x80"),
		CASE("\xc0\xaf", "\\xc0\\xaf"),
		CASE("\xed\xa0\x80", "\\xed\\xa0\\x80"),
		CASE("\xff", "\\xff"),
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		hf_buffer buffer = {0};

		hf_buffer_puts(&buffer, ">");
		hf_escape_terminal(&buffer, cases[i].text, cases[i].size);
		assert_false(buffer.failed);
		assert_string_equal(buffer.data + 1, cases[i].wanted);
		hf_buffer_free(&buffer);
	}
}

static void test_json_text(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *wanted;
	} cases[] = {
		CASE("", ""),
		CASE("gr\xc3\xbc\xc3\x9f\n", "gr\xc3\xbc\xc3\x9f\n"),
		CASE("\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"),
		CASE("a\xe2\x80", "a\xef\xbf\xbd\xef\xbf\xbd"),
		CASE("a\0b", "a\xef\xbf\xbd" "b"),
		CASE("\xed\xa0\x80z", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"),
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		json_t *string = hf_json_text(cases[i].text, cases[i].size);

		assert_string_equal(json_string_value(string), cases[i].wanted);
		json_decref(string);
	}
}

static void test_hostile_names(void **state)
{
	static const char *const names[] = {
		"\033[2J\033]0;owned\a",
		"line\nPASS everything\r",
		"\"quotes\" \\ and 'more' </script>",
		"\xff\xfe\xc3",
		"\xe2\x80\xae\xc2\x9b",
		"delete \x7f\x7f.",
		"%s%n%s",
		"",
	};
	node *n = *state;
	char *huge = malloc(1024 * 1024 + 1);

	assert_non_null(huge);
	memset(huge, 'A', 1024 * 1024);
	huge[1024 * 1024] = '\0';
	for (size_t i = 0; i <= HF_ARRAY_SIZE(names); i++) {
		const char *name = i < HF_ARRAY_SIZE(names) ? names[i] : huge;
		const hf_subject subject = {
			.kind = HF_SUBJECT_CONTAINER,
			.key = name,
			.id = name,
			.name = name,
			.runtime = name,
		};
		const hf_evidence evidence[] = {SAYS(HF_FAIL, name, name, name), NOTE(name, name)};

		n->count = 0;
		/* the record may only change while there are no facts */
		hf_facts_free(n->facts);
		answer_file(n, "/proc/sys/kernel/hostname", name);
		assert_int_equal(hf_facts_new(n->record, &n->facts), 0);
		add(n, HIGH, &subject, HF_FAIL, evidence, 2)->message = name;
		add(n, HIGH, &web, HF_PASS, evidence, 2);
		add(n, LOW, &subject, HF_FAIL, evidence, 2);
		add(n, UNREAD, &subject, HF_UNKNOWN, evidence, 2);
		json_t *document = document_of(n);
		char *json = render(document, "json", (hf_render_options){0});
		json_t *loaded = json_loads(json, JSON_REJECT_DUPLICATES, NULL);

		assert_harmless(json, true);
		assert_non_null(loaded);
		assert_int_equal(hf_document_check(loaded, NULL), 0);
		for (int verbose = 0; verbose < 2; verbose++) {
			char *text = render(loaded, "text",
					    (hf_render_options){.width = 80, .verbose = verbose});

			assert_harmless(text, false);
			assert_in_range(strlen(text), 100, 256 * 1024);
			free(text);
		}
		free(json);
		json_decref(loaded);
		json_decref(document);
	}
	free(huge);
}

static void test_long_evidence_is_cut_and_says_so(void **state)
{
	enum { LONG = 100 * 1000 };
	node *n = *state;
	char *text = malloc(LONG + 1);

	assert_non_null(text);
	for (size_t i = 0; i < LONG; i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	text[LONG] = '\0';
	const hf_evidence evidence[] = {SAYS(HF_FAIL, "s", text + 1, "w")};

	add(n, LOW, &host, HF_FAIL, evidence, 1);
	json_t *document = document_of(n);
	json_t *result = json_array_get(json_object_get(document, "results"), 0);
	json_t *finding = json_array_get(json_object_get(result, "findings"), 0);
	json_t *item = json_array_get(json_object_get(finding, "evidence"), 0);
	const char *found = json_string_value(json_object_get(item, "found"));

	assert_non_null(found);
	assert_in_range(strlen(found), 8000, 8300);
	assert_non_null(strstr(found, "... (99999 bytes in all)"));
	assert_int_equal(memcmp(found, "\xef\xbf\xbd\xc3\xbc", 5), 0);
	json_decref(document);
	free(text);
}

/* ---- hostile documents ---- */

static void render_and_drop(const json_t *document)
{
	for (int verbose = 0; verbose < 2; verbose++) {
		char *text = render(document, "text",
				    (hf_render_options){.width = 80, .verbose = verbose});

		assert_harmless(text, false);
		free(text);
	}
}

static void test_strange_values_everywhere(void **state)
{
	node *n = *state;

	add_all(n);
	swap s = {.document = document_of(n), .render = render_and_drop};

	assert_int_equal(hf_document_check(s.document, NULL), 0);
	swap_each(&s, s.document);
	assert_true(s.refused > 1000);
	assert_true(s.accepted > 0);
	assert_int_equal(hf_document_check(s.document, NULL), 0);
	json_decref(s.document);
}

static void test_check_names_the_place(void **state)
{
	node *n = *state;
	hf_error err = {0};

	add_all(n);
	json_t *document = document_of(n);
	json_t *result = json_array_get(json_object_get(document, "results"), 1);
	json_t *finding = json_array_get(json_object_get(result, "findings"), 0);

	json_object_set_new(finding, "status", json_string("passed"));
	assert_int_equal(hf_document_check(document, &err), -EBADMSG);
	assert_string_equal(err.text, "results[1].findings[0].status has a value that this version"
				      " does not know");
	json_object_del(finding, "status");
	assert_int_equal(hf_document_check(document, &err), -EBADMSG);
	assert_string_equal(err.text, "results[1].findings[0].status is missing");
	json_object_set_new(document, "schema", json_string("holdfast-results/2"));
	assert_int_equal(hf_document_check(document, &err), -EBADMSG);
	assert_string_equal(err.text, "schema has a value that this version does not know");
	json_decref(document);
	assert_int_equal(hf_document_check(NULL, &err), -EBADMSG);
	assert_string_equal(err.text, "document is no object");
	render_and_drop(NULL);
}

/* ---- outputs that fail ---- */

static void test_write_error_is_told(void **state)
{
	node *n = *state;
	FILE *full = fopen("/dev/full", "w");

	if (!full)
		skip();
	setvbuf(full, NULL, _IONBF, 0);
	add_all(n);
	json_t *document = document_of(n);

	for (const hf_format *format = hf_formats; format->name; format++)
		assert_int_equal(format->write(document, &(hf_render_options){0}, full), -ENOSPC);
	(void)fclose(full);
	json_decref(document);
}

static void test_formats(void **state)
{
	(void)state;
	assert_ptr_equal(hf_format_find("text"), &hf_formats[0]);
	assert_string_equal(hf_format_find("json")->name, "json");
	assert_null(hf_format_find("pdf"));
	assert_null(hf_format_find(""));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_json_exactly),
		T(test_json_as_jansson_prints_it),
		T(test_text_exactly),
		T(test_same_record_same_bytes),
		T(test_saved_document_renders_alike),
		T(test_host_without_answers),
		T(test_colour_only_where_asked),
		T(test_verbose_shows_every_check),
		T(test_lines_keep_the_width),
		T(test_closing_fits_a_screen),
		T(test_escape_terminal),
		T(test_json_text),
		T(test_hostile_names),
		T(test_long_evidence_is_cut_and_says_so),
		T(test_strange_values_everywhere),
		T(test_check_names_the_place),
		T(test_write_error_is_told),
		T(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
