/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces, routes, and where containers are plugged in. */
#include "containers-fixture.h"

#include "facts/net.h"

#define DOCKER	"0::/system.slice/docker-" ID ".scope\n"
#define DOCKER2 "0::/system.slice/docker-" ID2 ".scope\n"

static const char host_links[] = "1 lo - 49 0 0 here 0 00:00:00:00:00:00\n"
				 "2 eth0 - 1043 0 0 here 0 02:00:00:00:00:02 device\n"
				 "5 docker0 bridge 1043 0 0 here 0 02:42:00:00:00:05 nf-iptables\n"
				 "7 veth7 veth 1043 5 2 410 1 - port isolated learning\n"
				 "9 veth9 veth 1043 5 2 420 1 - port learning hairpin\n"
				 "11 br-0123456789ab bridge 1003 0 0 here 0 - vlan\n"
				 "12 virbr0 bridge 1003 0 0 here 0 -\n"
				 "13 stray veth 1043 5 2 elsewhere 1 - port\n";
static const char host_addresses[] = "1 127.0.0.1/8 host\n2 192.0.2.2/24 global\n"
				     "5 172.17.0.1/16 global\n5 fe80::1/64 link\n5 fd00::1/64 global\n";
static const char host_routes[] = "4 0.0.0.0/0 192.0.2.1 2 unicast 254 0\n"
				  "4 172.17.0.0/16 - 5 unicast 254 0\n"
				  "4 192.0.2.0/24 - 2 unicast 254 100\n";
static const char usual_rules[] = "4 0 255\n4 32766 254\n4 32767 253\n6 0 255\n6 32766 254\n";

static void put_netns(fixture *f, const char *where, const char *links, const char *addresses, const char *routes)
{
	static const char *const whats[] = {"links", "addresses", "routes", "rules"};
	const char *const texts[] = {links, addresses, routes, usual_rules};
	char question[64];

	for (size_t i = 0; i < HF_ARRAY_SIZE(whats); i++) {
		(void)snprintf(question, sizeof question, "call:net/%s/%s", where, whats[i]);
		answer(f, question, texts[i]);
	}
}

/* A node with two containers on docker0. */
static fixture *node_new(void)
{
	fixture *f = host_new("30 40");

	put_actor(f, (actor){.pid = 30, .cgroup = DOCKER, .space = 1, .root = 9, .ns_pids = "30\t1"});
	put_actor(f, (actor){.pid = 40, .cgroup = DOCKER2, .space = 2, .root = 9, .ns_pids = "40\t1"});
	put_netns(f, "host", host_links, host_addresses, host_routes);
	answer(f, "call:net/host/fdb", "9 02:42:ac:11:00:03 vlan=1\n");
	put_netns(f, "410",
		  "1 lo - 49 0 0 here 0 -\n2 eth0 veth 1043 0 7 host 0 02:42:ac:11:00:02\n",
		  "1 127.0.0.1/8 host\n2 172.17.0.2/16 global\n2 fd00::2/64 global\n",
		  "4 0.0.0.0/0 172.17.0.1 2 unicast 254 0\n4 172.17.0.0/16 - 2 unicast 254 0\n");
	put_netns(f, "420",
		  "1 lo - 49 0 0 here 0 -\n2 eth0 veth 1043 0 9 host 0 02:42:ac:11:00:03\n"
		  "3 mv\\0400 macvlan 1043 0 2 host 0 - mode=private\n",
		  "2 172.17.0.3/16 global\n2 fe80::3/64 link\n", "");
	answer(f, "file:/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n");
	answer(f, "file:/proc/sys/net/bridge/bridge-nf-call-ip6tables", "1\n");
	return f;
}

static hf_ip ip_of(const char *text)
{
	hf_ip ip;

	assert_true(hf_ip_parse(text, &ip));
	return ip;
}

