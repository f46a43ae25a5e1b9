/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups of containers: which hierarchy holds a controller, what every level says, what
 * follows. */
#include "containers-fixture.h"

#define GROUP "/docker/" ID
#define MOUNT(number, target, root, type, options)                                                 \
	number " 25 0:" number " " root " " target " rw,relatime - " type " " type " rw," options  \
	       "\n"
#define ROOT_MOUNT "22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"

static fixture *host_with(const char *mountinfo, const char *cgroup)
{
	fixture *f = host_new("900");

	put_actor(f, (actor){.pid = 900, .parent = 1, .cgroup = cgroup, .space = 1, .root = 9});
	answer(f, "file:/proc/1/mountinfo", mountinfo);
	answer(f, "call:uname", "Linux\n6.1.0-28-amd64\n#1 SMP\nx86_64\n");
	return f;
}

static const hf_container *only(hf_check_run *run)
{
	const hf_containers *list = hf_containers_get(run);

	assert_int_equal(list->count, 1);
	return list->all[0];
}

static void test_modes(void **state)
{
	static const struct {
		const char *mountinfo;
		hf_cgroup_mode mode;
	} cases[] = {
		{ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup", "/", "cgroup2", "nsdelegate"),
		 HF_CGROUP_V2},
		{ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup/memory", "/", "cgroup", "memory"),
		 HF_CGROUP_V1},
		{ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup/memory", "/", "cgroup", "memory")
			 MOUNT("31", "/sys/fs/cgroup/unified", "/", "cgroup2", "nsdelegate"),
		 HF_CGROUP_HYBRID},
		/* a hierarchy that only names groups */
		{ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup/systemd", "/", "cgroup", "name=systemd")
			 MOUNT("31", "/sys/fs/cgroup", "/", "cgroup2", "nsdelegate"),
		 HF_CGROUP_V2},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		hf_cleanup(fixture_freep) fixture *f =
			host_with(cases[i].mountinfo, "0::" GROUP "\n");
		hf_check_run *run = fixture_start(f);
		hf_cgroup_mode mode = cases[i].mode == HF_CGROUP_V1 ? HF_CGROUP_V2 : HF_CGROUP_V1;

		assert_int_equal(hf_cgroup_mode_get(run, &mode)->state, HF_PRESENT);
		assert_int_equal(mode, cases[i].mode);
	}
	hf_cleanup(fixture_freep) fixture *f = host_with(ROOT_MOUNT, "0::" GROUP "\n");
	hf_check_run *run = fixture_start(f);
	hf_cgroup_mode mode = HF_CGROUP_HYBRID;

	assert_int_equal(hf_cgroup_mode_get(run, &mode)->state, HF_ABSENT);
	assert_int_equal(mode, HF_CGROUP_HYBRID);
}

/* The hierarchy that holds the controller decides: memory on v1, pids on v2, at the same time. */
static void test_hybrid(void **state)
{
	hf_cleanup(fixture_freep) fixture *f =
		host_with(ROOT_MOUNT MOUNT("30", "/cg/mem", "/", "cgroup", "memory")
				  MOUNT("31", "/cg/uni", "/", "cgroup2", "nsdelegate"),
			  "4:memory:" GROUP "\n0::" GROUP "\n");

	(void)state;
	answer(f, "file:/cg/mem" GROUP "/memory.limit_in_bytes", "9223372036854771712\n");
	answer(f, "file:/cg/mem/docker/memory.limit_in_bytes", "33554432\n");
	answer(f, "file:/cg/uni" GROUP "/pids.max", "50\n");
	answer(f, "file:/cg/uni/docker/pids.max", "20\n");
	answer(f, "file:/cg/uni" GROUP "/memory.max", "1\n"); /* which no controller holds */
	hf_check_run *run = fixture_start(f);
	const hf_container *container = only(run);
	const hf_limit *memory = hf_container_limit(run, container, HF_LIMIT_MEMORY);
	const hf_limit *pids = hf_container_limit(run, container, HF_LIMIT_PIDS);

	assert_int_equal(memory->fact.state, HF_PRESENT);
	assert_true(memory->is_limited && !memory->is_own_limited);
	assert_int_equal(memory->value, 33554432);
	assert_string_equal(memory->path, "/docker");
	assert_int_equal(pids->fact.state, HF_PRESENT);
	assert_true(pids->is_limited && pids->is_own_limited);
	assert_int_equal(pids->value, 20);
	assert_int_equal(pids->own, 50);
	assert_string_equal(pids->path, "/docker");
	/* a controller that neither has */
	assert_int_equal(hf_container_limit(run, container, HF_LIMIT_CPU)->fact.state,
			 HF_UNREADABLE);
	const hf_cgroup_values *values =
		hf_cgroup_values_get(run, container, "pids.max", "pids", "pids.max");

	assert_int_equal(values->count, 2);
	assert_false(values->is_v1);
	assert_string_equal(values->levels[0].path, GROUP);
	assert_string_equal(values->levels[0].text, "50");
}

