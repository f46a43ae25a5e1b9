/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Audit rules: from the kernel's struct to text, from text to what they say, and to where their
 * paths lead. What they cover is in tests/checks/audit.cases, and on a real kernel in
 * tests/vm/audit.sh. */
#include "facts-fixture.h"

#include "collect/audit.h"
#include "facts/audit.h"
#include "facts/place.h"

#ifdef HAVE_AUDIT
#include <libaudit.h>
#endif

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\nkeeper:x:1000:1000::/:/bin/sh\n";

/* ---- one line ---- */

static void test_lines(void **state)
{
	static const struct {
		const char *line;
		int result;
		const char *text; /* of a rule */
		bool is_kernel;
	} rows[] = {
		{"", 0, NULL, false},
		{"  # -w /etc/docker -p wa", 0, NULL, false},
		{"-D", 0, NULL, false},
		{"-b 8192 -f 1", 0, NULL, false},
		{"--backlog_wait_time 60000", 0, NULL, false},
		{"-e 2", 0, NULL, false},
		{"-w /etc/docker/ -p wa -k docker", 1, "-w /etc/docker -p wa -k docker", false},
		{"-w /etc/docker -p aw", 1, "-w /etc/docker -p wa", false},
		{"-w /etc/docker", 1, "-w /etc/docker -p rwxa", false},
		{"-w /srv/a\\ b -p x", 1, "-w /srv/a b -p x", false},
		{"-a exit,always -F dir=/etc -F perm=wa", 1, "-w /etc -p wa", false},
		{"-a always,exit -F arch=b64 -S connect -S 59 -F path=/run/docker.sock -F key=k", 1,
		 "-a always,exit -S connect,execve -F arch=b64 -F path=/run/docker.sock -k k",
		 false},
		{"-a always,exit -F arch=b32 -S socketcall,connect -k k", 1,
		 "-a always,exit -S socketcall,connect -F arch=b32 -k k", false},
		{"-a always,exit -F arch=i686 -S all -F auid>=keeper -F uid=root -F gid!=-1", 1,
		 "-a always,exit -F arch=b32 -F auid>=1000 -F uid=0 -F gid!=unset", false},
		{"-A never,task", 1, "-a never,task", false},
		{"-a always,exit -F exit=-EACCES -F a0&=0x3 -C auid!=uid", 1,
		 "-a always,exit -F exit=-13 -F a0&=3 -F field_compare=auid!=uid", false},
		{"-a never,exit -F loginuid=unset -S all", 1, "-a never,exit -F auid=unset", false},
		{"-a always,exit -S 0-3,5,7-9 -F arch=0xc000003e", 1,
		 "-a always,exit -S read,write,open,close,fstat,poll and 2 more calls -F arch=b64",
		 true},
		{"-a always,exit -S none", 1, "-a always,exit of no call", true},
		{"-a always,exit -S all -F path=/a\\040b\\134 -F perm=wa -F key=x\\001y", 1,
		 "-w /a b\\ -p wa -k x\001y", true},
		{"-a always,list9 -F f113=1", 1, "-a always,another list -F f113=1", true},
		/* not understood: what it does cannot be told */
		{"-a always,exit -F arch=ppc64 -S open", -EBADMSG, NULL, false},
		{"-a always,exit -S no_such_call", -EBADMSG, NULL, false},
		{"-a always,exit -F uid=nobody-knows", -EBADMSG, NULL, false},
		{"-a always,exit -F perm=q", -EBADMSG, NULL, false},
		{"-a always,exit -F dir=etc", -EBADMSG, NULL, false},
		{"-a always,list9", -EBADMSG, NULL, false},
		{"-a always", -EBADMSG, NULL, false},
		{"-w /etc -w /usr", -EBADMSG, NULL, false},
		{"-w", -EBADMSG, NULL, false},
		{"-k lonely", -EBADMSG, NULL, false},
		{"-d always,exit -S all", -EBADMSG, NULL, false},
		{"rm -rf /", -EBADMSG, NULL, false},
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		const hf_audit_words words = {
			.machine = hf_call_machine_find("x86_64"),
			.passwd = passwd,
			.group = "root:x:0:\n",
			.is_kernel = rows[i].is_kernel,
		};
		hf_audit_rule rule = {.text = NULL};
		int r = hf_audit_rule_parse(arena, &words, rows[i].line, strlen(rows[i].line),
					    &rule);

		if (r != rows[i].result || !hf_streq(rule.text, rows[i].text))
			fail_msg("%s: %d, %s", rows[i].line, r, rule.text ? rule.text : "none");
	}
}