static void test_addresses(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_check_run *run = fixture_start(f);
	hf_ip ip = {.family = 9}, four = ip_of("10.1.2.3"), other = ip_of("10.1.3.3"), six = ip_of("fd00::1");

	(void)state;
	assert_false(hf_ip_parse("10.1.2", &ip));
	assert_int_equal(ip.family, 0);
	assert_false(hf_ip_parse("", &ip));
	assert_string_equal(hf_ip_text(run, &four), "10.1.2.3");
	assert_string_equal(hf_ip_text(run, &six), "fd00::1");
	assert_string_equal(hf_ip_text(run, &(hf_ip){0}), "");
	assert_true(hf_ip_shares_prefix(&four, &other, 23));
	assert_false(hf_ip_shares_prefix(&four, &other, 24));
	assert_true(hf_ip_shares_prefix(&four, &other, 0));
	assert_false(hf_ip_shares_prefix(&four, &six, 0));
	assert_false(hf_ip_shares_prefix(&four, &four, 33));
	assert_true(hf_ip_shares_prefix(&six, &six, 128));
}

static void test_host(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	const hf_netns *host = hf_host_netns(fixture_start(f));

	(void)state;
	assert_int_equal(host->fact.state, HF_PRESENT);
	assert_null(host->fact.why);
	assert_int_equal(host->inode, 400);
	assert_int_equal(host->interface_count, 8);
	assert_int_equal(host->address_count, 5);
	const hf_interface *eth0 = hf_netns_interface(host, "eth0"), *port = hf_netns_interface_at(host, 7);
	const hf_interface *docker0 = hf_netns_interface(host, "docker0");

	assert_true(eth0->is_up && eth0->has_hardware && !eth0->is_loopback);
	assert_true(hf_netns_interface(host, "lo")->is_loopback);
	assert_string_equal(port->name, "veth7");
	assert_int_equal(port->peer_netns, 410);
	assert_true(port->is_port && port->is_isolated && port->is_learning && !port->is_hairpin);
	assert_false(port->has_static_mac);
	assert_true(hf_netns_interface_at(host, 9)->has_static_mac);
	assert_true(hf_netns_interface_at(host, 13)->is_peer_elsewhere);
	assert_int_equal(hf_netns_interface_at(host, 13)->peer_netns, 0);
	assert_null(hf_netns_interface_at(host, 8));
	assert_null(hf_netns_interface(host, "eth9"));
	/* by itself, and by the setting of the node */
	assert_true(docker0->calls_iptables && docker0->calls_ip6tables);
	assert_false(hf_netns_interface_at(host, 11)->calls_iptables);
	assert_true(hf_netns_interface_at(host, 11)->calls_ip6tables);
	assert_true(hf_netns_interface_at(host, 11)->is_vlan_filtering);
	assert_false(host->has_policy_routing);
}

/* Without the module nobody hands packets of bridges to the rules, whatever a bridge says. */
static void test_bridge_nf(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	answer_missing(f, "file:/proc/sys/net/bridge/bridge-nf-call-iptables");
	answer_missing(f, "file:/proc/sys/net/bridge/bridge-nf-call-ip6tables");
	answer_error(f, "dir:/proc/sys/net/bridge", ENOENT, NULL);
	answer_dir(f, "/proc/sys/net", "core ipv4");
	const hf_netns *host = hf_host_netns(fixture_start(f));

	assert_null(host->fact.why);
	assert_false(hf_netns_interface(host, "docker0")->calls_iptables);
	answer_error(f, "file:/proc/sys/net/bridge/bridge-nf-call-iptables", EACCES, NULL);
	host = hf_host_netns(fixture_start(f));
	assert_int_equal(host->fact.state, HF_PRESENT);
	assert_non_null(strstr(host->fact.why, "bridge-nf-call-iptables"));
	/* what we read there was our own */
	answer(f, "link:/proc/self/ns/net", "net:[499]");
	assert_non_null(strstr(hf_host_netns(fixture_start(f))->fact.why, "another network namespace"));
}

