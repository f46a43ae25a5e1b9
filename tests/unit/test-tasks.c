/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the tasks of a container. */
#include "containers-fixture.h"

#define DOCKER "0::/docker/" ID "\n"

static fixture *one_container(void)
{
	fixture *f = host_new("30");

	put_actor(f,
		  (actor){.pid = 30, .cgroup = DOCKER, .space = 1, .root = 9, .ns_pids = "30\t1"});
	return f;
}

static const hf_container *only(fixture *f)
{
	const hf_containers *list = hf_containers_get(fixture_start(f));

	assert_int_equal(list->count, 1);
	return list->all[0];
}

static void test_status(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = one_container();
	const hf_task *task = only(f)->init;

	(void)state;
	assert_non_null(task);
	assert_string_equal(task->name, "app");
	assert_string_equal(task->exe, "/bin/app");
	assert_int_equal(task->ns_pid, 1);
	assert_int_equal(task->ns_depth, 2);
	assert_int_equal(task->uid[3], 3);
	assert_int_equal(task->gid[0], 4);
	assert_int_equal(task->group_count, 2);
	assert_int_equal(task->groups[1], 20);
	assert_true(task->cap_effective == 0xa80425fb && task->cap_bounding == 0x1ffffffffff);
	assert_int_equal(task->cap_inheritable, 1);
	assert_true(task->no_new_privs);
	assert_int_equal(task->seccomp_mode, 2);
	assert_int_equal(task->seccomp_filters, 3);
	assert_string_equal(task->speculation_store_bypass, "thread vulnerable");
	assert_null(task->speculation_indirect_branch);
	assert_int_equal(task->ns[HF_NS_MNT], 310);
	assert_int_equal(task->ns[HF_NS_USER], 700);
	assert_int_equal(task->ns_fact.state, HF_PRESENT);
	assert_string_equal(task->label, "docker-default (enforce)");
	assert_string_equal(task->source, "/proc/30/status");
}

/* Each thing that could not be read is told as such. */
static void test_unread(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = one_container();
	const hf_container *c;

	(void)state;
	answer_error(f, "call:/proc/30/ns", EACCES, NULL);
	c = only(f);
	assert_int_equal(c->tasks_fact.state, HF_PRESENT);
	assert_int_equal(c->init->ns_fact.state, HF_UNREADABLE);
	answer(f, "call:/proc/30/ns", "mnt:[310]\nnet !EACCES\n");
	c = only(f);
	assert_int_equal(c->init->ns_fact.state, HF_UNREADABLE);
	assert_string_equal(c->init->ns_fact.why, "net !EACCES");
	assert_int_equal(c->init->ns[HF_NS_MNT], 310);
	answer(f, "call:/proc/30/ns", "mnt:[310]\n");
	assert_int_equal(only(f)->init->ns_fact.state, HF_UNREADABLE);
	answer(f, "call:/proc/30/ns", "mnt:[x]\n");
	assert_int_equal(only(f)->init->ns_fact.state, HF_UNREADABLE);
	answer_error(f, "file:/proc/30/attr/current", EACCES, NULL);
	assert_int_equal(only(f)->init->label_fact.state, HF_UNREADABLE);
	answer_error(f, "file:/proc/30/attr/current", EINVAL, NULL);
	assert_int_equal(only(f)->init->label_fact.state, HF_ABSENT);
	answer_error(f, "file:/proc/30/status", EACCES, NULL);
	c = only(f);
	assert_int_equal(c->tasks_fact.state, HF_UNREADABLE);
	assert_string_equal(c->tasks_fact.source, "/proc/30/status");
	assert_null(c->init);
	assert_int_equal(c->task_count, 1);
	assert_int_equal(c->tasks[0].fact.state, HF_UNREADABLE);
	(void)hf_record_remove(f->record, HF_ASK_FILE, "/proc/30/status");
	assert_int_equal(only(f)->tasks_fact.state, HF_UNREADABLE);
	answer(f, "file:/proc/30/status", "Name:\tapp\nUid:\t0\t0\t0\t0\n");
	assert_int_equal(only(f)->tasks_fact.state, HF_UNREADABLE);
}

