/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Daemons, the proof of who answers, and the effective value of their options. */
#include "facts-fixture.h"

#include "facts/parts.h"

/* Engine 20.10.24+dfsg1 of Debian 12, started with daemon.json {"log-level":"warn","live-restore":true}
 * and --insecure-registry reg.lan:5000; what no test needs is cut. */
static const char info_20_10[] =
	"{\"Driver\":\"overlay2\",\"Plugins\":{\"Volume\":[\"local\"],\"Authorization\":null},"
	"\"Debug\":false,\"LoggingDriver\":\"json-file\",\"CgroupDriver\":\"cgroupfs\","
	"\"CgroupVersion\":\"1\",\"RegistryConfig\":{\"AllowNondistributableArtifactsCIDRs\":[],"
	"\"InsecureRegistryCIDRs\":[\"127.0.0.0/8\"],\"IndexConfigs\":{\"docker.io\":{\"Name\":"
	"\"docker.io\",\"Mirrors\":[],\"Secure\":true,\"Official\":true},\"reg.lan:5000\":{\"Name\":"
	"\"reg.lan:5000\",\"Mirrors\":[],\"Secure\":false,\"Official\":false}},\"Mirrors\":[]},"
	"\"DockerRootDir\":\"/var/lib/docker\",\"Labels\":[],\"ExperimentalBuild\":false,"
	"\"ServerVersion\":\"20.10.24+dfsg1\",\"Runtimes\":{\"io.containerd.runc.v2\":{\"path\":"
	"\"runc\"},\"runc\":{\"path\":\"runc\"}},\"DefaultRuntime\":\"runc\",\"LiveRestoreEnabled\":"
	"true,\"InitBinary\":\"docker-init\",\"SecurityOptions\":[\"name=seccomp,profile=default\"]}";

static const char version_20_10[] =
	"{\"Version\":\"20.10.24+dfsg1\",\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\"}";

/* As documented for the Engine API 1.47 to 1.52. */
static const char info_modern[] =
	"{\"Driver\":\"overlayfs\",\"Plugins\":{\"Authorization\":[\"opa\"]},\"Debug\":true,"
	"\"LoggingDriver\":\"journald\",\"RegistryConfig\":{\"InsecureRegistryCIDRs\":[\"::1/128\","
	"\"127.0.0.0/8\"],\"IndexConfigs\":{\"docker.io\":{\"Name\":\"docker.io\",\"Mirrors\":[],"
	"\"Secure\":true,\"Official\":true}},\"Mirrors\":[\"https://m.example/\"]},"
	"\"DockerRootDir\":\"/var/lib/docker/100000.100000\",\"ExperimentalBuild\":false,"
	"\"Runtimes\":{\"runc\":{\"path\":\"runc\"}},\"DefaultRuntime\":\"runc\","
	"\"LiveRestoreEnabled\":false,\"FirewallBackend\":{\"Driver\":\"iptables+firewalld\"},"
	"\"SecurityOptions\":[\"name=apparmor\",\"name=seccomp,profile=builtin\",\"name=userns\","
	"\"name=cgroupns\",\"name=no-new-privileges\"]}";

static const char networks[] =
	"[{\"Name\":\"host\",\"Driver\":\"host\",\"Options\":{}},{\"Name\":\"bridge\",\"Driver\":"
	"\"bridge\",\"EnableIPv6\":false,\"Options\":{\"com.docker.network.bridge.default_bridge\":"
	"\"true\",\"com.docker.network.bridge.enable_icc\":\"true\","
	"\"com.docker.network.bridge.enable_ip_masquerade\":\"true\","
	"\"com.docker.network.bridge.host_binding_ipv4\":\"0.0.0.0\","
	"\"com.docker.network.driver.mtu\":\"1500\"}}]";

enum {
	DOCKERD = 812,
	BOOT = 1000000000,
	START = BOOT + 500, /* the daemon's */
};

static void put_process(fixture *f, int pid, const char *exe, const char *cgroup)
{
	char question[64], text[256];

	(void)snprintf(question, sizeof question, "file:/proc/%d/stat", pid);
	(void)snprintf(text, sizeof text,
		       "%d (dockerd) S 1 1 1 0 -1 4194560 0 0 0 0 3 8 1 0 20 0 9 0 50000 0 0\n", pid);
	answer(f, question, text);
	(void)snprintf(question, sizeof question, "link:/proc/%d/exe", pid);
	answer(f, question, exe);
	(void)snprintf(question, sizeof question, "file:/proc/%d/cgroup", pid);
	answer(f, question, cgroup);
	(void)snprintf(question, sizeof question, "link:/proc/%d/ns/mnt", pid);
	answer(f, question, "mnt:[1]");
}