static void test_routes(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	hf_ip to;

	(void)state;
	answer(f, "call:net/host/routes",
	       "4 0.0.0.0/0 192.0.2.1 2 unicast 254 50\n"
	       "4 0.0.0.0/0 192.0.2.9 5 unicast 254 20\n"
	       "4 10.0.0.0/8 - 0 blackhole 254 0\n"
	       "4 10.1.0.0/16 192.0.2.3 2 unicast 254 0\n"
	       "4 10.1.2.0/24 192.0.2.4 5 unicast 100 0\n"
	       "4 10.2.0.0/16 - 2,5 unicast 254 0\n"
	       "6 fd07::/16 fe80::7 7 unicast 254 1024\n");
	const hf_netns *host = hf_host_netns(fixture_start(f));

	to = ip_of("198.51.100.1");
	assert_string_equal(hf_netns_route(host, &to)->interface->name, "docker0");
	assert_int_equal(hf_netns_route(host, &to)->metric, 20);
	to = ip_of("10.9.9.9");
	assert_null(hf_netns_route(host, &to));
	/* table 100 is for those whom a rule sends there */
	to = ip_of("10.1.2.3");
	assert_string_equal(hf_netns_route(host, &to)->interface->name, "eth0");
	to = ip_of("10.2.3.4");
	assert_null(hf_netns_route(host, &to)->interface);
	to = ip_of("172.17.0.1");
	assert_string_equal(hf_netns_route(host, &to)->interface->name, "lo");
	to = ip_of("127.3.2.1");
	assert_string_equal(hf_netns_route(host, &to)->interface->name, "lo");
	to = ip_of("fd07::1");
	assert_string_equal(hf_netns_route(host, &to)->interface->name, "veth7");
	to = ip_of("2001:db8::1");
	assert_null(hf_netns_route(host, &to));
	assert_false(host->has_policy_routing);
}

static void test_policy_routing(void **state)
{
	static const struct {
		const char *question;
		const char *text;
	} with[] = {
		{"call:net/host/rules", "4 0 255\n4 100 100 from\n4 32766 254\n4 32767 253\n"},
		{"call:net/host/rules", "4 0 255\n4 32765 99\n4 32766 254\n4 32767 253\n"},
		{"call:net/host/rules", "4 0 255\n4 32767 253\n"},
		{"call:net/host/rules", "4 0 255\n4 32766 254 not\n4 32767 253\n"},
		{"call:net/host/routes", "4 0.0.0.0/0 - 2 unicast 254 0\n6 ::/0 - 2 unicast 254 0 from\n"},
		{"call:net/host/routes", "4 0.0.0.0/0 - 0 throw 254 0\n4 192.0.2.0/24 - 2 unicast 254 0\n"},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(with); i++) {
		hf_cleanup(fixture_freep) fixture *f = node_new();

		answer(f, with[i].question, with[i].text);
		const hf_netns *host = hf_host_netns(fixture_start(f));

		assert_null(host->fact.why);
		assert_true(host->has_policy_routing);
	}
}

/* What is cut or malformed is never taken for all. */
static void test_incomplete(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	answer(f, "call:net/host/routes", "4 0.0.0.0/0 - 2 unicast 254 0\n!EFBIG\n");
	const hf_netns *host = hf_host_netns(fixture_start(f));

	assert_int_equal(host->fact.state, HF_PRESENT);
	assert_string_equal(host->fact.why, "routes: there are more than are read");
	assert_int_equal(host->route_count, 1);
	answer_error(f, "call:net/host/addresses", ENOBUFS, NULL);
	host = hf_host_netns(fixture_start(f));
	assert_non_null(strstr(host->fact.why, "addresses: "));
	answer(f, "call:net/host/links", "1 lo - 49 0 0 here 0 -\n!ENOBUFS\n");
	host = hf_host_netns(fixture_start(f));
	assert_non_null(strstr(host->fact.why, "interfaces: "));
	answer(f, "call:net/host/links", "!ENOBUFS\n1 lo - 49 0 0 here 0 -\n");
	assert_int_equal(hf_host_netns(fixture_start(f))->fact.state, HF_UNREADABLE);
	answer_error(f, "call:net/host/links", ENOTSUP, "pid 2 is not kthreadd");
	host = hf_host_netns(fixture_start(f));
	assert_int_equal(host->fact.state, HF_UNREADABLE);
	assert_string_equal(host->fact.why, "pid 2 is not kthreadd");
}