static void test_threads(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = one_container();
	const actor self = {.pid = 30, .space = 1, .ns_pids = "30\t1"};
	char text[1024];
	const hf_container *c;

	(void)state;
	status_text(text, sizeof text, &self, "S (sleeping)", 3);
	answer(f, "file:/proc/30/status", text);
	assert_int_equal(only(f)->tasks_fact.state, HF_UNREADABLE); /* nobody listed them */
	answer_dir(f, "/proc/30/task", "100 30 99");
	answer(f, "file:/proc/30/task/99/status", text);
	answer(f, "file:/proc/30/task/100/status", text);
	put_ns(f, &self, "call:/proc/30/task/99/ns");
	put_ns(f, &self, "call:/proc/30/task/100/ns");
	c = only(f);
	assert_int_equal(c->tasks_fact.state, HF_PRESENT);
	assert_int_equal(c->task_count, 3);
	assert_int_equal(c->tasks[1].tid, 99);
	assert_int_equal(c->tasks[2].tid, 100);
	assert_string_equal(c->tasks[2].source, "/proc/30/task/100/status");
	/* it has ended, by its own word and by the kernel's */
	status_text(text, sizeof text, &self, "Z (zombie)", 3);
	answer(f, "file:/proc/30/task/99/status", text);
	answer_error(f, "file:/proc/30/task/100/status", ESRCH, NULL);
	c = only(f);
	assert_int_equal(c->tasks_fact.state, HF_PRESENT);
	assert_int_equal(c->task_count, 1);
	/* the first thread has ended, another has not */
	answer(f, "file:/proc/30/stat",
	       "30 (app) Z 1 1 1 0 -1 4194560 0 0 0 0 3 8 1 0 20 0 9 0 7 0 0\n");
	answer_error(f, "file:/proc/30/task/99/status", EIO, NULL);
	assert_int_equal(hf_containers_get(fixture_start(f))->count, 0);
}

static void test_id_maps(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("30 31");
	hf_check_run *run;
	const hf_id_maps *maps;

	(void)state;
	put_actor(f, (actor){.pid = 30, .cgroup = DOCKER, .space = 1, .user = 2});
	put_actor(f, (actor){.pid = 31, .cgroup = DOCKER, .space = 1, .user = 2});
	answer(f, "file:/proc/30/uid_map",
	       "         0     100000      65536\n     65536       1000          1\n");
	answer(f, "file:/proc/30/gid_map", "         0     200000      65536\n");
	const hf_container *c = only(f);

	run = (hf_check_run *)(void *)&f->view;
	/* through whichever process of the namespace it was asked */
	for (size_t i = 0; i < 2; i++) {
		assert_true(hf_task_is_remapped(run, &c->tasks[i]));
		maps = hf_task_id_maps(run, &c->tasks[i]);
		assert_int_equal(maps->fact.state, HF_PRESENT);
		assert_int_equal(maps->uid_count, 2);
		assert_int_equal(maps->uid[0].outside, 100000);
		assert_int_equal(maps->uid[1].outside, 1000);
		assert_int_equal(maps->gid[0].outside, 200000);
	}
	answer(f, "link:/proc/self/ns/user", "user:[799]");
	c = only(f);
	run = (hf_check_run *)(void *)&f->view;
	assert_int_equal(hf_task_id_maps(run, c->init)->fact.state, HF_UNREADABLE);
	answer(f, "link:/proc/self/ns/user", "user:[700]");
	answer(f, "file:/proc/30/gid_map", "0 1\n");
	c = only(f);
	run = (hf_check_run *)(void *)&f->view;
	assert_int_equal(hf_task_id_maps(run, c->init)->fact.state, HF_UNREADABLE);
	answer_error(f, "link:/proc/2/ns/user", EACCES, NULL);
	c = only(f);
	run = (hf_check_run *)(void *)&f->view;
	assert_false(hf_task_is_remapped(run, c->init));
	assert_null(hf_task_id_maps(run, c->init));
}

static void test_opens(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = one_container();
	const hf_opens *opens;
	const hf_variables *variables;

	(void)state;
	answer(f, "call:/proc/30/open",
	       "0 23 0:25 3 20620 1:3 /dev/null\ncwd 40 0:44 1 40755 0:0 /a\\040b\\134\n");
	answer(f, "call:/proc/30/environ", "PATH 60 -\nPGPASSWORD 12 token\n");
	opens = hf_process_opens(fixture_start(f), 30);
	assert_int_equal(opens->fact.state, HF_PRESENT);
	assert_int_equal(opens->count, 2);
	assert_int_equal(opens->all[0].rdev_minor, 3);
	assert_int_equal(opens->all[0].mode, 020620);
	assert_int_equal(opens->all[1].inode, 1);
	assert_string_equal(opens->all[1].target, "/a b\\");
	variables = hf_process_variables((hf_check_run *)(void *)&f->view, 30);
	assert_int_equal(variables->count, 2);
	assert_string_equal(variables->all[0].shape, "");
	assert_string_equal(variables->all[1].shape, "token");
	assert_int_equal(variables->all[1].value_length, 12);
	answer(f, "call:/proc/30/open", "0 23 0:25 3 20620 1:3 /dev/null\n4 !EACCES\n");
	opens = hf_process_opens(fixture_start(f), 30);
	assert_int_equal(opens->fact.state, HF_UNREADABLE);
	assert_int_equal(opens->count, 1);
	answer(f, "call:/proc/30/open", "0 23 0:25\n");
	assert_int_equal(hf_process_opens(fixture_start(f), 30)->fact.state, HF_UNREADABLE);
	answer(f, "call:/proc/30/open", "");
	assert_int_equal(hf_process_opens(fixture_start(f), 30)->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_process_opens(fixture_start(f), 31)->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_process_variables(fixture_start(f), 31)->fact.state, HF_UNREADABLE);
}

