/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rtnetlink tells in a network namespace of the test's own, and what others write to the socket there. */
/* clang-format off: cmocka needs these first */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "collect/netns.h"

#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

typedef struct bed {
	hf_netns_reader reader;
	hf_sink *sink;
	int fd;
	char sent[256 * 1024];
	size_t size;
} bed;

static bed *bed_new(void)
{
	bed *b = calloc(1, sizeof *b);

	assert_non_null(b);
	b->fd = memfd_create("sink", MFD_CLOEXEC);
	assert_true(b->fd >= 0);
	assert_int_equal(hf_sink_new(b->fd, 1 << 20, &b->sink), 0);
	b->reader = (hf_netns_reader){
		.sink = b->sink,
		.proc_fd = -1,
		.sysfs_fd = -1,
		.host_fd = -1,
		.inode = 7,
		.lines_max = 100,
	};
	return b;
}

static void bed_free(bed *b)
{
	hf_buffer_free(&b->reader.settings);
	if (b->reader.socket)
		(void)mnl_socket_close(b->reader.socket);
	hf_sink_free(b->sink);
	(void)close(b->fd);
	free(b);
}

static void bed_freep(bed **b)
{
	bed_free(*b);
}

/* What was answered to call:net/7/@what: its data, or NULL and *ret_error. */
static const char *told(bed *b, const char *what, int *ret_error)
{
	static char data[64 * 1024];
	char name[64];

	assert_int_equal(hf_sink_flush(b->sink), 0);
	ssize_t n = pread(b->fd, b->sent, sizeof b->sent, 0);

	assert_true(n > 0);
	(void)snprintf(name, sizeof name, "net/7/%s", what);
	for (size_t at = 0; at + sizeof(hf_frame_head) <= (size_t)n;) {
		hf_frame_head head;
		const char *body = b->sent + at + sizeof head;

		memcpy(&head, b->sent + at, sizeof head);
		at += sizeof head + head.name_size + head.reason_size + head.data_size;
		if (head.name_size != strlen(name) || memcmp(body, name, head.name_size) != 0)
			continue;
		*ret_error = head.error;
		assert_true(head.data_size < sizeof data);
		memcpy(data, body + head.name_size + head.reason_size, head.data_size);
		data[head.data_size] = '\0';
		return data;
	}
	return NULL;
}

/* In a namespace where it is root, so that @body needs no privileges; 77: this kernel lets nobody. */
static int within(int (*body)(bed *b))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		hf_cleanup(bed_freep) bed *b = bed_new();

		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			_exit(77);
		_exit(body(b));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void must_be_right(int status)
{
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

static int ask_empty(bed *b)
{
	int error = -1;

	if (hf_netns_ask_links(&b->reader) < 0 || hf_netns_ask_addresses(&b->reader) < 0 ||
	    hf_netns_ask_routes(&b->reader) < 0 || hf_netns_ask_rules(&b->reader) < 0)
		return 1;
	const char *links = told(b, "links", &error);

	if (error || !links || !hf_has_prefix(links, "1 lo - 8 0 0 here 0 00:00:00:00:00:00\n"))
		return 2;
	const char *routes = told(b, "routes", &error);

	if (error || !routes || *routes)
		return 3;
	const char *rules = told(b, "rules", &error);

	if (error || !rules || !strstr(rules, "4 32766 254\n"))
		return 4;
	return strstr(b->reader.settings.data, "net.ipv4.conf.lo.accept_redirects ") ? 0 : 5;
}

static void test_empty(void **state)
{
	(void)state;
	must_be_right(within(ask_empty));
}

/* A link of its own making, and the end of the dump, under the next sequence numbers, sent to the reader's port. */
static bool forge(const bed *b, unsigned count)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK,
				 .nl_pid = mnl_socket_get_portid(b->reader.socket)};
	hf_cleanup(hf_closep) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	for (unsigned i = 0; i < count; i++) {
		char text[512] = {0};
		struct nlmsghdr *row = mnl_nlmsg_put_header(text);
		struct ifinfomsg *head = mnl_nlmsg_put_extra_header(row, sizeof *head);

		row->nlmsg_type = RTM_NEWLINK;
		row->nlmsg_flags = NLM_F_MULTI;
		row->nlmsg_seq = b->reader.sequence + 1;
		head->ifi_index = 99;
		mnl_attr_put_strz(row, IFLA_IFNAME, "forged");
		/* attributes are padded: the next message begins where this one ends */
		struct nlmsghdr *end = mnl_nlmsg_put_header(text + row->nlmsg_len);

		end->nlmsg_type = NLMSG_DONE;
		end->nlmsg_seq = row->nlmsg_seq;
		(void)mnl_nlmsg_put_extra_header(end, sizeof(int));
		if (sendto(fd, text, row->nlmsg_len + end->nlmsg_len, 0,
			   (const struct sockaddr *)&to, sizeof to) < 0)
			return false;
	}
	return true;
}

static int ask_among_forgeries(bed *b)
{
	int error = -1;

	if (hf_netns_ask_addresses(&b->reader) < 0 || !forge(b, 3))
		return 1;
	if (hf_netns_ask_links(&b->reader) < 0)
		return 2;
	const char *links = told(b, "links", &error);

	if (error || !links || strstr(links, "forged") || !hf_has_prefix(links, "1 lo "))
		return 3;
	return 0;
}

static int ask_among_many(bed *b)
{
	int error = 0;

	if (hf_netns_ask_addresses(&b->reader) < 0 || !forge(b, 100))
		return 1;
	if (hf_netns_ask_links(&b->reader) < 0)
		return 2;
	const char *links = told(b, "links", &error);

	return links && !*links && error == EPROTO ? 0 : 3;
}

/* Who rules a network namespace can write to a socket in it, and is not believed. */
static void test_forged(void **state)
{
	(void)state;
	must_be_right(within(ask_among_forgeries));
	must_be_right(within(ask_among_many));
}

static int ask_with_little_room(bed *b)
{
	int error = -1;

	b->reader.lines_max = 2;
	if (hf_netns_ask_rules(&b->reader) < 0)
		return 1;
	const char *rules = told(b, "rules", &error);

	if (error || !rules || strcmp(rules, "4 0 255\n4 32766 254\n!EFBIG\n") != 0)
		return 2;
	/* what of it was not read is not taken for the next answer */
	if (hf_netns_ask_addresses(&b->reader) < 0 || !told(b, "addresses", &error))
		return 3;
	return error;
}

static void test_cut(void **state)
{
	(void)state;
	must_be_right(within(ask_with_little_room));
}

static void test_escape(void **state)
{
	hf_cleanup(hf_buffer_free) hf_buffer line = {0};

	(void)state;
	hf_netns_escape(&line, "", 0);
	hf_netns_escape(&line, "-", 1);
	hf_netns_escape(&line, "a b\\\n\xff", 6);
	assert_string_equal(line.data, "-\\055a\\040b\\134\\012\\377");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
