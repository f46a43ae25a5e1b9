/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet filter: recorded rules (tests/unit/filter/), what they are, and what they do with a packet. */
#include "facts-fixture.h"

#include "facts/filter.h"
#include "facts/net.h"

static const char links[] = "1 lo - 49 0 0 here 0 00:00:00:00:00:00\n"
			    "2 eth0 - 1043 0 0 here 0 02:00:00:00:00:02 device\n"
			    "3 docker0 bridge 1043 0 0 here 0 02:42:00:00:00:03 nf-iptables nf-ip6tables\n"
			    "4 closed0 bridge 1043 0 0 here 0 02:42:00:00:00:04 nf-iptables nf-ip6tables\n"
			    "5 inner0 bridge 1043 0 0 here 0 02:42:00:00:00:05 nf-iptables nf-ip6tables\n"
			    "7 veth7 veth 1043 3 0 elsewhere 1 - port\n"
			    "8 veth8 veth 1043 3 0 elsewhere 1 - port\n"
			    "9 veth9 veth 1043 4 0 elsewhere 1 - port\n";
static const char addresses[] = "1 127.0.0.1/8 host\n1 ::1/128 host\n2 192.0.2.2/24 global\n"
				"2 2001:db8::2/64 global\n3 172.17.0.1/16 global\n3 fd00:dead::1/64 global\n"
				"4 172.28.0.1/24 global\n5 172.29.0.1/24 global\n";
static const char routes[] = "4 0.0.0.0/0 192.0.2.1 2 unicast 254 0\n4 192.0.2.0/24 - 2 unicast 254 0\n"
			     "4 172.17.0.0/16 - 3 unicast 254 0\n4 172.28.0.0/24 - 4 unicast 254 0\n"
			     "4 172.29.0.0/24 - 5 unicast 254 0\n6 ::/0 2001:db8::1 2 unicast 254 0\n"
			     "6 fd00:dead::/64 - 3 unicast 254 0\n6 2001:db8::/64 - 2 unicast 254 0\n";
static const char rules[] = "4 0 255\n4 32766 254\n4 32767 253\n6 0 255\n6 32766 254\n";

static char *read_data(const char *folder, const char *name, size_t *ret_size)
{
	const char *top = getenv("srcdir");
	char path[512];
	FILE *in;
	enum { LARGEST = 65536 };
	char *data;

	(void)snprintf(path, sizeof path, "%s/tests/unit/filter/%s/%s", top ? top : ".", folder, name);
	in = fopen(path, "re");
	*ret_size = 0;
	if (!in)
		return NULL;
	data = calloc(1, LARGEST);
	assert_non_null(data);
	*ret_size = fread(data, 1, LARGEST - 1, in);
	(void)fclose(in);
	return data;
}

/* An answer that is a file of @folder; without one it is empty. */
static void put_data(fixture *f, const char *folder, const char *question)
{
	char name[128];
	size_t size;

	(void)snprintf(name, sizeof name, "%s", strchr(question, ':') + 1);
	for (char *c = name; *c; c++)
		*c = *c == '/' ? '-' : *c;
	hf_cleanup(hf_freep) char *data = read_data(folder, name, &size);

	answer_bytes(f, question, data ? data : "", size);
}

static const char *const nft_questions[] = {"call:nft/generation", "call:nft/tables", "call:nft/chains",
					    "call:nft/rules",	   "call:nft/sets",   "call:nft/elements"};

static void put_rules(fixture *f, const char *folder)
{
	hf_cleanup(hf_freep) char *tables = NULL;
	size_t size;

	for (size_t i = 0; i < HF_ARRAY_SIZE(nft_questions); i++)
		put_data(f, folder, nft_questions[i]);
	put_data(f, folder, "call:xt/tables");
	tables = read_data(folder, "xt-tables", &size);
	for (char *rest = tables, *line; rest && (line = strsep(&rest, "\n")) && *line;) {
		char question[64];

		(void)snprintf(question, sizeof question, "call:xt/%s", line);
		*strchr(question, ' ') = '/';
		put_data(f, folder, question);
	}
}

