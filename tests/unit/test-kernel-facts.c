/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's version, running sysctls, security modules, lockdown and mounts as facts. */
#include "facts/kernel-text.h"

#include <stdio.h>

#include "record.h"

static void expect_version(const char *release, const char *build, uint32_t major, uint32_t minor,
			   uint32_t patch)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_kernel kernel = {0};
	char text[256];
	int n = snprintf(text, sizeof text, "Linux\n%s\n%s\nx86_64", release, build);

	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_uname_parse(arena, text, (size_t)n, &kernel, NULL), 0);
	assert_string_equal(kernel.release, release);
	assert_string_equal(kernel.build, build);
	assert_string_equal(kernel.machine, "x86_64");
	assert_int_equal(kernel.major, major);
	assert_int_equal(kernel.minor, minor);
	assert_int_equal(kernel.patch, patch);
}

static void test_versions(void **state)
{
	(void)state;
	expect_version("6.12.9", "#1 SMP", 6, 12, 9);
	expect_version("5.14.0-503.11.1.el9_5.x86_64", "#1 SMP PREEMPT_DYNAMIC", 5, 14, 0);
	expect_version("6.8.0-45-generic", "#45-Ubuntu SMP", 6, 8, 0);
	expect_version("6.13-rc3", "#1", 6, 13, 0);
	expect_version("4.19.", "#1", 4, 19, 0);
	/* Debian's release names the ABI, the build the stable release */
	expect_version("6.1.0-28-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)", 6,
		       1, 119);
	expect_version("6.1.0-28-amd64", "#1 SMP Debian 6.2.119-1", 6, 1, 0);
	expect_version("6.12.12+deb13-amd64", "#1 SMP Debian 6.12.99-1", 6, 12, 12);
	/* a number that does not fit is none */
	expect_version("6.1.99999999999", "#1", 6, 1, 0);
}

static void test_version_order(void **state)
{
	const hf_kernel kernel = {.major = 6, .minor = 1, .patch = 10};

	(void)state;
	assert_int_equal(hf_kernel_compare(&kernel, "6.1.10"), 0);
	assert_true(hf_kernel_compare(&kernel, "6.1.9") > 0);
	assert_true(hf_kernel_compare(&kernel, "6.1") > 0);
	assert_true(hf_kernel_compare(&kernel, "6.2") < 0);
	assert_true(hf_kernel_compare(&kernel, "5.19.17") > 0);
	assert_true(hf_kernel_compare(&kernel, "10") < 0);
}

static void test_kernel_fact(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();
	const hf_kernel *kernel = hf_facts_kernel(host.facts);

	(void)state;
	assert_int_equal(kernel->fact.state, HF_UNREADABLE);
	assert_non_null(kernel->fact.why);

	hf_cleanup(hf_host_free) hf_host cut = hf_host_new();

	hf_host_call(&cut, "uname", "Linux\n6.1.0\n");
	kernel = hf_facts_kernel(cut.facts);
	assert_int_equal(kernel->fact.state, HF_UNREADABLE);
	assert_string_equal(kernel->fact.why, "four lines are expected");

	hf_cleanup(hf_host_free) hf_host strange = hf_host_new();

	hf_host_kernel(&strange, "next-20250101");
	assert_int_equal(hf_facts_kernel(strange.facts)->fact.state, HF_UNREADABLE);
}

/* ---- sysctl ---- */

static void test_sysctl(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	hf_host_file(&host, "/proc/sys/kernel/kptr_restrict", "1\n");
	hf_host_file(&host, "/proc/sys/net/ipv4/conf/eth0.1/rp_filter", "-2\n");
	hf_host_file(&host, "/proc/sys/kernel/printk", "4\t4\t1\t7\n");
	hf_host_file(&host, "/proc/sys/kernel/core_pattern", "|/usr/lib/x %P\n");
	hf_host_file(&host, "/proc/sys/kernel/modprobe", "\n");
	hf_host_file(&host, "/proc/sys/fs/file-max", "9223372036854775808\n");
	hf_host_bytes(&host, HF_ASK_FILE, "/proc/sys/kernel/tainted", "1\0002\n", 4);
	hf_host_fails(&host, HF_ASK_FILE, "/proc/sys/kernel/cad_pid", EACCES);

	const hf_sysctl *sysctl = hf_facts_sysctl(host.facts, "kernel.kptr_restrict");

	assert_int_equal(sysctl->fact.state, HF_PRESENT);
	assert_string_equal(sysctl->fact.source, "/proc/sys/kernel/kptr_restrict");
	assert_string_equal(sysctl->text, "1");
	assert_true(sysctl->is_number);
	assert_int_equal(sysctl->number, 1);
	sysctl = hf_facts_sysctl(host.facts, "net.ipv4.conf.eth0/1.rp_filter");
	assert_int_equal(sysctl->number, -2);
	sysctl = hf_facts_sysctl(host.facts, "kernel.printk");
	assert_string_equal(sysctl->text, "4\t4\t1\t7");
	assert_false(sysctl->is_number);
	assert_string_equal(hf_facts_sysctl(host.facts, "kernel.core_pattern")->text,
			    "|/usr/lib/x %P");
	assert_string_equal(hf_facts_sysctl(host.facts, "kernel.modprobe")->text, "");
	assert_false(hf_facts_sysctl(host.facts, "kernel.modprobe")->is_number);
	assert_false(hf_facts_sysctl(host.facts, "fs.file-max")->is_number);
	assert_int_equal(hf_facts_sysctl(host.facts, "kernel.tainted")->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_facts_sysctl(host.facts, "kernel.cad_pid")->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_facts_sysctl(host.facts, "kernel.never_asked")->fact.state,
			 HF_UNREADABLE);
}

