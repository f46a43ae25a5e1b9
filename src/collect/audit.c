/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `audit`: whether the kernel audits, and by which rules.
 *
 * The kernel tells it to CAP_AUDIT_CONTROL alone, which could as well change or delete the rules.
 * So it has a process of its own that keeps nothing else, can open no file but libraries, and asks
 * two fixed questions. Where the rules' paths lead is asked with O_PATH, which opens nothing.
 *
 * libaudit carries the questions and has the names. It is loaded here alone: a node without it
 * loses these two answers. */
#include "collect/audit.h"
#include "collect/collect.h"

#include <linux/capability.h>
#include <stdio.h>

#ifdef HAVE_AUDIT

#include <dlfcn.h>
#include <libaudit.h>
#include <poll.h>

enum {
	RULES_MAX = 4096,
	LINKS_BYTES_MAX = 1024 * 1024, /* of what is told of rules' paths */
};

/* ---- one rule ---- */

/* Bytes that would end a word, and the backslash, as \ooo. */
static void add_escaped(hf_buffer *line, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte > ' ' && byte <= '~' && byte != '\\')
			hf_buffer_add(line, text + i, 1);
		else
			hf_buffer_printf(line, "\\%03o", byte);
	}
}

static bool is_text(uint32_t field)
{
	return field == AUDIT_WATCH || field == AUDIT_DIR || field == AUDIT_EXE ||
	       field == AUDIT_FILTERKEY || (field >= AUDIT_SUBJ_USER && field <= AUDIT_SUBJ_CLR) ||
	       (field >= AUDIT_OBJ_USER && field <= AUDIT_OBJ_LEV_HIGH);
}

static bool is_path(uint32_t field)
{
	return field == AUDIT_WATCH || field == AUDIT_DIR || field == AUDIT_EXE;
}

static void add_number(hf_buffer *line, uint32_t field, uint32_t value)
{
	switch (field) {
	case AUDIT_ARCH:
	case AUDIT_FSTYPE:
		hf_buffer_printf(line, "0x%x", value);
		break;
	case AUDIT_PERM:
		hf_buffer_printf(line, "%s%s%s%s", value & AUDIT_PERM_READ ? "r" : "",
				 value & AUDIT_PERM_WRITE ? "w" : "",
				 value & AUDIT_PERM_EXEC ? "x" : "",
				 value & AUDIT_PERM_ATTR ? "a" : "");
		break;
	case AUDIT_EXIT:
		hf_buffer_printf(line, "%d", (int32_t)value);
		break;
	default:
		hf_buffer_printf(line, "%u", value);
		break;
	}
}

static bool has_call(const struct audit_rule_data *rule, unsigned number)
{
	return rule->mask[AUDIT_WORD(number)] & AUDIT_BIT(number);
}

/* "all", "none", "2,59,80-85". The last sixteen bits stood for classes of calls, which the kernel
 * has put in their place. */
static void add_calls(hf_buffer *line, const struct audit_rule_data *rule)
{
	enum { CALLS = AUDIT_BITMASK_SIZE * 32 - AUDIT_SYSCALL_CLASSES };
	unsigned count = 0;
	const char *before = "";

	for (unsigned i = 0; i < CALLS; i++)
		count += has_call(rule, i);
	hf_buffer_puts(line, count == CALLS ? " -S all" : count == 0 ? " -S none" : " -S ");
	if (count == CALLS || count == 0)
		return;
	for (unsigned i = 0; i < CALLS; i++) {
		unsigned last = i;

		if (!has_call(rule, i))
			continue;
		while (last + 1 < CALLS && has_call(rule, last + 1))
			last++;
		hf_buffer_printf(line, "%s%u", before, i);
		if (last > i)
			hf_buffer_printf(line, "-%u", last);
		before = ",";
		i = last;
	}
}

static void add_name(hf_buffer *line, const char *name, const char *word, uint32_t number)
{
	if (name)
		hf_buffer_puts(line, name);
	else /* a kernel that is younger than the library */
		hf_buffer_printf(line, "%s%u", word, number);
}

static int add_fields(const hf_audit_names *names, const struct audit_rule_data *rule,
		      size_t text_size, hf_buffer *line, const char **ret_path, size_t *ret_length)
{
	const char *text = rule->buf;

	for (uint32_t i = 0; i < rule->field_count; i++) {
		uint32_t field = rule->fields[i], value = rule->values[i];
		const char *op = names->op((int)rule->fieldflags[i]);

		hf_buffer_puts(line, " -F ");
		add_name(line, names->field((int)field), "f", field);
		if (!op)
			return -EBADMSG;
		hf_buffer_puts(line, op);
		if (!is_text(field)) {
			add_number(line, field, value);
			continue;
		}
		if (value > text_size)
			return -EBADMSG;
		add_escaped(line, text, value);
		if (is_path(field)) {
			*ret_path = text;
			*ret_length = value;
		}
		text += value;
		text_size -= value;
	}
	return 0;
}

