/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and the containers they belong to. */
#include "facts-fixture.h"

#include "facts/cgroup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static const struct {
	const char *cgroup;
	const char *runtime; /* NULL: no container's */
	const char *id;
	const char *path;
} groups[] = {
	{"0::/system.slice/docker-" ID ".scope\n", "docker", ID, "/system.slice/docker-" ID ".scope"},
	{"0::/docker/" ID "\n", "docker", ID, "/docker/" ID},
	/* below its group a container may make its own */
	{"0::/docker/" ID "/init/x\n", "docker", ID, "/docker/" ID},
	{"12:pids:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n", "docker", ID, "/docker/" ID},
	/* a container in a container is one of its own */
	{"0::/docker/" ID "/docker/" ID2 "\n", "docker", ID2, "/docker/" ID "/docker/" ID2},
	{"0::/lxc.payload.web/system.slice/docker-" ID ".scope\n", "docker", ID, NULL},
	{"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-" ID
	 ".scope\n",
	 "kubernetes", ID, NULL},
	{"0::/kubepods/besteffort/pod9a/" ID "\n", "kubernetes", ID, NULL},
	{"0::/kubepods.slice/kubepods-pod2.slice/docker-" ID ".scope\n", "kubernetes", ID, NULL},
	{"0::/kubepods.slice/kubepods-pod2.slice/crio-" ID ".scope\n", "kubernetes", ID, NULL},
	{"0::/machine.slice/libpod-" ID ".scope/container\n", "podman", ID, NULL},
	{"0::/machine.slice/libpod-conmon-" ID ".scope\n", NULL, NULL, NULL},
	{"0::/kubepods.slice/crio-conmon-" ID ".scope\n", NULL, NULL, NULL},
	{"0::/default/" ID "\n", "containerd", ID, NULL},
	{"0::/default/web\n", "containerd", "", "/default/web"},
	{"0::/k8s.io/" ID "\n", "containerd", ID, NULL},
	{"0::/user.slice/default/web\n", NULL, NULL, NULL},
	{"1:name=systemd:/system.slice/containerd.service/kubepods-besteffort-pod1.slice:cri-containerd:" ID
	 "\n",
	 "kubernetes", ID, NULL},
	{"0::/system.slice/crio-" ID ".scope\n", "cri-o", ID, NULL},
	{"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope/container\n",
	 "podman", ID, NULL},
	{"0::/system.slice/web.service/libpod-payload-" ID "\n", "podman", ID, NULL},
	{"0::/libpod_parent/" ID "/libpod-" ID2 "\n", "podman", ID2, NULL},
	{"0::/libpod_parent/" ID "/conmon\n", NULL, NULL, NULL},
	{"0::/docker/buildkit/k3v0x8c4u1l2m5n6o7p8q9r0s\n", "buildkit", "", NULL},
	{"0::/machine.slice/machine-deb.scope/payload\n", "systemd-nspawn", "",
	 "/machine.slice/machine-deb.scope"},
	{"0::/machine.slice/machine-lxc\\x2d12\\x2dweb.scope\n", "lxc", "", NULL},
	{"0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope\n", NULL, NULL, NULL},
	{"0::/system.slice/nerdctl-" ID ".scope\n", "containerd", ID, NULL},
	{"0::/lxc.payload.web/init.scope\n", "lxc", "", "/lxc.payload.web"},
	{"4:devices:/lxc/web\n", "lxc", "", "/lxc/web"},
	{"0::/machine.slice/systemd-nspawn@deb.service/payload\n", "systemd-nspawn", "", NULL},
	{"0::/system.slice/docker.service\n", NULL, NULL, NULL},
	{"0::/system.slice/lxcfs.service\n", NULL, NULL, NULL},
	{"0::/init.scope\n", NULL, NULL, NULL},
	{"0::/\n", NULL, NULL, NULL},
	{"", NULL, NULL, NULL},
	{"no colon at all", NULL, NULL, NULL},
	{"0::/docker/0123\n", NULL, NULL, NULL},
};

static void test_cgroups(void **state)
{
	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(groups); i++) {
		hf_cgroup_owner owner = {0};
		bool found = hf_cgroup_parse(groups[i].cgroup, strlen(groups[i].cgroup), &owner);

		if (found != (groups[i].runtime != NULL))
			fail_msg("%s", groups[i].cgroup);
		if (!found)
			continue;
		assert_string_equal(owner.runtime, groups[i].runtime);
		assert_string_equal(owner.id, groups[i].id);
		if (groups[i].path) {
			assert_int_equal(owner.path_length, strlen(groups[i].path));
			assert_memory_equal(owner.path, groups[i].path, owner.path_length);
		}
	}
}