static fixture *node_without_rules(void)
{
	static const char *const devices[] = {"all", "lo", "eth0", "docker0", "closed0", "inner0"};
	fixture *f = fixture_new();
	char question[128];

	answer(f, "call:net/host/links", links);
	answer(f, "call:net/host/addresses", addresses);
	answer(f, "call:net/host/routes", routes);
	answer(f, "call:net/host/rules", rules);
	answer(f, "call:net/host/fdb", "");
	for (size_t i = 0; i < HF_ARRAY_SIZE(devices); i++) {
		(void)snprintf(question, sizeof question, "file:/proc/sys/net/ipv4/conf/%s/forwarding", devices[i]);
		answer(f, question, "1\n");
		(void)snprintf(question, sizeof question, "file:/proc/sys/net/ipv4/conf/%s/rp_filter", devices[i]);
		answer(f, question, "0\n");
		(void)snprintf(question, sizeof question, "file:/proc/sys/net/ipv4/conf/%s/route_localnet", devices[i]);
		answer(f, question, "0\n");
	}
	answer(f, "file:/proc/sys/net/ipv6/conf/all/forwarding", "1\n");
	answer(f, "file:/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n");
	answer(f, "file:/proc/sys/net/bridge/bridge-nf-call-ip6tables", "0\n");
	answer(f, "file:/proc/modules", "br_netfilter 1 0 - Live 0x0\n");
	answer(f, "call:uname", "Linux\n6.1.0\n#1\nx86_64\n");
	answer(f, "file:/lib/modules/6.1.0/modules.builtin", "kernel/net/netfilter/nf_tables.ko\n");
	answer(f, "file:/lib/modules/6.1.0/modules.dep", "kernel/net/bridge/br_netfilter.ko:\n");
	return f;
}

static fixture *node_new(const char *folder)
{
	fixture *f = node_without_rules();

	put_rules(f, folder);
	return f;
}

typedef struct journey {
	const char *from;
	const char *to;
	uint8_t protocol;
	uint16_t port;
	const char *in;
	const char *in_port;
	hf_fate fate;
	const char *where; /* "host", the interface that it leaves by, or what decides */
} journey;

static const hf_passage *walk(fixture *f, hf_check_run *run, const journey *j)
{
	const hf_netns *netns = hf_facts_host_netns(f->facts);
	hf_packet packet = {.protocol = j->protocol, .to_port = j->port};

	assert_true(hf_ip_parse(j->from, &packet.from));
	assert_true(hf_ip_parse(j->to, &packet.to));
	packet.in = j->in ? hf_netns_interface(netns, j->in) : NULL;
	packet.in_port = j->in_port ? hf_netns_interface(netns, j->in_port) : NULL;
	assert_true(!j->in || packet.in);
	return hf_packet_walk(run, &packet);
}

static void check_journeys(fixture *f, const journey *all, size_t count)
{
	hf_check_run *run = fixture_start(f);

	for (size_t i = 0; i < count; i++) {
		const hf_passage *passage = walk(f, run, &all[i]);
		const char *where = passage->fate != HF_FATE_ACCEPTED ? passage->decided_by
				    : passage->is_for_host	      ? "host"
								      : passage->out->name;

		if (passage->fate != all[i].fate || !strstr(where, all[i].where))
			fail_msg("%s to %s port %u by %s: fate %u, %s", all[i].from, all[i].to, all[i].port,
				 all[i].in ? all[i].in : "-", passage->fate, where);
	}
}

enum { TCP = HF_PROTOCOL_TCP, UDP = HF_PROTOCOL_UDP, ICMP = HF_PROTOCOL_ICMP };