int hf_audit_rule_write(const hf_audit_names *names, const void *data, size_t size, hf_buffer *line,
			char **ret_path)
{
	const struct audit_rule_data *rule = data;
	const char *path = NULL;
	size_t length = 0;

	if (size < sizeof *rule || rule->buflen > size - sizeof *rule ||
	    rule->field_count > AUDIT_MAX_FIELDS)
		return -EBADMSG;
	uint32_t list = rule->flags & ~(uint32_t)AUDIT_FILTER_PREPEND;

	hf_buffer_puts(line, "-a ");
	add_name(line, names->action((int)rule->action), "action", rule->action);
	hf_buffer_puts(line, ",");
	add_name(line, names->list((int)list), "list", list);
	/* the other lists look at no system call */
	if (list == AUDIT_FILTER_EXIT || list == AUDIT_FILTER_ENTRY)
		add_calls(line, rule);
	int r = add_fields(names, rule, rule->buflen, line, &path, &length);

	hf_buffer_puts(line, "\n");
	if (r < 0 || line->failed)
		return r < 0 ? r : -ENOMEM;
	*ret_path = path ? strndup(path, length) : NULL;
	return path && !*ret_path ? -ENOMEM : 0;
}

/* ---- the library ---- */

typedef struct library {
	hf_audit_names names;
	int (*open)(void);
	void (*close)(int fd);
	void (*message_mode)(message_t mode, debug_message_t debug);
	int (*request_status)(int fd);
	int (*request_rules)(int fd);
	int (*get_reply)(int fd, struct audit_reply *reply, reply_t block, int peek);
} library;

static int load(library *lib, hf_error *err)
{
	/* dlsym gives object pointers; POSIX lets them be functions, ISO C does not let us cast */
	const struct {
		const char *name;
		void *slot;
	} symbols[] = {
		{"audit_field_to_name", &lib->names.field},
		{"audit_operator_to_symbol", &lib->names.op},
		{"audit_flag_to_name", &lib->names.list},
		{"audit_action_to_name", &lib->names.action},
		{"audit_open", &lib->open},
		{"audit_close", &lib->close},
		{"set_aumessage_mode", &lib->message_mode},
		{"audit_request_status", &lib->request_status},
		{"audit_request_rules_list_data", &lib->request_rules},
		{"audit_get_reply", &lib->get_reply},
	};
	void *handle = dlopen("libaudit.so.1", RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return hf_error_set(err, -ELIBACC, "library libaudit missing");
	for (size_t i = 0; i < HF_ARRAY_SIZE(symbols); i++) {
		void *symbol = dlsym(handle, symbols[i].name);

		if (!symbol)
			return hf_error_set(err, -ELIBBAD, "library libaudit has no %s",
					    symbols[i].name);
		memcpy(symbols[i].slot, &symbol, sizeof symbol);
	}
	return 0;
}

/* ---- asking ---- */

typedef struct asking {
	library lib;
	int fd;
	uint64_t deadline_ms;
	hf_buffer text;
	hf_list paths; /* of rules; owned */
	size_t rules;
} asking;

/* The next message, whatever it is; 0, or a negative errno. */
static int receive(const asking *a, struct audit_reply *reply)
{
	for (;;) {
		uint64_t now = hf_now_ms();
		struct pollfd poll_fd = {.fd = a->fd, .events = POLLIN};
		int n = now >= a->deadline_ms ? 0 : poll(&poll_fd, 1, (int)(a->deadline_ms - now));

		if (n == 0)
			return -ETIME;
		if (n < 0 && errno != EINTR)
			return -errno;
		n = n < 0 ? 0 : a->lib.get_reply(a->fd, reply, GET_REPLY_NONBLOCKING, 0);
		if (n > 0)
			return 0;
		if (n < 0 && n != -EAGAIN && n != -EINTR)
			return n;
	}
}

static int receive_status(asking *a)
{
	struct audit_reply reply;
	int r;

	do {
		r = receive(a, &reply);
		if (r == 0 && reply.type == NLMSG_ERROR)
			r = reply.error->error;
	} while (r == 0 && reply.type != AUDIT_GET);
	if (r < 0)
		return r;
	const struct audit_status *status = reply.status;

	hf_buffer_printf(
		&a->text,
		"enabled %u\nfailure %u\npid %u\nrate_limit %u\nbacklog_limit %u\nlost %u\n"
		"backlog %u\n",
		status->enabled, status->failure, status->pid, status->rate_limit,
		status->backlog_limit, status->lost, status->backlog);
	return 0;
}

static int add_rule(asking *a, const struct audit_reply *reply)
{
	char *path = NULL;

	if (++a->rules > RULES_MAX)
		return -EFBIG;
	if (reply->len < NLMSG_HDRLEN)
		return -EBADMSG;
	int r = hf_audit_rule_write(&a->lib.names, reply->ruledata,
				    (size_t)reply->len - NLMSG_HDRLEN, &a->text, &path);

	if (r == 0 && path) {
		r = hf_list_add(&a->paths, path);
		if (r < 0)
			free(path);
	}
	return r;
}

static int receive_rules(asking *a)
{
	struct audit_reply reply;
	int r;

	for (;;) {
		r = receive(a, &reply);
		if (r == 0 && reply.type == NLMSG_DONE)
			return 0;
		if (r == 0 && reply.type == NLMSG_ERROR)
			r = reply.error->error;
		else if (r == 0 && reply.type == AUDIT_LIST_RULES)
			r = add_rule(a, &reply);
		if (r < 0)
			return r;
	}
}

/* As the library tells it: the kernel answers to nobody else, audit_netlink_ok() in kernel/audit.c.
 */
static const char *why_refused(int error)
{
	switch (error) {
	case EPROTONOSUPPORT:
		return "this kernel has no auditing";
	case ECONNREFUSED:
		return "asked from a user namespace that is not the initial one";
	case EPERM:
		return "needs CAP_AUDIT_CONTROL in the initial user and pid namespaces";
	case ETIME:
		return "the kernel did not answer in time";
	case EFBIG:
		return "more rules than are read";
	default:
		return NULL;
	}
}

static int send_call(const hf_collect_task *task, const char *name, int error, const char *reason,
		     const hf_buffer *text)
{
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.error = error,
		.reason = error && !reason ? why_refused(error) : reason,
		.data = error || !text->data ? "" : text->data,
		.size = error || !text->data ? 0 : text->size,
	};

	return hf_reader_send(task->reader, &answer);
}

