/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes are in which container. */
#include "containers-fixture.h"

#include "facts/cgroup-tree.h"

#define DOCKER	"0::/system.slice/docker-" ID ".scope\n"
#define DOCKER2 "0::/system.slice/docker-" ID2 ".scope\n"

static const hf_containers *find(fixture *f)
{
	return hf_containers_get(fixture_start(f));
}

static void test_group(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31 40");
	const hf_containers *list;

	(void)state;
	put_actor(f,
		  (actor){.pid = 31, .cgroup = DOCKER, .space = 1, .root = 9, .ns_pids = "31\t7"});
	put_actor(f,
		  (actor){.pid = 30, .cgroup = DOCKER, .space = 1, .root = 9, .ns_pids = "30\t1"});
	put_actor(f, (actor){.pid = 40, .cgroup = "0::/user.slice\n"});
	list = find(f);
	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 1);
	const hf_container *c = list->all[0];

	assert_string_equal(c->id, ID);
	assert_string_equal(c->cgroup, "/system.slice/docker-" ID ".scope");
	assert_string_equal(c->runtime, "docker");
	assert_string_equal(c->user, "root");
	assert_int_equal(c->tasks_fact.state, HF_PRESENT);
	assert_int_equal(c->task_count, 2);
	assert_int_equal(c->tasks[0].pid, 30);
	assert_int_equal(c->tasks[1].pid, 31);
	assert_ptr_equal(c->init, &c->tasks[0]);
	assert_int_equal(c->pid, 30);
	assert_false(hf_process_by_pid(hf_facts_processes(f->facts), 40)->is_container);
}

/* Twelve digits are a key where no other id begins with them, be it a container's that wants to be taken for it. */
static void test_keys(void **state)
{
#define TAIL   "0000000000000000000000000000000000000000000000000000"
#define SINGLE "aaaaaaaaaaaa" TAIL
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31 32 33");
	static const char *const wanted[] = {"container:/lxc.payload.box", "container:aaaaaaaaaaaa",
					     "container:bbbbbbbbbbbb" TAIL,
					     "container:bbbbbbbbbbbbc" TAIL};

	(void)state;
	put_actor(f, (actor){.pid = 30, .cgroup = "0::/docker/" SINGLE "\n", .space = 1, .root = 9});
	put_actor(f, (actor){.pid = 31, .cgroup = "0::/docker/bbbbbbbbbbbb" TAIL "\n", .space = 2, .root = 10});
	put_actor(f, (actor){.pid = 32,
			     .cgroup = "0::/machine.slice/libpod-bbbbbbbbbbbbc"
				       "000000000000000000000000000000000000000000000000000.scope\n",
			     .space = 3,
			     .root = 11});
	put_actor(f, (actor){.pid = 33, .cgroup = "0::/lxc.payload.box\n", .space = 4, .root = 12});
	(void)find(f);
	const hf_subjects *subjects = hf_facts_container_subjects(f->facts);

	assert_int_equal(subjects->count, HF_ARRAY_SIZE(wanted));
	for (size_t i = 0; i < subjects->count; i++) {
		assert_string_equal(subjects->all[i].id, hf_facts_containers(f->facts)->all[i]->id);
		assert_memory_equal(subjects->all[i].key, wanted[i], strlen("container:") + 12);
	}
	assert_string_equal(subjects->all[0].key, wanted[0]);
	assert_string_equal(subjects->all[1].key, wanted[1]);
	assert_int_equal(strlen(subjects->all[2].key), strlen("container:") + 64);
	assert_int_equal(strlen(subjects->all[3].key), strlen("container:") + 64);
}

/* The first process is pid 1 of the container's namespace, not who is oldest by the clock. */
static void test_init(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31");

	(void)state;
	put_actor(
		f,
		(actor){.pid = 31, .cgroup = DOCKER, .space = 1, .ns_pids = "31\t1", .start = 500});
	put_actor(
		f,
		(actor){.pid = 30, .cgroup = DOCKER, .space = 1, .ns_pids = "30\t7", .start = 400});
	assert_int_equal(find(f)->all[0]->pid, 31);
	/* with another's pid namespace it has no pid 1 */
	put_actor(
		f,
		(actor){.pid = 31, .cgroup = DOCKER, .space = 1, .ns_pids = "31\t9", .start = 500});
	assert_int_equal(find(f)->all[0]->pid, 30);
	/* what is pid 1 further down is a tree of its own making */
	put_actor(f, (actor){.pid = 31,
			     .cgroup = DOCKER,
			     .space = 1,
			     .ns_pids = "31\t9\t1",
			     .start = 500});
	assert_int_equal(find(f)->all[0]->pid, 30);
}