static void test_malformed(void **state)
{
	static const char *const links[] = {
		"x lo - 49 0 0 here 0 -\n",	 "0 lo - 49 0 0 here 0 -\n",
		"1 - - 49 0 0 here 0 -\n",	 "1 lo - 4g 0 0 here 0 -\n",
		"1 lo - 49 0 0 nowhere 0 -\n",	 "1 lo - 49 0 0 here\n",
		"1 l\\00o - 49 0 0 here 0 -\n",	 "1 l\\000o - 49 0 0 here 0 -\n",
		"1 lo - 49 0 0 here 0 -",	 "1 lo - 49 0 0 0 0 -\n",
		"1 lo - 49 0 -1 here 0 -\n",	 "2 a - 49 0 0 here 0 -\n2 b - 49 0 0 here 0 -\n",
		"!\n",				 "!NOSUCH\n",
		"1 lo - 49 0 0 18446744073709551615 0 -\n",
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(links); i++) {
		hf_interface *all = NULL;
		size_t count = 77;
		const char *cut;

		assert_int_equal(hf_net_parse_links(arena, links[i], strlen(links[i]), &all, &count, &cut),
				 -EBADMSG);
		assert_int_equal(count, 77);
	}
}

static void test_attachments(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	hf_check_run *run = fixture_start(f);
	const hf_attachments *all = hf_attachments_get(run);
	const hf_containers *containers = hf_facts_containers(f->facts);

	(void)state;
	assert_int_equal(containers->count, 2);
	assert_int_equal(all->fact.state, HF_PRESENT);
	assert_int_equal(all->count, 3);
	const hf_attachment *first = &all->all[0], *second = &all->all[1], *third = &all->all[2];

	assert_ptr_equal(first->container, containers->all[0]);
	assert_string_equal(first->inside->name, "eth0");
	assert_string_equal(first->port->name, "veth7");
	assert_string_equal(first->bridge->name, "docker0");
	assert_string_equal(hf_ip_text(run, &first->ip), "172.17.0.2");
	assert_string_equal(hf_ip_text(run, &first->ip6), "fd00::2");
	assert_string_equal(second->port->name, "veth9");
	assert_int_equal(second->ip6.family, 0);
	assert_string_equal(third->inside->name, "mv 0");
	assert_string_equal(third->inside->mode, "private");
	assert_null(third->port);
	assert_int_equal(third->inside->peer_netns, 400);
	assert_int_equal(hf_container_attachments(run, containers->all[1])->count, 2);
	hf_ip ip = ip_of("172.17.0.3");

	assert_ptr_equal(hf_facts_container_at(f->facts, &ip), containers->all[1]);
	ip = ip_of("172.17.0.1");
	assert_null(hf_facts_container_at(f->facts, &ip));
}

/* Who takes an address that is another's hides neither. */
static void test_taken_address(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	hf_ip ip = ip_of("172.17.0.2");

	(void)state;
	answer(f, "call:net/420/addresses", "2 172.17.0.3/16 global\n2 172.17.0.2/16 global\n");
	(void)fixture_start(f);
	assert_null(hf_facts_container_at(f->facts, &ip));
}

/* A container that makes itself more interfaces than are read is plugged in where it was. */
static void test_hiding(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	answer(f, "call:net/410/links", "1 lo - 49 0 0 here 0 -\n77 q veth 1043 0 78 here 0 -\n!EFBIG\n");
	hf_check_run *run = fixture_start(f);
	const hf_containers *containers = hf_facts_containers(f->facts);
	const hf_attachments *own = hf_container_attachments(run, containers->all[0]);

	assert_int_equal(own->fact.state, HF_UNREADABLE);
	assert_int_equal(own->count, 2);
	assert_string_equal(own->all[0].port->name, "veth7");
	assert_string_equal(own->all[0].bridge->name, "docker0");
	assert_int_equal(own->all[0].ip.family, 0);
	assert_int_equal(hf_container_attachments(run, containers->all[1])->fact.state, HF_PRESENT);
	assert_int_equal(hf_networks_get(run)->fact.state, HF_PRESENT);
	assert_int_equal(hf_networks_get(run)->all[1]->member_count, 2);
	answer_error(f, "call:net/410/links", EPERM, NULL);
	run = fixture_start(f);
	assert_int_equal(hf_networks_get(run)->all[1]->member_count, 2);
	assert_int_equal(hf_attachments_get(run)->fact.state, HF_UNREADABLE);
	/* but not who is nobody knows where */
	answer(f, "call:/proc/30/ns", "mnt:[310]\nnet !EACCES\npid:[510]\nuser:[700]\n");
	assert_int_equal(hf_networks_get(fixture_start(f))->fact.state, HF_UNREADABLE);
}

