/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts from which the facts about containers are made; for src/facts/ alone. */
#ifndef HF_FACTS_CONTAINERS_H
#define HF_FACTS_CONTAINERS_H

#include "facts/cgroup.h"
#include "facts/parts.h"

/* ---- namespaces ---- */

/* Parses an answer to call:/proc/PID/ns. What it does not name stays 0. *ret_failed (static text or
 * in @text's memory): the first type that could not be read, or NULL. -EBADMSG when a line is none.
 */
int hf_ns_parse(const char *text, size_t size, uint64_t ret_inodes[HF_NS_COUNT],
		const char **ret_failed);
/* "mnt:[4026531832]" as a number; 0: it is none. */
uint64_t hf_ns_inode(const char *link);

const hf_ns_reference *hf_facts_ns_reference(hf_facts *facts);

/* ---- who is in which container ---- */

enum { HF_INIT_PID = 1 };

/* A process, with what its membership is decided by. */
typedef struct hf_member {
	const hf_process *process;
	hf_cgroup_owner owner; /* .runtime NULL: its control group is no container's */
	bool has_ended;	       /* a zombie: it has lost program and namespaces */
	bool is_ending;
	uint32_t group;	  /* index + 1 of its container; 0: none */
	bool is_helper;	  /* a runtime's own process at work in the container's group */
	bool is_outsider; /* in the container's namespaces alone */
} hf_member;

/* The processes of one container, by pid. */
typedef struct hf_group {
	const char *id;
	const char *path; /* of its control group, or NULL */
	const char *runtime;
	const char *label; /* what the path calls it, or NULL: "web" of "lxc.payload.web" */
	const char *pod;
	const hf_member **members;
	size_t count;
	const hf_member *first; /* the oldest that is alive */
} hf_group;

typedef struct hf_discovery {
	const hf_group *groups; /* by id */
	size_t count;
	const hf_member *members; /* all processes, by pid */
	size_t member_count;
	hf_fact gap; /* HF_PRESENT: none; else why there may be more containers, or processes of
			them */
} hf_discovery;

/* @members: all processes, by pid. Fills their .group and .is_helper. */
const hf_discovery *hf_discover(hf_facts *facts, hf_member *members, size_t count);

/* Where and when the processes were read. */
typedef struct hf_moment_of_reading {
	const char *host_mnt;  /* link text of the initial mount namespace, or NULL */
	uint64_t newest_ticks; /* start of the youngest process */
} hf_moment_of_reading;

/* A runtime's own process at work in a container's group: the child of a runtime outside. @members:
 * all, by pid. */
bool hf_member_is_helper(const hf_member *members, size_t count, const hf_member *member,
			 const hf_moment_of_reading *moment);

/* Who started a container that has no group of its own: the nearest of the first process's parents
 * that is a runtime, else "unknown". */
const char *hf_runtime_above(const hf_member *members, size_t count, const hf_member *member);

/* That of all processes; NULL where they could not be listed. */
const hf_discovery *hf_facts_discovery(hf_facts *facts);

/* ---- tasks ---- */

/* Parses /proc/PID/status or /proc/PID/task/TID/status: all members of @task that come from there.
 * -EBADMSG when something that every kernel tells is missing; -ESRCH: it has ended; -ENOMEM.
 * *ret_threads: of the process. */
int hf_status_parse(hf_arena *arena, const char *text, size_t size, hf_task *task,
		    uint32_t *ret_threads);

/* Fills .tasks, .helpers, .tasks_fact, .init and .pid of @container. */
void hf_tasks_read(hf_facts *facts, const hf_discovery *discovery, const hf_group *group,
		   hf_container *container);

const hf_id_maps *hf_facts_task_id_maps(hf_facts *facts, const hf_task *task);

/* ---- parsers of the rest ---- */

/* /proc/PID/uid_map: user_namespaces(7). -EBADMSG, -ENOMEM. */
int hf_id_map_parse(hf_arena *arena, const char *text, size_t size, const hf_id_map **ret_map,
		    size_t *ret_count);

/* call:/proc/PID/open. *ret_failed: the first line that tells of a failure ("3 !EACCES"), or NULL.
 */
int hf_opens_parse(hf_arena *arena, const char *text, size_t size, const hf_open **ret_all,
		   size_t *ret_count, const char **ret_failed);

/* call:/proc/PID/environ. */
int hf_variables_parse(hf_arena *arena, const char *text, size_t size, const hf_variable **ret_all,
		       size_t *ret_count);

/* /proc/net/{tcp,tcp6,udp,udp6,unix}: what listens is added to @list (const hf_socket *). */
int hf_sockets_parse(hf_arena *arena, const char *family, bool is_big_endian, const char *text,
		     size_t size, hf_list *list);

/* ---- what a runtime's records say of a container ---- */

/* Fills .name, .image, .pod and .is_sandbox of @container, whose other members are known, from the
 * records of runtimes; what they do not tell stays as it is. This is the one place where the
 * declared side enters hf_container. */
void hf_container_describe(hf_facts *facts, hf_container *container);

#endif
