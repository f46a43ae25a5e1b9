/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules: lists, modprobe.d, and what keeps a module out. */
#include "facts/kernel-text.h"

#include <stdio.h>

#include "record.h"

static void test_lists(void **state)
{
	static const char modinfo[] =
		"ext4.license=GPL\0ext4.file=fs/ext4/ext4\0usb_core.author=x\0cut";
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_module_names names;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	static const char loaded[] = "overlay 151552 0 - Live 0x0\nbr_netfilter 1 0\nveth";

	assert_int_equal(hf_proc_modules_parse(arena, loaded, sizeof loaded - 1, &names), 0);
	assert_int_equal(names.count, 3);
	assert_true(hf_module_names_have(&names, "overlay"));
	assert_true(hf_module_names_have(&names, "veth"));
	assert_false(hf_module_names_have(&names, "vet"));

	static const char paths[] = "kernel/net/sctp/sctp.ko.xz: kernel/lib/libcrc32c.ko.xz\n"
				    "kernel/drivers/usb/storage/usb-storage.ko:\n"
				    "updates/dkms/zfs.ko.zst\nno module\n";

	assert_int_equal(hf_module_paths_parse(arena, paths, sizeof paths - 1, &names), 0);
	assert_int_equal(names.count, 3);
	assert_true(hf_module_names_have(&names, "sctp"));
	assert_true(hf_module_names_have(&names, "usb_storage"));
	assert_true(hf_module_names_have(&names, "zfs"));
	assert_false(hf_module_names_have(&names, "libcrc32c"));

	assert_int_equal(hf_module_modinfo_parse(arena, modinfo, sizeof modinfo - 1, &names), 0);
	assert_int_equal(names.count, 2);
	assert_true(hf_module_names_have(&names, "usb_core"));
	assert_int_equal(hf_proc_modules_parse(arena, "", 0, &names), 0);
	assert_false(hf_module_names_have(&names, ""));
}

static void test_modprobe_d(void **state)
{
	static const char text[] = "# install a /bin/false\n"
				   "install usb-storage /bin/false\n"
				   "install\tdccp \t /bin/true  # no\n"
				   "blacklist sctp\n"
				   "install rds\n"
				   "install b \\\n  /bin/sh -c \\\n  'x'\n"
				   "alias net-pf-[0-9]-x tipc extra\n"
				   "options tipc a=1\n"
				   "  install c /bin/false";
	static const hf_modprobe_line wanted[] = {
		{HF_MODPROBE_INSTALL, "usb_storage", "/bin/false", 2},
		{HF_MODPROBE_INSTALL, "dccp", "/bin/true  # no", 3},
		{HF_MODPROBE_INSTALL, "b", "/bin/sh -c   'x'", 6},
		{HF_MODPROBE_ALIAS, "net_pf_[0-9]_x", "tipc", 9},
		{HF_MODPROBE_INSTALL, "c", "/bin/false", 11},
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_modprobe_lines lines;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_modprobe_d_parse(arena, text, sizeof text - 1, &lines), 0);
	assert_int_equal(lines.count, HF_ARRAY_SIZE(wanted));
	for (size_t i = 0; i < lines.count; i++) {
		assert_int_equal(lines.all[i].word, wanted[i].word);
		assert_string_equal(lines.all[i].name, wanted[i].name);
		assert_string_equal(lines.all[i].argument, wanted[i].argument);
		assert_int_equal(lines.all[i].number, wanted[i].number);
	}
}

static void test_install_effect(void **state)
{
	static const struct {
		const char *command;
		hf_install_effect effect;
	} rows[] = {
		{"/bin/false", HF_INSTALL_DENIES},
		{"/bin/true", HF_INSTALL_DENIES},
		{"/usr/bin/false", HF_INSTALL_DENIES},
		{"/usr/bin/true # CIS 3.2", HF_INSTALL_DENIES},
		{"/bin/falsehood", HF_INSTALL_UNCLEAR},
		{"/bin/false; /sbin/insmod x.ko", HF_INSTALL_LOADS},
		{"/bin/true && /sbin/modprobe -i x", HF_INSTALL_LOADS},
		{"/bin/false || /root/x", HF_INSTALL_UNCLEAR},
		{"/bin/sh -c 'exit 1'", HF_INSTALL_UNCLEAR},
		{"/sbin/modprobe --ignore-install x $CMDLINE_OPTS", HF_INSTALL_LOADS},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++)
		assert_int_equal(hf_install_effect_of(rows[i].command), rows[i].effect);
}