static void put_daemon(fixture *f, int pid, const char *exe, const char *cgroup, const char *cmdline,
		       size_t size)
{
	char question[64];

	put_process(f, pid, exe, cgroup);
	(void)snprintf(question, sizeof question, "file:/proc/%d/cmdline", pid);
	answer_bytes(f, question, cmdline, size);
	(void)snprintf(question, sizeof question, "file:/proc/%d/status", pid);
	answer(f, question, "Name:\tdockerd\nUid:\t0\t0\t0\t0\n");
	(void)snprintf(question, sizeof question, "file:/proc/%d/uid_map", pid);
	answer(f, question, "         0          0 4294967295\n");
	(void)snprintf(question, sizeof question, "file:/proc/%d/environ", pid);
	answer(f, question, "PATH\nDOCKER_TLS_VERIFY=1\nHOME\nDOCKER_RAMDISK\n");
}

static void no_units(fixture *f)
{
	static const char *const folders[] = {
		"/etc/systemd/system.control", "/run/systemd/system.control",
		"/run/systemd/transient",      "/run/systemd/generator.early",
		"/etc/systemd/system",	       "/etc/systemd/system.attached",
		"/run/systemd/system",	       "/run/systemd/system.attached",
		"/run/systemd/generator",      "/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system",     "/lib/systemd/system",
		"/run/systemd/generator.late",
	};
	static const char *const units[] = {"docker.service", "docker.socket"};
	char question[256];

	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		answer_dir(f, folders[i], "x.service");
		for (size_t k = 0; k < HF_ARRAY_SIZE(units); k++) {
			(void)snprintf(question, sizeof question, "file:%s/%s", folders[i], units[k]);
			answer_missing(f, question);
		}
	}
}

/* No engine at all, and proof of it. */
static fixture *bare_node(void)
{
	fixture *f = fixture_new();

	answer(f, "call:uname", "Linux\n6.1.0\n#1\nx86_64\n");
	answer_dir(f, "/proc", "1 2");
	put_process(f, 1, "/usr/lib/systemd/systemd", "0::/init.scope\n");
	put_process(f, 2, "", "0::/\n");
	answer(f, "file:/proc/2/stat",
	       "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0\n");
	answer(f, "file:/proc/stat", "cpu 1\nbtime 1000000000\nprocesses 1\n");
	no_units(f);
	answer_missing(f, "file:/etc/docker/daemon.json");
	answer_missing(f, "dir:/etc/docker");
	answer_dir(f, "/etc", "passwd");
	answer_missing(f, "file:/etc/default/docker");
	answer_missing(f, "dir:/etc/default");
	answer_missing(f, "stat:/usr/bin/dockerd");
	answer_missing(f, "stat:/usr/sbin/dockerd");
	answer_missing(f, "stat:/usr/local/bin/dockerd");
	answer_error(f, "call:peer", ENOENT, "no such socket");
	return f;
}

static const char plain_cmdline[] = "/usr/sbin/dockerd\0-H\0fd://";

/* Engine 20.10 that runs and answers on its own socket. */
static fixture *running(void)
{
	fixture *f = bare_node();

	answer_dir(f, "/proc", "1 2 812");
	put_daemon(f, DOCKERD, "/usr/sbin/dockerd", "0::/x.slice\n", plain_cmdline,
		   sizeof plain_cmdline);
	fixture_put(f, "stat:/usr/sbin/dockerd", (hf_answer){.meta = {.mode = S_IFREG | 0755}});
	answer(f, "call:peer", "socket /run/docker.sock\npid 812\nuid 0\ngid 0\ninode 77\napi 1.41\n");
	answer(f, "api:/info", info_20_10);
	answer(f, "api:/version", version_20_10);
	answer(f, "api:/networks", networks);
	answer_dir(f, "/etc", "docker");
	answer_dir(f, "/etc/docker", "key.json");
	return f;
}

static const hf_option *option(hf_check_run *run, const char *name)
{
	return hf_daemon_option(run, name);
}

/* The value in force and who said so. */
static void expect(fixture *f, const char *name, const char *value, hf_origin origin)
{
	const hf_option *o = option(fixture_start_daemon(f, 0), name);

	if (o->fact.state != HF_PRESENT)
		fail_msg("%s: %s: %s", name, o->fact.source, o->fact.why);
	if (!hf_streq(o->value, value) || o->origin != origin)
		fail_msg("%s is \"%s\" by %s", name, o->value, hf_origin_name(o->origin));
	assert_non_null(o->fact.source);
}

static void expect_unknown(fixture *f, const char *name, const char *why)
{
	const hf_option *o = option(fixture_start_daemon(f, 0), name);

	if (o->fact.state != HF_UNREADABLE)
		fail_msg("%s is \"%s\"", name, o->value);
	if (!strstr(o->fact.why, why))
		fail_msg("%s: %s", name, o->fact.why);
}

static void expect_conflict(fixture *f, const char *name, const char *part)
{
	const hf_option *o = option(fixture_start_daemon(f, 0), name);

	if (!o->conflict != !part || (part && !strstr(o->conflict, part)))
		fail_msg("%s: %s", name, o->conflict);
}

/* ---- which daemons ---- */