/* In a container of its own, the mount shows a part of the tree. */
static void test_part_of_a_tree(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_with(
		ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup", "/outer", "cgroup2", "nsdelegate"),
		"0::/outer" GROUP "/init.scope\n");

	(void)state;
	answer(f, "file:/sys/fs/cgroup" GROUP "/pids.max", "max\n");
	answer(f, "file:/sys/fs/cgroup/docker/pids.max", "30\n");
	hf_check_run *run = fixture_start(f);
	const hf_limit *pids = hf_container_limit(run, only(run), HF_LIMIT_PIDS);

	assert_int_equal(pids->fact.state, HF_PRESENT);
	assert_int_equal(pids->value, 30);
	assert_string_equal(pids->path, "/outer/docker");
}

/* crun writes limits into a group of its own below that of systemd: both are the container's. */
static void test_groups_of_crun(void **state)
{
	hf_cleanup(fixture_freep) fixture *f =
		host_with(ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup", "/", "cgroup2", "nsdelegate"),
			  "0::/machine.slice/libpod-" ID ".scope/container/init.scope\n");

	(void)state;
	answer(f, "file:/sys/fs/cgroup/machine.slice/libpod-" ID ".scope/container/pids.max",
	       "2048\n");
	answer(f, "file:/sys/fs/cgroup/machine.slice/libpod-" ID ".scope/pids.max", "2361\n");
	answer(f, "file:/sys/fs/cgroup/machine.slice/pids.max", "max\n");
	hf_check_run *run = fixture_start(f);
	const hf_limit *pids = hf_container_limit(run, only(run), HF_LIMIT_PIDS);

	assert_int_equal(pids->fact.state, HF_PRESENT);
	assert_true(pids->is_own_limited);
	assert_int_equal(pids->own, 2048);
	assert_int_equal(pids->value, 2048);
	assert_int_equal(
		hf_cgroup_values_get(run, only(run), "pids.max", "pids", "pids.max")->count, 3);
}

static void test_foreign_namespace(void **state)
{
	hf_cleanup(fixture_freep) fixture *f =
		host_with(ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup", "/", "cgroup2", "nsdelegate"),
			  "0::/../" ID "\n");

	(void)state;
	hf_check_run *run = fixture_start(f);

	assert_int_equal(hf_container_limit(run, only(run), HF_LIMIT_PIDS)->fact.state,
			 HF_UNREADABLE);
}

