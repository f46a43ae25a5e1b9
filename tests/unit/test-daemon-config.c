/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon.json as the daemon reads it. */
#include "facts-fixture.h"

#include "facts/parts.h"

static const struct {
	const char *text;
	const char *name;
	const char *value; /* NULL: the file sets nothing */
} good[] = {
	{"{\"icc\": false}", "icc", "false"},
	{"{\"icc\": false, \"icc\": true}", "icc", "true"},
	{"", "icc", NULL},
	{" \n\t ", "icc", NULL},
	{"null", "icc", NULL},
	{"{}", "icc", NULL},
	{"{\"icc\": null}", "icc", NULL},
	{"{\"log-level\": \"\"}", "log-level", NULL}, /* a zero value is filled from the flags */
	{"{\"log-level\": \"debug\"}", "log-level", "debug"},
	{"{\"mtu\": 0}", "mtu", NULL},
	{"{\"mtu\": 1450}", "mtu", "1450"},
	{"{\"hosts\": [\"fd://\",\"tcp://[::]:2376\"]}", "hosts", "fd://\ntcp://[::]:2376"},
	{"{\"hosts\": []}", "hosts", NULL},
	{"{\"log-opts\": {\"max-size\":\"10m\",\"max-file\":\"3\"}}", "log-opts",
	 "max-size=10m\nmax-file=3"},
	{"{\"default-ulimits\":{\"nofile\":{\"Name\":\"nofile\",\"Soft\":1024,\"Hard\":2048}}}",
	 "default-ulimits", "nofile=1024:2048"},
	{"{\"runtimes\":{\"a\":{\"path\":\"/bin/a\"},\"b\":{\"runtimeType\":\"io.x.v2\"}}}", "runtimes",
	 "a=/bin/a\nb=io.x.v2"},
	{"{\"default-address-pools\":[{\"base\":\"10.1.0.0/16\",\"size\":24}]}",
	 "default-address-pools", "base=10.1.0.0/16,size=24"},
	{"{\"features\":{\"cdi\":true}}", "features", "cdi=true"},
	{"{\"default-network-opts\":{\"bridge\":{\"com.docker.network.driver.mtu\":\"1400\"}}}",
	 "default-network-opts", "bridge=com.docker.network.driver.mtu=1400"},
	{"{\"proxies\":{\"http-proxy\":\"http://p\"}}", "http-proxy", "http://p"},
	{"{\"http-proxy\":\"http://p\"}", "http-proxy", NULL},
	/* below any object that is no option, booleans take effect and the rest does not */
	{"{\"x\":{\"icc\":false}}", "icc", "false"},
	{"{\"x\":{\"log-level\":\"debug\"}}", "log-level", NULL},
	/* a flag's name is accepted and without effect */
	{"{\"insecure-registry\":[\"a\"]}", "insecure-registries", NULL},
	/* one item cannot pretend to be two */
	{"{\"log-opts\":{\"tag\":\"x\\nmax-size=1m\"}}", "log-opts", "tag=x\\nmax-size=1m"},
	{"{\"default-shm-size\":\"64M\"}", "default-shm-size", "64M"},
};

static int parse(hf_arena *arena, const char *text, const char *version, hf_config *config,
		 hf_error *err)
{
	*config = (hf_config){0};
	return hf_config_parse(arena, text, strlen(text), version, NULL, config, err);
}

static void test_values(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(good); i++) {
		hf_config config;
		hf_error err = {0};

		if (parse(arena, good[i].text, "28.0.0", &config, &err) < 0)
			fail_msg("%s: %s", good[i].text, err.text);
		const char *value = hf_config_value(&config, hf_option_by_key(good[i].name));

		if (!hf_streq(value, good[i].value))
			fail_msg("%s: %s is %s", good[i].text, good[i].name, value);
	}
}