static void test_moved_and_entered(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 40 41 42 50");

	(void)state;
	put_actor(f,
		  (actor){.pid = 30, .cgroup = DOCKER, .space = 1, .root = 9, .ns_pids = "30\t1"});
	/* moved out of its group */
	put_actor(f, (actor){.pid = 40, .cgroup = "0::/\n", .space = 1, .root = 9});
	/* nsenter --pid */
	put_actor(f, (actor){.pid = 41, .cgroup = "0::/user.slice\n", .pid_ns = 2});
	/* unshare --mount: the host's */
	put_actor(f, (actor){.pid = 42, .cgroup = "0::/user.slice\n", .mnt = 8});
	/* one that entered another container remains its own's, and does not draw its mount
	 * namespace along */
	put_actor(f, (actor){.pid = 50, .cgroup = DOCKER2, .space = 1, .root = 9, .start = 1});
	const hf_containers *list = find(f);

	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->all[0]->task_count, 3);
	assert_int_equal(list->all[0]->pid, 30);
	assert_false(list->all[0]->tasks[0].is_outsider);
	assert_true(list->all[0]->tasks[1].is_outsider && list->all[0]->tasks[2].is_outsider);
	assert_int_equal(list->all[1]->task_count, 1);
	assert_int_equal(list->all[1]->tasks[0].pid, 50);
	assert_true(hf_process_by_pid(hf_facts_processes(f->facts), 41)->is_container);
	assert_false(hf_process_by_pid(hf_facts_processes(f->facts), 42)->is_container);
}

static void test_nested(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31");

	(void)state;
	put_actor(f, (actor){.pid = 30, .cgroup = "0::/docker/" ID "\n", .space = 1, .root = 9});
	put_actor(f, (actor){.pid = 31,
			     .cgroup = "0::/docker/" ID "/docker/" ID2 "\n",
			     .space = 2,
			     .root = 10});
	const hf_containers *list = find(f);

	assert_int_equal(list->count, 2);
	assert_string_equal(list->all[0]->id, ID);
	assert_string_equal(list->all[1]->id, ID2);
	/* a group that takes another container's name below its own does not become it */
	put_actor(f, (actor){.pid = 31,
			     .cgroup = "0::/docker/" ID "/docker/" ID "\n",
			     .space = 2,
			     .root = 10});
	list = find(f);
	assert_int_equal(list->count, 2);
	assert_string_equal(list->all[0]->id, "/docker/" ID "/docker/" ID);
	assert_int_equal(list->all[1]->pid, 30);
	assert_string_equal(list->all[1]->id, ID);
	/* and does not hide it: they are searched for by id */
	assert_ptr_equal(hf_facts_container_by_id(f->facts, ID), list->all[1]);
	assert_ptr_equal(hf_facts_container_by_id(f->facts, "/docker/" ID "/docker/" ID), list->all[0]);
}

/* Without a group: by mount namespace and root, but for services of systemd. */
static void test_by_root(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31 32 40 41 50");

	(void)state;
	/* unshare --mount --pid --root */
	put_actor(f, (actor){.pid = 30,
			     .cgroup = "0::/user.slice/user-0.slice/session-1.scope\n",
			     .space = 1,
			     .root = 9,
			     .ns_pids = "30\t1"});
	/* another mount namespace of the same tree */
	put_actor(f, (actor){.pid = 31,
			     .cgroup = "0::/user.slice/user-0.slice/session-1.scope\n",
			     .space = 1,
			     .mnt = 9,
			     .root = 9});
	/* unshare --mount --root, in the host's pid namespace, with a runtime above */
	put_actor(f, (actor){.pid = 32, .parent = 50, .cgroup = "0::/mine\n", .mnt = 5, .root = 7});
	/* PrivateTmp=, and RootDirectory= */
	put_actor(f, (actor){.pid = 40, .cgroup = "0::/system.slice/a.service\n", .mnt = 6});
	put_actor(
		f,
		(actor){.pid = 41, .cgroup = "0::/system.slice/b.service\n", .mnt = 7, .root = 8});
	put_actor(
		f,
		(actor){.pid = 50, .exe = "/usr/bin/systemd-nspawn", .cgroup = "0::/user.slice\n"});
	const hf_containers *list = find(f);

	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 2);
	assert_string_equal(list->all[0]->id, "mnt:[310]");
	assert_string_equal(list->all[0]->runtime, "unknown");
	assert_int_equal(list->all[0]->task_count, 2);
	assert_string_equal(list->all[0]->cgroup, "/user.slice/user-0.slice/session-1.scope");
	assert_string_equal(list->all[1]->id, "mnt:[340]");
	assert_string_equal(list->all[1]->cgroup, "/mine");
	assert_string_equal(list->all[1]->runtime, "systemd-nspawn");
	/* a unit some of whose processes have the host's root has no RootDirectory= */
	put_actor(f, (actor){.pid = 50, .cgroup = "0::/system.slice/b.service\n"});
	assert_int_equal(find(f)->count, 3);
	/* but the worker of one with PrivateTmp= may be in a chroot */
	put_actor(f, (actor){.pid = 50, .cgroup = "0::/system.slice/b.service\n", .mnt = 7});
	assert_int_equal(find(f)->count, 2);
	/* a pid namespace of its own is no service's */
	put_actor(f, (actor){.pid = 50, .cgroup = "0::/user.slice\n"});
	put_actor(f, (actor){.pid = 41,
			     .cgroup = "0::/system.slice/b.service\n",
			     .space = 3,
			     .root = 8});
	assert_int_equal(find(f)->count, 3);
}

