/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces: namespaces(7). Their names, those that the kernel was born with, and those of a task.
 */
#include "facts/containers.h"

enum { KTHREADD = 2 };

static const char *const names[HF_NS_COUNT] = {
	[HF_NS_CGROUP] = "cgroup", [HF_NS_IPC] = "ipc", [HF_NS_MNT] = "mnt",
	[HF_NS_NET] = "net",	   [HF_NS_PID] = "pid", [HF_NS_TIME] = "time",
	[HF_NS_USER] = "user",	   [HF_NS_UTS] = "uts",
};

const char *hf_ns_name(hf_ns_type type)
{
	return (unsigned)type < HF_NS_COUNT ? names[type] : "?";
}

/* ---- parsers ---- */

/* The number in [@at, @end), which is nothing else; 0 where it is none. */
static uint64_t parse_number(const char *at, const char *end)
{
	uint64_t number = 0;

	for (; at < end; at++) {
		if (*at < '0' || *at > '9' || __builtin_mul_overflow(number, 10U, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
			return 0;
	}
	return number;
}

uint64_t hf_ns_inode(const char *link)
{
	const char *open = strstr(link, ":[");
	size_t length = strlen(link);

	return open && length > 0 && link[length - 1] == ']'
		       ? parse_number(open + 2, link + length - 1)
		       : 0;
}

static hf_ns_type type_of(const char *name, size_t length)
{
	unsigned type = 0;

	while (type < HF_NS_COUNT &&
	       (strlen(names[type]) != length || memcmp(names[type], name, length) != 0))
		type++;
	return (hf_ns_type)type;
}

int hf_ns_parse(const char *text, size_t size, uint64_t ret_inodes[HF_NS_COUNT],
		const char **ret_failed)
{
	uint64_t inodes[HF_NS_COUNT] = {0};
	const char *cursor = text, *line, *failed = NULL;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		size_t word = 0;

		while (word < length && line[word] != ':' && line[word] != ' ')
			word++;
		hf_ns_type type = type_of(line, word);

		if (word == 0 || length < word + 3)
			return -EBADMSG;
		if (type == HF_NS_COUNT) /* "pid_for_children" */
			continue;
		if (line[word] == ' ' && line[word + 1] == '!') {
			failed = failed ? failed : line;
			continue;
		}
		if (line[word] != ':' || line[word + 1] != '[' || line[length - 1] != ']')
			return -EBADMSG;
		inodes[type] = parse_number(line + word + 2, line + length - 1);
		if (inodes[type] == 0)
			return -EBADMSG;
	}
	memcpy(ret_inodes, inodes, sizeof inodes);
	*ret_failed = failed;
	return 0;
}

/* ---- the reference ---- */

static const hf_answer *ask(hf_facts *facts, const char *who, hf_ns_type type)
{
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%s/ns/%s", who, names[type]);
	return hf_facts_ask(facts, HF_ASK_LINK, path);
}

static uint64_t inode_of(const hf_answer *link)
{
	return link && !link->error && link->size > 0 ? hf_ns_inode(link->data) : 0;
}

/* "2 (kthreadd) S 0 …", a thread of the kernel. In a container pid 2 is anybody. */
static const char *why_not_kthreadd(hf_facts *facts)
{
	static const uint64_t kernel_thread = UINT64_C(0x00200000); /* PF_KTHREAD */
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_FILE, "/proc/2/stat");
	hf_proc_stat stat;

	if (!answer || answer->error)
		return "pid 2 could not be read, so it is not proven to be kthreadd";
	if (hf_proc_stat_parse(answer->data, answer->size, &stat) < 0)
		return "/proc/2/stat is malformed";
	if (stat.pid != KTHREADD || stat.parent != 0 || !(stat.flags & kernel_thread) ||
	    !hf_has_prefix(answer->data, "2 (kthreadd) "))
		return "pid 2 is not kthreadd: this is a container's view";
	return NULL;
}

static const char *why_failed(hf_facts *facts, const hf_answer *link)
{
	if (!link)
		return "was not read";
	if (link->reason)
		return link->reason;
	return link->error
		       ? hf_checked(hf_arena_strdup(hf_facts_arena(facts), strerror(link->error)))
		       : "is no link to a namespace";
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_ns_reference *reference =
		hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *reference));
	const char *stranger = why_not_kthreadd(facts);

	(void)key;
	reference->fact = (hf_fact){.state = HF_PRESENT, .source = "/proc/2/ns"};
	for (unsigned i = 0; i < HF_NS_COUNT; i++) {
		const hf_answer *link = ask(facts, "2", (hf_ns_type)i);
		const hf_answer *own = ask(facts, "self", (hf_ns_type)i);

		reference->own[i] = inode_of(own);
		reference->inode[i] = stranger ? 0 : inode_of(link);
		/* a kernel without this type has the link nowhere; all have mount namespaces */
		if (reference->inode[i] || (!stranger && i != HF_NS_MNT && link && own &&
					    link->error == ENOENT && own->error == ENOENT))
			continue;
		reference->why[i] = stranger ? stranger : why_failed(facts, link);
		if (reference->fact.state == HF_PRESENT)
			reference->fact = (hf_fact){
				.state = HF_UNREADABLE,
				.source = hf_checked(hf_arena_printf(hf_facts_arena(facts),
								     "/proc/2/ns/%s", names[i])),
				.why = reference->why[i],
			};
	}
	return reference;
}

static const hf_fact_type type = {.name = "namespace reference", .compute = compute};

const hf_ns_reference *hf_facts_ns_reference(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "");
}

const hf_ns_reference *hf_ns_reference_get(hf_check_run *run)
{
	return hf_facts_ns_reference(hf_facts_of(run));
}