static void test_none(void **state)
{
	static const char *const witnesses[] = {
		"dir:/proc",
		"file:/lib/systemd/system/docker.service",
		"file:/etc/docker/daemon.json",
		"stat:/usr/bin/dockerd",
	};
	hf_cleanup(fixture_freep) fixture *f = bare_node();

	(void)state;
	fixture_start(f);
	assert_int_equal(hf_facts_daemon_subjects(f->facts)->fact.state, HF_ABSENT);
	assert_int_equal(hf_facts_daemon_subjects(f->facts)->count, 0);
	/* without any one of its witnesses, absence is not proven */
	for (size_t i = 0; i < HF_ARRAY_SIZE(witnesses); i++) {
		hf_cleanup(fixture_freep) fixture *less = bare_node();

		answer_error(less, witnesses[i], EACCES, NULL);
		fixture_start(less);
		if (hf_facts_daemon_subjects(less->facts)->fact.state != HF_UNREADABLE)
			fail_msg("%s", witnesses[i]);
	}
	/* nor with a process that nobody could look at */
	answer_dir(f, "/proc", "1 2 55");
	put_process(f, 55, "", "0::/\n");
	answer_error(f, "link:/proc/55/exe", EACCES, NULL);
	fixture_start(f);
	assert_int_equal(hf_facts_daemon_subjects(f->facts)->fact.state, HF_UNREADABLE);
}

static void test_running(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();
	hf_check_run *run = fixture_start_daemon(f, 0);
	const hf_daemon *daemon = hf_daemon_get(run);
	int order;

	(void)state;
	assert_int_equal(hf_facts_daemon_subjects(f->facts)->count, 1);
	assert_string_equal(f->view.subject->key, "daemon:docker");
	assert_string_equal(daemon->name, "docker");
	assert_true(daemon->is_running);
	assert_int_equal(daemon->pid, DOCKERD);
	assert_int_equal(daemon->api.state, HF_PRESENT);
	assert_string_equal(daemon->socket, "/run/docker.sock");
	assert_string_equal(daemon->version, "20.10.24+dfsg1");
	assert_int_equal(daemon->user.state, HF_PRESENT);
	assert_false(daemon->is_rootless);
	assert_int_equal(daemon->start_time, START);
	assert_int_equal(daemon->config.state, HF_ABSENT);
	assert_string_equal(daemon->config_path, "/etc/docker/daemon.json");
	assert_true(hf_daemon_compare(daemon, "23.0", &order));
	assert_true(order < 0);
}

static void test_jobs_are_no_daemons(void **state)
{
	static const char query[] = "dockerd\0--version";
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer_dir(f, "/proc", "1 2 812 900 901");
	put_daemon(f, 900, "/usr/sbin/dockerd", "0::/\n", "docker-untar", sizeof "docker-untar");
	answer(f, "file:/proc/900/stat",
	       "900 (exe) S 812 1 1 0 -1 0 0 0 0 0 3 8 1 0 20 0 9 0 60000 0 0\n");
	put_daemon(f, 901, "/usr/sbin/dockerd", "0::/\n", query, sizeof query);
	fixture_start(f);
	assert_int_equal(hf_facts_daemon_subjects(f->facts)->count, 1);
}

static void test_several(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer_dir(f, "/proc", "1 2 400 812");
	put_daemon(f, 400, "/usr/bin/dockerd", "0::/user.slice/docker.service\n", plain_cmdline,
		   sizeof plain_cmdline);
	answer(f, "file:/proc/400/status", "Uid:\t1000\t1000\t1000\t1000\n");
	answer(f, "file:/etc/passwd", "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n");
	answer(f, "file:/home/me/.config/docker/daemon.json", "{\"debug\": true}");
	hf_check_run *run = fixture_start_daemon(f, 1);
	const hf_daemon *daemon = hf_daemon_get(run);

	assert_int_equal(hf_facts_daemon_subjects(f->facts)->count, 2);
	assert_string_equal(daemon->name, "docker (pid 400)");
	assert_string_equal(f->view.subject->key, "daemon:docker:uid1000");
	assert_true(daemon->is_rootless);
	assert_int_equal(daemon->uid, 1000);
	assert_string_equal(daemon->config_path, "/home/me/.config/docker/daemon.json");
	/* the engine that answers is the other one */
	assert_int_equal(daemon->api.state, HF_UNREADABLE);
	assert_null(daemon->version);
	assert_int_equal(hf_api_get(run, "/info", "Debug")->fact.state, HF_UNREADABLE);
	assert_null(hf_api_member(run, "/info", "Plugins", 0));
	assert_string_equal(option(run, "debug")->value, "true");
	assert_int_equal(option(run, "data-root")->fact.state, HF_UNREADABLE);
	/* the rootful one comes first, whatever its pid */
	run = fixture_start_daemon(f, 0);
	assert_int_equal(hf_daemon_get(run)->pid, DOCKERD);
	assert_string_equal(hf_api_get(run, "/info", "Debug")->text, "false");
}

