/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk of a packet over the rules of the network namespace that this program is started in, for packets.sh and its
 * oracle: the collectors' own code reads the node, which is this namespace, and the judge's walks.
 *
 *   packets walk [FILE]   reads packets from standard input, a line each, and answers each with a line; the node is
 *                         this namespace, or that of a capture
 *   packets capture FILE  writes what was read as a capture
 *   packets dump FOLDER   writes each answer about the packet filter as a file, for tests that are made of them
 *   packets published     the ports that the rules publish
 *   packets rules         all chains with their owners and rules
 *
 * A packet: "FROM TO PROTOCOL FROM_PORT TO_PORT IN IN_PORT WORD": "-" for an interface that it has not; WORD "routed" or
 * "-". A line "attach ADDRESS BRIDGE PORT" tells of a container's address first. An answer:
 * "FATE TO TO_PORT host|OUT|- WHY…". */
#include "collect/netns.h"
#include "collect/packet-filter.h"
#include "facts/filter.h"
#include "facts/net.h"
#include "record/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

enum { CAP_BYTES = 256 * 1024 * 1024, ATTACHMENTS_MAX = 64 };

static _Noreturn void fail(const char *what, int error)
{
	(void)fprintf(stderr, "packets: %s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(2);
}

/* ---- reading the node ---- */

static void read_network(hf_sink *sink, int proc_fd)
{
	static hf_netns_reader reader;
	int r;

	reader = (hf_netns_reader){
		.sink = sink,
		.proc_fd = proc_fd,
		.sysfs_fd = -1,
		.host_fd = -1,
		.is_host = true,
		.lines_max = HF_NETNS_HOST_LINES,
	};
	r = hf_netns_read(&reader);
	if (r < 0)
		fail("rtnetlink", r);
	if (reader.socket)
		(void)mnl_socket_close(reader.socket);
}

static void read_settings(hf_reader *reader)
{
	for (size_t i = 0; hf_host_reads[i]; i++) {
		if ((strstr(hf_host_reads[i], "net") || strstr(hf_host_reads[i], "modules")) &&
		    hf_reader_request(reader, hf_host_reads[i]) < 0)
			fail(hf_host_reads[i], EIO);
	}
	(void)hf_reader_file(reader, "/proc/config.gz");
}

static void read_all(int fd)
{
	hf_sink *sink = NULL;
	hf_reader *reader = NULL;
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (hf_sink_new(fd, CAP_BYTES, &sink) < 0 || hf_reader_new(root, true, sink, &reader) < 0)
		fail("reader", ENOMEM);
	const hf_collect_task task = {
		.reader = reader, .is_live = true, .requests_fd = -1, .deadline_ms = hf_now_ms() + 20000};

	read_settings(reader);
	read_network(sink, proc);
	int r = hf_packet_filter_read(&task);

	if (r < 0 || (r = hf_sink_done(sink)) < 0)
		fail("packet filter", r);
	hf_reader_free(reader);
	hf_sink_free(sink);
	(void)close(root);
	(void)close(proc);
}

/* Through a file in memory, in place of the pipe that a collector has. */
static hf_record *read_here(void)
{
	hf_record *record = NULL;
	hf_stream *stream = NULL;
	int fd = memfd_create("packets", MFD_CLOEXEC);
	static char block[65536];
	ssize_t n;

	if (fd < 0 || hf_record_new(&record) < 0)
		fail("record", ENOMEM);
	int index = hf_record_add_collector(record, "packets", UINT32_MAX, NULL);

	read_all(fd);
	if (index < 0 || hf_stream_new(record, index, CAP_BYTES, &stream) < 0)
		fail("stream", ENOMEM);
	(void)lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, block, sizeof block)) > 0) {
		int r = hf_stream_feed(stream, block, (size_t)n);

		if (r < 0)
			fail("stream", r);
	}
	hf_stream_free(stream);
	hf_record_end_collector(record, index, HF_COLLECTOR_DONE, NULL);
	(void)close(fd);
	return record;
}

static hf_record *read_capture(const char *path)
{
	hf_record *record = NULL;
	hf_error err = {0};
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t length = in ? getdelim(&text, &size, EOF, in) : -1;

	if (length < 0 || hf_capture_parse(text, (size_t)length, &record, &err) < 0)
		fail(path, EBADMSG);
	(void)fclose(in);
	free(text);
	return record;
}

/* ---- walking ---- */

static bool read_setting(const void *data, const char *name, int64_t *ret_value)
{
	const hf_sysctl *sysctl = hf_facts_sysctl(*(hf_facts *const *)data, name);

	*ret_value = sysctl->number;
	return sysctl->fact.state == HF_PRESENT && sysctl->is_number;
}

typedef struct query {
	hf_filter_node node;
	hf_attachment attachments[ATTACHMENTS_MAX];
	hf_arena *arena;
	hf_check_run *run;
} query;

static const hf_interface *interface_of(const query *q, const char *name)
{
	const hf_interface *found = strcmp(name, "-") == 0 ? NULL : hf_netns_interface(q->node.netns, name);

	if (!found && strcmp(name, "-") != 0)
		fail(name, ENODEV);
	return found;
}

static void attach(query *q, const char *address, const char *bridge, const char *port)
{
	hf_attachment *one = &q->attachments[q->node.attachment_count++];
	hf_ip ip;

	if (q->node.attachment_count > ATTACHMENTS_MAX || !hf_ip_parse(address, &ip))
		fail(address, EINVAL);
	*(ip.family == 6 ? &one->ip6 : &one->ip) = ip;
	one->bridge = interface_of(q, bridge);
	one->port = interface_of(q, port);
}

