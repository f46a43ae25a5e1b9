/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units as systemd merges them, and the engine that docker.service would start. */
#include "facts-fixture.h"

#include "facts/parts.h"

static const char *const folders[] = {
	"/etc/systemd/system.control", "/run/systemd/system.control",
	"/run/systemd/transient",      "/run/systemd/generator.early",
	"/etc/systemd/system",	       "/etc/systemd/system.attached",
	"/run/systemd/system",	       "/run/systemd/system.attached",
	"/run/systemd/generator",      "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/lib/systemd/system",
	"/run/systemd/generator.late",
};

static const char debian_unit[] = "[Unit]\n"
				  "Description=Docker Application Container Engine\n"
				  "After=network-online.target docker.socket\n"
				  "[Service]\n"
				  "Type=notify\n"
				  "# the default is not to use systemd for cgroups\n"
				  "EnvironmentFile=-/etc/default/docker\n"
				  "ExecStart=/usr/sbin/dockerd -H fd:// \\\n"
				  "; a comment amid a command\n"
				  "  --containerd=/run/containerd/containerd.sock $DOCKER_OPTS\n"
				  "LimitNOFILE=infinity\n"
				  "LimitNOFILE=1048576\n";

/* A node on which nothing of @name is there yet. */
static void no_unit(fixture *f, const char *name)
{
	char question[256];

	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		(void)snprintf(question, sizeof question, "file:%s/%s", folders[i], name);
		answer_missing(f, question);
		answer_dir(f, folders[i], "other.service");
	}
}

static fixture *debian(void)
{
	fixture *f = fixture_new();

	no_unit(f, "docker.service");
	answer(f, "file:/usr/lib/systemd/system/docker.service", debian_unit);
	answer_missing(f, "file:/etc/default/docker");
	answer_dir(f, "/etc/default", "ssh");
	return f;
}

static const char *flag(fixture *f, const char *name)
{
	const hf_daemon_unit *unit = hf_facts_daemon_unit(f->facts);

	if (unit->flags.fact.state != HF_PRESENT)
		fail_msg("%s: %s", unit->flags.fact.source, unit->flags.fact.why);
	return hf_flags_value(&unit->flags, hf_option_by_key(name));
}

static void test_fragment(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = debian();
	hf_check_run *run = fixture_start(f);
	const hf_unit *unit = hf_unit_get(run, "docker.service");

	(void)state;
	assert_int_equal(unit->fact.state, HF_PRESENT);
	assert_string_equal(unit->fact.source, "/usr/lib/systemd/system/docker.service");
	assert_int_equal(unit->count, 1);
	const hf_unit_setting *limit =
		hf_unit_setting_get(run, "docker.service", "Service.LimitNOFILE");

	assert_string_equal(limit->value, "1048576");
	assert_string_equal(limit->fact.source, "/usr/lib/systemd/system/docker.service:12");
	assert_int_equal(hf_unit_setting_get(run, "docker.service", "Service.LimitNPROC")->fact.state,
			 HF_ABSENT);
	assert_int_equal(hf_unit_setting_get(run, "docker.service", "Unit.LimitNOFILE")->fact.state,
			 HF_ABSENT);
	assert_string_equal(flag(f, "hosts"), "fd://");
	assert_string_equal(flag(f, "containerd"), "/run/containerd/containerd.sock");
	assert_null(flag(f, "icc"));
}