/* What Docker 20.10 does and does not keep out: the same in both forms of its rules. */
static const journey docker_journeys[] = {
	{"192.0.2.9", "192.0.2.2", TCP, 8080, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
	{"192.0.2.9", "192.0.2.2", TCP, 8443, "eth0", NULL, HF_FATE_ACCEPTED, "closed0"},
	{"192.0.2.9", "192.0.2.2", UDP, 9000, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", TCP, 22, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	/* a neighbour that takes the node for its router reaches unpublished ports, too */
	{"192.0.2.9", "172.17.0.2", TCP, 81, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
	{"2001:db8::9", "fd00:dead::242:ac11:2", TCP, 80, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
	{"2001:db8::9", "fd00:dead::242:ac11:2", TCP, 81, "eth0", NULL, HF_FATE_DROPPED, "ip6 filter FORWARD: policy drop"},
	{"2001:db8::9", "2001:db8::2", TCP, 8080, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
	{"172.17.0.2", "172.28.0.2", TCP, 443, "docker0", "veth7", HF_FATE_DROPPED, "ip filter DOCKER-ISOLATION-STAGE-2 rule 1: oifname closed0 drop"},
	{"172.28.0.2", "172.17.0.2", TCP, 80, "closed0", "veth9", HF_FATE_DROPPED, "DOCKER-ISOLATION-STAGE-2"},
	{"172.17.0.3", "172.17.0.2", TCP, 80, "docker0", "veth8", HF_FATE_ACCEPTED, "docker0"},
	{"172.28.0.2", "172.28.0.3", TCP, 80, "closed0", "veth9", HF_FATE_DROPPED, "iifname closed0 oifname closed0 drop"},
	{"172.29.0.2", "203.0.113.1", TCP, 443, "inner0", NULL, HF_FATE_DROPPED, "iifname inner0"},
	{"172.17.0.2", "203.0.113.1", TCP, 443, "docker0", "veth7", HF_FATE_ACCEPTED, "eth0"},
	{"172.17.0.2", "169.254.169.254", TCP, 80, "docker0", "veth7", HF_FATE_ACCEPTED, "eth0"},
	{"172.17.0.2", "172.17.0.1", TCP, 22, "docker0", "veth7", HF_FATE_ACCEPTED, "host"},
	{"172.28.0.2", "192.0.2.2", TCP, 8080, "closed0", "veth9", HF_FATE_ACCEPTED, "host"},
	{"192.0.2.2", "192.0.2.2", TCP, 8080, NULL, NULL, HF_FATE_ACCEPTED, "docker0"},
	{"127.0.0.1", "127.0.0.1", UDP, 9000, NULL, NULL, HF_FATE_ACCEPTED, "host"},
	/* translated before it is found that it cannot be for 127/8: published for this node alone it is for its
	 * neighbours, too */
	{"192.0.2.9", "127.0.0.1", UDP, 9000, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
	{"192.0.2.9", "127.0.0.1", UDP, 9002, "eth0", NULL, HF_FATE_DROPPED, "route_localnet"},
	{"192.0.2.9", "172.17.0.2", ICMP, 0, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
};

static void test_docker(void **state)
{
	static const char *const folders[] = {"docker-nft", "docker-legacy"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		hf_cleanup(fixture_freep) fixture *f = node_new(folders[i]);

		check_journeys(f, docker_journeys, HF_ARRAY_SIZE(docker_journeys));
	}
}

/* Translation that is left out: what the node's own rules say of the port. */
static void test_untranslated(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new("docker-nft");
	hf_check_run *run = fixture_start(f);
	hf_packet packet = {.protocol = TCP, .to_port = 8080};

	(void)state;
	packet.in = hf_netns_interface(hf_facts_host_netns(f->facts), "eth0");
	assert_true(hf_ip_parse("192.0.2.9", &packet.from) && hf_ip_parse("192.0.2.2", &packet.to));
	const hf_passage *translated = hf_packet_walk(run, &packet);

	assert_true(translated->is_translated);
	assert_int_equal(translated->to_port, 80);
	assert_string_equal(hf_ip_text(run, &translated->to), "172.17.0.2");
	assert_ptr_equal(hf_packet_walk(run, &packet), translated);
	packet.is_untranslated = true;
	assert_true(hf_packet_walk(run, &packet)->is_for_host);
}

/* bridge-nf-call-iptables=0 undoes enable_icc=false; isolated ports do not ask it. */
static void test_bridge(void **state)
{
	static const journey open_again = {"172.28.0.2", "172.28.0.3", TCP, 80, "closed0", "veth9",
					   HF_FATE_ACCEPTED, "closed0"};
	static const journey not_forwarded[] = {
		{"172.17.0.2", "203.0.113.1", TCP, 443, "docker0", "veth7", HF_FATE_DROPPED, "forwards no packets"},
		{"172.17.0.3", "172.17.0.2", TCP, 80, "docker0", "veth8", HF_FATE_ACCEPTED, "docker0"},
	};
	hf_cleanup(fixture_freep) fixture *f = node_new("docker-legacy");

	(void)state;
	answer(f, "call:net/host/links",
	       "1 lo - 49 0 0 here 0 -\n2 eth0 - 1043 0 0 here 0 - device\n3 docker0 bridge 1043 0 0 here 0 -\n"
	       "4 closed0 bridge 1043 0 0 here 0 -\n5 inner0 bridge 1043 0 0 here 0 -\n"
	       "7 veth7 veth 1043 3 0 elsewhere 1 - port\n8 veth8 veth 1043 3 0 elsewhere 1 - port\n"
	       "9 veth9 veth 1043 4 0 elsewhere 1 - port\n");
	check_journeys(f, &open_again, 1);
	answer(f, "file:/proc/sys/net/ipv4/conf/docker0/forwarding", "0\n");
	check_journeys(f, not_forwarded, HF_ARRAY_SIZE(not_forwarded));
	/* the only other port of the bridge is isolated, too, or it is not known which it is */
	answer(f, "call:net/host/links",
	       "1 lo - 49 0 0 here 0 -\n2 eth0 - 1043 0 0 here 0 - device\n3 docker0 bridge 1043 0 0 here 0 -\n"
	       "4 closed0 bridge 1043 0 0 here 0 -\n5 inner0 bridge 1043 0 0 here 0 -\n"
	       "7 veth7 veth 1043 3 0 elsewhere 1 - port\n8 veth8 veth 1043 3 0 elsewhere 1 - port isolated\n"
	       "9 veth9 veth 1043 4 0 elsewhere 1 - port isolated\n");
	check_journeys(f,
		       &(journey){"172.28.0.2", "172.28.0.3", TCP, 80, "closed0", "veth9", HF_FATE_UNKNOWN,
				  "isolated"},
		       1);
	/* where tables of ebtables-legacy may be, nobody knows what they say */
	answer(f, "file:/proc/modules", "ebtable_filter 1 0 - Live 0x0\n");
	check_journeys(f,
		       &(journey){"172.17.0.2", "172.17.0.3", TCP, 80, "docker0", "veth7", HF_FATE_UNKNOWN,
				  "ebtables"},
		       1);
}

static const journey set_journeys[] = {
	{"198.51.100.7", "192.0.2.2", TCP, 1000, "eth0", NULL, HF_FATE_DROPPED, "tcp dport vmap @ports"},
	{"198.51.100.7", "192.0.2.2", TCP, 1001, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"203.0.113.9", "192.0.2.2", TCP, 1001, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"203.0.113.10", "192.0.2.2", TCP, 1001, "eth0", NULL, HF_FATE_DROPPED, "inet t sub rule 2: drop"},
	/* a chain that was gone to returns to the policy */
	{"203.0.113.9", "192.0.2.2", TCP, 1002, "eth0", NULL, HF_FATE_DROPPED, "inet t in: policy drop"},
	{"198.51.100.7", "192.0.2.2", TCP, 2010, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"198.51.100.7", "192.0.2.2", TCP, 2011, "eth0", NULL, HF_FATE_DROPPED, "policy drop"},
	{"203.0.113.9", "192.0.2.2", TCP, 2010, "eth0", NULL, HF_FATE_DROPPED, "policy drop"},
	{"192.0.2.9", "192.0.2.2", TCP, 3000, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
	{"192.0.2.9", "192.0.2.2", TCP, 3001, "eth0", NULL, HF_FATE_DROPPED, "ip daddr 172.17.0.3 drop"},
	{"192.0.2.9", "192.0.2.2", TCP, 4000, "eth0", NULL, HF_FATE_UNKNOWN, "limit"},
	{"192.0.2.9", "192.0.2.2", TCP, 4001, "eth0", NULL, HF_FATE_UNKNOWN, "limit"},
	{"192.0.2.9", "192.0.2.2", TCP, 4002, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", TCP, 4003, "eth0", NULL, HF_FATE_UNKNOWN, "socket"},
	{"192.0.2.9", "192.0.2.2", TCP, 4004, "eth0", NULL, HF_FATE_DROPPED, "policy drop"},
	{"192.0.2.9", "192.0.2.2", TCP, 4005, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", TCP, 4006, "eth0", NULL, HF_FATE_UNKNOWN, "4006"},
	/* the port that it comes from is above 32767, and no other is known */
	{"192.0.2.9", "192.0.2.2", TCP, 4007, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", TCP, 4008, "eth0", NULL, HF_FATE_UNKNOWN, "0x9c400fa8"},
	{"192.0.2.9", "192.0.2.2", TCP, 4009, "eth0", NULL, HF_FATE_UNKNOWN, "numgen"},
	{"192.0.2.9", "192.0.2.2", TCP, 4010, "eth0", NULL, HF_FATE_UNKNOWN, "4010"},
	{"192.0.2.9", "192.0.2.2", TCP, 4011, "eth0", NULL, HF_FATE_DROPPED, "reject"},
	{"192.0.2.9", "192.0.2.2", TCP, 4012, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", TCP, 4013, "eth0", NULL, HF_FATE_UNKNOWN, "add @seen"},
	{"192.0.2.9", "192.0.2.2", TCP, 4014, "eth0", NULL, HF_FATE_UNKNOWN, "@seen"},
	{"192.0.2.9", "192.0.2.2", TCP, 4015, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", TCP, 4016, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", TCP, 4017, "eth0", NULL, HF_FATE_UNKNOWN, "quota"},
	{"198.7.7.9", "192.0.2.2", TCP, 4018, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"198.7.7.8", "192.0.2.2", TCP, 4018, "eth0", NULL, HF_FATE_DROPPED, "policy drop"},
	{"192.0.2.9", "192.0.2.2", TCP, 4035, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"172.17.0.2", "192.0.2.2", TCP, 4035, "docker0", "veth7", HF_FATE_DROPPED, "policy drop"},
	{"192.0.2.9", "192.0.2.2", UDP, 53, "eth0", NULL, HF_FATE_DROPPED, "policy drop"},
	{"192.0.2.9", "192.0.2.2", UDP, 54, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"192.0.2.9", "192.0.2.2", ICMP, 0, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
	{"2001:db8::9", "2001:db8::2", ICMP, 0, "eth0", NULL, HF_FATE_DROPPED, "icmp type 128 drop"},
	/* the bridge's own rules, and those of a device */
	{"172.17.0.2", "172.17.0.4", UDP, 53, "docker0", "veth7", HF_FATE_DROPPED, "bridge b f rule 1"},
	{"172.17.0.2", "172.17.0.4", UDP, 54, "docker0", "veth7", HF_FATE_ACCEPTED, "docker0"},
	{"172.17.0.3", "172.17.0.4", UDP, 53, "docker0", "veth8", HF_FATE_ACCEPTED, "docker0"},
	{"127.0.0.1", "127.0.0.1", TCP, 4035, NULL, NULL, HF_FATE_DROPPED, "netdev d i rule 1: drop"},
	/* no way, and no one to be reached */
	{"192.0.2.9", "224.0.0.1", UDP, 53, "eth0", NULL, HF_FATE_UNKNOWN, "many"},
};

static void test_sets(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new("sets");

	(void)state;
	check_journeys(f, set_journeys, HF_ARRAY_SIZE(set_journeys));
}

/* ---- chains ---- */

static const hf_filter_chain *chain_of(hf_check_run *run, const char *family, const char *table, const char *name)
{
	const hf_packet_filter *filter = hf_packet_filter_get(run);

	for (size_t i = 0; i < filter->chain_count; i++) {
		const hf_filter_chain *chain = &filter->chains[i];

		if (strcmp(chain->family, family) == 0 && strcmp(chain->table, table) == 0 &&
		    strcmp(chain->name, name) == 0)
			return chain;
	}
	fail_msg("no chain %s %s %s", family, table, name);
	return NULL;
}

static void test_chains(void **state)
{
	static const char *const folders[] = {"docker-nft", "docker-legacy"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		hf_cleanup(fixture_freep) fixture *f = node_new(folders[i]);
		hf_check_run *run = fixture_start(f);
		const hf_packet_filter *filter = hf_packet_filter_get(run);
		const hf_filter_chain *user = chain_of(run, "ip", "filter", "DOCKER-USER");
		const hf_filter_chain *forward = chain_of(run, "ip", "filter", "FORWARD");

		assert_int_equal(filter->fact.state, HF_PRESENT);
		assert_int_equal(filter->has_nft_rules, i == 0);
		assert_int_equal(filter->has_legacy_rules, i == 1);
		assert_string_equal(user->owner, "docker");
		assert_null(user->hook);
		assert_true(hf_filter_chain_is_idle(run, user));
		assert_int_equal(user->rule_count, 1);
		assert_string_equal(hf_filter_rule_text(run, user, 0), "return");
		assert_null(hf_filter_rule_text(run, user, 1));
		assert_null(forward->owner);
		assert_string_equal(forward->hook, "forward");
		assert_false(hf_filter_chain_is_idle(run, forward));
		assert_ptr_equal(hf_filter_rule_target(run, forward, 0), user);
		assert_null(hf_filter_rule_target(run, forward, 2));
		assert_true(chain_of(run, "ip6", "filter", "FORWARD")->drops);
		assert_int_equal(chain_of(run, "ip", "nat", "PREROUTING")->priority, -100);
		assert_string_equal(hf_filter_rule_text(run, chain_of(run, "ip", "nat", "PREROUTING"), 0),
				    "fib daddr type local jump DOCKER");
		assert_string_equal(hf_filter_rule_text(run, forward, 10), "iifname closed0 oifname closed0 drop");
	}
}

static void test_owners(void **state)
{
	static const struct {
		const char *table, *name, *owner;
	} known[] = {
		{"filter", "DOCKER-FORWARD", "docker"},	     {"filter", "DOCKER-CT", "docker"},
		{"docker-bridges", "filter-FORWARD", "docker"}, {"nat", "NETAVARK-HOSTPORT-DNAT", "podman"},
		{"netavark", "INPUT", "podman"},	     {"nat", "CNI-HOSTPORT-DNAT", "cni"},
		{"nat", "KUBE-SERVICES", "kube-proxy"},	     {"firewalld", "filter_INPUT", "firewalld"},
		{"filter", "FORWARD_IN_ZONES", "firewalld"},	     {"filter", "INPUT_ZONES", "firewalld"},
		{"filter", "ufw-user-input", "ufw"},	     {"filter", "LIBVIRT_FWI", "libvirt"},
		{"filter", "INPUT", NULL},		     {"filter", "docker", NULL},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(known); i++) {
		const hf_filter_chain chain = {.family = "ip", .table = known[i].table, .name = known[i].name};
		const char *owner = hf_filter_owner(&chain);

		if (!known[i].owner)
			assert_null(owner);
		else
			assert_string_equal(owner, known[i].owner);
	}
}

static void test_publications(void **state)
{
	static const struct {
		uint8_t protocol;
		const char *host;
		uint16_t port;
		const char *to;
		uint16_t to_port;
	} wanted[] = {
		{UDP, "127.0.0.1", 9001, "172.17.0.2", 9001}, {UDP, "127.0.0.1", 9000, "172.17.0.2", 9000},
		{TCP, "0.0.0.0", 8080, "172.17.0.2", 80},     {TCP, "0.0.0.0", 8443, "172.28.0.2", 443},
		{TCP, "::", 8080, "fd00:dead::242:ac11:2", 80},
	};
	static const char *const folders[] = {"docker-nft", "docker-legacy"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		hf_cleanup(fixture_freep) fixture *f = node_new(folders[i]);
		hf_check_run *run = fixture_start(f);
		const hf_publications *found = hf_facts_rule_publications(f->facts);

		assert_int_equal(found->fact.state, HF_PRESENT);
		assert_int_equal(found->count, HF_ARRAY_SIZE(wanted));
		for (size_t j = 0; j < found->count; j++) {
			assert_int_equal(found->all[j].protocol, wanted[j].protocol);
			assert_string_equal(hf_ip_text(run, &found->all[j].host_ip), wanted[j].host);
			assert_int_equal(found->all[j].host_port, wanted[j].port);
			assert_int_equal(found->all[j].port_count, 1);
			assert_string_equal(hf_ip_text(run, &found->all[j].to), wanted[j].to);
			assert_int_equal(found->all[j].to_port, wanted[j].to_port);
			assert_true(found->all[j].by_rule);
		}
	}
	/* a map is as many ports as it has elements */
	hf_cleanup(fixture_freep) fixture *f = node_new("sets");
	hf_check_run *run = fixture_start(f);
	const hf_publications *found = hf_facts_rule_publications(f->facts);

	assert_int_equal(found->count, 2);
	assert_int_equal(found->all[1].host_port, 3001);
	assert_int_equal(found->all[1].to_port, 3001);
	assert_string_equal(hf_ip_text(run, &found->all[1].to), "172.17.0.3");
}

/* ---- what could not be read ---- */

static void test_none(void **state)
{
	static const journey open[] = {
		{"192.0.2.9", "192.0.2.2", TCP, 22, "eth0", NULL, HF_FATE_ACCEPTED, "host"},
		{"192.0.2.9", "172.17.0.2", TCP, 22, "eth0", NULL, HF_FATE_ACCEPTED, "docker0"},
	};
	hf_cleanup(fixture_freep) fixture *f = node_without_rules();

	(void)state;
	answer_error(f, "call:nft/generation", EPROTONOSUPPORT, "nf_tables is not loaded");
	answer(f, "call:xt/tables", "");
	check_journeys(f, open, HF_ARRAY_SIZE(open));
	const hf_packet_filter *filter = hf_packet_filter_get((hf_check_run *)(void *)&f->view);

	assert_int_equal(filter->fact.state, HF_PRESENT);
	assert_int_equal(filter->chain_count, 0);
}

static void test_unreadable(void **state)
{
	static const journey any = {"192.0.2.9", "192.0.2.2", TCP, 22, "eth0", NULL, HF_FATE_UNKNOWN, ""};
	static const char *const lost[] = {"call:nft/generation", "call:nft/tables", "call:nft/chains",
					   "call:nft/rules",	  "call:nft/sets",   "call:nft/elements",
					   "call:xt/tables",	  "call:xt/ipv4/nat"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(lost); i++) {
		hf_cleanup(fixture_freep) fixture *f = node_new("docker-legacy");

		answer_error(f, lost[i], EPERM, "not allowed");
		check_journeys(f, &any, 1);
		hf_check_run *run = (hf_check_run *)(void *)&f->view;

		assert_int_equal(hf_packet_filter_get(run)->fact.state, HF_UNREADABLE);
		assert_int_equal(hf_facts_rule_publications(f->facts)->fact.state, HF_UNREADABLE);
	}
	hf_cleanup(fixture_freep) fixture *f = node_new("docker-nft");

	assert_true(hf_record_remove(f->record, HF_ASK_CALL, "nft/rules"));
	check_journeys(f, &any, 1);
}

/* Cut anywhere, the rules are malformed or still rules; they never let anything pass that they would have dropped
 * without it being told that they are not all. */
static void test_cut(void **state)
{
	static const journey never = {"172.17.0.2", "172.28.0.2", TCP, 443, "docker0", "veth7", HF_FATE_DROPPED, ""};
	static const struct {
		const char *folder, *file, *question;
	} cut[] = {
		{"docker-nft", "nft-rules", "call:nft/rules"},
		{"docker-legacy", "xt-ipv4-filter", "call:xt/ipv4/filter"},
		{"sets", "nft-sets", "call:nft/sets"},
		{"sets", "nft-elements", "call:nft/elements"},
		{"sets", "nft-chains", "call:nft/chains"},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cut); i++) {
		hf_cleanup(fixture_freep) fixture *f = node_new(cut[i].folder);
		size_t size;
		hf_cleanup(hf_freep) char *data = read_data(cut[i].folder, cut[i].file, &size);

		assert_non_null(data);
		for (size_t left = 1; left < size; left += 1 + size / 97) {
			answer_bytes(f, cut[i].question, data, left);
			hf_check_run *run = fixture_start(f);
			const hf_packet_filter *filter = hf_packet_filter_get(run);

			(void)hf_facts_rule_publications(f->facts);
			if (strcmp(cut[i].folder, "docker-legacy") == 0)
				assert_int_equal(filter->fact.state, HF_UNREADABLE);
			if (filter->fact.state != HF_PRESENT)
				assert_int_equal(walk(f, run, &never)->fate, HF_FATE_UNKNOWN);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker),	    cmocka_unit_test(test_untranslated),
		cmocka_unit_test(test_bridge),	    cmocka_unit_test(test_sets),
		cmocka_unit_test(test_chains),	    cmocka_unit_test(test_owners),
		cmocka_unit_test(test_publications), cmocka_unit_test(test_none),
		cmocka_unit_test(test_unreadable),  cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
