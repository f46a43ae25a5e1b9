/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about auditing: whether the kernel records, by which rules, what they cover, and which
 * rules are declared.
 *
 * A rule "covers" a path for a class of access when each system call of that class, made by anybody
 * on any ABI that the kernel runs, leaves a record, be it tried in vain. What the kernel does with
 * a rule (audit_filter_syscall() and audit_filter_inodes() in kernel/auditsc.c; tests/vm/audit.sh
 * shows it on a real one):
 *  - the first rule of the list "exit" that matches decides, a watch or not; "never" leaves no
 * record
 *  - links in the folders of path=, dir= and exe= are followed when the rule is loaded, a link that
 * is the last part of it is not: a rule that names a link watches the link itself, whose target
 * nobody changes through it
 *  - dir= reaches to the end of its file system, and into those that were mounted below it when it
 * was loaded, which the kernel does not tell; path= names one inode, of a folder the folder itself
 *  - exe= is the program that runs, which for execve(2) is the new one
 *  - a call that names two paths, as rename(2) does, is put before the rules by both: a rule "never" for a folder elsewhere takes
 *    away what is moved from there, which is not judged here; nor is io_uring, which has a list of its own
 *  - the lists "task", "exclude" and "filesystem" can take records away whatever the rules of
 * "exit" say */
#ifndef HOLDFAST_AUDIT_H
#define HOLDFAST_AUDIT_H

#include <holdfast/facts.h>

HF_BEGIN_DECLS

/* Source: AUDIT_GET over netlink, see audit_request_status(3). HF_ABSENT: proven that this kernel
 * has no auditing. */
typedef struct hf_audit_status {
	hf_fact fact;
	bool is_enabled;
	bool is_locked; /* enabled 2: rules cannot be changed until the next boot */
	int32_t pid; /* of the daemon that receives the records; 0: they go to the kernel's log */
	uint32_t failure; /* what the kernel does when it loses one: 0 nothing, 1 says so, 2 panics
			   */
	uint32_t rate_limit;	/* records a second, 0: no limit */
	uint32_t backlog_limit; /* records that wait, 0: no limit */
	uint32_t backlog;
	uint32_t lost; /* since boot, or since somebody reset it */
} hf_audit_status;

HF_PUBLIC const hf_audit_status *hf_audit_status_get(hf_check_run *run);

typedef enum hf_audit_list {
	HF_AUDIT_LIST_USER = 0,
	HF_AUDIT_LIST_TASK,
	HF_AUDIT_LIST_EXIT,
	HF_AUDIT_LIST_EXCLUDE,
	HF_AUDIT_LIST_FILESYSTEM,
	HF_AUDIT_LIST_IO_URING,
	HF_AUDIT_LIST_OTHER
} hf_audit_list;

/* What a rule looks at. */
typedef struct hf_audit_field {
	const char *name;  /* as auditctl(8) names it: "path", "dir", "exe", "perm", "arch", "auid",
			      "key" … */
	const char *op;	   /* "=", "!=", ">=" … */
	const char *value; /* in one form, be it loaded or declared: numbers in decimal, unset ids
			    * 4294967295, arch as 0x…; strings as they are */
} hf_audit_field;

typedef struct hf_audit_rule {
	const char *text; /* "-w /etc/docker -p wa -k docker", "-a always,exit -F …": as auditctl -l
			     shows it */
	const char *source; /* "kernel rule 7", "/etc/audit/rules.d/docker.rules:3" */
	hf_audit_list list;
	bool is_never;	 /* the action; always otherwise */
	bool is_watch;	 /* declared by -w: whether it becomes path= or dir= is decided when it is
			    loaded */
	bool is_for_all; /* it has all system calls */
	uint64_t calls[32]; /* else bit N % 64 of word N / 64: it has the call of number N (of its
			       arch) */
	const hf_audit_field *fields;
	size_t field_count;
} hf_audit_rule;

typedef struct hf_audit_rules {
	hf_fact fact;
	const hf_audit_rule
		*all; /* in the order of the kernel's list, or in which they would be loaded */
	size_t count;
	const char *unclear; /* declared ones: a line that is not understood, "file:line"; NULL:
				every one is */
} hf_audit_rules;

/* The rules that the kernel holds. Source: AUDIT_LIST_RULES over netlink. HF_ABSENT as for the
 * status. */
HF_PUBLIC const hf_audit_rules *hf_audit_rules_get(hf_check_run *run);

/* Those that would be loaded at the next boot: /etc/audit/rules.d/\*.rules in the order of
 * augenrules(8), or, where that folder has none, /etc/audit/audit.rules. HF_ABSENT: proven that
 * there are no such files. */
HF_PUBLIC const hf_audit_rules *hf_audit_rules_declared(hf_check_run *run);

/* The rule of @rules that does the same as @rule, whatever its key; NULL: none. */
HF_PUBLIC const hf_audit_rule *hf_audit_rule_find(const hf_audit_rules *rules,
						  const hf_audit_rule *rule);

/* Whether the path of @rule (path=, dir= or exe=; links followed as the kernel does) is @path, or
 * above it within reach of dir=, or below it. */
HF_PUBLIC bool hf_audit_rule_concerns(hf_check_run *run, const hf_audit_rule *rule,
				      const char *path);

/* Classes of access. */
#define HF_AUDIT_EXECUTE   (UINT32_C(1) << 0) /* execve(2): perm=x */
#define HF_AUDIT_WRITE	   (UINT32_C(1) << 1) /* open for writing, create, rename, remove: perm=w */
#define HF_AUDIT_ATTRIBUTE (UINT32_C(1) << 2) /* mode, owner, extended attributes: perm=a */
#define HF_AUDIT_CONNECT                                                                           \
	(UINT32_C(1) << 3) /* connect(2) to a socket's file: in no class of perm= */

typedef struct hf_audit_target {
	const char *path;  /* absolute; links in it and a link at its end are followed, as who uses
			      it does */
	uint32_t access;   /* HF_AUDIT_* */
	bool is_tree;	   /* a folder and all that is below it */
	bool is_canonical; /* .path has no links: the kernel told it, as that of a program that runs
			    */
	/* what rules "never" may take out of a tree, with all below it: fnmatch(3) on the path
	 * below the target, '*' does not stand for '/'; NULL-terminated, NULL: nothing */
	const char *const *exceptions;
} hf_audit_target;

typedef struct hf_audit_cover {
	hf_fact fact;	  /* present: .is_covered is known; absent: there is nothing at the target's
			     path */
	const char *path; /* where it is, without links; NULL: not known */
	bool is_covered;
	const hf_audit_rule *const *rules; /* of the kernel, that cover it together */
	size_t count;
	const char *why; /* not covered: what is missing, "no rule names it", "not on i386: …" */
} hf_audit_cover;

/* What the kernel's rules do for @target. The status is not looked at. Unreadable where the rules,
 * or links on the way to the target, could not be read, or where the only rule that could cover it
 * is a folder's above a mount point. */
HF_PUBLIC const hf_audit_cover *hf_audit_cover_get(hf_check_run *run,
						   const hf_audit_target *target);

HF_END_DECLS

#endif