static void test_stat(void **state)
{
	static const char good[] =
		"42 (a) S 7 (b)) S 1 42 42 0 -1 4194560 7481 1380 5 5 3 8 1 0 20 0 9 0 388027 141 1\n";
	static const char *const bad[] = {"", "42", "42 (x", "42 (x) S 1 2", "x (y) S 1 2 3 4 5 6 7",
					  ") 1 ("};
	hf_proc_stat stat;

	(void)state;
	assert_int_equal(hf_proc_stat_parse(good, strlen(good), &stat), 0);
	assert_int_equal(stat.pid, 42);
	assert_int_equal(stat.parent, 1);
	assert_int_equal(stat.state, 'S');
	assert_int_equal(stat.flags, 4194560);
	assert_int_equal(stat.start_ticks, 388027);
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		stat.pid = -7;
		assert_int_equal(hf_proc_stat_parse(bad[i], strlen(bad[i]), &stat), -EBADMSG);
		assert_int_equal(stat.pid, -7);
	}
}

static void put_process(fixture *f, int pid, const char *exe, const char *cgroup, const char *mnt)
{
	char question[64], text[256];

	(void)snprintf(question, sizeof question, "file:/proc/%d/stat", pid);
	(void)snprintf(text, sizeof text,
		       "%d (x) S 1 1 1 0 -1 4194560 0 0 0 0 3 8 1 0 20 0 9 0 %d 0 0\n", pid, 100 + pid);
	answer(f, question, text);
	(void)snprintf(question, sizeof question, "link:/proc/%d/exe", pid);
	if (exe)
		answer(f, question, exe);
	else
		answer_error(f, question, EACCES, NULL);
	(void)snprintf(question, sizeof question, "file:/proc/%d/cgroup", pid);
	answer(f, question, cgroup);
	(void)snprintf(question, sizeof question, "link:/proc/%d/ns/mnt", pid);
	answer(f, question, mnt);
}

static fixture *some_processes(void)
{
	fixture *f = fixture_new();

	answer_dir(f, "/proc", "1 2 30 31 40 cpuinfo self");
	put_process(f, 1, "/usr/lib/systemd/systemd", "0::/init.scope\n", "mnt:[1]");
	put_process(f, 2, NULL, "0::/\n", "mnt:[1]");
	answer(f, "file:/proc/2/stat",
	       "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0\n");
	put_process(f, 31, "/bin/sh", "0::/docker/" ID "\n", "mnt:[5]");
	put_process(f, 30, "/bin/tini", "0::/docker/" ID "\n", "mnt:[5]");
	/* moved out of its group, but still in the container's file system */
	put_process(f, 40, "/bin/cat", "0::/user.slice\n", "mnt:[5]");
	(void)hf_record_remove(f->record, HF_ASK_FILE, "/proc/2/cgroup");
	return f;
}

static void test_processes(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = some_processes();
	const hf_processes *list = hf_processes_get(fixture_start(f));

	(void)state;
	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 5);
	assert_int_equal(list->all[0].pid, 1);
	assert_null(list->gap); /* a kernel thread has no executable */
	const hf_process *tini = hf_process_by_pid(list, 30);

	assert_string_equal(tini->container_id, ID);
	assert_true(tini->is_container);
	assert_int_equal(tini->start_ticks, 130);
	assert_true(hf_process_by_pid(list, 40)->is_container);
	assert_null(hf_process_by_pid(list, 40)->container_id);
	assert_false(hf_process_by_pid(list, 1)->is_container);
	assert_null(hf_process_by_pid(list, 9));
}

