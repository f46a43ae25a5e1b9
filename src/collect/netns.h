/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What collector `network` asks in one network namespace, which it has entered before. */
#ifndef HF_COLLECT_NETNS_H
#define HF_COLLECT_NETNS_H

#include "collect/collect.h"
#include "collect/network.h"

#include <libmnl/libmnl.h>

enum {
	HF_NETNS_MESSAGE_BYTES = 64 * 1024, /* a dump comes in messages of at most half of it */
	/* lines of one answer; a container could have any number */
	HF_NETNS_HOST_LINES = 10000,
	HF_NETNS_LINES = 1000,
};

/* A network namespace, held open. */
typedef struct hf_netns_place {
	int fd; /* -1: .error */
	int error;
	uint64_t inode;
} hf_netns_place;

typedef struct hf_netns_reader {
	hf_sink *sink;
	int proc_fd;
	int sysfs_fd; /* of /sys/class/net; -1 none */
	int host_fd;  /* the initial network namespace; -1 not known */
	const hf_netns_place *const *places; /* all others */
	size_t place_count;
	/* of the one that was entered */
	bool is_host;
	uint64_t inode;
	size_t lines_max;
	struct mnl_socket *socket; /* NULL: to be opened */
	bool has_bridge;
	hf_buffer settings; /* of interfaces, lines of …/sysctls */
	int settings_end;   /* 0: of all of them; else the negative errno with which they end */
	uint32_t sequence;
	char message[HF_NETNS_MESSAGE_BYTES] __attribute__((aligned(8)));
} hf_netns_reader;

/* Asks all there is to ask in the namespace that the process is in. 0, or a negative errno when it could not be
 * sent. */
int hf_netns_read(hf_netns_reader *reader);
/* Answers each of the questions about @place, NULL the initial one, with @error. */
int hf_netns_fail(const hf_netns_reader *reader, const hf_netns_place *place, int error, const char *reason);

/* ---- parts of it ---- */

/* One line and more of a dump. 0; -EFBIG: there is no room for it; another negative errno. */
typedef int hf_netns_row(hf_netns_reader *reader, const struct nlmsghdr *row, void *data);

/* A request in reader->message, with @size zeroed bytes for its own head. */
struct nlmsghdr *hf_netns_request(hf_netns_reader *reader, uint16_t type, uint16_t flags, size_t size,
				  void *ret_head);
/* Sends @request, which is in reader->message, and hands each row of the kernel's answer to @row. 0 or a negative
 * errno; -EAGAIN: it changed meanwhile. */
int hf_netns_ask(hf_netns_reader *reader, struct nlmsghdr *request, hf_netns_row *row, void *data);
/* Whether a dump that ended with @r is worth another try. */
bool hf_netns_is_torn(int r, unsigned *tries);

/* call:net/WHERE/@what. A negative @r makes the last line "!ERRNO", or without any line the answer. */
int hf_netns_send(const hf_netns_reader *reader, const char *what, int r, hf_buffer *lines);
/* Bytes outside 0x21-0x7e, and the backslash, as \ooo; "-" for none. */
void hf_netns_escape(hf_buffer *line, const char *text, size_t length);
/* An address of 4 or 16 bytes; "-" else. */
void hf_netns_put_address(hf_buffer *line, const struct nlattr *attr);
void hf_netns_put_mac(hf_buffer *line, const struct nlattr *attr);

/* The attributes of a message or of another attribute, by their types. */
typedef struct hf_netns_attrs {
	const struct nlattr **by_type;
	size_t count; /* of by_type */
} hf_netns_attrs;

void hf_netns_attrs_of(const struct nlmsghdr *row, size_t head, const hf_netns_attrs *attrs);
void hf_netns_nested(const struct nlattr *attr, const hf_netns_attrs *attrs);
uint32_t hf_netns_u32(const struct nlattr *attr); /* 0: there is none */
uint16_t hf_netns_u16(const struct nlattr *attr);
uint8_t hf_netns_u8(const struct nlattr *attr);
/* Not longer than the kernel's names of interfaces are; "" where there is none. */
enum { HF_NETNS_NAME_ROOM = 64 };
void hf_netns_text(const struct nlattr *attr, char text[HF_NETNS_NAME_ROOM]);

int hf_netns_ask_links(hf_netns_reader *reader);
int hf_netns_ask_addresses(hf_netns_reader *reader);
int hf_netns_ask_routes(hf_netns_reader *reader);
int hf_netns_ask_rules(hf_netns_reader *reader);
int hf_netns_ask_fdb(hf_netns_reader *reader);
int hf_netns_ask_sysctls(hf_netns_reader *reader);
/* Adds lines of IFLA_AF_SPEC: what /proc/sys/net/ipv{4,6}/conf/NAME would tell, without opening it. */
void hf_netns_add_settings(hf_netns_reader *reader, const char *name, const struct nlattr *af_spec);

#endif
