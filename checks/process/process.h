/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of processes share: a walk over tasks, lists for evidence, and who confines a
 * task. */
#ifndef HF_CHECKS_PROCESS_H
#define HF_CHECKS_PROCESS_H

#include <holdfast/holdfast.h>

#include <string.h>

#define PROCESS_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PROCESS_CAP(bit) (UINT64_C(1) << (bit))

static inline bool process_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static inline bool process_ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), wanted = strlen(suffix);

	return length >= wanted && strcmp(text + length - wanted, suffix) == 0;
}

/* Text that grows: "a, b, c and 12 more". What is in it already is not added again.
 * Zero-initialise. */
typedef struct process_list {
	const char *items[4];
	size_t count; /* of all that differ from the ones kept */
} process_list;

void process_list_add(hf_check_run *run, process_list *list, const char *item);
const char *process_list_text(hf_check_run *run, const process_list *list);

/* "task "sh" (uid 0)" */
const char *process_task_name(hf_check_run *run, const hf_task *task);

/* The first task of its process, which stands for what threads share: open files, limits,
 * environment. */
static inline bool process_is_main(const hf_task *task)
{
	return task->tid == task->pid;
}

/* Fails with the tasks of @bad where there are any; else passes with @good, or is unknown where a
 * task of the container, or something of one, could not be read. */
void process_conclude(hf_check_run *run, const process_list *bad, const char *source,
		      const char *what, const char *good, const char *wanted);

/* Whether it holds for all tasks of @container: then their names need not be told, and what is told
 * is the same for other containers. */
bool process_is_everybody(const hf_container *container, bool (*is_so)(const hf_task *task));

/* A line of passwd(5) or group(5), in the memory of the file. */
typedef struct process_account {
	const char *name;
	int name_length;
	uint32_t id;
	const char *last; /* the last field: the shell, the members */
	int last_length;
} process_account;

/* The next of a file, from *cursor on; false: there is none. Lines that are none are passed over.
 */
bool process_next_account(const hf_file *file, const char **cursor, process_account *ret_account);

/* ---- mandatory access control ---- */

typedef enum process_mac {
	PROCESS_MAC_UNKNOWN = 0, /* the modules or the label could not be read */
	PROCESS_MAC_NONE,
	PROCESS_MAC_DEFAULT, /* an AppArmor profile of a runtime, whose rules are known */
	PROCESS_MAC_PROFILE, /* another AppArmor profile that is enforced */
	PROCESS_MAC_SELINUX, /* a type of the container policy, enforced */
	PROCESS_MAC_SMACK,
} process_mac;

/* What .reads of a row needs for process_mac_of(). */
#define PROCESS_MAC_READS "/sys/fs/selinux/enforce"

/* Who confines @task; *ret_label (never NULL): its label for evidence, or why it is not known. */
process_mac process_mac_of(hf_check_run *run, const hf_task *task, const char **ret_label);

extern const hf_check_set process_confined, process_environ, process_files, process_helpers,
	process_ids, process_limits, process_masks, process_opens, process_programs,
	process_records, process_trace;

#endif