static void test_gap(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = some_processes();

	(void)state;
	answer_error(f, "link:/proc/30/exe", EACCES, NULL);
	const hf_processes *list = hf_processes_get(fixture_start(f));

	assert_non_null(list->gap);
	assert_non_null(strstr(list->gap, "process 30"));
	/* asleep, it has a program, whatever the link says; about to end, it has none */
	answer_error(f, "link:/proc/30/exe", ENOENT, NULL);
	assert_non_null(hf_processes_get(fixture_start(f))->gap);
	answer(f, "file:/proc/30/stat", "30 (x) R 1 1 1 0 -1 4194560 0 0 0 0 3 8 1 0 20 0 9 0 7 0 0\n");
	assert_null(hf_processes_get(fixture_start(f))->gap);
	answer(f, "file:/proc/30/stat", "30 (x) Z 1 1 1 0 -1 4194560 0 0 0 0 3 8 1 0 20 0 9 0 7 0 0\n");
	assert_null(hf_processes_get(fixture_start(f))->gap);
	/* listed, and nothing is known of it */
	answer_dir(f, "/proc", "1 2 30 31 40 77");
	list = hf_processes_get(fixture_start(f));
	assert_non_null(strstr(list->gap, "process 77"));
	answer_dir(f, "/proc", "1 2");
	list = hf_processes_get(fixture_start(f));
	/* a listing that was cut short hides nobody */
	assert_int_equal(list->count, 5);
	assert_null(list->gap);
	/* the machine's init cannot be a container engine */
	answer_error(f, "link:/proc/1/exe", EACCES, NULL);
	assert_null(hf_processes_get(fixture_start(f))->gap);
}

static bool is_used(const hf_used *used, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(used[i].name, name) == 0)
			return true;
	}
	return false;
}

/* What a zombie has lost is not missed: nobody could have read it. */
static void test_zombie(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = some_processes();
	const hf_used *used;
	size_t count;

	(void)state;
	answer(f, "file:/proc/30/stat", "30 (x) Z 1 1 1 0 -1 4194560 0 0 0 0 3 8 1 0 20 0 9 0 7 0 0\n");
	answer_error(f, "link:/proc/30/exe", ENOENT, NULL);
	answer_error(f, "link:/proc/30/ns/mnt", ENOENT, NULL);
	hf_facts *facts = hf_facts_of(fixture_start(f));

	hf_facts_trace_all(facts);
	hf_facts_trace_begin(facts);
	assert_null(hf_facts_processes(facts)->gap);
	count = hf_facts_trace_end(facts, &used);
	assert_true(is_used(used, count, "/proc/30/stat"));
	assert_true(is_used(used, count, "/proc/31/exe"));
	assert_false(is_used(used, count, "/proc/30/exe"));
	assert_false(is_used(used, count, "/proc/30/ns/mnt"));
}

static void test_containers(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = some_processes();
	const hf_containers *list = hf_containers_get(fixture_start(f));

	(void)state;
	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 1);
	assert_string_equal(list->all[0]->id, ID);
	assert_int_equal(list->all[0]->pid, 30); /* the oldest, not the lowest line */
	assert_string_equal(list->all[0]->runtime, "docker");
	assert_null(list->all[0]->name); /* nobody proved to be an engine named it */
	answer_error(f, "file:/proc/40/cgroup", EACCES, NULL);
	assert_int_equal(hf_containers_get(fixture_start(f))->fact.state, HF_UNREADABLE);
}

static void test_no_proc(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	assert_int_equal(hf_processes_get(fixture_start(f))->fact.state, HF_UNREADABLE);
	answer_missing(f, "dir:/proc");
	answer_dir(f, "/", "etc");
	assert_int_equal(hf_processes_get(fixture_start(f))->fact.state, HF_UNREADABLE);
	answer_dir(f, "/proc", "cpuinfo");
	assert_int_equal(hf_processes_get(fixture_start(f))->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_containers_get(fixture_start(f))->fact.state, HF_UNREADABLE);
}

static void test_status(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	answer(f, "file:/proc/7/status", "Name:\tx\nUid:\t0\t1\t2\t3\nNoNewPrivs:\t1\n");
	hf_check_run *run = fixture_start(f);

	assert_string_equal(hf_process_status_field(run, 7, "NoNewPrivs"), "1");
	assert_string_equal(hf_process_status_field(run, 7, "Uid"), "0\t1\t2\t3");
	assert_null(hf_process_status_field(run, 7, "Ui"));
	assert_null(hf_process_status_field(run, 8, "Uid"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cgroups),	   cmocka_unit_test(test_stat),
		cmocka_unit_test(test_processes),  cmocka_unit_test(test_gap),
		cmocka_unit_test(test_containers), cmocka_unit_test(test_no_proc),
		cmocka_unit_test(test_status),	   cmocka_unit_test(test_zombie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