static void test_networks(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	hf_check_run *run = fixture_start(f);
	const hf_networks *networks = hf_networks_get(run);
	const hf_subjects *subjects = hf_facts_subjects(f->facts, HF_SUBJECT_NETWORK);

	(void)state;
	assert_int_equal(networks->fact.state, HF_PRESENT);
	/* virbr0 is no container's */
	assert_int_equal(networks->count, 2);
	assert_string_equal(networks->all[0]->bridge->name, "br-0123456789ab");
	assert_string_equal(networks->all[0]->engine, "docker");
	assert_null(networks->all[0]->name);
	const hf_network *docker0 = networks->all[1];

	assert_true(docker0->is_default);
	assert_false(docker0->is_declared);
	assert_int_equal(docker0->member_count, 2);
	assert_string_equal(docker0->members[1]->port->name, "veth9");
	assert_string_equal(hf_ip_text(run, &docker0->gateway), "172.17.0.1");
	assert_int_equal(docker0->prefix, 16);
	assert_string_equal(hf_ip_text(run, &docker0->gateway6), "fd00::1");
	assert_int_equal(subjects->count, 2);
	assert_string_equal(subjects->all[1].key, "network:docker0");
	assert_string_equal(subjects->all[1].name, "bridge");
	f->view.subject = &subjects->all[1];
	assert_ptr_equal(hf_network_of(run), docker0);
}

static void test_declared(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	answer(f, "file:/etc/containers/networks/shop.json",
	       "{\"name\":\"shop\",\"driver\":\"bridge\",\"network_interface\":\"virbr0\",\"internal\":true}");
	answer(f, "file:/etc/cni/net.d/10-x.conflist",
	       "{\"name\":\"pods\",\"plugins\":[{\"type\":\"portmap\"},{\"type\":\"bridge\",\"bridge\":"
	       "\"br-0123456789ab\"}]}");
	answer(f, "file:/etc/cni/net.d/20-broken.conf", "{\"name\":");
	answer_dir(f, "/etc/containers/networks", "shop.json");
	answer_dir(f, "/etc/cni/net.d", "10-x.conflist 20-broken.conf");
	const hf_networks *networks = hf_networks_get(fixture_start(f));

	assert_int_equal(networks->count, 3);
	assert_string_equal(networks->all[0]->name, "pods");
	assert_string_equal(networks->all[0]->engine, "cni");
	assert_true(networks->all[0]->is_declared);
	assert_string_equal(networks->all[2]->name, "shop");
	assert_string_equal(networks->all[2]->engine, "podman");
	assert_true(networks->all[2]->is_internal);
}

static void test_no_networks(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = host_new("");

	(void)state;
	put_netns(f, "host", "1 lo - 49 0 0 here 0 -\n", "1 127.0.0.1/8 host\n", "");
	(void)fixture_start(f);
	assert_int_equal(hf_facts_subjects(f->facts, HF_SUBJECT_NETWORK)->fact.state, HF_ABSENT);
	answer_error(f, "call:net/host/links", EPERM, NULL);
	(void)fixture_start(f);
	assert_int_equal(hf_facts_subjects(f->facts, HF_SUBJECT_NETWORK)->fact.state, HF_UNREADABLE);
}