static void test_sysctl_absence_needs_a_tree(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	hf_host_fails(&host, HF_ASK_FILE, "/proc/sys/net/bridge/x", ENOENT);
	hf_host_fails(&host, HF_ASK_DIR, "/proc/sys/net/bridge", ENOENT);
	hf_host_dir(&host, "/proc/sys/net", "core ipv4");
	assert_int_equal(hf_facts_sysctl(host.facts, "net.bridge.x")->fact.state, HF_ABSENT);

	/* the /proc of a file tree */
	hf_cleanup(hf_host_free) hf_host tree = hf_host_new();

	hf_host_fails(&tree, HF_ASK_FILE, "/proc/sys/kernel/x", ENOENT);
	hf_host_fails(&tree, HF_ASK_DIR, "/proc/sys/kernel", ENOENT);
	hf_host_fails(&tree, HF_ASK_DIR, "/proc/sys", ENOENT);
	hf_host_dir(&tree, "/proc", "");
	assert_int_equal(hf_facts_sysctl(tree.facts, "kernel.x")->fact.state, HF_UNREADABLE);
}

/* ---- security modules ---- */

static void test_lsm(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	hf_host_file(&host, "/sys/kernel/security/lsm", "lockdown,capability,yama,apparmor");
	const hf_lsm *lsm = hf_facts_lsm(host.facts);

	assert_int_equal(lsm->fact.state, HF_PRESENT);
	assert_string_equal(lsm->list, "lockdown,capability,yama,apparmor");
	assert_true(hf_lsm_has(lsm, "apparmor"));
	assert_true(hf_lsm_has(lsm, "lockdown"));
	assert_false(hf_lsm_has(lsm, "armor"));
	assert_false(hf_lsm_has(lsm, "lock"));
	assert_false(hf_lsm_has(lsm, ""));

	/* securityfs is not mounted: the system call tells */
	hf_cleanup(hf_host_free) hf_host call = hf_host_new();

	hf_host_fails(&call, HF_ASK_FILE, "/sys/kernel/security/lsm", ENOENT);
	hf_host_dir(&call, "/sys/kernel/security", "");
	hf_host_call(&call, "lsm_list_modules", "capability,selinux");
	lsm = hf_facts_lsm(call.facts);
	assert_int_equal(lsm->fact.state, HF_PRESENT);
	assert_string_equal(lsm->fact.source, "lsm_list_modules");
	assert_true(hf_lsm_has(lsm, "selinux"));
}

static void test_lsm_unknown(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	hf_host_fails(&host, HF_ASK_FILE, "/sys/kernel/security/lsm", ENOENT);
	hf_host_dir(&host, "/sys/kernel/security", "");
	hf_host_fails(&host, HF_ASK_CALL, "lsm_list_modules", ENOSYS);
	hf_host_file(&host, "/sys/module/apparmor/parameters/enabled", "Y\n");
	const hf_lsm *lsm = hf_facts_lsm(host.facts);

	assert_int_equal(lsm->fact.state, HF_UNREADABLE);
	assert_non_null(strstr(lsm->fact.why, "apparmor/parameters/enabled says Y"));
	assert_false(hf_lsm_has(lsm, "apparmor"));

	hf_cleanup(hf_host_free) hf_host empty = hf_host_new();

	hf_host_file(&empty, "/sys/kernel/security/lsm", "\n");
	hf_host_fails(&empty, HF_ASK_CALL, "lsm_list_modules", ENOSYS);
	lsm = hf_facts_lsm(empty.facts);
	assert_int_equal(lsm->fact.state, HF_UNREADABLE);
	assert_null(lsm->list);
}

static void test_lockdown(void **state)
{
	hf_lockdown_level level = HF_LOCKDOWN_NONE;

	(void)state;
	assert_int_equal(hf_lockdown_parse("none [integrity] confidentiality\n", 33, &level), 0);
	assert_int_equal(level, HF_LOCKDOWN_INTEGRITY);
	assert_int_equal(hf_lockdown_parse("[none] integrity confidentiality\n", 33, &level), 0);
	assert_int_equal(level, HF_LOCKDOWN_NONE);
	assert_int_equal(hf_lockdown_parse("none integrity [confidentiality]", 32, &level), 0);
	assert_int_equal(level, HF_LOCKDOWN_CONFIDENTIALITY);
	assert_int_equal(hf_lockdown_parse("none [integ] x", 14, &level), -EBADMSG);
	assert_int_equal(hf_lockdown_parse("none [integrity", 15, &level), -EBADMSG);
	assert_int_equal(hf_lockdown_parse("", 0, &level), -EBADMSG);
	assert_int_equal(level, HF_LOCKDOWN_CONFIDENTIALITY);
}

