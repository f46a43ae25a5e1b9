/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a socket: by the descriptors of engines' daemons and of containers' processes. */
#include "facts/net.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

typedef struct holder {
	uint64_t inode;
	int32_t pid;
} holder;

typedef struct holders {
	hf_facts *facts;
	hf_buffer found; /* of holder */
	holder *all;	 /* by inode, then pid */
	size_t count;
} holders;

static uint64_t socket_in(const char *target)
{
	uint64_t inode;
	int end = 0;

	return sscanf(target, "socket:[%" SCNu64 "]%n", &inode, &end) == 1 && end > 0 && target[end] == '\0'
		       ? inode
		       : 0;
}

static int add(holders *list, uint64_t inode, int32_t pid)
{
	const holder one = {.inode = inode, .pid = pid};

	if (inode)
		hf_buffer_add(&list->found, &one, sizeof one);
	return list->found.failed ? -ENOMEM : 0;
}

/* link:/proc/812/fd/7 */
static int add_link(const hf_answer *answer, void *data)
{
	int32_t pid;
	int end = 0;

	/* there are tens of thousands of links */
	if (answer->error || !hf_has_prefix(answer->data, "socket:[") ||
	    sscanf(answer->name, "/proc/%" SCNd32 "/fd/%*u%n", &pid, &end) != 1 || end == 0 ||
	    answer->name[end] != '\0')
		return 0;
	return add(data, socket_in(answer->data), pid);
}

/* call:/proc/812/open */
static int add_opens(const hf_answer *answer, void *data)
{
	holders *list = data;
	const hf_open *all;
	const char *failed;
	int32_t pid;
	int end = 0, r = 0;
	size_t count;

	if (answer->error || !hf_has_suffix(answer->name, "/open") ||
	    sscanf(answer->name, "/proc/%" SCNd32 "/open%n", &pid, &end) != 1 || end == 0 ||
	    answer->name[end] != '\0')
		return 0;
	r = hf_opens_parse(hf_facts_arena(list->facts), answer->data, answer->size, &all, &count, &failed);
	for (size_t i = 0; r == 0 && i < count; i++) {
		/* a file can have any name, but not this type */
		if (S_ISSOCK(all[i].mode))
			r = add(list, socket_in(all[i].target), pid);
	}
	return r == -EBADMSG ? 0 : r;
}

static int compare_holders(const void *a, const void *b)
{
	const holder *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static const void *compute(hf_facts *facts, const char *key)
{
	holders *list = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *list));

	(void)key;
	list->facts = facts;
	if (hf_record_each_of(hf_facts_record(facts), HF_ASK_LINK, add_link, list) < 0 ||
	    hf_record_each_of(hf_facts_record(facts), HF_ASK_CALL, add_opens, list) < 0 ||
	    hf_arena_adopt(hf_facts_arena(facts), list->found.data) < 0)
		hf_facts_out_of_memory();
	list->all = (holder *)(void *)list->found.data;
	list->count = list->found.size / sizeof *list->all;
	if (list->count > 0)
		qsort(list->all, list->count, sizeof *list->all, compare_holders);
	return list;
}

static const hf_fact_type type = {.name = "holders of sockets", .compute = compute, .is_common = true};

const hf_process *hf_socket_holder(hf_check_run *run, uint64_t inode)
{
	hf_facts *facts = hf_facts_of(run);
	const holders *list = hf_facts_once(facts, &type, "");
	const hf_processes *processes = hf_facts_processes(facts);
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->all[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	if (inode == 0 || low == list->count || list->all[low].inode != inode ||
	    processes->fact.state != HF_PRESENT)
		return NULL;
	return hf_process_by_pid(processes, list->all[low].pid);
}
