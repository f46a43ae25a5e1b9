/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink in one network namespace: requests, dumps, and the form of the answers. */
#include "collect/netns.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>

enum {
	TRIES = 3,	    /* for a dump that changes while it is made */
	STRANGERS_MAX = 64, /* messages of others that are passed over */
};

/* ---- the socket ---- */

static void close_socket(hf_netns_reader *reader)
{
	if (reader->socket)
		(void)mnl_socket_close(reader->socket);
	reader->socket = NULL;
}

static int open_socket(hf_netns_reader *reader)
{
	if (reader->socket)
		return 0;
	reader->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!reader->socket)
		return -errno;
	return mnl_socket_bind(reader->socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
}

struct nlmsghdr *hf_netns_request(hf_netns_reader *reader, uint16_t type, uint16_t flags, size_t size,
				  void *ret_head)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(reader->message);
	void *head = mnl_nlmsg_put_extra_header(request, size);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	request->nlmsg_seq = ++reader->sequence;
	memcpy(ret_head, &head, sizeof head);
	return request;
}

/* Whoever rules a network namespace may write to the sockets in it: what was not sent by the kernel is passed over.
 * The number of bytes or a negative errno. */
static ssize_t receive(hf_netns_reader *reader)
{
	for (unsigned strangers = 0; strangers < STRANGERS_MAX;) {
		struct sockaddr_nl from = {0};
		struct iovec room = {.iov_base = reader->message, .iov_len = sizeof reader->message};
		struct msghdr head = {
			.msg_name = &from,
			.msg_namelen = sizeof from,
			.msg_iov = &room,
			.msg_iovlen = 1,
		};
		ssize_t n = recvmsg(mnl_socket_get_fd(reader->socket), &head, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (from.nl_family == AF_NETLINK && from.nl_pid == 0)
			return head.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
		strangers++;
	}
	return -EPROTO;
}

/* The end of an answer: 1, or a negative errno; 0: it goes on. */
static int end_of(const struct nlmsghdr *row, bool was_torn)
{
	int error = 0;

	if (row->nlmsg_type == NLMSG_OVERRUN)
		return -ENOBUFS;
	if (row->nlmsg_type != NLMSG_DONE && row->nlmsg_type != NLMSG_ERROR)
		return 0;
	if (mnl_nlmsg_get_payload_len(row) >= sizeof error)
		memcpy(&error, mnl_nlmsg_get_payload(row), sizeof error);
	return error < 0 ? error : was_torn ? -EAGAIN : 1;
}

static int read_answer(hf_netns_reader *reader, uint32_t sequence, bool is_dump, hf_netns_row *fn, void *data)
{
	bool was_torn = false;
	int r = 0;

	while (r == 0) {
		ssize_t n = receive(reader);
		int left = (int)n;

		if (n <= 0)
			return n < 0 ? (int)n : -EPROTO;
		for (const struct nlmsghdr *row = (const void *)reader->message;
		     r == 0 && mnl_nlmsg_ok(row, left); row = mnl_nlmsg_next(row, &left)) {
			if (row->nlmsg_seq != sequence)
				continue;
			was_torn |= (row->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			r = end_of(row, was_torn);
			if (r == 0 && row->nlmsg_type >= NLMSG_MIN_TYPE) {
				r = fn(reader, row, data);
				r = r == 0 && !is_dump ? 1 : r;
			}
		}
	}
	return r < 0 ? r : 0;
}

int hf_netns_ask(hf_netns_reader *reader, struct nlmsghdr *request, hf_netns_row *row, void *data)
{
	const uint32_t sequence = request->nlmsg_seq;
	const bool is_dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	int r = open_socket(reader);

	if (r == 0 && mnl_socket_sendto(reader->socket, request, request->nlmsg_len) < 0)
		r = -errno;
	if (r == 0)
		r = read_answer(reader, sequence, is_dump, row, data);
	/* what of the dump was not read would stand in the way of the next */
	if (r < 0)
		close_socket(reader);
	return r;
}

bool hf_netns_is_torn(int r, unsigned *tries)
{
	return r == -EAGAIN && ++*tries < TRIES;
}

/* ---- attributes ---- */

static int keep_attr(const struct nlattr *attr, void *data)
{
	const hf_netns_attrs *attrs = data;
	size_t type = mnl_attr_get_type(attr);

	if (type < attrs->count)
		attrs->by_type[type] = attr;
	return MNL_CB_OK;
}

void hf_netns_attrs_of(const struct nlmsghdr *row, size_t head, const hf_netns_attrs *attrs)
{
	memset(attrs->by_type, 0, attrs->count * sizeof *attrs->by_type);
	if (mnl_nlmsg_get_payload_len(row) >= head)
		(void)mnl_attr_parse(row, (unsigned)head, keep_attr, (void *)(uintptr_t)attrs);
}

void hf_netns_nested(const struct nlattr *attr, const hf_netns_attrs *attrs)
{
	memset(attrs->by_type, 0, attrs->count * sizeof *attrs->by_type);
	if (attr)
		(void)mnl_attr_parse_nested(attr, keep_attr, (void *)(uintptr_t)attrs);
}

uint32_t hf_netns_u32(const struct nlattr *attr)
{
	uint32_t value = 0;

	if (attr && mnl_attr_get_payload_len(attr) >= sizeof value)
		memcpy(&value, mnl_attr_get_payload(attr), sizeof value);
	return value;
}

uint16_t hf_netns_u16(const struct nlattr *attr)
{
	uint16_t value = 0;

	if (attr && mnl_attr_get_payload_len(attr) >= sizeof value)
		memcpy(&value, mnl_attr_get_payload(attr), sizeof value);
	return value;
}

uint8_t hf_netns_u8(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= 1 ? mnl_attr_get_u8(attr) : 0;
}

void hf_netns_text(const struct nlattr *attr, char text[HF_NETNS_NAME_ROOM])
{
	size_t length = 0;

	if (attr)
		length = strnlen(mnl_attr_get_str(attr), mnl_attr_get_payload_len(attr));
	if (length >= HF_NETNS_NAME_ROOM)
		length = HF_NETNS_NAME_ROOM - 1;
	if (attr)
		memcpy(text, mnl_attr_get_str(attr), length);
	text[length] = '\0';
}

/* ---- lines ---- */

void hf_netns_escape(hf_buffer *line, const char *text, size_t length)
{
	if (length == 0)
		hf_buffer_puts(line, "-");
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < 0x21 || byte > 0x7e || byte == '\\' || (length == 1 && byte == '-'))
			hf_buffer_printf(line, "\\%03o", byte);
		else
			hf_buffer_add(line, text + i, 1);
	}
}

