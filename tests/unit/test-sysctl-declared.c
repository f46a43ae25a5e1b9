/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl.d as systemd-sysctl takes it. The large case was run through systemd-sysctl 252 itself,
 * over a read-only /proc/sys and with SYSTEMD_LOG_LEVEL=debug, and this is what it said it would
 * set. */
#include "facts/kernel-text.h"

#include <stdio.h>

#include "record.h"

static const char *normalize(char *buffer, const char *key)
{
	strcpy(buffer, key);
	return hf_sysctl_normalize(buffer);
}

static void test_normalize(void **state)
{
	static const char *const pairs[][2] = {
		{"kernel.domainname", "kernel/domainname"},
		{"kernel/domainname", "kernel/domainname"},
		{"net.ipv4.conf.enp3s0/200.forwarding", "net/ipv4/conf/enp3s0.200/forwarding"},
		{"net/ipv4/conf/enp3s0.200/forwarding", "net/ipv4/conf/enp3s0.200/forwarding"},
		{"/kernel//randomize_va_space/", "kernel/randomize_va_space"},
		{"./kernel/panic", ".kernel.panic"},
		{".kernel.panic", "kernel/panic"},
		{"kernel..panic", "kernel/panic"},
		{"kernel", "kernel"},
		{"/", ""},
		{"", ""},
	};
	char buffer[64];

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(pairs); i++)
		assert_string_equal(normalize(buffer, pairs[i][0]), pairs[i][1]);
}

static void test_lines(void **state)
{
	static const char text[] = "# comment\n"
				   "; comment\n"
				   "\n"
				   "kernel.a=1\n"
				   "  kernel.b \t=  two words \r\n"
				   "-kernel.c=3\n"
				   "- kernel.d\n"
				   "no assignment\n"
				   "kernel.e=\n"
				   "=5\n"
				   "kernel.f=1=2\0kernel.g=7\n"
				   "kernel.h=8";
	static const hf_sysctl_line wanted[] = {
		{"kernel/a", "1", 4},  {"kernel/b", "two words", 5}, {"kernel/c", "3", 6},
		{"kernel/d", NULL, 7}, {"kernel/e", "", 9},	     {"kernel/f", "1=2", 11},
		{"kernel/g", "7", 12}, {"kernel/h", "8", 13},
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_sysctl_lines lines;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_sysctl_d_parse(arena, text, sizeof text - 1, &lines), 0);
	assert_int_equal(lines.count, HF_ARRAY_SIZE(wanted));
	for (size_t i = 0; i < lines.count; i++) {
		assert_string_equal(lines.all[i].key, wanted[i].key);
		assert_true(hf_streq(lines.all[i].value, wanted[i].value));
		assert_int_equal(lines.all[i].number, wanted[i].number);
	}
}

static void test_too_many_lines(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	hf_sysctl_lines lines = {.count = 7};

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (int i = 0; i <= HF_CONF_MAX_LINES; i++)
		hf_buffer_puts(&text, "a=1\n");
	assert_int_equal(hf_sysctl_d_parse(arena, text.data, text.size, &lines), -E2BIG);
	assert_int_equal(lines.count, 7);
}

/* ---- folders ---- */

/* Folders that are there and empty, on a system with a merged /usr. */
static void put_folders(hf_host *host, const char *etc, const char *run, const char *local,
			const char *usr)
{
	hf_host_link(host, "/lib", "usr/lib");
	hf_host_dir(host, "/etc/sysctl.d", etc);
	hf_host_dir(host, "/run/sysctl.d", run);
	hf_host_dir(host, "/usr/local/lib/sysctl.d", local);
	hf_host_dir(host, "/usr/lib/sysctl.d", usr);
}

static void expect(const hf_host *host, const char *key, const char *value, const char *source)
{
	const hf_declared *declared = hf_facts_sysctl_declared(host->facts, key);

	assert_int_equal(declared->fact.state, HF_PRESENT);
	assert_string_equal(declared->value, value);
	assert_string_equal(declared->fact.source, source);
}

static void expect_state(const hf_host *host, const char *key, hf_state state)
{
	const hf_declared *declared = hf_facts_sysctl_declared(host->facts, key);

	assert_int_equal(declared->fact.state, state);
	assert_non_null(declared->fact.source);
	assert_null(declared->value);
}