/* What cannot be there is not asked: the controllers of the group say so, or its listing. */
static void test_absence(void **state)
{
	hf_cleanup(fixture_freep) fixture *f =
		host_with(ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup", "/", "cgroup2", "nsdelegate"),
			  "0::" GROUP "\n");

	(void)state;
	answer(f, "file:/sys/fs/cgroup" GROUP "/cgroup.controllers", "cpu pids\n");
	answer(f, "file:/sys/fs/cgroup/docker/cgroup.controllers", "cpu pids\n");
	answer(f, "file:/sys/fs/cgroup" GROUP "/pids.max", "max\n");
	answer_dir(f, "/sys/fs/cgroup/docker", "cgroup.procs");
	hf_check_run *run = fixture_start(f);
	const hf_container *container = only(run);

	assert_int_equal(hf_container_limit(run, container, HF_LIMIT_MEMORY)->fact.state,
			 HF_ABSENT);
	const hf_limit *pids = hf_container_limit(run, container, HF_LIMIT_PIDS);

	assert_int_equal(pids->fact.state, HF_PRESENT);
	assert_false(pids->is_limited);
	/* and what could be there and was not asked is not known */
	assert_int_equal(hf_container_limit(run, container, HF_LIMIT_CPU)->fact.state,
			 HF_UNREADABLE);
}

static void test_amounts(void **state)
{
	static const struct {
		const char *text;
		bool is_limited, is_read;
		uint64_t value;
	} cases[] = {
		{"max 100000", false, true, 0},
		{"max", false, true, 0},
		{"50000 100000", true, true, 500},
		{"150000 100000", true, true, 1500},
		{"1000 0", false, false, 0},
		{"x 100000", false, false, 0},
		{"1000", false, false, 0},
		{"", false, false, 0},
		{"99999999999999999999 1", false, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		hf_cleanup(fixture_freep) fixture *f = host_with(
			ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup", "/", "cgroup2", "nsdelegate"),
			"0::" GROUP "\n");

		char line[64];

		(void)snprintf(line, sizeof line, "%s\n", cases[i].text);
		answer(f, "file:/sys/fs/cgroup" GROUP "/cpu.max", line);
		answer(f, "file:/sys/fs/cgroup/docker/cpu.max", "max 100000\n");
		hf_check_run *run = fixture_start(f);
		const hf_limit *cpu = hf_container_limit(run, only(run), HF_LIMIT_CPU);

		if ((cpu->fact.state == HF_PRESENT) != cases[i].is_read ||
		    cpu->is_limited != cases[i].is_limited || cpu->value != cases[i].value)
			fail_msg("%s", cases[i].text);
	}
}

/* memsw holds memory and swap together. */
static void test_swap_of_v1(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_with(
		ROOT_MOUNT MOUNT("30", "/cg", "/", "cgroup", "memory"), "4:memory:" GROUP "\n");

	(void)state;
	answer(f, "file:/cg" GROUP "/memory.limit_in_bytes", "67108864\n");
	answer(f, "file:/cg/docker/memory.limit_in_bytes",
	       "9223372036854710272\n"); /* pages of 64 KiB */
	answer(f, "file:/cg" GROUP "/memory.memsw.limit_in_bytes", "134217728\n");
	answer(f, "file:/cg/docker/memory.memsw.limit_in_bytes", "9223372036854710272\n");
	hf_check_run *run = fixture_start(f);
	const hf_limit *swap = hf_container_limit(run, only(run), HF_LIMIT_SWAP);

	assert_int_equal(swap->fact.state, HF_PRESENT);
	assert_int_equal(swap->value, 67108864);
	assert_int_equal(swap->own, 67108864);
}

static void test_deep(void **state)
{
	char path[1024] = "", line[1100];

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(path, "/a");
	strcat(path, GROUP);
	(void)snprintf(line, sizeof line, "0::%s\n", path);
	hf_cleanup(fixture_freep) fixture *f = host_with(
		ROOT_MOUNT MOUNT("30", "/sys/fs/cgroup", "/", "cgroup2", "nsdelegate"), line);
	hf_check_run *run = fixture_start(f);

	assert_int_equal(hf_container_limit(run, only(run), HF_LIMIT_PIDS)->fact.state,
			 HF_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),	       cmocka_unit_test(test_hybrid),
		cmocka_unit_test(test_part_of_a_tree), cmocka_unit_test(test_foreign_namespace),
		cmocka_unit_test(test_absence),	       cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_groups_of_crun), cmocka_unit_test(test_swap_of_v1),
		cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