static void test_uplinks(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	size_t count;
	const hf_interface *const *uplinks = hf_uplinks(fixture_start(f), &count);

	(void)state;
	assert_int_equal(count, 1);
	assert_string_equal(uplinks[0]->name, "eth0");
	/* by a route of several ways, and none into a container */
	answer(f, "call:net/host/routes",
	       "4 0.0.0.0/0 - 5,7 unicast 254 0\n6 ::/0 - 12 unreachable 254 1\n");
	uplinks = hf_uplinks(fixture_start(f), &count);
	assert_int_equal(count, 2);
	assert_string_equal(uplinks[0]->name, "eth0");
	assert_string_equal(uplinks[1]->name, "docker0");
	answer(f, "call:net/host/links", "2 eth0 - 1042 0 0 here 0 - device\n");
	(void)hf_uplinks(fixture_start(f), &count);
	assert_int_equal(count, 0);
}

static void test_sysctls(void **state)
{
	static const char text[] = "net.ipv4.ip_forward 1\nnet.ipv4.ping_group_range 0\\0112147483647\n"
				   "net.ipv6.conf.all.disable_ipv6 !ENOENT\n"
				   "net.ipv4.conf.all.rp_filter !EIO\n"
				   "net.ipv4.conf.eth0/1.rp_filter 2\n";
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	answer(f, "call:net/410/sysctls", text);
	hf_check_run *run = fixture_start(f);
	const hf_container *container = hf_facts_containers(f->facts)->all[0];
	const hf_sysctl *setting = hf_container_sysctl(run, container, "net.ipv4.ip_forward");

	assert_true(setting->fact.state == HF_PRESENT && setting->is_number && setting->number == 1);
	assert_ptr_equal(hf_container_sysctl(run, container, "net.ipv4.conf.all.forwarding"), setting);
	assert_string_equal(hf_container_sysctl(run, container, "net.ipv4.ping_group_range")->text,
			    "0\t2147483647");
	assert_int_equal(hf_container_sysctl(run, container, "net.ipv4.conf.eth0/1.rp_filter")->number, 2);
	assert_int_equal(
		hf_container_sysctl(run, container, "net.ipv6.conf.all.disable_ipv6")->fact.state,
		HF_ABSENT);
	assert_int_equal(hf_container_sysctl(run, container, "net.ipv4.conf.all.rp_filter")->fact.state,
			 HF_UNREADABLE);
	assert_int_equal(hf_container_sysctl(run, container, "net.ipv4.conf.eth9.rp_filter")->fact.state,
			 HF_ABSENT);
	assert_int_equal(hf_container_sysctl(run, container, "net.ipv4.conf.all.proxy_arp")->fact.state,
			 HF_UNREADABLE);
	assert_int_equal(hf_container_sysctl(run, container, "net.ipv4.tcp_syncookies")->fact.state,
			 HF_UNREADABLE);
	answer(f, "call:net/410/sysctls", "net.ipv4.ip_forward 1\n!EFBIG\n");
	run = fixture_start(f);
	container = hf_facts_containers(f->facts)->all[0];
	assert_int_equal(hf_container_sysctl(run, container, "net.ipv4.ip_forward")->number, 1);
	assert_int_equal(hf_container_sysctl(run, container, "net.ipv4.conf.eth9.rp_filter")->fact.state,
			 HF_UNREADABLE);
	/* nobody asked in the other one */
	assert_int_equal(hf_container_sysctl(run, hf_facts_containers(f->facts)->all[1],
					     "net.ipv4.ip_forward")
				 ->fact.state,
			 HF_UNREADABLE);
}

static void put_proxy(fixture *f, const char *arguments)
{
	char data[256];
	size_t size = strlen(arguments) + 1;

	memcpy(data, arguments, size);
	for (size_t i = 0; i < size; i++)
		data[i] = data[i] == ' ' ? '\0' : data[i];
	put_actor(f, (actor){.pid = 50, .exe = "/usr/bin/docker-proxy", .cgroup = "0::/docker.service\n"});
	answer_dir(f, "/proc", "1 2 30 40 50 self");
	answer_bytes(f, "file:/proc/50/cmdline", data, size);
}

