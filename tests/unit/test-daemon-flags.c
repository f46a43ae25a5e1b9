/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dockerd's command line, and the defaults it starts from. */
#include "facts-fixture.h"

#include "facts/parts.h"

enum { WORDS_MAX = 12 };

static const struct {
	const char *argv[WORDS_MAX];
	const char *name;
	const char *value; /* NULL: not given */
} good[] = {
	{{"--icc=false"}, "icc", "false"},
	{{"--icc=0"}, "icc", "false"},
	{{"--icc=F"}, "icc", "false"},
	{{"--icc"}, "icc", "true"},
	{{"--icc=false", "--icc=true"}, "icc", "true"},
	{{"-D"}, "debug", "true"},
	{{"-D=false"}, "debug", "false"},
	{{"-l", "debug"}, "log-level", "debug"},
	{{"-ldebug"}, "log-level", "debug"},
	{{"-l=warn"}, "log-level", "warn"},
	{{"-Dl", "error"}, "log-level", "error"},
	{{"-Dl", "error"}, "debug", "true"},
	{{"--log-level", "fatal"}, "log-level", "fatal"},
	{{"-H", "fd://", "--host=tcp://0.0.0.0:2375"}, "hosts", "fd://\ntcp://0.0.0.0:2375"},
	{{"--insecure-registry", "a", "--insecure-registry=b"}, "insecure-registries", "a\nb"},
	{{"--log-opt", "max-size=10m", "--log-opt=max-file=3"}, "log-opts", "max-size=10m\nmax-file=3"},
	{{"--default-ulimit", "nofile=1024"}, "default-ulimits", "nofile=1024:1024"},
	{{"--default-ulimit", "nofile=64:99"}, "default-ulimits", "nofile=64:99"},
	{{"--add-runtime", "kata=/usr/bin/kata"}, "runtimes", "kata=/usr/bin/kata"},
	{{"--label", "a=x\ny"}, "labels", "a=x\\ny"},
	/* a flag of an engine that is newer than the table takes its value with it */
	{{"--brand-new", "x", "--icc=false"}, "icc", "false"},
	{{"--brand-new", "--icc=false"}, "icc", "false"},
	/* what looks like a flag is the value of the one before */
	{{"--log-level", "--icc=false"}, "icc", NULL},
	{{"--iptables=false", "--"}, "iptables", "false"},
	{{"--label", "", "--label="}, "labels", ""},
	{{NULL}, "icc", NULL},
};

static const char *const bad[][WORDS_MAX] = {
	{"--icc", "false"}, /* pflag never gives a boolean the next word */
	{"--icc=maybe"},    {"--log-level"}, {"-l"}, {"-Z"}, {"start"}, {"-"}, {"--", "x"},
};

static size_t count_words(const char *const *argv)
{
	size_t count = 0;

	while (count < WORDS_MAX && argv[count])
		count++;
	return count;
}

static void test_flags(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(good); i++) {
		hf_flags flags = {0};
		hf_error err = {0};
		int r = hf_flags_parse(arena, good[i].argv, count_words(good[i].argv), &flags, &err);

		if (r < 0)
			fail_msg("row %zu: %s", i, err.text);
		const char *value = hf_flags_value(&flags, hf_option_by_key(good[i].name));

		if (!hf_streq(value, good[i].value))
			fail_msg("row %zu: %s is %s and not %s", i, good[i].name, value, good[i].value);
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		hf_flags flags = {0};
		hf_error err = {0};

		if (hf_flags_parse(arena, bad[i], count_words(bad[i]), &flags, &err) != -EBADMSG)
			fail_msg("row %zu was taken", i);
		assert_true(err.text[0] != '\0');
	}
}

static void test_cmdline(void **state)
{
	static const char text[] = "/usr/bin/dockerd\0-H\0fd://\0--config-file=/etc/d.json\0--icc=false";
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_flags flags = {0};

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_flags_parse_cmdline(arena, text, sizeof text, &flags, NULL), 0);
	assert_string_equal(flags.config_file, "/etc/d.json");
	/* cut short: what was behind could be anything */
	assert_int_equal(hf_flags_parse_cmdline(arena, text, sizeof text - 1, &flags, NULL), -EBADMSG);
	assert_int_equal(hf_flags_parse_cmdline(arena, text, sizeof text, &flags, NULL), 0);
	assert_string_equal(hf_flags_value(&flags, hf_option_by_key("icc")), "false");
	assert_int_equal(hf_flags_parse_cmdline(arena, text, 0, &flags, NULL), -EBADMSG);
}