static void put_large(hf_host *host)
{
	put_folders(host, "50-b.conf 70-d.conf 71-e.conf 72-f.conf 73-g.conf README", "60-c.conf",
		    "60-c.conf",
		    ".80-hidden.conf 10-a.conf 70-d.conf 71-e.conf 72-f.conf 73-g.conf 90-x.conf");
	hf_host_file(host, "/usr/lib/sysctl.d/10-a.conf",
		     "kernel.kptr_restrict=1\n"
		     "kernel.dmesg_restrict = 1\n"
		     "net.ipv4.conf.*.rp_filter = 2\n"
		     "-net.ipv4.conf.all.rp_filter\n"
		     "net/ipv4/conf/lo/rp_filter=0\n"
		     "kernel.sysrq = 16\n"
		     "net.ipv4.conf.*.log_martians = 1\n");
	hf_host_file(host, "/etc/sysctl.d/50-b.conf",
		     "; comment\n"
		     "  # other\n"
		     "kernel/kptr_restrict = 2\n"
		     "-kernel.sysrq\n"
		     "-kernel.dmesg_restrict = 0\n"
		     "this is no assignment\n"
		     "net.ipv4.conf.l*.log_martians = 0\n"
		     "net.ipv4.conf.default.log_martians =\n");
	hf_host_file(host, "/usr/local/lib/sysctl.d/60-c.conf",
		     "net.ipv4.conf.*.log_martians = 1\nkernel.perf_event_paranoid=3\n");
	hf_host_file(host, "/run/sysctl.d/60-c.conf", "kernel.core_uses_pid=1\n");
	hf_host_special(host, "/etc/sysctl.d/70-d.conf", S_IFCHR | 0666, 1, 3);
	hf_host_fails(host, HF_ASK_FILE, "/etc/sysctl.d/71-e.conf", ENOLINK);
	hf_host_file(host, "/etc/sysctl.d/72-f.conf", "");
	hf_host_special(host, "/etc/sysctl.d/73-g.conf", S_IFDIR | 0755, 0, 0);
	hf_host_file(host, "/usr/lib/sysctl.d/70-d.conf", "kernel.panic=10\n");
	hf_host_file(host, "/usr/lib/sysctl.d/71-e.conf", "kernel.panic=11\n");
	hf_host_file(host, "/usr/lib/sysctl.d/72-f.conf", "kernel.panic=12\n");
	hf_host_file(host, "/usr/lib/sysctl.d/73-g.conf", "kernel.panic_on_oops=1\n");
	hf_host_file(host, "/usr/lib/sysctl.d/90-x.conf",
		     "kernel.printk = 3 4 1 3\n/kernel//randomize_va_space=2\nkernel.modprobe");
}

static void test_as_systemd(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	put_large(&host);
	expect(&host, "kernel.kptr_restrict", "2", "/etc/sysctl.d/50-b.conf:3");
	expect(&host, "kernel.dmesg_restrict", "0", "/etc/sysctl.d/50-b.conf:5");
	expect(&host, "net.ipv4.conf.eth0.rp_filter", "2", "/usr/lib/sysctl.d/10-a.conf:3");
	expect(&host, "net.ipv4.conf.default.rp_filter", "2", "/usr/lib/sysctl.d/10-a.conf:3");
	expect_state(&host, "net.ipv4.conf.all.rp_filter", HF_ABSENT);
	expect(&host, "net.ipv4.conf.lo.rp_filter", "0", "/usr/lib/sysctl.d/10-a.conf:5");
	expect_state(&host, "kernel.sysrq", HF_ABSENT);
	expect(&host, "net.ipv4.conf.all.log_martians", "1", "/usr/lib/sysctl.d/10-a.conf:7");
	expect(&host, "net.ipv4.conf.lo.log_martians", "0", "/etc/sysctl.d/50-b.conf:7");
	expect(&host, "net.ipv4.conf.default.log_martians", "", "/etc/sysctl.d/50-b.conf:8");
	expect(&host, "kernel.core_uses_pid", "1", "/run/sysctl.d/60-c.conf:1");
	expect_state(&host, "kernel.perf_event_paranoid", HF_ABSENT);
	expect_state(&host, "kernel.panic", HF_ABSENT);
	expect_state(&host, "kernel.panic_on_oops", HF_ABSENT);
	expect(&host, "kernel.printk", "3 4 1 3", "/usr/lib/sysctl.d/90-x.conf:1");
	expect(&host, "kernel.randomize_va_space", "2", "/usr/lib/sysctl.d/90-x.conf:2");
	expect_state(&host, "kernel.modprobe", HF_ABSENT);
	/* a glob's star stays within its part of the path */
	expect_state(&host, "net.ipv4.conf.a.b.rp_filter", HF_ABSENT);
}