static void test_machines(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31 40");
	const char *scope = "0::/machine.slice/machine-deb.scope\n";

	(void)state;
	put_actor(f, (actor){.pid = 30, .exe = "/usr/bin/systemd-nspawn", .cgroup = scope});
	put_actor(f, (actor){.pid = 31, .cgroup = scope, .space = 1, .root = 9});
	put_actor(f, (actor){.pid = 40,
			     .cgroup = "0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope\n",
			     .mnt = 4});
	const hf_containers *list = find(f);

	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 1);
	assert_string_equal(list->all[0]->name, "deb");
	assert_int_equal(list->all[0]->task_count, 1);
	assert_int_equal(list->all[0]->pid, 31);
}

static void test_helpers(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("20 30 31 32");

	(void)state;
	put_actor(f, (actor){.pid = 20,
			     .exe = "/usr/bin/containerd-shim-runc-v2",
			     .cgroup = "0::/system.slice/containerd.service\n"});
	put_actor(f, (actor){.pid = 30, .parent = 20, .cgroup = DOCKER, .space = 1, .root = 9});
	put_actor(f, (actor){.pid = 31, .parent = 20, .exe = "/usr/sbin/runc", .cgroup = DOCKER});
	/* a name alone is anybody's choice */
	put_actor(f, (actor){.pid = 32, .parent = 30, .exe = "/usr/sbin/runc", .cgroup = DOCKER});
	const hf_container *c = find(f)->all[0];

	assert_int_equal(c->task_count, 2);
	assert_int_equal(c->tasks[0].pid, 30);
	assert_int_equal(c->tasks[1].pid, 32);
	assert_int_equal(c->helper_count, 1);
	assert_int_equal(c->helpers[0].pid, 31);
	/* on its way in, it is in the container's namespaces already; a first process of that name
	 * stays */
	put_actor(f, (actor){.pid = 31,
			     .parent = 20,
			     .exe = "/usr/sbin/runc",
			     .cgroup = DOCKER,
			     .space = 1});
	assert_int_equal(find(f)->all[0]->helper_count, 1);
	put_actor(f, (actor){.pid = 32, .parent = 30, .cgroup = DOCKER, .space = 1, .start = 500});
	assert_int_equal(find(f)->all[0]->helper_count, 0);
	assert_int_equal(find(f)->all[0]->task_count, 3);
}

static void test_pods(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30");

	(void)state;
	put_actor(
		f,
		(actor){.pid = 30,
			.space = 1,
			.cgroup =
				"0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-"
				"pod1a_2b.slice/cri-containerd-" ID ".scope\n"});
	assert_string_equal(find(f)->all[0]->pod, "1a-2b");
	put_actor(f, (actor){.pid = 30,
			     .space = 1,
			     .cgroup = "4:cpu:/kubepods/burstable/pod1a-2b/" ID "\n"});
	assert_string_equal(find(f)->all[0]->pod, "1a-2b");
	assert_string_equal(find(f)->all[0]->runtime, "kubernetes");
	put_actor(f, (actor){.pid = 30,
			     .space = 1,
			     .cgroup = "0::/machine.slice/machine-libpod_pod_" ID2
				       ".slice/libpod-" ID ".scope\n"});
	assert_string_equal(find(f)->all[0]->pod, ID2);
	put_actor(f, (actor){.pid = 30, .space = 1, .cgroup = DOCKER});
	assert_null(find(f)->all[0]->pod);
}

