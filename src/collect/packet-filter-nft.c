/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `packet-filter`: the rules of nf_tables as the kernel sends them, unparsed but for the names of the sets,
 * whose elements are asked for one by one.
 *
 * The dumps are many and a change between two of them would make a rule set that never was: the
 * number of the generation is asked before and after, as libnftables does. */
#include "base/netlink.h"
#include "collect/packet-filter.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

enum {
	TRIES = 5,
	RECEIVE_BYTES = 64 * 1024,
	SETS_MAX = 40000,
	WAIT_MS = 500, /* for one part of an answer: the kernel needs microseconds */
};

typedef struct wire {
	struct mnl_socket *socket;
	unsigned port;
	uint32_t sequence;
	uint64_t deadline_ms;
	bool was_interrupted; /* the kernel said that the dump is not of one piece */
	char received[RECEIVE_BYTES];
} wire;

static void wire_close(wire **w)
{
	if (*w && (*w)->socket)
		(void)mnl_socket_close((*w)->socket);
	free(*w);
}

static int wire_open(uint64_t deadline_ms, wire **ret_wire)
{
	hf_cleanup(wire_close) wire *w = calloc(1, sizeof *w);
	const struct timeval wait = {.tv_usec = WAIT_MS * 1000};

	if (!w)
		return ENOMEM;
	w->deadline_ms = deadline_ms;
	w->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!w->socket || mnl_socket_bind(w->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(w->socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0)
		return errno;
	w->port = mnl_socket_get_portid(w->socket);
	*ret_wire = HF_TAKE(w);
	return 0;
}

/* One message of an answer: 0 go on, 1 the end, or a negative errno. */
static int take(wire *w, const struct nlmsghdr *message, hf_buffer *ret_data)
{
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		w->was_interrupted = true;
	if (message->nlmsg_type == NLMSG_DONE) {
		int status = 0;

		if (message->nlmsg_len >= sizeof *message + sizeof status)
			memcpy(&status, mnl_nlmsg_get_payload(message), sizeof status);
		return status < 0 ? status : 1;
	}
	if (message->nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr error = {.error = -EBADMSG};

		if (message->nlmsg_len >= sizeof *message + sizeof error)
			memcpy(&error, mnl_nlmsg_get_payload(message), sizeof error);
		return error.error < 0 ? error.error : 1;
	}
	if (message->nlmsg_type < NLMSG_MIN_TYPE)
		return 0;
	if (ret_data->size + NLMSG_ALIGN(message->nlmsg_len) > HF_FILTER_MAX_BYTES)
		return -EFBIG;
	hf_buffer_add(ret_data, message, NLMSG_ALIGN(message->nlmsg_len));
	if (ret_data->failed)
		return -ENOMEM;
	return message->nlmsg_flags & NLM_F_MULTI ? 0 : 1;
}

static int receive(wire *w, uint32_t sequence, hf_buffer *ret_data)
{
	for (;;) {
		ssize_t size = mnl_socket_recvfrom(w->socket, w->received, sizeof w->received);
		int r = 0;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		hf_netlink_run list = hf_netlink_run_of(w->received, (size_t)size);
		const struct nlmsghdr *message;

		while (r == 0 && (message = hf_netlink_message(&list))) {
			if (mnl_nlmsg_seq_ok(message, sequence) &&
			    mnl_nlmsg_portid_ok(message, w->port))
				r = take(w, message, ret_data);
		}
		if (r != 0)
			return r < 0 ? r : 0;
		if (hf_now_ms() >= w->deadline_ms)
			return -ETIME;
	}
}

/* Asks for @type (with a set's name where one is given); the answer's messages go to @ret_data. */
static int ask(wire *w, unsigned type, unsigned flags, uint8_t family, const char *table,
	       const char *set, hf_buffer *ret_data)
{
	char space[1024];
	struct nlmsghdr *message = mnl_nlmsg_put_header(space);

	message->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->nlmsg_seq = ++w->sequence;
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(message, sizeof *head);

	head->nfgen_family = family;
	head->version = NFNETLINK_V0;
	head->res_id = 0;
	if (set && (!mnl_attr_put_strz_check(message, sizeof space, NFTA_SET_ELEM_LIST_TABLE, table) ||
		    !mnl_attr_put_strz_check(message, sizeof space, NFTA_SET_ELEM_LIST_SET, set)))
		return -ENAMETOOLONG;
	if (mnl_socket_sendto(w->socket, message, message->nlmsg_len) < 0)
		return -errno;
	return receive(w, message->nlmsg_seq, ret_data);
}

/* ---- elements ---- */

static const char *text_of(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ? NULL : mnl_attr_get_str(attr);
}

static int ask_elements(wire *w, const hf_buffer *sets, hf_buffer *ret_elements)
{
	hf_netlink_run list = hf_netlink_run_of(sets->data, sets->size);
	const struct nlmsghdr *message;
	size_t count = 0;

	while ((message = hf_netlink_message(&list))) {
		const struct nfgenmsg *head = mnl_nlmsg_get_payload(message);
		const char *table = NULL, *name = NULL;
		const struct nlattr *attr;

		if (message->nlmsg_len < sizeof *message + sizeof *head)
			return -EBADMSG;
		hf_netlink_run attrs = hf_netlink_attributes(message, sizeof *head);

		while ((attr = hf_netlink_attribute(&attrs))) {
			if (mnl_attr_get_type(attr) == NFTA_SET_TABLE)
				table = text_of(attr);
			if (mnl_attr_get_type(attr) == NFTA_SET_NAME)
				name = text_of(attr);
		}
		if (!table || !name)
			return -EBADMSG;
		if (count++ >= SETS_MAX)
			return -E2BIG;
		int r = ask(w, NFT_MSG_GETSETELEM, NLM_F_DUMP, head->nfgen_family, table, name,
			    ret_elements);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- one generation ---- */

enum { TABLES, CHAINS, RULES, SETS, ELEMENTS, PARTS };

static const struct {
	const char *name;
	unsigned type;
} parts[PARTS] = {
	[TABLES] = {"nft/tables", NFT_MSG_GETTABLE}, [CHAINS] = {"nft/chains", NFT_MSG_GETCHAIN},
	[RULES] = {"nft/rules", NFT_MSG_GETRULE},    [SETS] = {"nft/sets", NFT_MSG_GETSET},
	[ELEMENTS] = {"nft/elements", 0},
};

typedef struct reading {
	hf_buffer generation, after;
	hf_buffer data[PARTS];
} reading;

static void reading_clear(reading *read)
{
	hf_buffer_free(&read->generation);
	hf_buffer_free(&read->after);
	for (size_t i = 0; i < PARTS; i++)
		hf_buffer_free(&read->data[i]);
	*read = (reading){0};
}

static bool is_same_generation(const hf_buffer *before, const hf_buffer *after)
{
	uint32_t ids[2] = {0};
	const hf_buffer *both[2] = {before, after};

	for (size_t i = 0; i < 2; i++) {
		const struct nlmsghdr *message = (const void *)both[i]->data;
		const struct nlattr *attr;
		bool found = false;

		if (both[i]->size < sizeof *message + sizeof(struct nfgenmsg))
			return false;
		hf_netlink_run attrs = hf_netlink_attributes(message, sizeof(struct nfgenmsg));

		while ((attr = hf_netlink_attribute(&attrs))) {
			if (mnl_attr_get_type(attr) != NFTA_GEN_ID ||
			    mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
				continue;
			ids[i] = mnl_attr_get_u32(attr);
			found = true;
		}
		if (!found)
			return false;
	}
	return ids[0] == ids[1];
}

/* 0; -EAGAIN where the rules changed meanwhile; or what the first question failed with. */
static int read_once(wire *w, reading *read)
{
	int r = ask(w, NFT_MSG_GETGEN, 0, NFPROTO_UNSPEC, NULL, NULL, &read->generation);

	if (r < 0)
		return r;
	w->was_interrupted = false;
	for (size_t i = 0; i < PARTS; i++) {
		r = i == ELEMENTS ? ask_elements(w, &read->data[SETS], &read->data[ELEMENTS])
				  : ask(w, parts[i].type, NLM_F_DUMP, NFPROTO_UNSPEC, NULL, NULL,
					&read->data[i]);
		/* EINTR: the list of sets changed while it was dumped; ENOENT: the set went away */
		if (r == -EINTR || r == -ENOENT)
			return -EAGAIN;
		if (r < 0)
			return r;
	}
	r = ask(w, NFT_MSG_GETGEN, 0, NFPROTO_UNSPEC, NULL, NULL, &read->after);
	if (r < 0)
		return r;
	return w->was_interrupted || !is_same_generation(&read->generation, &read->after) ? -EAGAIN : 0;
}

static const char *why(int error)
{
	switch (error) {
	case EPERM:
		return "the kernel shows its rules to CAP_NET_ADMIN alone";
	case EAGAIN:
		return "the rules changed while they were read, time and again";
	case EPROTONOSUPPORT:
		return "this kernel has no nf_tables";
	case EFBIG:
		return "larger than is read";
	case E2BIG:
		return "too many sets";
	default:
		return NULL;
	}
}

/* Pieces of whole messages; one that is not the last ends in a message that says so. */
static int send_part(hf_sink *sink, const char *name, const hf_buffer *data)
{
	const struct nlmsghdr more = {.nlmsg_len = sizeof more, .nlmsg_type = NLMSG_NOOP};
	hf_netlink_run list = hf_netlink_run_of(data->data, data->size);
	size_t index = 0;
	int r = 0;

	while (r >= 0 && list.left > HF_FILTER_PIECE_BYTES) {
		const char *start = list.at;
		hf_buffer piece = {0};

		while ((size_t)(list.at - start) < HF_FILTER_PIECE_BYTES && hf_netlink_message(&list))
			;
		hf_buffer_add(&piece, start, (size_t)(list.at - start));
		hf_buffer_add(&piece, &more, sizeof more);
		r = piece.failed ? -ENOMEM
				 : hf_packet_filter_send_piece(sink, name, index++, piece.data, piece.size);
		hf_buffer_free(&piece);
	}
	return r < 0 ? r : hf_packet_filter_send_piece(sink, name, index, list.at, list.left);
}

static int send_reading(hf_sink *sink, const reading *read)
{
	int r = hf_packet_filter_send(sink, "nft/generation", 0, NULL, read->generation.data,
				      read->generation.size);

	for (size_t i = 0; r >= 0 && i < PARTS; i++)
		r = send_part(sink, parts[i].name, &read->data[i]);
	return r;
}

int hf_nft_read(hf_sink *sink, uint64_t deadline_ms)
{
	hf_cleanup(wire_close) wire *w = NULL;
	reading read = {0};
	int error = wire_open(deadline_ms, &w);
	int r = error ? -error : -EAGAIN;

	for (unsigned i = 0; i < TRIES && r == -EAGAIN; i++) {
		reading_clear(&read);
		r = read_once(w, &read);
	}
	/* nfnetlink_rcv_msg() has no such subsystem, or is itself not there */
	if (r == -EINVAL || r == -EOPNOTSUPP || r == -EPROTONOSUPPORT)
		r = -EPROTONOSUPPORT;
	r = r < 0 ? hf_packet_filter_send(sink, "nft/generation", -r, why(-r), NULL, 0)
		  : send_reading(sink, &read);
	reading_clear(&read);
	return r;
}