static void test_status(void **state)
{
	static const char whole[] =
		"enabled 2\nfailure 1\npid 512\nrate_limit 100\nbacklog_limit 8192\n"
		"lost 7\nbacklog 3\nnew_in_7.0 1\n";
	static const char *const bad[] = {
		"", "enabled 1\n",
		"enabled x\nfailure 1\npid 1\nrate_limit 0\nbacklog_limit 0\n"
		"lost 0\nbacklog 0\n",
		"enabled 4294967296\nfailure 1\npid 1\nrate_limit 0\n"
		"backlog_limit 0\nlost 0\nbacklog 0\n",
		"enabled 1\nfailure 1\npid 4294967295\nrate_limit 0\n"
		"backlog_limit 0\nlost 0\nbacklog 0\n"};
	hf_audit_status status = {.pid = -7};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++)
		assert_int_equal(hf_audit_status_parse(bad[i], strlen(bad[i]), &status), -EBADMSG);
	assert_int_equal(status.pid, -7);
	assert_int_equal(hf_audit_status_parse(whole, strlen(whole), &status), 0);
	assert_true(status.is_enabled && status.is_locked);
	assert_int_equal(status.pid, 512);
	assert_int_equal(status.rate_limit, 100);
	assert_int_equal(status.backlog_limit, 8192);
	assert_int_equal(status.lost, 7);
	assert_int_equal(status.backlog, 3);
}

/* ---- the kernel's struct ---- */

#ifdef HAVE_AUDIT

static const char *field_name(int number)
{
	return number == AUDIT_DIR	   ? "dir"
	       : number == AUDIT_PERM	   ? "perm"
	       : number == AUDIT_FILTERKEY ? "key"
	       : number == AUDIT_EXIT	   ? "exit"
					   : NULL;
}

static const char *op_symbol(int number)
{
	return number == AUDIT_EQUAL ? "=" : number == AUDIT_NOT_EQUAL ? "!=" : NULL;
}

static const char *list_name(int number)
{
	return number == AUDIT_FILTER_EXIT ? "exit" : number == AUDIT_FILTER_TASK ? "task" : NULL;
}

static const char *action_name(int number)
{
	return number == AUDIT_ALWAYS ? "always" : "never";
}

static const hf_audit_names names = {field_name, op_symbol, list_name, action_name};

static char *write_rule(const struct audit_rule_data *rule, size_t size, int wanted,
			char **ret_path)
{
	hf_buffer line = {0};
	char *path = NULL;

	assert_int_equal(hf_audit_rule_write(&names, rule, size, &line, &path), wanted);
	if (ret_path)
		*ret_path = path;
	else
		free(path);
	return line.data;
}