static void test_losers(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	put_large(&host);
	assert_string_equal(hf_facts_sysctl_declared(host.facts, "kernel.kptr_restrict")->loser,
			    "/usr/lib/sysctl.d/10-a.conf:1 = 1");
	assert_string_equal(
		hf_facts_sysctl_declared(host.facts, "net.ipv4.conf.lo.rp_filter")->loser,
		"/usr/lib/sysctl.d/10-a.conf:3 = 2");
	assert_string_equal(hf_facts_sysctl_declared(host.facts, "kernel.sysrq")->loser,
			    "/usr/lib/sysctl.d/10-a.conf:6 = 16");
	assert_null(hf_facts_sysctl_declared(host.facts, "kernel.core_uses_pid")->loser);
}

static const hf_declared_line *line_at(const hf_declared_lines *lines, const char *source)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (strcmp(lines->all[i].source, source) == 0)
			return &lines->all[i];
	}
	fail_msg("no line at %s", source);
	return NULL;
}

static void test_all_lines(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	put_large(&host);
	const hf_declared_lines *lines = hf_facts_sysctl_declared_lines(host.facts);
	const hf_declared_line *line = line_at(lines, "/usr/lib/sysctl.d/10-a.conf:1");

	assert_int_equal(lines->fact.state, HF_PRESENT);
	assert_int_equal(lines->count, 7 + 5 + 2 + 1 + 4 + 2);
	assert_string_equal(line->key, "kernel.kptr_restrict");
	assert_string_equal(line->overridden_by, "/etc/sysctl.d/50-b.conf:3 = 2");
	assert_null(line->masked_by);
	line = line_at(lines, "/usr/lib/sysctl.d/10-a.conf:6");
	assert_string_equal(line->overridden_by, "/etc/sysctl.d/50-b.conf:4 takes it out");
	line = line_at(lines, "/usr/lib/sysctl.d/10-a.conf:4");
	assert_string_equal(line->key, "net.ipv4.conf.all.rp_filter");
	assert_null(line->value);
	line = line_at(lines, "/usr/lib/sysctl.d/70-d.conf:1");
	assert_string_equal(line->masked_by, "/etc/sysctl.d/70-d.conf");
	assert_null(line->overridden_by);
	assert_string_equal(line_at(lines, "/usr/local/lib/sysctl.d/60-c.conf:2")->masked_by,
			    "/run/sysctl.d/60-c.conf");
}

/* A line that says the same again does not move up: seen with systemd-sysctl, too. */
static void test_repeated_line_keeps_its_place(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	put_folders(&host, "10.conf 20.conf", "", "", "");
	hf_host_file(&host, "/etc/sysctl.d/10.conf",
		     "net.ipv4.conf.*.rp_filter=1\nnet.ipv4.conf.e*.rp_filter=0\n");
	hf_host_file(&host, "/etc/sysctl.d/20.conf", "net.ipv4.conf.*.rp_filter=1\n");
	expect(&host, "net.ipv4.conf.eth0.rp_filter", "0", "/etc/sysctl.d/10.conf:2");
	expect(&host, "net.ipv4.conf.lo.rp_filter", "1", "/etc/sysctl.d/10.conf:1");
}