/* Whatever could hide a container, or a process of one, is told; nothing is taken for absent. */
static void test_gaps(void **state)
{
	static const struct {
		const char *question;
		int error;
	} losses[] = {
		{"file:/proc/40/cgroup", EACCES},
		{"link:/proc/40/ns/mnt", EACCES},
		{"link:/proc/2/ns/mnt", EACCES},
		{"dir:/proc", ETIME},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(losses); i++) {
		hf_cleanup(fixture_freep) fixture *f = host_new("30 40");

		put_actor(f, (actor){.pid = 30, .cgroup = DOCKER, .space = 1, .root = 9});
		put_actor(f, (actor){.pid = 40, .cgroup = "0::/user.slice\n"});
		answer_error(f, losses[i].question, losses[i].error, NULL);
		const hf_containers *list = find(f);

		assert_int_equal(list->fact.state, HF_UNREADABLE);
		assert_non_null(list->fact.why);
		if (list->count > 0)
			assert_int_equal(list->all[0]->tasks_fact.state, HF_UNREADABLE);
	}
	hf_cleanup(fixture_freep) fixture *f = host_new("40");

	put_actor(f, (actor){.pid = 40, .cgroup = "0::/user.slice\n"});
	answer(f, "link:/proc/40/ns/mnt", "mnt:[30");
	assert_int_equal(find(f)->fact.state, HF_UNREADABLE);
	/* its root decides, and its pid namespace where it is a service */
	put_actor(
		f,
		(actor){.pid = 40, .cgroup = "0::/system.slice/b.service\n", .mnt = 7, .root = 8});
	assert_int_equal(find(f)->fact.state, HF_PRESENT);
	answer_error(f, "call:/proc/40/ns", EACCES, NULL);
	assert_int_equal(find(f)->fact.state, HF_UNREADABLE);
	answer_error(f, "stat:/proc/40/root", EACCES, NULL);
	assert_int_equal(find(f)->fact.state, HF_UNREADABLE);
	put_actor(
		f,
		(actor){.pid = 40, .cgroup = "0::/system.slice/b.service\n", .mnt = 7, .root = 8});
	answer_error(f, "stat:/proc/self/root", EACCES, NULL);
	answer_error(f, "stat:/proc/1/root", EACCES, NULL);
	assert_int_equal(find(f)->fact.state, HF_UNREADABLE);
}

/* A container of which nobody is alive runs nothing. */
static void test_zombies(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31");

	(void)state;
	put_actor(f, (actor){.pid = 30, .cgroup = DOCKER, .state = 'Z'});
	put_actor(f, (actor){.pid = 31, .cgroup = DOCKER2, .space = 1});
	const hf_containers *list = find(f);

	assert_int_equal(list->fact.state, HF_PRESENT);
	assert_int_equal(list->count, 1);
	assert_string_equal(list->all[0]->id, ID2);
}

static size_t ns_peers(fixture *f, size_t index, hf_ns_type type)
{
	return hf_container_ns_peers((hf_check_run *)(void *)&f->view,
				     hf_facts_containers(f->facts)->all[index], type)
		->count;
}

static size_t id_peers(fixture *f, size_t index)
{
	const hf_peers *peers = hf_container_id_peers((hf_check_run *)(void *)&f->view,
						      hf_facts_containers(f->facts)->all[index]);

	assert_int_equal(peers->fact.state, HF_PRESENT);
	return peers->count;
}

static void test_peers(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31 40");

	(void)state;
	put_actor(f, (actor){.pid = 30, .cgroup = DOCKER, .space = 1, .root = 9, .user = 2});
	put_actor(f, (actor){.pid = 40,
			     .cgroup = DOCKER2,
			     .space = 2,
			     .pid_ns = 2,
			     .root = 9,
			     .user = 3});
	answer(f, "file:/proc/30/uid_map", "0 100000 65536\n");
	answer(f, "file:/proc/30/gid_map", "0 100000 65536\n");
	answer(f, "file:/proc/40/uid_map", "0 165536 65536\n");
	answer(f, "file:/proc/40/gid_map", "0 300000 65536\n");
	answer_dir(f, "/proc", "1 2 30 40 filesystems self");
	assert_int_equal(find(f)->count, 2);
	assert_int_equal(ns_peers(f, 0, HF_NS_PID), 2);
	assert_int_equal(ns_peers(f, 1, HF_NS_PID), 2);
	assert_int_equal(ns_peers(f, 0, HF_NS_NET), 1);
	/* the initial one is nobody's own */
	assert_int_equal(ns_peers(f, 0, HF_NS_TIME), 0);
	assert_int_equal(id_peers(f, 0), 1);
	answer(f, "file:/proc/40/uid_map", "0 165535 65536\n");
	(void)find(f);
	assert_int_equal(id_peers(f, 0), 2);
	assert_int_equal(id_peers(f, 1), 2);
	answer_error(f, "call:/proc/40/ns", EACCES, NULL);
	(void)find(f);
	assert_int_equal(hf_container_ns_peers((hf_check_run *)(void *)&f->view,
					       hf_facts_containers(f->facts)->all[0], HF_NS_NET)
				 ->fact.state,
			 HF_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_keys),	cmocka_unit_test(test_init),
		cmocka_unit_test(test_nested),	cmocka_unit_test(test_moved_and_entered),
		cmocka_unit_test(test_by_root), cmocka_unit_test(test_machines),
		cmocka_unit_test(test_helpers), cmocka_unit_test(test_pods),
		cmocka_unit_test(test_gaps),	cmocka_unit_test(test_zombies),
		cmocka_unit_test(test_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