static void test_go_bool(void **state)
{
	static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
	static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};
	static const char *const none[] = {"", "yes", "tRue", "on", " true", "2"};
	bool value;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		assert_true(hf_parse_go_bool(yes[i], &value));
		assert_true(value);
		assert_true(hf_parse_go_bool(no[i], &value));
		assert_false(value);
		assert_false(hf_parse_go_bool(none[i], &value));
	}
}

static void test_versions(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} rows[] = {
		{"20.10.24+dfsg1", "20.10", 1}, {"20.10.24+dfsg1", "20.10.24", 0},
		{"24.0", "24.0.0", 0},		{"9.0", "10.0", -1},
		{"28.0.0-rc.1", "28.0", 0},	{"18.09.1-ce", "18.9.1", 0},
		{"29.1.0", "28.5.2", 1},	{"19.03.15", "20.10", -1},
	};
	int order;

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		assert_true(hf_version_compare(rows[i].a, rows[i].b, &order));
		assert_int_equal(order, rows[i].order);
	}
	assert_false(hf_version_compare(NULL, "1", &order));
	assert_false(hf_version_compare("dev", "1", &order));
}

/* Versions and what they do without being told: from their own sources. */
static const struct {
	const char *name;
	const char *version; /* NULL: not known */
	hf_state state;
	const char *value;
} defaults[] = {
	{"icc", "19.03.15", HF_PRESENT, "true"},
	{"icc", NULL, HF_PRESENT, "true"},
	{"ip6tables", "26.1.5", HF_PRESENT, "false"},
	{"ip6tables", "27.0.1", HF_PRESENT, "true"},
	{"ip6tables", NULL, HF_UNREADABLE, NULL},
	{"ip6tables", "19.03.15", HF_ABSENT, NULL},
	{"seccomp-profile", "20.10.24", HF_PRESENT, "default"},
	{"seccomp-profile", "23.0.0", HF_PRESENT, "builtin"},
	{"userland-proxy", "29.0.0", HF_PRESENT, "true"},
	{"no-new-privileges", "24.0.0", HF_PRESENT, "false"},
	{"allow-direct-routing", "28.1.1", HF_ABSENT, NULL},
	{"allow-direct-routing", "28.2.0", HF_PRESENT, "false"},
	{"ip-forward-no-drop", "28.0.0", HF_PRESENT, "false"},
	{"api-cors-header", "28.5.2", HF_PRESENT, ""},
	{"api-cors-header", "29.0.0", HF_ABSENT, NULL},
	{"storage-driver", "28.0.0", HF_UNREADABLE, NULL},
	{"default-ipc-mode", "18.09.0", HF_PRESENT, "shareable"},
	{"default-ipc-mode", "20.10.0", HF_PRESENT, "private"},
	{"log-format", "24.0.9", HF_ABSENT, NULL},
	{"disable-legacy-registry", "17.06.0", HF_PRESENT, "false"},
	{"disable-legacy-registry", "28.0.0", HF_ABSENT, NULL},
};

static void test_defaults(void **state)
{
	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(defaults); i++) {
		const hf_option_row *row = hf_option_by_key(defaults[i].name);
		const char *value = NULL, *why = NULL;

		assert_non_null(row);
		hf_state found = hf_option_default(row, defaults[i].version, false, &value, &why);

		if (found != defaults[i].state || !hf_streq(value, defaults[i].value))
			fail_msg("%s of %s is %s", defaults[i].name, defaults[i].version, value);
		if (found != HF_PRESENT)
			assert_non_null(why);
	}
	const char *value, *why;

	assert_int_equal(hf_option_default(hf_option_by_key("data-root"), "28.0", true, &value, &why),
			 HF_UNREADABLE);
	assert_int_equal(hf_option_default(hf_option_by_key("rootless"), "28.0", true, &value, &why),
			 HF_PRESENT);
	assert_string_equal(value, "true");
}

static void test_table(void **state)
{
	(void)state;
	for (const hf_option_row *row = hf_option_rows; row->name; row++) {
		const hf_option_row *next = row + 1;

		assert_ptr_equal(hf_option_by_key(row->name), row);
		if (*hf_option_flag(row))
			assert_ptr_equal(hf_option_by_flag(hf_option_flag(row),
							   strlen(hf_option_flag(row))),
					 row);
		if (next->name)
			assert_true(strcmp(row->name, next->name) < 0);
		assert_true(!row->before == !row->changed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),	 cmocka_unit_test(test_cmdline),
		cmocka_unit_test(test_go_bool),	 cmocka_unit_test(test_versions),
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