static void test_kernel_rule(void **state)
{
	static const char text[] = "/etc/docker d\\k"; /* a path with a blank, then the key */
	hf_cleanup(hf_freep) struct audit_rule_data *rule = calloc(1, sizeof *rule + sizeof text);
	hf_cleanup(hf_freep) char *line = NULL, *some = NULL, *path = NULL, *odd = NULL;
	size_t size = sizeof *rule + strlen(text);

	(void)state;
	assert_non_null(rule);
	rule->flags = AUDIT_FILTER_EXIT;
	rule->action = AUDIT_ALWAYS;
	rule->field_count = 4;
	memset(rule->mask, 0xff, sizeof rule->mask);
	rule->mask[AUDIT_BITMASK_SIZE - 1] = 0xffff; /* what the kernel leaves of "all" */
	rule->fields[0] = AUDIT_DIR;
	rule->values[0] = 13;
	rule->fields[1] = AUDIT_PERM;
	rule->values[1] = AUDIT_PERM_WRITE | AUDIT_PERM_ATTR;
	rule->fields[2] = AUDIT_EXIT;
	rule->values[2] = (uint32_t)-13;
	rule->fields[3] = AUDIT_FILTERKEY;
	rule->values[3] = 2;
	for (size_t i = 0; i < 4; i++)
		rule->fieldflags[i] = i == 2 ? AUDIT_NOT_EQUAL : AUDIT_EQUAL;
	rule->buflen = (uint32_t)strlen(text);
	memcpy(rule->buf, text, strlen(text));
	line = write_rule(rule, size, 0, &path);
	assert_string_equal(
		line, "-a always,exit -S all -F dir=/etc/docker\\040d -F perm=wa -F exit!=-13 "
		      "-F key=\\134k\n");
	assert_string_equal(path, "/etc/docker d");

	/* a list and a field that are younger than the library, and some calls */
	rule->flags = 9 | AUDIT_FILTER_PREPEND;
	rule->fields[2] = 300;
	odd = write_rule(rule, size, 0, NULL);
	assert_non_null(strstr(odd, "-a always,list9 -F dir="));
	assert_non_null(strstr(odd, "-F f300!=4294967283"));
	rule->flags = AUDIT_FILTER_EXIT;
	memset(rule->mask, 0, sizeof rule->mask);
	rule->mask[0] = 0x1c000005;
	some = write_rule(rule, size, 0, NULL);
	assert_non_null(strstr(some, "-S 0,2,26-28 -F"));

	/* lengths that lie */
	rule->values[0] = 4096;
	free(write_rule(rule, size, -EBADMSG, NULL));
	rule->values[0] = 13;
	free(write_rule(rule, size - 1, -EBADMSG, NULL));
	free(write_rule(rule, sizeof *rule - 1, -EBADMSG, NULL));
	rule->field_count = AUDIT_MAX_FIELDS + 1;
	free(write_rule(rule, size, -EBADMSG, NULL));
}

#endif

/* ---- rules that are the same ---- */

static const hf_audit_rules *rules_of(fixture *f, const char *loaded, const char *declared)
{
	answer(f, "call:uname", "Linux\n6.1.0-28-amd64\n#1 SMP\nx86_64\n");
	answer(f, "call:audit/rules", loaded);
	answer_dir(f, "/etc/audit/rules.d", "10-x.rules");
	answer(f, "file:/etc/audit/rules.d/10-x.rules", declared);
	answer(f, "file:/etc/passwd", passwd);
	return hf_audit_rules_get(fixture_start(f));
}

static void test_same_rules(void **state)
{
	static const struct {
		const char *loaded;
		const char *declared;
		bool is_same;
	} rows[] = {
		{"-a always,exit -S all -F dir=/etc/docker -F perm=wa -F key=a\n",
		 "-w /etc/docker/ -p aw -k b\n", true},
		{"-a always,exit -S all -F path=/etc/docker -F perm=wa\n", "-w /etc/docker -p wa\n",
		 true},
		{"-a always,exit -S all -F perm=wa -F dir=/etc/docker\n",
		 "-a always,exit -F dir=/etc/docker -F perm=wa\n", true},
		{"-a always,exit -S 42 -F arch=0xc000003e -F auid!=4294967295\n",
		 "-a always,exit -F arch=b64 -S connect -F auid!=unset\n", true},
		{"-a always,exit -S all -F dir=/etc/docker -F perm=wa\n", "-w /etc/docker -p wxa\n",
		 false},
		{"-a always,exit -S all -F dir=/etc/docker -F perm=wa\n",
		 "-a always,exit -F dir=/etc/docker -F perm=wa -F uid=0\n", false},
		{"-a always,exit -S all -F dir=/etc/docker -F perm=wa -F uid=0\n",
		 "-a always,exit -F dir=/etc/docker -F perm=wa\n", false},
		{"-a always,exit -S all -F path=/etc/docker -F perm=wa\n",
		 "-a always,exit -F dir=/etc/docker -F perm=wa\n", false},
		{"-a never,exit -S all -F dir=/etc/docker\n", "-a always,exit -F dir=/etc/docker\n",
		 false},
		{"-a always,exit -S 42 -F arch=0xc000003e\n",
		 "-a always,exit -F arch=b64 -S execve\n", false},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		hf_cleanup(fixture_freep) fixture *f = fixture_new();
		const hf_audit_rules *loaded = rules_of(f, rows[i].loaded, rows[i].declared);
		const hf_audit_rules *declared = hf_facts_audit_declared(f->facts);

		assert_int_equal(loaded->fact.state, HF_PRESENT);
		assert_int_equal(loaded->count, 1);
		assert_string_equal(loaded->all[0].source, "kernel rule 1");
		assert_int_equal(declared->count, 1);
		assert_string_equal(declared->all[0].source, "/etc/audit/rules.d/10-x.rules:1");
		if ((hf_audit_rule_find(declared, &loaded->all[0]) != NULL) != rows[i].is_same)
			fail_msg("%s and %s", rows[i].loaded, rows[i].declared);
	}
}