static void test_sockets(void **state)
{
	static const char head[] = "  sl  local_address rem_address   st\n";
	static const char unix_head[] = "Num       RefCount Protocol Flags    Type St Inode Path\n";
	hf_cleanup(fixture_freep) fixture *f = one_container();
	char text[1024];
	const hf_sockets *sockets;

	(void)state;
	answer(f, "call:uname", "Linux\n6.1.0\n#1\nx86_64\n");
	(void)snprintf(text, sizeof text,
		       "%s   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
		       "00000000     0        0 77 1\n"
		       "   1: 00000000:0050 0200000A:0001 01 00000000:00000000 00:00000000 "
		       "00000000     0        0 78 1\n",
		       head);
	answer(f, "file:/proc/30/net/tcp", text);
	answer(f, "file:/proc/30/net/tcp6", head);
	(void)snprintf(text, sizeof text,
		       "%s   0: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 "
		       "00000000     0        0 79 2\n",
		       head);
	answer(f, "file:/proc/30/net/udp", text);
	answer(f, "file:/proc/30/net/udp6", head);
	(void)snprintf(text, sizeof text,
		       "%s0000000000000000: 00000002 00000000 00010000 0001 01 80 /run/a b.sock\n"
		       "0000000000000000: 00000003 00000000 00000000 0001 03 81 /run/c.sock\n",
		       unix_head);
	answer(f, "file:/proc/30/net/unix", text);
	answer(f, "file:/proc/2/net/unix", text);
	const hf_container *c = only(f);
	hf_check_run *run = (hf_check_run *)(void *)&f->view;

	sockets = hf_container_sockets(run, c);
	assert_int_equal(sockets->fact.state, HF_PRESENT);
	assert_int_equal(sockets->count, 3);
	assert_string_equal(sockets->all[0].address, "/run/a b.sock");
	assert_int_equal(sockets->all[0].inode, 80);
	assert_string_equal(sockets->all[1].address, "127.0.0.1");
	assert_true(sockets->all[1].is_loopback && sockets->all[1].port == 8080);
	assert_true(sockets->all[2].is_wildcard && sockets->all[2].port == 53);
	assert_string_equal(sockets->all[2].family, "udp");
	sockets = hf_host_unix_sockets(run);
	assert_int_equal(sockets->fact.state, HF_PRESENT);
	assert_int_equal(sockets->count, 1);
	answer_error(f, "file:/proc/30/net/udp", EACCES, NULL);
	c = only(f);
	sockets = hf_container_sockets((hf_check_run *)(void *)&f->view, c);
	assert_int_equal(sockets->fact.state, HF_UNREADABLE);
	assert_int_equal(sockets->count, 2);
	(void)hf_record_remove(f->record, HF_ASK_FILE, "/proc/2/net/unix");
	assert_int_equal(hf_host_unix_sockets(fixture_start(f))->fact.state, HF_UNREADABLE);
}

static void test_reference(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = one_container();
	const hf_ns_reference *reference = hf_ns_reference_get(fixture_start(f));

	(void)state;
	assert_int_equal(reference->fact.state, HF_PRESENT);
	assert_int_equal(reference->inode[HF_NS_USER], 700);
	assert_int_equal(reference->own[HF_NS_NET], 400);
	/* a kernel without time namespaces */
	answer_missing(f, "link:/proc/2/ns/time");
	assert_int_equal(hf_ns_reference_get(fixture_start(f))->fact.state, HF_UNREADABLE);
	answer_missing(f, "link:/proc/self/ns/time");
	reference = hf_ns_reference_get(fixture_start(f));
	assert_int_equal(reference->fact.state, HF_PRESENT);
	assert_int_equal(reference->inode[HF_NS_TIME], 0);
	assert_null(reference->why[HF_NS_TIME]);
	answer_error(f, "link:/proc/2/ns/net", EACCES, NULL);
	reference = hf_ns_reference_get(fixture_start(f));
	assert_int_equal(reference->fact.state, HF_UNREADABLE);
	assert_int_equal(reference->inode[HF_NS_NET], 0);
	assert_non_null(reference->why[HF_NS_NET]);
	/* in a container pid 2 is anybody */
	answer(f, "file:/proc/2/stat",
	       "2 (kthreadd) S 1 0 0 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0\n");
	reference = hf_ns_reference_get(fixture_start(f));
	assert_int_equal(reference->inode[HF_NS_USER], 0);
	assert_non_null(reference->why[HF_NS_USER]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),	  cmocka_unit_test(test_unread),
		cmocka_unit_test(test_threads),	  cmocka_unit_test(test_id_maps),
		cmocka_unit_test(test_opens),	  cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