void hf_netns_put_address(hf_buffer *line, const struct nlattr *attr)
{
	char text[INET6_ADDRSTRLEN];
	size_t size = attr ? mnl_attr_get_payload_len(attr) : 0;
	int family = size == 4 ? AF_INET : size == 16 ? AF_INET6 : AF_UNSPEC;

	if (family == AF_UNSPEC || !inet_ntop(family, mnl_attr_get_payload(attr), text, sizeof text))
		hf_buffer_puts(line, "-");
	else
		hf_buffer_puts(line, text);
}

void hf_netns_put_mac(hf_buffer *line, const struct nlattr *attr)
{
	enum { MAC_MAX = 32 }; /* MAX_ADDR_LEN of the kernel: InfiniBand has twenty */
	size_t size = attr ? mnl_attr_get_payload_len(attr) : 0;
	const unsigned char *bytes = size > 0 ? mnl_attr_get_payload(attr) : NULL;

	if (size == 0 || size > MAC_MAX)
		hf_buffer_puts(line, "-");
	for (size_t i = 0; bytes && size <= MAC_MAX && i < size; i++)
		hf_buffer_printf(line, "%s%02x", i ? ":" : "", bytes[i]);
}

enum { QUESTION_ROOM = 64 };

static void name_of(char name[QUESTION_ROOM], bool is_host, uint64_t inode, const char *what)
{
	if (is_host)
		(void)snprintf(name, QUESTION_ROOM, "net/host/%s", what);
	else
		(void)snprintf(name, QUESTION_ROOM, "net/%" PRIu64 "/%s", inode, what);
}

int hf_netns_send(const hf_netns_reader *reader, const char *what, int r, hf_buffer *lines)
{
	char name[QUESTION_ROOM];
	hf_answer answer = {.kind = HF_ASK_CALL, .name = name, .data = ""};

	name_of(name, reader->is_host, reader->inode, what);
	if (r < 0 && lines->size == 0) {
		answer.error = -r;
	} else if (r < 0) {
		const char *word = hf_errno_name(-r);

		hf_buffer_printf(lines, "!%s\n", word ? word : "EIO");
	}
	if (lines->failed)
		return -ENOMEM;
	if (!answer.error && lines->size > 0) {
		answer.data = lines->data;
		answer.size = lines->size;
	}
	return hf_sink_answer(reader->sink, &answer);
}

int hf_netns_fail(const hf_netns_reader *reader, const hf_netns_place *place, int error, const char *reason)
{
	static const char *const whats[] = {"links", "addresses", "routes", "rules", "sysctls", "fdb"};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(whats); i++) {
		char name[QUESTION_ROOM];
		const hf_answer answer = {
			.kind = HF_ASK_CALL, .name = name, .error = error, .reason = reason, .data = ""};

		if (strcmp(whats[i], place ? "fdb" : "sysctls") == 0)
			continue;
		name_of(name, !place, place ? place->inode : 0, whats[i]);
		r = hf_sink_answer(reader->sink, &answer);
	}
	return r;
}

int hf_netns_read(hf_netns_reader *reader)
{
	int r = hf_netns_ask_links(reader);

	if (r >= 0)
		r = hf_netns_ask_addresses(reader);
	if (r >= 0)
		r = hf_netns_ask_routes(reader);
	if (r >= 0)
		r = hf_netns_ask_rules(reader);
	if (r >= 0)
		r = reader->is_host ? hf_netns_ask_fdb(reader) : hf_netns_ask_sysctls(reader);
	close_socket(reader);
	hf_buffer_free(&reader->settings);
	reader->has_bridge = false;
	return r;
}