static void test_in_a_container(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	put_daemon(f, DOCKERD, "/usr/local/bin/dockerd",
		   "0::/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
		   plain_cmdline, sizeof plain_cmdline);
	answer(f, "file:/etc/docker/daemon.json", "{\"icc\": false}");
	answer_missing(f, "api:/networks");
	fixture_put(f, "stat:/usr/local/bin/dockerd", (hf_answer){.meta = {.mode = S_IFREG | 0755}});
	hf_check_run *run = fixture_start_daemon(f, 1);

	/* the host's file makes another daemon, and is not the file of the one in the container */
	assert_true(hf_daemon_get(run)->is_running);
	assert_int_equal(hf_daemon_get(run)->config.state, HF_UNREADABLE);
	assert_int_equal(option(run, "icc")->fact.state, HF_UNREADABLE);
	run = fixture_start_daemon(f, 0);
	assert_false(hf_daemon_get(run)->is_running);
	/* one that does not answer for this node is its container's affair */
	answer_error(f, "call:peer", ENOENT, "no such socket");
	fixture_start(f);
	assert_int_equal(hf_facts_daemon_subjects(f->facts)->count, 1);
	assert_false(hf_daemon_get(fixture_start_daemon(f, 0))->is_running);
}

/* Somebody answers, and no dockerd was seen: then none can be said not to run. */
static void test_unseen(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer(f, "link:/proc/812/exe", "/usr/sbin/doc");
	expect_unknown(f, "log-level", "not proved to be the daemon");
	assert_int_equal(hf_facts_daemon_subjects(f->facts)->fact.state, HF_UNREADABLE);
}

/* A key must not change hands when another daemon comes or goes. */
static void test_keys(void **state)
{
	static const char own[] = "dockerd\0-H\0unix:///tmp/own.sock";
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer_dir(f, "/proc", "1 2 300 301 812");
	put_daemon(f, 300, "/usr/sbin/dockerd", "0::/\n", own, sizeof own);
	put_daemon(f, 301, "/usr/sbin/dockerd", "0::/\n", own, sizeof own);
	fixture_start_daemon(f, 0);
	assert_string_equal(f->view.subject->key, "daemon:docker:/tmp/own.sock");
	fixture_start_daemon(f, 1);
	assert_string_equal(f->view.subject->key, "daemon:docker:/tmp/own.sock:pid301");
	fixture_start_daemon(f, 2);
	assert_string_equal(f->view.subject->key, "daemon:docker");
}

/* ---- who answers ---- */

static void test_unproved_peers(void **state)
{
	static const struct {
		const char *peer;
		const char *exe;
		uint32_t exe_uid;
		const char *why;
	} rows[] = {
		{"pid 1\nuid 0\ninode 77\n", "/usr/sbin/dockerd", 0, "no dockerd holds"},
		{"pid 1\nuid 0\n", "/usr/sbin/dockerd", 0, "which socket"},
		{"pid 1\nuid 0\ninode 77\ninode 78\n", "/usr/sbin/dockerd", 0, "which socket"},
		{"pid 4711\nuid 0\ninode 77\n", "/usr/sbin/dockerd", 0, "not among the processes"},
		{"pid 0\nuid 0\n", "/usr/sbin/dockerd", 0, "not among the processes"},
		{"uid 0\n", "/usr/sbin/dockerd", 0, "not among the processes"},
		{"", "/usr/sbin/dockerd", 0, "not among the processes"},
		{"pid 812\nuid 0\n", "/tmp/dockerd-evil", 0, "its executable is /tmp/dockerd-evil"},
		{"pid 812\nuid 0\n", "/usr/sbin/dockerd", 1000, "belongs to uid 1000"},
		{"pid 812\nuid 1000\n", "/usr/sbin/dockerd (deleted)", 0, "nothing proves"},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		hf_cleanup(fixture_freep) fixture *f = running();
		hf_check_run *run;

		answer(f, "call:peer", rows[i].peer);
		answer(f, "link:/proc/812/exe", rows[i].exe);
		fixture_put(f, "stat:/usr/sbin/dockerd",
			    (hf_answer){.meta = {.mode = S_IFREG | 0755, .uid = rows[i].exe_uid}});
		run = fixture_start(f);
		assert_int_equal(hf_facts_peer(f->facts)->fact.state, HF_UNREADABLE);
		if (!strstr(hf_facts_peer(f->facts)->fact.why, rows[i].why))
			fail_msg("%s: %s", rows[i].peer, hf_facts_peer(f->facts)->fact.why);
		/* and then its answers are no evidence */
		assert_int_equal(hf_api_get(run, "/info", "Debug")->fact.state, HF_UNREADABLE);
		assert_null(hf_facts_api_json(f->facts, "/info"));
	}
}

static void test_socket_of_systemd(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer(f, "call:peer", "socket /run/docker.sock\npid 1\nuid 0\ngid 0\ninode 77\n");
	answer_dir(f, "/proc/812/fd", "0 3");
	answer(f, "link:/proc/812/fd/0", "/dev/null");
	answer(f, "link:/proc/812/fd/3", "socket:[77]");
	assert_int_equal(hf_daemon_get(fixture_start_daemon(f, 0))->api.state, HF_PRESENT);
	answer(f, "link:/proc/812/fd/3", "socket:[770]");
	assert_int_equal(hf_daemon_get(fixture_start_daemon(f, 0))->api.state, HF_UNREADABLE);
}