static void test_linked_sysctl_conf(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	/* the collector follows the link: the bytes are those of /etc/sysctl.conf */
	put_folders(&host, "99-sysctl.conf", "", "", "");
	hf_host_file(&host, "/etc/sysctl.d/99-sysctl.conf", "kernel.sysrq=438\n");
	hf_host_file(&host, "/etc/sysctl.conf", "kernel.sysrq=438\n");
	expect(&host, "kernel.sysrq", "438", "/etc/sysctl.d/99-sysctl.conf:1");

	hf_cleanup(hf_host_free) hf_host alone = hf_host_new();

	put_folders(&alone, "", "", "", "");
	hf_host_file(&alone, "/etc/sysctl.conf", "kernel.sysrq=438\n");
	expect_state(&alone, "kernel.sysrq", HF_ABSENT);
}

static void test_split_usr(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	hf_host_fails(&host, HF_ASK_LINK, "/lib", EINVAL);
	hf_host_dir(&host, "/etc/sysctl.d", "");
	hf_host_dir(&host, "/run/sysctl.d", "");
	hf_host_dir(&host, "/usr/local/lib/sysctl.d", "");
	hf_host_dir(&host, "/usr/lib/sysctl.d", "");
	hf_host_dir(&host, "/lib/sysctl.d", "50.conf");
	hf_host_file(&host, "/lib/sysctl.d/50.conf", "kernel.sysrq=1\n");
	expect(&host, "kernel.sysrq", "1", "/lib/sysctl.d/50.conf:1");
}

static void test_unreadable_file(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	put_folders(&host, "10.conf 20.conf 30.conf", "", "", "20.conf");
	hf_host_file(&host, "/etc/sysctl.d/10.conf", "kernel.a=1\nkernel.b=1\nnet.x.*.y=1\n");
	hf_host_fails(&host, HF_ASK_FILE, "/etc/sysctl.d/20.conf", EACCES);
	hf_host_file(&host, "/usr/lib/sysctl.d/20.conf", "kernel.c=1\n");
	hf_host_file(&host, "/etc/sysctl.d/30.conf", "kernel.b=2\nnet.z.*.y=1\n");
	expect_state(&host, "kernel.c", HF_UNREADABLE);
	const hf_declared *a = hf_facts_sysctl_declared(host.facts, "kernel.a");

	/* it may be overridden in what was not read */
	assert_int_equal(a->fact.state, HF_UNREADABLE);
	assert_string_equal(a->fact.source, "/etc/sysctl.d/20.conf");
	/* what comes later has the last word; a glob has not: an exact line may hide in there */
	expect(&host, "kernel.b", "2", "/etc/sysctl.d/30.conf:1");
	assert_int_equal(hf_facts_sysctl_declared(host.facts, "net.z.q.y")->fact.state,
			 HF_UNREADABLE);
	assert_int_equal(hf_facts_sysctl_declared_lines(host.facts)->fact.state, HF_UNREADABLE);
}

static void test_unreadable_masked_file(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	put_folders(&host, "20.conf", "", "", "20.conf");
	hf_host_file(&host, "/etc/sysctl.d/20.conf", "kernel.a=1\n");
	hf_host_fails(&host, HF_ASK_FILE, "/usr/lib/sysctl.d/20.conf", EIO);
	expect(&host, "kernel.a", "1", "/etc/sysctl.d/20.conf:1");
	assert_int_equal(hf_facts_sysctl_declared_lines(host.facts)->fact.state, HF_UNREADABLE);
}

static void test_unreadable_folder(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	put_folders(&host, "10.conf", "", "", "");
	hf_host_file(&host, "/etc/sysctl.d/10.conf", "kernel.a=1\n");
	hf_host_fails(&host, HF_ASK_DIR, "/run/sysctl.d", EACCES);
	const hf_declared *a = hf_facts_sysctl_declared(host.facts, "kernel.a");

	assert_int_equal(a->fact.state, HF_UNREADABLE);
	assert_string_equal(a->fact.source, "/run/sysctl.d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalize),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_too_many_lines),
		cmocka_unit_test(test_as_systemd),
		cmocka_unit_test(test_losers),
		cmocka_unit_test(test_all_lines),
		cmocka_unit_test(test_repeated_line_keeps_its_place),
		cmocka_unit_test(test_linked_sysctl_conf),
		cmocka_unit_test(test_split_usr),
		cmocka_unit_test(test_unreadable_file),
		cmocka_unit_test(test_unreadable_masked_file),
		cmocka_unit_test(test_unreadable_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