static void test_declared_files(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	/* as `ls -v`: by number, not by letter */
	answer_dir(f, "/etc/audit/rules.d", "10-b.rules 9-a.rules no.conf");
	answer(f, "file:/etc/audit/rules.d/9-a.rules", "-w /a -p w\n");
	answer(f, "file:/etc/audit/rules.d/10-b.rules", "\n-w /b -p w\n-a what\n");
	answer(f, "file:/etc/audit/audit.rules", "-w /old -p w\n");
	(void)fixture_start(f);
	const hf_audit_rules *rules = hf_facts_audit_declared(f->facts);

	assert_int_equal(rules->fact.state, HF_PRESENT);
	assert_int_equal(rules->count, 2);
	assert_string_equal(rules->all[0].text, "-w /a -p w");
	assert_string_equal(rules->all[1].source, "/etc/audit/rules.d/10-b.rules:2");
	assert_string_equal(rules->unclear, "/etc/audit/rules.d/10-b.rules:3");
}

/* ---- places ---- */

static void answer_part(fixture *f, const char *question, uint64_t inode)
{
	fixture_put(f, question,
		    (hf_answer){.error = EINVAL,
				.reason = "is no symbolic link",
				.meta = {.mode = S_IFDIR | 0755,
					 .dev_major = 8,
					 .dev_minor = 1,
					 .ino = inode}});
}

static void test_places(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	answer_part(f, "link:/run", 10);
	answer_part(f, "link:/var", 11);
	answer(f, "link:/var/run", "../run");
	answer_part(f, "link:/run/a", 12);
	answer(f, "link:/run/a/back", "/var/run/./a/../a");
	answer(f, "link:/loop", "loop");
	answer_error(f, "link:/run/gone", ENOENT, NULL);
	answer_error(f, "link:/run/secret", EACCES, NULL);
	answer_part(f, "link:/alias", 12); /* /run/a, mounted there, too */
	(void)fixture_start(f);
	const hf_place *a = hf_facts_place(f->facts, "/run/a", true);
	const hf_place *back = hf_facts_place(f->facts, "/var//run/a/back/", true);
	const hf_place *last = hf_facts_place(f->facts, "/var/run/a/back", false);
	const hf_place *root = hf_facts_place(f->facts, "/", true);
	const hf_place *gone = hf_facts_place(f->facts, "/var/run/gone/x", true);
	const hf_place *alias = hf_facts_place(f->facts, "/alias", true);

	assert_string_equal(back->path, "/run/a");
	assert_true(hf_place_equal(a, back));
	assert_string_equal(last->path, "/run/a/back");
	assert_false(hf_place_equal(a, last));
	assert_string_equal(root->path, "/");
	assert_int_equal(hf_place_find(a, root), 0);
	assert_int_equal(hf_place_find(a, hf_facts_place(f->facts, "/var/run", true)), 1);
	assert_int_equal(hf_place_find(root, a), -1);
	assert_int_equal(gone->fact.state, HF_ABSENT);
	assert_string_equal(gone->path, "/run/gone/x");
	/* by device and inode */
	assert_int_equal(hf_place_find(a, alias), 2);
	assert_int_equal(hf_place_find(alias, a), 1);
	assert_int_equal(hf_facts_place(f->facts, "/loop", true)->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_facts_place(f->facts, "/run/secret/x", true)->fact.state,
			 HF_UNREADABLE);
	assert_int_equal(hf_facts_place(f->facts, "/never/asked", true)->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_facts_place(f->facts, "relative", true)->fact.state, HF_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	    cmocka_unit_test(test_status),
#ifdef HAVE_AUDIT
		cmocka_unit_test(test_kernel_rule),
#endif
		cmocka_unit_test(test_same_rules),  cmocka_unit_test(test_declared_files),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