static void test_precedence(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = debian();

	(void)state;
	/* /etc masks /usr/lib as a whole */
	answer(f, "file:/etc/systemd/system/docker.service",
	       "[Service]\nExecStart=/usr/sbin/dockerd --icc=false\n");
	fixture_start(f);
	assert_string_equal(flag(f, "icc"), "false");
	assert_null(flag(f, "hosts"));
	/* drop-ins: by name over all folders, a namesake in an earlier folder masks */
	answer_dir(f, "/etc/systemd/system", "docker.service docker.service.d");
	answer_dir(f, "/run/systemd/system", "docker.service.d");
	answer_dir(f, "/etc/systemd/system/docker.service.d", "20-b.conf README");
	answer_dir(f, "/run/systemd/system/docker.service.d", "10-a.conf 20-b.conf");
	answer(f, "file:/etc/systemd/system/docker.service.d/20-b.conf",
	       "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd --icc=true -D\n");
	answer(f, "file:/run/systemd/system/docker.service.d/10-a.conf",
	       "[Service]\nEnvironment=A=1\nLimitNPROC=7\n");
	answer(f, "file:/run/systemd/system/docker.service.d/20-b.conf",
	       "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd --icc=false\n");
	hf_check_run *run = fixture_start(f);

	assert_string_equal(flag(f, "icc"), "true");
	assert_string_equal(flag(f, "debug"), "true");
	assert_int_equal(hf_unit_get(run, "docker.service")->count, 3);
	assert_string_equal(hf_unit_setting_get(run, "docker.service", "Service.LimitNPROC")->value,
			    "7");
	/* for every service, but after the unit's own namesake */
	answer_dir(f, "/usr/lib/systemd/system", "service.d");
	answer_dir(f, "/usr/lib/systemd/system/service.d", "10-a.conf 05-x.conf");
	answer(f, "file:/usr/lib/systemd/system/service.d/10-a.conf", "[Service]\nLimitNPROC=9\n");
	answer(f, "file:/usr/lib/systemd/system/service.d/05-x.conf", "[Service]\nTasksMax=4\n");
	run = fixture_start(f);
	assert_string_equal(hf_unit_setting_get(run, "docker.service", "Service.LimitNPROC")->value,
			    "7");
	assert_string_equal(hf_unit_setting_get(run, "docker.service", "Service.TasksMax")->value, "4");
}

static void test_refused_commands(void **state)
{
	static const struct {
		const char *text;
		const char *why;
	} rows[] = {
		{"[Service]\nExecStart=/usr/sbin/dockerd\nExecStart=/usr/sbin/dockerd -D\n", "more than one"},
		{"[Service]\nExecStart=/opt/wrap --icc=false\n", "something else"},
		{"[Service]\nExecStart=/bin/sh -c \"dockerd --icc=false\"\n", "something else"},
		{"[Service]\nType=simple\n", "no ExecStart"},
		{"[Service]\nExecStart=/usr/sbin/dockerd --icc=maybe\n", "no boolean"},
		{"[Service]\nExecStart=/usr/sbin/dockerd\nEnvironmentFile=/etc/absent\n", "refuses to start"},
	};
	hf_cleanup(fixture_freep) fixture *f = debian();

	(void)state;
	answer_missing(f, "file:/etc/absent");
	answer_dir(f, "/etc", "default");
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		answer(f, "file:/etc/systemd/system/docker.service", rows[i].text);
		fixture_start(f);
		const hf_fact *fact = &hf_facts_daemon_unit(f->facts)->flags.fact;

		assert_int_equal(fact->state, HF_UNREADABLE);
		if (!strstr(fact->why, rows[i].why))
			fail_msg("%s: %s", rows[i].text, fact->why);
	}
}

static void test_environment(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = debian();

	(void)state;
	answer(f, "file:/etc/default/docker",
	       "# Docker options\nDOCKER_OPTS=\"--icc=false --label 'a b=c'\"\nOTHER=x\n");
	fixture_start(f);
	assert_string_equal(flag(f, "icc"), "false");
	assert_string_equal(flag(f, "labels"), "a b=c");
	/* the file comes after, and so over, Environment= */
	answer(f, "file:/etc/systemd/system/docker.service",
	       "[Service]\nEnvironment=\"DOCKER_OPTS=--icc=true\" B=2\n"
	       "EnvironmentFile=-/etc/default/docker\n"
	       "ExecStart=@/usr/sbin/dockerd dockerd $DOCKER_OPTS --log-level=${B} --mtu=$B $UNSET\n");
	fixture_start(f);
	assert_string_equal(flag(f, "icc"), "false");
	assert_string_equal(flag(f, "log-level"), "2");
	assert_string_equal(flag(f, "mtu"), "$B"); /* only braces work inside a word */
	/* what cannot be read could say anything */
	answer_error(f, "file:/etc/default/docker", EACCES, NULL);
	fixture_start(f);
	assert_int_equal(hf_facts_daemon_unit(f->facts)->flags.fact.state, HF_UNREADABLE);
}