static int ask_one(const hf_collect_task *task, asking *a, const char *name, int (*request)(int fd),
		   int (*get)(asking *a))
{
	a->text.size = 0;
	int r = request(a->fd);

	if (r >= 0)
		r = get(a);
	if (r >= 0 && a->text.failed)
		r = -ENOMEM;
	return send_call(task, name, r < 0 ? -r : 0, NULL, &a->text);
}

/* Where the rules' paths lead: each part of them that is a link. */
static int ask_paths(const hf_collect_task *task, const asking *a)
{
	size_t before = hf_sink_sent(hf_reader_sink(task->reader));
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->paths.count; i++) {
		const char *path = a->paths.items[i];

		if (hf_has_prefix(path, "/proc/") || hf_has_prefix(path, "/sys/"))
			continue;
		if (hf_sink_sent(hf_reader_sink(task->reader)) - before > LINKS_BYTES_MAX)
			break;
		r = hf_reader_links(task->reader, path);
	}
	return r;
}

static int collect(const hf_collect_task *task)
{
	enum { MARGIN_MS = 50 }; /* what is left to say that it was late */
	asking a = {.deadline_ms = task->deadline_ms - MARGIN_MS};
	hf_error err = {0};
	int r = load(&a.lib, &err);
	const char *reason = r < 0 ? err.text : NULL;

	if (r == 0) {
		a.lib.message_mode(MSG_QUIET, DBG_NO);
		errno = 0;
		a.fd = a.lib.open();
		r = a.fd < 0 ? (errno ? -errno : -EIO) : 0;
	}
	if (r < 0) {
		int sent = send_call(task, "audit/status", -r, reason, NULL);

		return sent < 0 ? sent : send_call(task, "audit/rules", -r, reason, NULL);
	}
	r = ask_one(task, &a, "audit/status", a.lib.request_status, receive_status);
	if (r >= 0)
		r = ask_one(task, &a, "audit/rules", a.lib.request_rules, receive_rules);
	if (r >= 0)
		r = ask_paths(task, &a);
	a.lib.close(a.fd);
	for (size_t i = 0; i < a.paths.count; i++)
		free(a.paths.items[i]);
	hf_list_free(&a.paths);
	hf_buffer_free(&a.text);
	return r;
}

#else

static int collect(const hf_collect_task *task)
{
	static const char *const names[] = {"audit/status", "audit/rules"};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(names); i++) {
		const hf_answer answer = {
			.kind = HF_ASK_CALL,
			.name = names[i],
			.error = ENOTSUP,
			.reason = "this build has no libaudit",
			.data = "",
		};

		r = hf_reader_send(task->reader, &answer);
	}
	return r;
}

#endif

const hf_collector hf_collector_audit = {
	.name = "audit",
	.reads = "the kernel's audit status and rules, and where links in the rules' paths lead",
	.caps = (const int[]){CAP_AUDIT_CONTROL, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "readlinkat", "pread64", "socket",
					  "sendto", "recvfrom", NULL},
	/* the dynamic linker's; where it finds libraries elsewhere, the answer is that one is
	   missing */
	.files = (const char *const[]){"/etc/ld.so.cache", "/usr/lib", "/usr/lib64",
				       "/usr/local/lib", "/lib", "/lib64", NULL},
	.kinds = 1U << HF_ASK_CALL | 1U << HF_ASK_LINK,
	.prefixes = (const char *const[]){"audit/", "/", "!/proc/", "!/sys/", NULL},
	.deadline_ms = 1500,
	.cap_bytes = 8 * 1024 * 1024,
	.is_live_only = true,
	.collect = collect,
};
