/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about system-call filters: what really happens to each call of a container. */
#ifndef HOLDFAST_SECCOMP_H
#define HOLDFAST_SECCOMP_H

#include <holdfast/container.h>

HF_BEGIN_DECLS

/* How the tasks of a container are filtered. Sources: the filters in force, read from the kernel;
 * where they could not be read, the declared profile (linux.seccomp of the OCI configuration),
 * which .is_declared says. */
typedef struct hf_filtering {
	hf_fact fact; /* unreadable: what happens to calls is not known, .why; .source: the filters
			 or the profile */
	bool is_declared;
	hf_fact tasks_fact; /* unreadable: the mode of some task is not known */
	size_t filtered;    /* tasks in mode 2 */
	size_t strict;	    /* in mode 1 */
	size_t unfiltered;
	const char *unfiltered_tasks; /* the first of them, "sh (pid 12)"; NULL: none */
	/* a task whose filters are not those that the least filtered task of the container has, or
	 * more; NULL: none */
	const char *odd_tasks;
	hf_fact stacks_fact; /* present: the stack of filters of every filtered task is known */
	size_t depth;	     /* filters of the least filtered task */
	bool is_logged;	     /* all of them have SECCOMP_FILTER_FLAG_LOG */
	const struct hf_call_view *view; /* for the functions below */
} hf_filtering;

HF_PUBLIC const hf_filtering *hf_container_filtering(hf_check_run *run,
						     const hf_container *container);

/* A call, and what is known of one argument. */
typedef struct hf_call_case {
	const char *name;
	const char *label; /* to show instead of the name, or NULL */
	uint32_t argument; /* 0 to 5 */
	uint64_t mask;	   /* bits of it that are known; 0: nothing is */
	uint64_t value;
} hf_call_case;

/* What happens to the calls of a list: texts such as "mount, umount2 (i386)", NULL where there is
 * none. */
typedef struct hf_call_summary {
	size_t existing;     /* calls that an ABI of this machine has */
	const char *allowed; /* logged ones, too */
	const char *conditional;
	const char *supervised;
	const char *logged;
	const char *unknown;
	const char *refused;
} hf_call_summary;

/* @cases ends with .name NULL and has static storage. @abis: 1 << hf_call_abi. Tasks without a
 * filter are left out: that they are is another finding. */
HF_PUBLIC const hf_call_summary *hf_filtering_calls(hf_check_run *run,
						    const hf_filtering *filtering,
						    const hf_call_case *cases, uint32_t abis);

/* One case on one ABI; HF_CALL_UNKNOWN where the ABI has no such call, then *ret_exists (NULL
 * allowed) is false. */
HF_PUBLIC hf_call_verdict hf_filtering_call(hf_check_run *run, const hf_filtering *filtering,
					    hf_call_abi abi, const hf_call_case *call,
					    bool *ret_exists);

/* The loosest of numbers that no table of calls has; on HF_CALL_ABI_FOREIGN of all numbers. */
HF_PUBLIC hf_call_verdict hf_filtering_unlisted(hf_check_run *run, const hf_filtering *filtering,
						hf_call_abi abi);

/* Native calls that are handed to a supervisor or tracer; NULL: none. */
HF_PUBLIC const char *hf_filtering_supervised(hf_check_run *run, const hf_filtering *filtering);

/* How many calls of an ABI are open, be it for some arguments alone. */
HF_PUBLIC size_t hf_filtering_open(hf_check_run *run, const hf_filtering *filtering,
				   hf_call_abi abi);
/* How many it has: what is open without a filter. 0: this machine has no such ABI. */
HF_PUBLIC size_t hf_call_count(hf_check_run *run, hf_call_abi abi);

/* Calls that @abi leaves more open than the native ABI refuses, of those named in @cases; NULL:
 * none. */
HF_PUBLIC const char *hf_filtering_beyond_native(hf_check_run *run, const hf_filtering *filtering,
						 hf_call_abi abi, const hf_call_case *cases);

/* Two judgements of the same calls, side by side. */
typedef struct hf_call_difference {
	hf_fact fact;	     /* unreadable: one of the two is not known */
	const char *profile; /* what it is compared with, "the default of docker 20.10.24"; NULL:
				nothing */
	const char *looser;  /* calls that the filtering leaves more open: the first of them; NULL:
				none */
	size_t looser_count;
	const char *stricter;
	size_t stricter_count;
	size_t refused; /* native calls that the other refuses and the filtering, too */
	size_t refused_by_other;
	const hf_filtering *other; /* NULL unless there is one */
} hf_call_difference;

typedef enum hf_call_other {
	HF_CALL_OTHER_DEFAULT = 0, /* the default profile of the runtime in its version */
	HF_CALL_OTHER_NEWEST,	   /* of the newest version that is known here */
	HF_CALL_OTHER_DECLARED, /* the container's own declared profile; absent: declared unconfined
				 */
	HF_CALL_OTHER_COUNT
} hf_call_other;

HF_PUBLIC const hf_call_difference *hf_filtering_compare(hf_check_run *run,
							 const hf_container *container,
							 hf_call_other other);

/* "x86-64", "i386", "arm" …; NULL: this machine has no such ABI. */
HF_PUBLIC const char *hf_call_abi_name(hf_check_run *run, hf_call_abi abi);

/* Whether the kernel runs programs of @abi: present, absent (proven), or unreadable. */
HF_PUBLIC const hf_fact *hf_call_abi_runs(hf_check_run *run, hf_call_abi abi);

/* A filter of a known form that the collector put on itself: present when it came back unchanged.
 */
HF_PUBLIC const hf_fact *hf_seccomp_control(hf_check_run *run);

/* A profile that somebody wrote for this node: the engine's, a kubelet's, or one given to a
 * container. */
typedef struct hf_seccomp_profile {
	hf_fact fact;	   /* .source: its path, or whose it is; unreadable: not read, or no JSON */
	bool is_malformed; /* unreadable: it was read, and no engine would take it */
	const char *path;  /* NULL: it stands in a container's record */
	const char *default_action; /* "SCMP_ACT_ERRNO"; NULL: none is there */
	bool refuses_by_default;
	const char
		*problems; /* what the engine would take otherwise than it is written; NULL: none */
	const hf_filtering *filtering; /* what it does, for a container without capabilities */
} hf_seccomp_profile;

typedef struct hf_seccomp_profiles {
	hf_fact fact; /* unreadable: there may be more; absent: proven that there is none */
	const hf_seccomp_profile *all;
	size_t count;
} hf_seccomp_profiles;

HF_PUBLIC const hf_seccomp_profiles *hf_seccomp_profiles_get(hf_check_run *run);

HF_END_DECLS

#endif
