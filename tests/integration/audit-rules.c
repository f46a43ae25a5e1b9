/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds rules to the kernel's audit list, or deletes them again, with libaudit: audit-rules
 * add|delete FOLDER.
 *
 * FOLDER holds a file "file", a link "link" to it and a folder "sub". The rules are of no effect to
 * anything else. */
#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 5 };

typedef struct row {
	int list;
	int action;
	const char *call;	  /* NULL: all; "": the list has none */
	const char *pairs[PAIRS]; /* "%s" stands for the folder */
} row;

static const row rows[] = {
	{AUDIT_FILTER_TASK, AUDIT_NEVER, "", {"uid=4242"}},
	{AUDIT_FILTER_EXIT, AUDIT_NEVER, NULL, {"dir=%s/sub"}},
	{AUDIT_FILTER_EXIT, AUDIT_ALWAYS, NULL, {"dir=%s", "perm=wa", "key=holdfast test"}},
	{AUDIT_FILTER_EXIT, AUDIT_ALWAYS, NULL, {"path=%s/link", "perm=rwxa"}},
	{AUDIT_FILTER_EXIT,
	 AUDIT_ALWAYS,
	 "connect",
	 {"arch=b64", "path=%s/file", "auid!=4294967295"}},
	{AUDIT_FILTER_EXIT, AUDIT_ALWAYS, "connect", {"arch=b32", "path=%s/file", "exit=-EACCES"}},
	{AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, "", {"msgtype=CWD", "uid=4242"}},
};

static int fail(const char *what, int error)
{
	(void)fprintf(stderr, "%s: %d\n", what, error);
	return 1;
}

static int make(const row *r, const char *folder, struct audit_rule_data **ret_rule)
{
	struct audit_rule_data *rule = calloc(1, sizeof *rule);
	char pair[4096 + 64];
	int error = 0;

	if (!rule)
		return fail("memory", ENOMEM);
	audit_rule_init_data(rule);
	for (int i = 0; i < PAIRS && r->pairs[i]; i++) {
		const char *mark = strstr(r->pairs[i], "%s");

		if (mark)
			(void)snprintf(pair, sizeof pair, "%.*s%s%s", (int)(mark - r->pairs[i]),
				       r->pairs[i], folder, mark + 2);
		else
			(void)snprintf(pair, sizeof pair, "%s", r->pairs[i]);
		error = audit_rule_fieldpair_data(&rule, pair, r->list);
		if (error)
			return fail(pair, error);
	}
	if (!r->call || *r->call)
		error = audit_rule_syscallbyname_data(rule, r->call ? r->call : "all");
	if (error)
		return fail(r->call ? r->call : "all", error);
	*ret_rule = rule;
	return 0;
}

int main(int argc, char **argv)
{
	int fd = audit_open();
	size_t count = sizeof rows / sizeof rows[0];
	int failed = 0;

	if (argc != 3 || fd < 0)
		return fail("audit-rules add|delete FOLDER", errno);
	for (size_t i = 0; i < count; i++) {
		struct audit_rule_data *rule = NULL;

		if (make(&rows[i], argv[2], &rule))
			return 1;
		int r = strcmp(argv[1], "add") == 0
				? audit_add_rule_data(fd, rule, rows[i].list, rows[i].action)
				: audit_delete_rule_data(fd, rule, rows[i].list, rows[i].action);

		if (r <= 0)
			failed = fail(argv[1], r);
		free(rule);
	}
	audit_close(fd);
	return failed;
}