static void expect_lockdown(const char *lsm, hf_state state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	hf_host_fails(&host, HF_ASK_FILE, "/sys/kernel/security/lockdown", ENOENT);
	hf_host_dir(&host, "/sys/kernel/security", "");
	if (lsm)
		hf_host_call(&host, "lsm_list_modules", lsm);
	assert_int_equal(hf_facts_lockdown(host.facts)->fact.state, state);
}

static void test_lockdown_absence(void **state)
{
	(void)state;
	expect_lockdown("capability,yama", HF_ABSENT);
	expect_lockdown("lockdown,capability", HF_UNREADABLE);
	expect_lockdown(NULL, HF_UNREADABLE);
}

/* ---- mounts ---- */

static int parse_mounts(hf_arena *arena, const char *text, hf_mounts *mounts, hf_error *err)
{
	return hf_mountinfo_parse(arena, text, strlen(text), mounts, err);
}

static void test_mounts(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_mounts mounts = {0};

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(
		parse_mounts(
			arena,
			"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw,errors=remount-ro\n"
			"23 22 0:5 /sub /a\\040b ro,nosuid,nodev master:1 shared:2 - tmpfs  "
			"rw,size=1k\n"
			"24 22 0:4 net:[4026531992] /run/netns/x rw - nsfs nsfs rw",
			&mounts, NULL),
		0);
	assert_int_equal(mounts.count, 3);
	assert_string_equal(mounts.all[0].target, "/");
	assert_string_equal(mounts.all[0].source, "/dev/root");
	assert_string_equal(mounts.all[0].fs_type, "ext4");
	assert_int_equal(mounts.all[0].major, 8);
	assert_int_equal(mounts.all[0].minor, 1);
	assert_string_equal(mounts.all[1].target, "/a b");
	assert_string_equal(mounts.all[1].root, "/sub");
	assert_string_equal(mounts.all[1].source, "");
	assert_string_equal(mounts.all[1].options, "ro,nosuid,nodev");
	assert_string_equal(mounts.all[1].super_options, "rw,size=1k");
	assert_string_equal(mounts.all[2].root, "net:[4026531992]");

	assert_true(hf_mount_has_option(&mounts.all[1], "nosuid"));
	assert_false(hf_mount_has_option(&mounts.all[1], "noexec"));
	assert_false(hf_mount_has_option(&mounts.all[1], "nosui"));
	assert_true(hf_mount_has_option(&mounts.all[1], "ro"));
	assert_false(hf_mount_has_option(&mounts.all[1], "rw"));
	assert_true(hf_mount_has_option(&mounts.all[0], "rw"));
	assert_true(hf_mount_has_option(&mounts.all[0], "errors"));
	assert_true(hf_mount_has_option(&mounts.all[0], "errors=remount-ro"));
	assert_false(hf_mount_has_option(&mounts.all[0], "errors=panic"));
}

static void test_malformed_mounts(void **state)
{
	static const char *const lines[] = {
		"22\n",
		"22 1 8:1 / / rw - ext4 /dev/vda\n",
		"22 1 8:1 / / rw ext4 /dev/vda rw\n",
		"22 1 8 / / rw - ext4 /dev/vda rw\n",
		"22 1 8:x / / rw - ext4 /dev/vda rw\n",
		"22 1 8:99999999999 / / rw - ext4 /dev/vda rw\n",
		"22 1 8:1 \t/su b/ rw - ext4 /dev/vda rw\n",
		"\n",
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_mounts mounts = {.count = 7};
	hf_error err;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(lines); i++)
		assert_int_equal(parse_mounts(arena, lines[i], &mounts, &err), -EBADMSG);
	assert_int_equal(
		hf_mountinfo_parse(arena, "22 1 8:1 / /\0 rw - ext4 a rw", 28, &mounts, &err),
		-EBADMSG);
	assert_int_equal(mounts.count, 7);

	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	hf_host_file(&host, "/proc/1/mountinfo", "");
	assert_int_equal(hf_facts_mounts(host.facts)->fact.state, HF_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_version_order),
		cmocka_unit_test(test_kernel_fact),
		cmocka_unit_test(test_sysctl),
		cmocka_unit_test(test_sysctl_absence_needs_a_tree),
		cmocka_unit_test(test_lsm),
		cmocka_unit_test(test_lsm_unknown),
		cmocka_unit_test(test_lockdown),
		cmocka_unit_test(test_lockdown_absence),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_malformed_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