static void answer(const query *q, const hf_packet *packet)
{
	static const char *const fates[] = {"unknown", "dropped", "accepted"};
	const hf_passage *passage = hf_filter_walk(q->arena, &q->node, packet);

	if (!passage)
		fail("walk", ENOMEM);
	(void)printf("%s %s %u %s %s\n", fates[passage->fate], hf_ip_text(q->run, &passage->to),
		     passage->to_port,
		     passage->is_for_host ? "host"
		     : passage->out	  ? passage->out->name
					  : "-",
		     passage->decided_by);
}

static void walk(query *q)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		char words[8][64];
		hf_packet packet = {0};
		int count = sscanf(line, "%63s %63s %63s %63s %63s %63s %63s %63s", words[0], words[1],
				   words[2], words[3], words[4], words[5], words[6], words[7]);

		if (count == 4 && strcmp(words[0], "attach") == 0) {
			attach(q, words[1], words[2], words[3]);
			continue;
		}
		if (count != 8 || !hf_ip_parse(words[0], &packet.from) ||
		    !hf_ip_parse(words[1], &packet.to))
			fail(line, EINVAL);
		packet.protocol = (uint8_t)atoi(words[2]);
		packet.from_port = (uint16_t)atoi(words[3]);
		packet.to_port = (uint16_t)atoi(words[4]);
		packet.in = interface_of(q, words[5]);
		packet.in_port = interface_of(q, words[6]);
		packet.is_routed_here = strcmp(words[7], "routed") == 0;
		answer(q, &packet);
		(void)fflush(stdout);
	}
	free(line);
}

/* ---- the rest ---- */

static int dump_one(const hf_answer *answer, void *data)
{
	char path[512], name[256];

	if (answer->kind != HF_ASK_CALL ||
	    (!hf_has_prefix(answer->name, "nft/") && !hf_has_prefix(answer->name, "xt/")))
		return 0;
	(void)snprintf(name, sizeof name, "%s", answer->name);
	for (char *c = name; *c; c++)
		*c = *c == '/' ? '-' : *c;
	(void)snprintf(path, sizeof path, "%s/%s", (const char *)data, name);
	FILE *out = answer->error ? NULL : fopen(path, "we");

	if (!out)
		fail(path, answer->error ? answer->error : errno);
	(void)fwrite(answer->data, 1, answer->size, out);
	return fclose(out);
}

static void show_rules(const query *q)
{
	const hf_packet_filter *filter = hf_packet_filter_get(q->run);

	if (filter->fact.state != HF_PRESENT)
		(void)printf("unreadable: %s: %s\n", filter->fact.source, filter->fact.why);
	for (size_t i = 0; i < filter->chain_count; i++) {
		const hf_filter_chain *chain = &filter->chains[i];

		(void)printf("%s %s %s %s", chain->kind == HF_FILTER_NFT ? "nft" : "legacy",
			     chain->family, chain->table, chain->name);
		if (chain->hook)
			(void)printf(" hook %s priority %d policy %s", chain->hook, chain->priority,
				     chain->drops ? "drop" : "accept");
		(void)printf(" owner %s%s\n", chain->owner ? chain->owner : "-",
			     hf_filter_chain_is_idle(q->run, chain) ? " idle" : "");
		for (size_t j = 0; j < chain->rule_count; j++)
			(void)printf("\t%s\n", hf_filter_rule_text(q->run, chain, j));
	}
}

static void show_published(const query *q)
{
	hf_publications publications = {0};

	if (hf_filter_publications(q->arena, q->node.filter, &publications) < 0)
		fail("publications", ENOMEM);
	for (size_t i = 0; i < publications.count; i++) {
		const hf_publication *one = &publications.all[i];

		(void)printf("%u %s %u+%u %s %u %s\n", one->protocol, hf_ip_text(q->run, &one->host_ip),
			     one->host_port, one->port_count, hf_ip_text(q->run, &one->to),
			     one->to_port, one->source);
	}
}

static void prepare(query *q, hf_facts *facts, hf_facts **kept)
{
	const hf_netns *netns = hf_facts_host_netns(facts);

	*kept = facts;
	q->node.filter = hf_facts_packet_filter(facts);
	q->node.netns = netns;
	q->node.attachments = q->attachments;
	q->node.setting = read_setting;
	q->node.setting_data = kept;
	if (netns->fact.state != HF_PRESENT)
		fail(netns->fact.why, EIO);
	if (q->node.filter->seen.fact.state != HF_PRESENT)
		fail(q->node.filter->seen.fact.why, EIO);
}

int main(int argc, char **argv)
{
	static query q;
	hf_facts *facts = NULL, *kept;
	hf_error err = {0};
	const char *what = argc > 1 ? argv[1] : "";
	hf_record *record =
		argc > 2 && strcmp(what, "walk") == 0 ? read_capture(argv[2]) : read_here();

	if (hf_facts_new(record, &facts) < 0 || hf_arena_new(&q.arena) < 0)
		fail("facts", ENOMEM);
	hf_view view = {.facts = facts};

	q.run = (hf_check_run *)&view;
	if (strcmp(what, "capture") == 0) {
		FILE *out = fopen(argc > 2 ? argv[2] : "", "we");

		if (!out || hf_capture_write(record, out, &err) < 0 || fclose(out) != 0)
			fail("capture", errno);
	} else if (strcmp(what, "dump") == 0 && argc > 2) {
		(void)hf_record_each(record, dump_one, argv[2]);
	} else if (strcmp(what, "rules") == 0) {
		show_rules(&q);
	} else {
		prepare(&q, facts, &kept);
		if (strcmp(what, "published") == 0)
			show_published(&q);
		else
			walk(&q);
	}
	hf_facts_free(facts);
	hf_record_free(record);
	hf_arena_free(q.arena);
	return 0;
}