static void test_answers(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();
	hf_check_run *run = fixture_start_daemon(f, 0);

	(void)state;
	assert_string_equal(hf_api_get(run, "/info", "SecurityOptions/0")->text,
			    "name=seccomp,profile=default");
	assert_int_equal(hf_api_get(run, "/info", "SecurityOptions")->count, 1);
	assert_int_equal(hf_api_get(run, "/info", "Nothing")->fact.state, HF_ABSENT);
	assert_true(hf_api_get(run, "/info", "Plugins/Authorization")->is_null);
	assert_string_equal(hf_api_member(run, "/info", "RegistryConfig/IndexConfigs", 1),
			    "reg.lan:5000");
	assert_null(hf_api_member(run, "/info", "RegistryConfig/IndexConfigs", 2));
	assert_int_equal(hf_api_get(run, "/plugins", "")->fact.state, HF_UNREADABLE);
	answer(f, "api:/info", "{\"Driver\":\"overl");
	run = fixture_start_daemon(f, 0);
	assert_int_equal(hf_api_get(run, "/info", "Driver")->fact.state, HF_UNREADABLE);
	answer_error(f, "api:/info", ETIMEDOUT, "no answer within 2 s");
	run = fixture_start_daemon(f, 0);
	assert_string_equal(hf_api_get(run, "/info", "Driver")->fact.why, "no answer within 2 s");
}

/* ---- options ---- */

static void test_engine_says(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	expect(f, "icc", "true", HF_ORIGIN_ENGINE);
	expect(f, "ip", "0.0.0.0", HF_ORIGIN_ENGINE);
	expect(f, "debug", "false", HF_ORIGIN_ENGINE);
	expect(f, "live-restore", "true", HF_ORIGIN_ENGINE);
	expect(f, "insecure-registries", "reg.lan:5000", HF_ORIGIN_ENGINE);
	expect(f, "registry-mirrors", "", HF_ORIGIN_ENGINE);
	expect(f, "authorization-plugins", "", HF_ORIGIN_ENGINE);
	expect(f, "userns-remap", "", HF_ORIGIN_ENGINE);
	expect(f, "seccomp-profile", "default", HF_ORIGIN_ENGINE);
	expect(f, "storage-driver", "overlay2", HF_ORIGIN_ENGINE);
	/* not shown by any engine, or not by this one */
	expect(f, "log-level", "info", HF_ORIGIN_DEFAULT);
	expect(f, "no-new-privileges", "false", HF_ORIGIN_DEFAULT);
	expect(f, "ip6tables", "false", HF_ORIGIN_DEFAULT);
	expect(f, "hosts", "fd://", HF_ORIGIN_FLAG);
	assert_int_equal(option(fixture_start_daemon(f, 0), "firewall-backend")->fact.state, HF_ABSENT);
	assert_false(option(fixture_start_daemon(f, 0), "no-such-option")->is_known);
}

static void test_modern_engines(void **state)
{
	static const char *const versions[] = {"26.1.5", "28.5.2", "29.1.0"};
	hf_cleanup(fixture_freep) fixture *f = running();
	char version[64];

	(void)state;
	answer(f, "api:/info", info_modern);
	for (size_t i = 0; i < HF_ARRAY_SIZE(versions); i++) {
		(void)snprintf(version, sizeof version, "{\"Version\":\"%s\"}", versions[i]);
		answer(f, "api:/version", version);
		expect(f, "no-new-privileges", "true", HF_ORIGIN_ENGINE);
		expect(f, "seccomp-profile", "builtin", HF_ORIGIN_ENGINE);
		expect(f, "insecure-registries", "", HF_ORIGIN_ENGINE);
		expect(f, "registry-mirrors", "https://m.example/", HF_ORIGIN_ENGINE);
		expect(f, "authorization-plugins", "opa", HF_ORIGIN_ENGINE);
		expect(f, "userns-remap", "on", HF_ORIGIN_ENGINE);
		expect(f, "ip6tables", i == 0 ? "false" : "true", HF_ORIGIN_DEFAULT);
	}
	expect(f, "firewall-backend", "iptables+firewalld", HF_ORIGIN_ENGINE);
	/* what the engine writes back in its own form is no conflict */
	answer_dir(f, "/etc/docker", "daemon.json");
	answer_at(f, "file:/etc/docker/daemon.json",
		  "{\"registry-mirrors\":[\"https://m.example\"],\"data-root\":\"/var/lib/docker\","
		  "\"userns-remap\":\"default\",\"firewall-backend\":\"iptables\",\"debug\":true,"
		  "\"log-driver\":\"journald\",\"authorization-plugins\":[\"opa\"],"
		  "\"insecure-registries\":[\"127.0.0.0/8\"]}",
		  START - 9);
	expect_conflict(f, "registry-mirrors", NULL);
	expect_conflict(f, "data-root", NULL);
	expect_conflict(f, "userns-remap", NULL);
	expect_conflict(f, "firewall-backend", NULL);
	expect_conflict(f, "insecure-registries", NULL);
	expect(f, "userns-remap", "default", HF_ORIGIN_ENGINE);
}