static const struct {
	const char *text;
	const char *version;
	const char *name; /* of the key that is meant */
	bool is_known;
	bool is_duplicate;
	const char *why; /* part of it; NULL: none */
} keys[] = {
	{"{\"icc\": true}", "28.0", "icc", true, false, NULL},
	{"{\"icc\": 1}", "28.0", "icc", true, false, "must be true or false"},
	{"{\"icc\": \"false\"}", "28.0", "icc", true, false, "is a string and must be true or false"},
	{"{\"ICC\": false}", "28.0", "ICC", false, false, "refuses to start"},
	{"{\"nonsense\": 1}", "28.0", "nonsense", false, false, "refuses to start"},
	{"{\"icc\":true, \"icc\":true}", "28.0", "icc", true, true, NULL},
	{"{\"log-opts\":{\"a\":\"1\",\"a\":\"2\"}}", "28.0", "log-opts", true, true, NULL},
	{"{\"log-opts\":{\"max-file\":3}}", "28.0", "log-opts", true, false, "must be a string"},
	{"{\"hosts\":\"fd://\"}", "28.0", "hosts", true, false, "must be a list"},
	{"{\"mtu\":1.5}", "28.0", "mtu", true, false, "must be an integer"},
	{"{\"host\":[\"fd://\"]}", "28.0", "host", true, false, "name of a flag"},
	{"{\"graph\":\"/x\"}", "23.0.6", "graph", true, false, NULL},
	{"{\"graph\":\"/x\"}", "24.0.0", "graph", false, false, "refuses to start"},
	{"{\"ip6tables\":true}", "19.03.15", "ip6tables", false, false, "refuses to start"},
	{"{\"disable-legacy-registry\":true}", "26.0", "disable-legacy-registry", false, false,
	 "refuses to start"},
	{"{\"allow-nondistributable-artifacts\":[]}", "29.0.0", "allow-nondistributable-artifacts", true,
	 false, NULL},
	{"{\"proxies\":{\"http-proxy\":\"x\"}}", "28.0", "proxies.http-proxy", true, false, NULL},
	{"{\"http-proxy\":\"x\"}", "28.0", "http-proxy", true, false, "below proxies"},
	{"{\"proxies\":{\"socks\":\"x\"}}", "28.0", "proxies.socks", false, false, "refuses"},
	{"{\"builder\":{\"gc\":{\"enabled\":true}}}", "28.0", "builder", true, false, NULL},
};

static void test_keys(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(keys); i++) {
		hf_config config;

		assert_int_equal(parse(arena, keys[i].text, keys[i].version, &config, NULL), 0);
		assert_int_equal(config.count, 1);
		const hf_config_key *key = &config.keys[0];

		assert_string_equal(key->name, keys[i].name);
		if (key->is_known != keys[i].is_known || key->is_duplicate != keys[i].is_duplicate)
			fail_msg("%s: known %d, duplicate %d", keys[i].text, key->is_known,
				 key->is_duplicate);
		if (!key->why != !keys[i].why || (key->why && !strstr(key->why, keys[i].why)))
			fail_msg("%s: %s", keys[i].text, key->why);
	}
}

static void test_flag_and_file(void **state)
{
	static const char *const argv[] = {"--icc=false", "--add-runtime", "a=/bin/a"};
	static const char text[] = "{\"icc\":false,\"runtimes\":{\"b\":{\"path\":\"/bin/b\"}}}";
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_config config = {0};
	hf_flags flags = {0};

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_flags_parse(arena, argv, HF_ARRAY_SIZE(argv), &flags, NULL), 0);
	assert_int_equal(hf_config_parse(arena, text, strlen(text), "28.0", &flags, &config, NULL), 0);
	assert_non_null(strstr(config.keys[0].why, "with both"));
	assert_null(config.keys[1].why); /* runtimes are merged */
}

static void test_malformed(void **state)
{
	static const struct {
		const char *text;
		const char *why;
	} rows[] = {
		{"{\n\"icc\": false,\n}", "line 3"},
		{"{\"icc\": tru", "line 1"},
		{"[1]", "must be an object"},
		{"\"x\"", "must be an object"},
		{"{\"icc\":false} {}", "line 1"},
		{"{\"a\":\"\xff\"}", "line 1"},
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		hf_config config;
		hf_error err = {0};

		assert_int_equal(parse(arena, rows[i].text, "28.0", &config, &err), -EBADMSG);
		if (!strstr(err.text, rows[i].why))
			fail_msg("%s: %s", rows[i].text, err.text);
	}
}