static void test_masked(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = debian();

	(void)state;
	fixture_put(f, "file:/etc/systemd/system/docker.service",
		    (hf_answer){.error = ENOTSUP,
				.reason = "is a character device, not a regular file",
				.meta = {.mode = S_IFCHR | 0666, .rdev_major = 1, .rdev_minor = 3}});
	hf_check_run *run = fixture_start(f);

	assert_int_equal(hf_unit_get(run, "docker.service")->fact.state, HF_PRESENT);
	assert_true(hf_unit_get(run, "docker.service")->is_masked);
	assert_int_equal(hf_facts_daemon_unit(f->facts)->flags.fact.state, HF_ABSENT);
}

static void test_unreadable(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = debian();

	(void)state;
	/* a folder before it could not be looked into */
	answer_error(f, "file:/etc/systemd/system/docker.service", EACCES, NULL);
	assert_int_equal(hf_unit_get(fixture_start(f), "docker.service")->fact.state, HF_UNREADABLE);
	answer_missing(f, "file:/etc/systemd/system/docker.service");
	/* drop-ins that are there and could not be read */
	answer_dir(f, "/etc/systemd/system", "docker.service.d");
	answer_error(f, "dir:/etc/systemd/system/docker.service.d", EACCES, NULL);
	assert_int_equal(hf_unit_get(fixture_start(f), "docker.service")->fact.state, HF_UNREADABLE);
	answer_dir(f, "/etc/systemd/system/docker.service.d", "a.conf");
	answer_error(f, "file:/etc/systemd/system/docker.service.d/a.conf", EIO, NULL);
	assert_int_equal(hf_unit_get(fixture_start(f), "docker.service")->fact.state, HF_UNREADABLE);
}

static void test_sockets(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	no_unit(f, "docker.socket");
	answer(f, "file:/usr/lib/systemd/system/docker.socket",
	       "[Socket]\nListenStream=/run/docker.sock\nListenStream=2375\nSocketMode=0660\n");
	hf_check_run *run = fixture_start(f);

	assert_string_equal(hf_unit_setting_get(run, "docker.socket", "Socket.ListenStream")->value,
			    "/run/docker.sock\n2375");
	assert_string_equal(hf_unit_setting_get(run, "docker.socket", "Socket.SocketMode")->value,
			    "0660");
	assert_int_equal(hf_unit_get(run, "other.socket")->fact.state, HF_UNREADABLE); /* not asked */
}

static void test_init_script(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	no_unit(f, "docker.service");
	answer(f, "file:/etc/default/docker", "DOCKER_OPTS='--icc=false'\n");
	fixture_start(f);
	assert_string_equal(flag(f, "icc"), "false");
}

static void test_words(void **state)
{
	static const struct {
		const char *text;
		const char *words[5];
	} rows[] = {
		{"a  b\tc", {"a", "b", "c"}},
		{"\"a b\" 'c \"d'", {"a b", "c \"d"}},
		{"\\x41 \\s\\\\ a\\tb", {"A", " \\", "a\tb"}},
		{"\"\" x", {"", "x"}},
		{"x\"y z\"w", {"xy zw"}},
		{"\"open", {"open"}},
		{"", {NULL}},
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		hf_cleanup(hf_list_free) hf_list words = {0};

		assert_int_equal(hf_unit_split(arena, rows[i].text, &words), 0);
		for (size_t k = 0; k < words.count; k++)
			assert_string_equal(words.items[k], rows[i].words[k]);
		assert_null(rows[i].words[words.count]);
	}
}

static void test_environment_files(void **state)
{
	static const char text[] = "A=1\n#B=2\n;C=3\nD=\"x y\\\"z\" \nE='a\nb'\nF=x\\\ny  \nno equals\n"
				   "=v\nG = h\nexport I=1\n2J=1\nH=";
	static const char *const wanted[] = {"A=1", "D=x y\"z", "E=a\nb", "F=xy", "G=h", "H="};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_list_free) hf_list variables = {0};

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_unit_environment_parse(arena, text, strlen(text), &variables), 0);
	assert_int_equal(variables.count, HF_ARRAY_SIZE(wanted));
	for (size_t i = 0; i < variables.count; i++)
		assert_string_equal(variables.items[i], wanted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fragment),      cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_refused_commands), cmocka_unit_test(test_environment),
		cmocka_unit_test(test_masked),	      cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_sockets),	      cmocka_unit_test(test_init_script),
		cmocka_unit_test(test_words),	      cmocka_unit_test(test_environment_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