static void test_file_decides(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer_dir(f, "/etc/docker", "daemon.json");
	answer_at(f, "file:/etc/docker/daemon.json",
		  "{\"log-level\":\"warn\",\"icc\":false,\"log-opts\":{\"max-size\":\"10m\"}}",
		  START - 5);
	expect(f, "log-level", "warn", HF_ORIGIN_FILE);
	expect(f, "log-opts.max-size", "10m", HF_ORIGIN_FILE);
	expect(f, "log-opts.max-file", "", HF_ORIGIN_FILE);
	expect(f, "userland-proxy", "true", HF_ORIGIN_DEFAULT);
	/* the running network says otherwise, whatever the file's date */
	expect(f, "icc", "true", HF_ORIGIN_ENGINE);
	expect_conflict(f, "icc", "/etc/docker/daemon.json says false");
	/* edited since: it proves nothing about what the engine does not show */
	answer_at(f, "file:/etc/docker/daemon.json", "{\"log-level\":\"warn\",\"icc\":false}",
		  START + 3600);
	expect_unknown(f, "log-level", "changed after the daemon's start");
	expect_unknown(f, "userland-proxy", "changed after the daemon's start");
	expect(f, "icc", "true", HF_ORIGIN_ENGINE);
	expect(f, "hosts", "fd://", HF_ORIGIN_FLAG);
	assert_string_equal(option(fixture_start_daemon(f, 0), "log-level")->declared, "warn");
	/* renamed into place with an old date */
	fixture_put(f, "file:/etc/docker/daemon.json",
		    (hf_answer){.data = "{}",
				.size = 2,
				.meta = {.mode = S_IFREG | 0644,
					 .mtime_ns = INT64_C(5000000000),
					 .ctime_ns = (START + INT64_C(99)) * 1000000000}});
	expect_unknown(f, "log-level", "changed after the daemon's start");
}

/* btime tells the second; the clocks tell whether the file was written just before the start. */
static void test_precise_start(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();
	const int64_t start_ns = START * INT64_C(1000000000) + 700000000;
	hf_answer file = {.data = "{\"log-level\":\"warn\"}", .size = 20, .meta = {.mode = S_IFREG | 0644}};

	(void)state;
	answer_dir(f, "/etc/docker", "daemon.json");
	file.meta.mtime_ns = start_ns - 100000000;
	fixture_put(f, "file:/etc/docker/daemon.json", file);
	expect_unknown(f, "log-level", "changed after");
	answer(f, "call:boottime", "1000000000.700000000");
	expect(f, "log-level", "warn", HF_ORIGIN_FILE);
	file.meta.mtime_ns = start_ns + 100000000;
	fixture_put(f, "file:/etc/docker/daemon.json", file);
	expect_unknown(f, "log-level", "changed after");
}

static void test_removed_file(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();
	hf_answer listing = {.data = "key.json", .size = sizeof "key.json",
			     .meta = {.mode = S_IFDIR | 0755}};

	(void)state;
	/* the engine's own key.json, made when it first ran */
	listing.meta.mtime_ns = (START + INT64_C(2)) * 1000000000;
	fixture_put(f, "dir:/etc/docker", listing);
	expect(f, "log-level", "info", HF_ORIGIN_DEFAULT);
	listing.meta.mtime_ns = (START + INT64_C(7200)) * 1000000000;
	fixture_put(f, "dir:/etc/docker", listing);
	expect_unknown(f, "log-level", "its folder changed");
}

static void test_flags_decide(void **state)
{
	static const char cmdline[] = "dockerd\0--icc=false\0-l\0debug\0--config-file\0/etc/other.json"
				      "\0--add-runtime\0a=/bin/a";
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer_bytes(f, "file:/proc/812/cmdline", cmdline, sizeof cmdline);
	answer_at(f, "file:/etc/other.json",
		  "{\"log-level\":\"info\",\"runtimes\":{\"b\":{\"path\":\"/bin/b\"}}}", START + 77);
	expect(f, "log-level", "debug", HF_ORIGIN_FLAG);
	expect_conflict(f, "log-level", "refuses to start");
	expect_conflict(f, "icc", "--icc says false");
	assert_string_equal(hf_daemon_get(fixture_start_daemon(f, 0))->config_path, "/etc/other.json");
	/* lost flags could have said anything */
	answer_error(f, "file:/proc/812/cmdline", EACCES, NULL);
	expect_unknown(f, "log-level", "");
	expect(f, "icc", "true", HF_ORIGIN_ENGINE);
}