/* ---- the fact ---- */

#define TREE "/usr/lib/modules/6.1.0-28-amd64"

/* A Debian node on which nothing is denied. */
static hf_host ordinary(void)
{
	hf_host host = hf_host_new();

	hf_host_kernel(&host, "6.1.0-28-amd64");
	hf_host_dir(&host, "/proc", "cmdline filesystems modules sys");
	hf_host_file(&host, "/proc/cmdline", "quiet\n");
	hf_host_file(&host, "/proc/sys/kernel/modules_disabled", "0\n");
	hf_host_file(&host, "/proc/modules", "overlay 1 0 - Live 0x0\n");
	hf_host_dir(&host, "/sys/module", "ext4 overlay tcp_cubic");
	hf_host_file(&host, TREE "/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
	hf_host_file(&host, TREE "/modules.dep",
		     "kernel/fs/overlayfs/overlay.ko:\nkernel/net/sctp/sctp.ko:\n"
		     "kernel/drivers/usb/storage/usb-storage.ko:\nkernel/net/tipc/tipc.ko:\n");
	hf_host_link(&host, "/lib", "usr/lib");
	hf_host_dir(&host, "/etc/modprobe.d", "");
	hf_host_dir(&host, "/run/modprobe.d", "");
	hf_host_dir(&host, "/usr/local/lib/modprobe.d", "");
	hf_host_dir(&host, "/usr/lib/modprobe.d", "");
	return host;
}

static const hf_module *expect(const hf_host *host, const char *name, hf_module_state state)
{
	const hf_module *module = hf_facts_module(host->facts, name);

	assert_int_equal(module->state, state);
	assert_int_equal(module->fact.state,
			 state == HF_MODULE_UNKNOWN ? HF_UNREADABLE : HF_PRESENT);
	assert_non_null(module->fact.source);
	assert_int_equal(module->fact.why != NULL, state == HF_MODULE_UNKNOWN);
	assert_int_equal(module->denied_by != NULL, state == HF_MODULE_DENIED);
	return module;
}

static void test_ordinary(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();

	(void)state;
	expect(&host, "overlay", HF_MODULE_LOADED);
	assert_string_equal(expect(&host, "ext4", HF_MODULE_BUILTIN)->fact.source,
			    TREE "/modules.builtin");
	/* not in the list of this release, but the kernel shows it and has not loaded it */
	assert_string_equal(expect(&host, "tcp_cubic", HF_MODULE_BUILTIN)->fact.source,
			    "/sys/module");
	assert_string_equal(expect(&host, "sctp", HF_MODULE_LOADABLE)->fact.source,
			    TREE "/modules.dep");
	expect(&host, "usb-storage", HF_MODULE_LOADABLE);
	expect(&host, "usb_storage", HF_MODULE_LOADABLE);
	assert_true(expect(&host, "dccp", HF_MODULE_MISSING)->is_supported);
}

static void test_install(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();

	(void)state;
	hf_host_dir(&host, "/etc/modprobe.d", "10.conf 20.conf note.txt");
	hf_host_file(&host, "/etc/modprobe.d/10.conf",
		     "install usb-storage /bin/false\nblacklist sctp\n"
		     "install t[a-k]pc /bin/true\n"
		     "install overlay /bin/false\n");
	hf_host_file(&host, "/etc/modprobe.d/20.conf",
		     "install usb-storage /sbin/modprobe -i usb-storage\n");
	/* the first line for a name counts */
	const hf_module *module = expect(&host, "usb_storage", HF_MODULE_DENIED);

	assert_string_equal(module->denied_by, "/etc/modprobe.d/10.conf:1");
	expect(&host, "sctp", HF_MODULE_LOADABLE);
	assert_string_equal(expect(&host, "tipc", HF_MODULE_DENIED)->denied_by,
			    "/etc/modprobe.d/10.conf:3");
	/* too late: it is in */
	expect(&host, "overlay", HF_MODULE_LOADED);
}

static void test_masked_install(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();

	(void)state;
	hf_host_dir(&host, "/etc/modprobe.d", "deny.conf");
	hf_host_special(&host, "/etc/modprobe.d/deny.conf", S_IFCHR | 0666, 1, 3);
	hf_host_dir(&host, "/usr/lib/modprobe.d", "deny.conf");
	hf_host_file(&host, "/usr/lib/modprobe.d/deny.conf", "install sctp /bin/false\n");
	expect(&host, "sctp", HF_MODULE_LOADABLE);
}

static void test_unclear_install(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();

	(void)state;
	hf_host_dir(&host, "/etc/modprobe.d", "x.conf");
	hf_host_file(&host, "/etc/modprobe.d/x.conf", "install sctp /usr/local/bin/gate\n");
	assert_non_null(strstr(expect(&host, "sctp", HF_MODULE_UNKNOWN)->fact.why, "gate"));
}

static void test_unreadable_modprobe_d(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();
	hf_cleanup(hf_host_free) hf_host blind = ordinary();

	(void)state;
	hf_host_dir(&host, "/etc/modprobe.d", "10.conf 20.conf 30.conf");
	hf_host_file(&host, "/etc/modprobe.d/10.conf", "install tipc /bin/false\n");
	hf_host_fails(&host, HF_ASK_FILE, "/etc/modprobe.d/20.conf", EACCES);
	hf_host_file(&host, "/etc/modprobe.d/30.conf", "install sctp /bin/false\n");
	expect(&host, "tipc", HF_MODULE_DENIED);
	/* a line in what was not read would come first */
	expect(&host, "sctp", HF_MODULE_UNKNOWN);
	expect(&host, "usb-storage", HF_MODULE_UNKNOWN);
	expect(&host, "dccp", HF_MODULE_MISSING);

	hf_host_fails(&blind, HF_ASK_DIR, "/run/modprobe.d", EACCES);
	expect(&blind, "sctp", HF_MODULE_UNKNOWN);
}

static void test_boot_line(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();
	hf_cleanup(hf_host_free) hf_host none = ordinary();

	(void)state;
	hf_host_file(&host, "/proc/cmdline",
		     "module-blacklist=sctp,usb-storage modprobe.blacklist=tipc\n");
	assert_string_equal(expect(&host, "sctp", HF_MODULE_DENIED)->denied_by, "module_blacklist");
	/* the kernel compares its own name, which has '_' */
	expect(&host, "usb-storage", HF_MODULE_LOADABLE);
	expect(&host, "tipc", HF_MODULE_LOADABLE);

	hf_host_file(&none, "/proc/cmdline", "nomodule\n");
	assert_string_equal(expect(&none, "sctp", HF_MODULE_DENIED)->denied_by, "nomodule");
	expect(&none, "overlay", HF_MODULE_LOADED);
}

static void test_modules_disabled(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();
	hf_cleanup(hf_host_free) hf_host unread = ordinary();

	(void)state;
	hf_host_file(&host, "/proc/sys/kernel/modules_disabled", "1\n");
	assert_string_equal(expect(&host, "sctp", HF_MODULE_DENIED)->denied_by,
			    "kernel.modules_disabled");
	hf_host_fails(&unread, HF_ASK_FILE, "/proc/sys/kernel/modules_disabled", EACCES);
	expect(&unread, "sctp", HF_MODULE_UNKNOWN);
	expect(&unread, "dccp", HF_MODULE_MISSING);
}

static void test_unreadable_lists(void **state)
{
	hf_cleanup(hf_host_free) hf_host loaded = ordinary();
	hf_cleanup(hf_host_free) hf_host builtin = ordinary();
	hf_cleanup(hf_host_free) hf_host disk = ordinary();

	(void)state;
	hf_host_fails(&loaded, HF_ASK_FILE, "/proc/modules", EACCES);
	expect(&loaded, "sctp", HF_MODULE_UNKNOWN);
	expect(&loaded, "ext4", HF_MODULE_BUILTIN);

	hf_host_fails(&builtin, HF_ASK_FILE, TREE "/modules.builtin", EACCES);
	expect(&builtin, "sctp", HF_MODULE_LOADABLE);
	expect(&builtin, "dccp", HF_MODULE_UNKNOWN);

	hf_host_fails(&disk, HF_ASK_FILE, TREE "/modules.dep", EACCES);
	expect(&disk, "sctp", HF_MODULE_UNKNOWN);
	expect(&disk, "overlay", HF_MODULE_LOADED);
}

static void test_builtin_modinfo(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();

	(void)state;
	hf_host_fails(&host, HF_ASK_FILE, TREE "/modules.builtin", EACCES);
	hf_host_bytes(&host, HF_ASK_FILE, TREE "/modules.builtin.modinfo",
		      "xfs.license=GPL\0xfs.file=fs/xfs/xfs", 36);
	expect(&host, "xfs", HF_MODULE_BUILTIN);
	expect(&host, "dccp", HF_MODULE_MISSING);
}

static void test_no_module_support(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();
	hf_cleanup(hf_host_free) hf_host bare = ordinary();
	hf_cleanup(hf_host_free) hf_host tree = ordinary();

	(void)state;
	hf_host_fails(&host, HF_ASK_FILE, "/proc/modules", ENOENT);
	hf_host_dir(&host, "/proc", "cmdline filesystems sys");
	const hf_module *module = expect(&host, "sctp", HF_MODULE_MISSING);

	assert_false(module->is_supported);
	assert_string_equal(module->fact.source, "/proc/modules");
	expect(&host, "ext4", HF_MODULE_BUILTIN);

	/* nothing lists what is built in: missing would be a guess */
	hf_host_fails(&bare, HF_ASK_FILE, "/proc/modules", ENOENT);
	hf_host_dir(&bare, "/proc", "cmdline filesystems sys");
	hf_host_fails(&bare, HF_ASK_FILE, TREE "/modules.builtin", EACCES);
	assert_false(expect(&bare, "sctp", HF_MODULE_UNKNOWN)->is_supported);
	expect(&bare, "ext4", HF_MODULE_BUILTIN);

	/* the empty /proc of a file tree */
	hf_host_fails(&tree, HF_ASK_FILE, "/proc/modules", ENOENT);
	hf_host_dir(&tree, "/proc", "");
	assert_true(expect(&tree, "sctp", HF_MODULE_UNKNOWN)->is_supported);
}

static void test_alias(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = ordinary();

	(void)state;
	hf_host_dir(&host, "/etc/modprobe.d", "a.conf");
	hf_host_file(&host, "/etc/modprobe.d/a.conf",
		     "alias net-pf-30 tipc\nalias loop-a loop-b\nalias loop-b loop-a\n"
		     "install tipc /bin/false\n");
	expect(&host, "net_pf_30", HF_MODULE_DENIED);
	expect(&host, "loop_a", HF_MODULE_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_modprobe_d),
		cmocka_unit_test(test_install_effect),
		cmocka_unit_test(test_ordinary),
		cmocka_unit_test(test_install),
		cmocka_unit_test(test_masked_install),
		cmocka_unit_test(test_unclear_install),
		cmocka_unit_test(test_unreadable_modprobe_d),
		cmocka_unit_test(test_boot_line),
		cmocka_unit_test(test_modules_disabled),
		cmocka_unit_test(test_unreadable_lists),
		cmocka_unit_test(test_builtin_modinfo),
		cmocka_unit_test(test_no_module_support),
		cmocka_unit_test(test_alias),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