static void test_encodings(void **state)
{
	static const char utf8[] = "\xef\xbb\xbf{\"icc\":false}";
	static const char little[] = "\xff\xfe{\0\"\0i\0c\0c\0\"\0:\0f\0a\0l\0s\0e\0}";
	static const char big[] = "\xfe\xff\0{\0\"\0i\0c\0c\0\"\0:\0f\0a\0l\0s\0e\0}";
	const struct {
		const char *text;
		size_t size;
	} rows[] = {{utf8, sizeof utf8 - 1}, {little, sizeof little}, {big, sizeof big - 1}};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		hf_config config = {0};

		assert_int_equal(hf_config_parse(arena, rows[i].text, rows[i].size, "23.0.1", NULL,
						 &config, NULL),
				 0);
		assert_string_equal(hf_config_value(&config, hf_option_by_key("icc")), "false");
		/* 20.10 takes a mark for a syntax error; and who knows what reads it */
		assert_int_equal(hf_config_parse(arena, rows[i].text, rows[i].size, "20.10.24", NULL,
						 &config, NULL),
				 -EBADMSG);
		assert_int_equal(hf_config_parse(arena, rows[i].text, rows[i].size, NULL, NULL,
						 &config, NULL),
				 -EBADMSG);
	}
	hf_config config = {0};

	assert_int_equal(hf_config_parse(arena, "", 0, "20.10.24", NULL, &config, NULL), -EBADMSG);
	assert_int_equal(hf_config_parse(arena, "", 0, "23.0", NULL, &config, NULL), 0);
}

static void test_too_much(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	size_t size = 2 * HF_JSON_MAX_VALUES;
	hf_cleanup(hf_freep) char *text = malloc(size + 1);
	hf_config config = {0};

	(void)state;
	assert_non_null(text);
	assert_int_equal(hf_arena_new(&arena), 0);
	memset(text, '[', size);
	text[size] = '\0';
	assert_int_equal(hf_config_parse(arena, text, size, NULL, NULL, &config, NULL), -EMSGSIZE);
	/* deep, but few */
	assert_int_equal(hf_config_parse(arena, text, 10000, NULL, NULL, &config, NULL), -EBADMSG);
	/* each key is looked for in the whole text */
	size_t used = (size_t)sprintf(text, "{");

	for (unsigned i = 0; i < 20000; i++)
		used += (size_t)sprintf(text + used, "%s\"k%u\":1", i ? "," : "", i);
	text[used++] = '}';
	assert_int_equal(hf_config_parse(arena, text, used, NULL, NULL, &config, NULL), -EBADMSG);
}

static void test_json_paths(void **state)
{
	static const char text[] =
		"{\"a\":{\"com.x/y\":[10,{\"b\":null}]},\"s\":\"x\\u0000y\",\"a/b\":{\"c\":1.5}}";
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_json *json;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_json_parse(arena, text, strlen(text), &json, NULL), 0);
	assert_string_equal(hf_json_find(json, "a/com.x/y/0")->text, "10");
	assert_int_equal(hf_json_find(json, "a/com.x/y/1/b")->kind, HF_JSON_NULL);
	assert_string_equal(hf_json_find(json, "s")->text, "x?y");
	assert_string_equal(hf_json_find(json, "a/b/c")->text, "1.5");
	assert_string_equal(hf_json_show(arena, hf_json_find(json, "a")),
			    "{\"com.x/y\":[10,{\"b\":null}]}");
	assert_null(hf_json_find(json, "a/com.x/y/2"));
	assert_null(hf_json_find(json, "a/com.x/y/-1"));
	assert_null(hf_json_find(json, "s/t"));
	assert_ptr_equal(hf_json_find(json, ""), json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	  cmocka_unit_test(test_keys),
		cmocka_unit_test(test_flag_and_file), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_encodings), cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_json_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