static void test_lost_engine(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer_error(f, "call:peer", ETIMEDOUT, "no answer");
	answer_error(f, "api:/info", ETIMEDOUT, "no answer");
	answer_error(f, "api:/version", ETIMEDOUT, "no answer");
	answer_error(f, "api:/networks", ETIMEDOUT, "no answer");
	assert_int_equal(hf_daemon_get(fixture_start_daemon(f, 0))->api.state, HF_UNREADABLE);
	/* no flag, no file: what every engine does by itself */
	expect(f, "icc", "true", HF_ORIGIN_DEFAULT);
	expect_unknown(f, "ip6tables", "version");
	answer_dir(f, "/etc/docker", "daemon.json");
	answer_at(f, "file:/etc/docker/daemon.json", "{\"icc\":false}", START - 1000);
	expect(f, "icc", "false", HF_ORIGIN_FILE);
	answer_at(f, "file:/etc/docker/daemon.json", "{\"icc\":false}", START + 1000);
	expect_unknown(f, "icc", "changed after");
	answer(f, "file:/etc/docker/daemon.json", "{\"icc\":false,\n}");
	expect_unknown(f, "icc", "line 2");
	answer_error(f, "file:/etc/docker/daemon.json", EACCES, NULL);
	expect_unknown(f, "icc", "denied");
}