/* Not by the rules of the packet filter, whose facts have tests of their own. */
static void test_publications(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	put_proxy(f, "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.3 "
		     "-container-port 80");
	hf_check_run *run = fixture_start(f);
	const hf_publications *ports = hf_publications_get(run);

	assert_int_equal(ports->count, 1);
	assert_int_equal(ports->all[0].protocol, HF_PROTOCOL_TCP);
	assert_int_equal(ports->all[0].host_port, 8080);
	assert_int_equal(ports->all[0].to_port, 80);
	assert_true(ports->all[0].by_proxy);
	assert_string_equal(hf_ip_text(run, &ports->all[0].host_ip), "0.0.0.0");
	assert_string_equal(ports->all[0].container->id, ID2);
	put_proxy(f, "/usr/bin/docker-proxy --proto=udp --host-ip=:: --host-port=53 --container-ip=172.17.0.9 "
		     "--container-port=53");
	ports = hf_publications_get(fixture_start(f));
	assert_int_equal(ports->count, 1);
	assert_int_equal(ports->all[0].protocol, HF_PROTOCOL_UDP);
	assert_int_equal(ports->all[0].host_ip.family, 6);
	assert_null(ports->all[0].container);
	put_proxy(f, "/usr/bin/docker-proxy -host-port 99999 -container-ip 172.17.0.3 -container-port 80");
	ports = hf_publications_get(fixture_start(f));
	assert_int_equal(ports->count, 0);
	assert_int_equal(ports->fact.state, HF_UNREADABLE);
}

/* Port 22 is all that the host listens on. */
static void put_tables(fixture *f)
{
	static const char head[] = "  sl  local_address rem_address   st\n";

	answer(f, "file:/proc/2/net/tcp",
	       "  sl  local_address rem_address   st\n"
	       "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1\n");
	answer(f, "file:/proc/2/net/tcp6", head);
	answer(f, "file:/proc/2/net/udp", head);
	answer(f, "file:/proc/2/net/udp6", head);
	answer(f, "file:/proc/2/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
	answer(f, "call:uname", "Linux\n6.1.0\n#1\nx86_64\n");
}

/* An engine in a network namespace of its own publishes there, and not on the node. */
static void test_published_elsewhere(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	put_tables(f);
	put_proxy(f, "/usr/bin/docker-proxy -proto tcp -host-port 8080 -container-ip 172.17.0.3 -container-port 80");
	assert_int_equal(hf_publications_get(fixture_start(f))->count, 0);
	put_proxy(f, "/usr/bin/docker-proxy -proto tcp -host-port 22 -container-ip 172.17.0.3 -container-port 80");
	assert_int_equal(hf_publications_get(fixture_start(f))->count, 1);
	put_proxy(f, "/usr/bin/docker-proxy -proto udp -host-port 22 -container-ip 172.17.0.3 -container-port 80");
	assert_int_equal(hf_publications_get(fixture_start(f))->count, 0);
}

static void test_sockets(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	put_tables(f);
	answer(f, "call:/proc/40/open", "3 7 0:8 777 140777 0:0 socket:[777]\n4 7 0:8 9 100644 0:0 socket:[778]\n");
	answer(f, "link:/proc/30/fd/9", "socket:[779]");
	hf_check_run *run = fixture_start(f);
	const hf_sockets *sockets = hf_host_sockets_inet(run);

	assert_int_equal(sockets->fact.state, HF_PRESENT);
	assert_int_equal(sockets->count, 1);
	assert_int_equal(sockets->all[0].port, 22);
	assert_int_equal(hf_socket_holder(run, sockets->all[0].inode)->pid, 40);
	/* a file can have the name */
	assert_null(hf_socket_holder(run, 778));
	assert_int_equal(hf_socket_holder(run, 779)->pid, 30);
	assert_null(hf_socket_holder(run, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),    cmocka_unit_test(test_host),
		cmocka_unit_test(test_bridge_nf),    cmocka_unit_test(test_routes),
		cmocka_unit_test(test_policy_routing), cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_malformed),    cmocka_unit_test(test_attachments),
		cmocka_unit_test(test_taken_address), cmocka_unit_test(test_hiding),
		cmocka_unit_test(test_networks),     cmocka_unit_test(test_declared),
		cmocka_unit_test(test_no_networks),  cmocka_unit_test(test_uplinks),
		cmocka_unit_test(test_sysctls),	     cmocka_unit_test(test_publications),
		cmocka_unit_test(test_published_elsewhere), cmocka_unit_test(test_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
