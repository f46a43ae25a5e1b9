/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of this plugin share: a list of paths, and the judgement of the kernel's rules on
 * them. */
#ifndef AUDIT_JUDGE_H
#define AUDIT_JUDGE_H

#include <holdfast/holdfast.h>

enum { AUDIT_TARGETS_MAX = 48 };

/* Paths that one check is about. */
typedef struct audit_list {
	hf_audit_target all[AUDIT_TARGETS_MAX];
	size_t count;
	hf_fact unread; /* .source not NULL: there may be more, and why that is not known */
	hf_fact none;	/* .source not NULL: what shows that this node has none, when .count is 0 */
} audit_list;

void audit_add(audit_list *list, const char *path, uint32_t access, bool is_tree);
/* There may be more that could not be learned. */
void audit_lose(audit_list *list, const char *source, const char *why);
void audit_none(audit_list *list, const char *source, const char *found);

/* The .param of a row. */
typedef struct audit_item {
	void (*fill)(hf_check_run *run, audit_list *list, const struct audit_item *item);
	const char *wanted;
	const char *name; /* of a program, a file, a unit */
	uint32_t access;
} audit_item;

/* The .run of a row with an audit_item. */
void audit_check(hf_check_run *run);
void audit_judge(hf_check_run *run, const audit_list *list, const char *wanted);
/* Whether something is recorded at all. False: it is not, or not known, and @run says so. */
bool audit_is_on(hf_check_run *run, const char *wanted);

/* The next of pids whose program of the host (no container's) has this base name, after @index;
 * NULL at the end. */
const hf_process *audit_next_process(const hf_processes *processes, const char *name,
				     size_t *index);
/* The file of a program that runs: the text of its exe, without " (deleted)". */
void audit_add_program(hf_check_run *run, audit_list *list, const char *exe, uint32_t access);
/* Whether the engine of @run runs in a container, where its paths are others; then @list says so.
 */
bool audit_is_guest(hf_check_run *run, audit_list *list);
/* Where it is installed: each of the usual folders that has it. */
void audit_add_installed(hf_check_run *run, audit_list *list, const char *name, uint32_t access);

/* Sockets: on which the engine of @run takes orders, and each containerd. */
void audit_fill_docker_sockets(hf_check_run *run, audit_list *list, const audit_item *item);
void audit_fill_containerd_sockets(hf_check_run *run, audit_list *list, const audit_item *item);
/* The folder of containerd's socket. */
void audit_fill_containerd_state(hf_check_run *run, audit_list *list, const audit_item *item);

#define AUDIT_CHANGES (HF_AUDIT_WRITE | HF_AUDIT_ATTRIBUTE)
#define AUDIT_PROGRAM (HF_AUDIT_EXECUTE | AUDIT_CHANGES)

/* What rows read beyond the ways to engines' files, which are walked in every scan: a list for
 * HF_READS(). A stat of a program that is missing is believed only with the listings of the folders
 * beside it. */
#define AUDIT_READ_PROGRAM(name)                                                                   \
	"dir:/usr/local/sbin", "dir:/usr/local/bin", "dir:/usr/sbin", "dir:/usr/bin", "dir:/sbin", \
		"dir:/bin", "stat:/usr/local/sbin/" name, "stat:/usr/local/bin/" name,             \
		"stat:/usr/sbin/" name, "stat:/usr/bin/" name, "stat:/sbin/" name,                 \
		"stat:/bin/" name

/* Folders that may be mounted elsewhere, too: a rule can name them by their other names. */
#define AUDIT_READ_FOLDERS                                                                         \
	"links:/etc/docker", "links:/var/lib/docker", "links:/var/lib/containerd",                 \
		"links:/run/containerd", "links:/var/run/docker/containerd"

/* The rows. */
extern const hf_check_set audit_programs, audit_files, audit_units, audit_sockets, audit_declared;
extern const hf_check_set
	*const audit_sets[]; /* those whose rows have an audit_item; NULL-terminated */

#endif