static void test_stopped(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = bare_node();

	(void)state;
	answer(f, "file:/lib/systemd/system/docker.service",
	       "[Service]\nExecStart=/usr/bin/dockerd -H fd:// --icc=false\n");
	answer_dir(f, "/etc/docker", "daemon.json");
	answer_dir(f, "/etc", "docker");
	answer(f, "file:/etc/docker/daemon.json", "{\"log-level\":\"error\",\"bogus\":1}");
	hf_check_run *run = fixture_start_daemon(f, 0);
	const hf_daemon *daemon = hf_daemon_get(run);

	assert_false(daemon->is_running);
	assert_int_equal(daemon->fact.state, HF_PRESENT);
	assert_int_equal(daemon->api.state, HF_ABSENT);
	assert_null(daemon->version);
	expect(f, "icc", "false", HF_ORIGIN_UNIT);
	expect(f, "log-level", "error", HF_ORIGIN_FILE);
	expect(f, "userland-proxy", "true", HF_ORIGIN_DEFAULT);
	expect_unknown(f, "ip6tables", "version");
	run = fixture_start_daemon(f, 0);
	assert_string_equal(hf_daemon_config_key(run, 1)->name, "bogus");
	assert_false(hf_daemon_config_key(run, 1)->is_known);
	assert_null(hf_daemon_config_key(run, 2));
	/* it may run after all */
	answer_dir(f, "/proc", "1 2 55");
	put_process(f, 55, "", "0::/\n");
	answer_error(f, "link:/proc/55/exe", EACCES, NULL);
	expect_unknown(f, "icc", "process 55");
	assert_int_equal(hf_daemon_get(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
}

/* A tree that was never booted: what is declared there is what would run. */
static void test_file_tree(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = bare_node();

	(void)state;
	answer_error(f, "call:uname", ENOTSUP, "a file tree has no running kernel");
	answer_missing(f, "dir:/proc");
	answer_dir(f, "/", "etc usr");
	answer_dir(f, "/etc/docker", "daemon.json");
	answer_dir(f, "/etc", "docker");
	answer(f, "file:/etc/docker/daemon.json", "{\"icc\":false}");
	expect(f, "icc", "false", HF_ORIGIN_FILE);
}

static void test_unit_drift(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	put_daemon(f, DOCKERD, "/usr/sbin/dockerd", "0::/system.slice/docker.service\n", plain_cmdline,
		   sizeof plain_cmdline);
	answer(f, "file:/lib/systemd/system/docker.service",
	       "[Service]\nExecStart=/usr/sbin/dockerd --iptables=false\n");
	expect(f, "iptables", "true", HF_ORIGIN_DEFAULT);
	expect_conflict(f, "iptables", "--iptables says false");
	expect_conflict(f, "hosts", "does not give --host");
	expect_conflict(f, "userland-proxy", NULL);
	/* live-restore is on, and nothing would bring it back */
	expect_conflict(f, "live-restore", "the next start brings false");
}

static void test_tls(void **state)
{
	static const struct {
		const char *file;
		const char *version;
		const char *tls;
		const char *verify; /* NULL: nobody can tell */
	} rows[] = {
		{"{}", "28.0", "false", "false"},
		{"{\"tls\":true}", "19.03.1", "true", "false"},
		{"{\"tls\":true}", "20.10.0", "true", "true"},
		{"{\"tls\":true}", "", "true", NULL},
		{"{\"tlsverify\":true}", "28.0", "true", "true"},
		{"{\"tlsverify\":false}", "28.0", "true", "false"},
		{"{\"tls\":false}", "28.0", "false", "false"},
		{"{\"tls\":true,\"tlsverify\":false}", "28.0", "true", "false"},
	};
	hf_cleanup(fixture_freep) fixture *f = running();
	char version[64];

	(void)state;
	answer_dir(f, "/etc/docker", "daemon.json");
	answer(f, "api:/info", "{}");
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		answer_at(f, "file:/etc/docker/daemon.json", rows[i].file, START - 50);
		(void)snprintf(version, sizeof version, "{\"Version\":\"%s\"}", rows[i].version);
		answer(f, "api:/version", version);
		hf_check_run *run = fixture_start_daemon(f, 0);
		const hf_option *verify = option(run, "tlsverify");

		assert_string_equal(option(run, "tls")->value, rows[i].tls);
		assert_int_equal(verify->fact.state, rows[i].verify ? HF_PRESENT : HF_UNREADABLE);
		if (rows[i].verify)
			assert_string_equal(verify->value, rows[i].verify);
	}
}

static void test_environment(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();
	hf_check_run *run = fixture_start_daemon(f, 0);

	(void)state;
	assert_string_equal(hf_daemon_environment(run, "DOCKER_TLS_VERIFY")->value, "1");
	assert_int_equal(hf_daemon_environment(run, "DOCKER_RAMDISK")->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_daemon_environment(run, "DOCKER_TLS")->fact.state, HF_ABSENT);
	answer_error(f, "file:/proc/812/environ", EACCES, NULL);
	run = fixture_start_daemon(f, 0);
	assert_int_equal(hf_daemon_environment(run, "DOCKER_TLS")->fact.state, HF_UNREADABLE);
}

static const char tcp_table[] =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	"   0: 0100007F:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 501 1\n"
	"   1: 00000000:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 502 1\n"
	"   2: 0100007F:0948 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 503 1\n"
	"   3: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 900 1\n";
static const char tcp6_table[] =
	"  sl  local_address                         remote_address                        st\n"
	"   0: 00000000000000000000000000000000:0948 00000000000000000000000000000000:0000 0A "
	"00000000:00000000 00:00000000 00000000     0        0 504 1\n"
	"   1: 0000000000000000FFFF00000100007F:0949 00000000000000000000000000000000:0000 0A "
	"00000000:00000000 00:00000000 00000000     0        0 505 1\n";

static void test_listeners(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = running();

	(void)state;
	answer_dir(f, "/proc/812/fd", "0 3 4 5 6 7 8");
	answer(f, "link:/proc/812/fd/0", "/dev/null");
	answer(f, "link:/proc/812/fd/3", "socket:[501]");
	answer(f, "link:/proc/812/fd/4", "socket:[502]");
	answer(f, "link:/proc/812/fd/5", "socket:[503]");
	answer(f, "link:/proc/812/fd/6", "socket:[504]");
	answer(f, "link:/proc/812/fd/7", "socket:[505]");
	answer(f, "file:/proc/812/net/tcp", tcp_table);
	answer(f, "file:/proc/812/net/tcp6", tcp6_table);
	const hf_listeners *list = hf_daemon_listeners(fixture_start_daemon(f, 0));

	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 4);
	assert_string_equal(list->all[0].address, "127.0.0.1");
	assert_true(list->all[0].is_loopback);
	assert_int_equal(list->all[0].port, 2375);
	assert_string_equal(list->all[1].address, "0.0.0.0");
	assert_true(list->all[1].is_wildcard);
	assert_string_equal(list->all[2].address, "::");
	assert_true(list->all[2].is_wildcard);
	assert_string_equal(list->all[3].address, "::ffff:127.0.0.1");
	assert_true(list->all[3].is_loopback);
	/* without a part of it nobody can say that there is none */
	answer_error(f, "link:/proc/812/fd/4", EACCES, NULL);
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	answer_error(f, "link:/proc/812/fd/4", ENOENT, NULL);
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	answer(f, "link:/proc/812/fd/4", "socket:[50");
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	answer(f, "link:/proc/812/fd/4", "socket:[502]");
	/* a listing that was cut short hides no socket */
	answer_dir(f, "/proc/812/fd", "0 3");
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->count, 4);
	answer_bytes(f, "file:/proc/812/net/tcp", tcp_table, sizeof tcp_table / 2);
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	answer(f, "file:/proc/812/net/tcp", tcp_table);
	answer_error(f, "file:/proc/812/net/tcp6", EACCES, NULL);
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	answer_missing(f, "file:/proc/812/net/tcp6");
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	answer_dir(f, "/proc/sys/net", "core ipv4");
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_PRESENT);
	/* the tables of the namespace came with another process */
	(void)hf_record_remove(f->record, HF_ASK_FILE, "/proc/812/net/tcp");
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	answer(f, "link:/proc/812/ns/net", "net:[9]");
	answer(f, "link:/proc/1/ns/net", "net:[9]");
	answer(f, "file:/proc/1/net/tcp", tcp_table);
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_PRESENT);
	answer(f, "link:/proc/1/ns/net", "net:[8]");
	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(f, 0))->fact.state, HF_UNREADABLE);
	hf_cleanup(fixture_freep) fixture *blind = running();

	assert_int_equal(hf_daemon_listeners(fixture_start_daemon(blind, 0))->fact.state, HF_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_running),
		cmocka_unit_test(test_jobs_are_no_daemons),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_in_a_container),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_unproved_peers),
		cmocka_unit_test(test_socket_of_systemd),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_engine_says),
		cmocka_unit_test(test_modern_engines),
		cmocka_unit_test(test_file_decides),
		cmocka_unit_test(test_precise_start),
		cmocka_unit_test(test_removed_file),
		cmocka_unit_test(test_flags_decide),
		cmocka_unit_test(test_lost_engine),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_file_tree),
		cmocka_unit_test(test_unit_drift),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_listeners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
