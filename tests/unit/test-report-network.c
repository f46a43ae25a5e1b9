/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's "network", its table and its graph, to the byte; zones of containers that are alike; and what hostile
 * names do to all of it. */
#include "containers-fixture.h"
#include "report-fixture.h"

#include "engine/engine.h"

#define GROUP(id) "0::/docker/" id "\n"

enum { MORE = 40 }; /* containers that are alike */

static const char usual_rules[] = "4 0 255\n4 32766 254\n4 32767 253\n6 0 255\n6 32766 254\n";
static const char sockets[] = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

/* ---- a node ---- */

static void put_netns(fixture *f, const char *where, const char *links, const char *addresses, const char *routes)
{
	static const char *const whats[] = {"links", "addresses", "routes", "rules", "sysctls"};
	const char *const texts[] = {links, addresses, routes, usual_rules, ""};
	char question[64];

	for (size_t i = 0; i < HF_ARRAY_SIZE(whats); i++) {
		(void)snprintf(question, sizeof question, "call:net/%s/%s", where, whats[i]);
		answer(f, question, texts[i]);
	}
}

/* A node that filters nothing: two bridges, a way out. */
static void put_host(fixture *f)
{
	static const char *const settings[] = {"all", "eth0", "docker0", "br-app"};
	static const char *const leaves[] = {"forwarding", "rp_filter", "route_localnet"};
	char question[96];

	put_netns(f, "host",
		  "1 lo - 49 0 0 here 0 -\n2 eth0 - 1043 0 0 here 0 - device\n"
		  "5 docker0 bridge 1043 0 0 here 0 - nf-iptables nf-ip6tables\n"
		  "6 br-app bridge 1043 0 0 here 0 - nf-iptables nf-ip6tables\n"
		  "7 veth7 veth 1043 5 2 410 1 - port learning\n9 veth9 veth 1043 5 2 420 1 - port learning\n"
		  "11 veth11 veth 1043 6 2 430 1 - port learning\n",
		  "1 127.0.0.1/8 host\n2 192.0.2.2/24 global\n5 172.17.0.1/16 global\n6 172.18.0.1/16 global\n",
		  "4 0.0.0.0/0 192.0.2.1 2 unicast 254 0\n4 172.17.0.0/16 - 5 unicast 254 0\n"
		  "4 172.18.0.0/16 - 6 unicast 254 0\n4 192.0.2.0/24 - 2 unicast 254 0\n");
	answer(f, "call:net/host/fdb", "");
	for (size_t i = 0; i < HF_ARRAY_SIZE(settings); i++) {
		for (size_t k = 0; k < HF_ARRAY_SIZE(leaves); k++) {
			(void)snprintf(question, sizeof question, "file:/proc/sys/net/ipv4/conf/%s/%s", settings[i],
				       leaves[k]);
			answer(f, question, k == 0 ? "1\n" : "0\n");
		}
	}
	answer(f, "file:/proc/sys/net/ipv4/ip_forward", "1\n");
	answer(f, "file:/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
	answer(f, "file:/proc/sys/net/bridge/bridge-nf-call-ip6tables", "1\n");
	answer(f, "file:/proc/modules", "");
	answer(f, "call:uname", "Linux\n6.1.0\n#1\nx86_64\n");
	answer(f, "file:/usr/lib/modules/6.1.0/modules.builtin", "kernel/a.ko\n");
	answer(f, "file:/usr/lib/modules/6.1.0/modules.dep", "kernel/b.ko:\n");
	answer(f, "call:xt/tables", "");
	answer_error(f, "call:nft/generation", EPROTONOSUPPORT, "nf_tables is not loaded");
	answer(f, "file:/proc/2/net/tcp",
	       "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	       "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 501 1 0\n");
	answer(f, "file:/proc/2/net/tcp6", sockets);
	answer(f, "file:/proc/2/net/udp", sockets);
	answer(f, "file:/proc/2/net/udp6", sockets);
	answer(f, "file:/proc/2/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
}

static void put_container(fixture *f, int pid, unsigned space, const char *cgroup, int port, int host)
{
	char where[16], links[128], addresses[64], routes[96];

	put_actor(f, (actor){.pid = pid, .cgroup = cgroup, .space = space, .root = 9, .ns_pids = "1\t1"});
	(void)snprintf(where, sizeof where, "4%u0", space);
	(void)snprintf(links, sizeof links, "1 lo - 49 0 0 here 0 -\n2 eth0 veth 1043 0 %d host 0 -\n", port);
	(void)snprintf(addresses, sizeof addresses, "2 172.%d.%d.%d/16 global\n", host / 65536, host / 256 % 256,
		       host % 256);
	(void)snprintf(routes, sizeof routes, "4 0.0.0.0/0 172.%d.0.1 2 unicast 254 0\n4 172.%d.0.0/16 - 2 unicast 254 0\n",
		       host / 65536, host / 65536);
	put_netns(f, where, links, addresses, routes);
}

#define ADDRESS(second, last) ((second)*65536 + (last))

static fixture *node_new(void)
{
	fixture *f = host_new("30 40 50 60");

	put_host(f);
	put_container(f, 30, 1, GROUP(ID), 7, ADDRESS(17, 2));
	put_container(f, 40, 2, GROUP(ID2), 9, ADDRESS(17, 3));
	put_container(f, 50, 3, "0::/lxc.payload.app\n", 11, ADDRESS(18, 2));
	/* in the node's own namespaces but for its mounts */
	put_actor(f, (actor){.pid = 60, .cgroup = "0::/lxc.payload.agent\n", .mnt = 5, .root = 9});
	return f;
}

static json_t *document_of(fixture *f)
{
	const hf_document_head head = {
		.profile = "all", .with_network = true, .started = "2026-11-22T03:04:05Z", .duration_ms = 31};
	hf_registry *registry = NULL;
	hf_results results;
	hf_assessment assessment;

	(void)fixture_start(f);
	assert_int_equal(hf_registry_new(&registry), 0);
	assert_int_equal(hf_engine_run(registry, NULL, f->facts, NULL, NULL, &results), 0);
	assert_int_equal(hf_assess(registry, &results, hf_facts_arena(f->facts), &assessment), 0);
	json_t *document = hf_document_new(&assessment, registry, f->facts, &head);
	hf_error err = {0};

	assert_non_null(document);
	if (hf_document_check(document, &err) < 0)
		fail_msg("%s", err.text);
	hf_registry_free(registry);
	return document;
}

static json_t *network_of(json_t *document)
{
	return json_object_get(document, "network");
}

/* ---- exact output ---- */

static void test_exactly(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	json_t *document = document_of(f);
	char *json = json_dumps(network_of(document), JSON_INDENT(1));
	char *table = render(document, "network", (hf_render_options){.width = 120});
	char *verbose = render(document, "network", (hf_render_options){.width = 120, .verbose = true});
	char *dot = render(document, "dot", (hf_render_options){0});

	(void)state;
	assert_golden_text("network.json", json);
	assert_golden_text("network.txt", table);
	assert_golden_text("network-verbose.txt", verbose);
	assert_golden_text("network.dot", dot);
	free(json);
	free(table);
	free(verbose);
	free(dot);
	json_decref(document);
}

/* A document that was made without it says how to get it. */
static void test_without(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	json_t *document = document_of(f);

	(void)state;
	json_object_del(document, "network");
	assert_int_equal(hf_document_check(document, NULL), 0);
	char *table = render(document, "network", (hf_render_options){0}), *dot = render(document, "dot", (hf_render_options){0});

	assert_non_null(strstr(table, "holdfast network -f json"));
	assert_string_equal(strchr(dot, '{') ? strrchr(dot, '}') : "", "}\n");
	free(table);
	free(dot);
	json_decref(document);
}

/* ---- zones ---- */

static const json_t *zone_of(const json_t *network, const char *container)
{
	size_t index, k;
	json_t *zone, *key;

	json_array_foreach (json_object_get(network, "zones"), index, zone) {
		json_array_foreach (json_object_get(zone, "containers"), k, key) {
			if (strcmp(json_string_value(key), container) == 0)
				return zone;
		}
	}
	return NULL;
}

static void test_zones(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	json_t *document = document_of(f), *network = network_of(document);
	const json_t *one = zone_of(network, "container:0123456789ab"), *two = zone_of(network, "container:fedcba987654");

	(void)state;
	assert_non_null(one);
	assert_ptr_equal(one, two);
	assert_ptr_not_equal(one, zone_of(network, "container:/lxc.payload.app"));
	assert_string_equal(json_string_value(json_object_get(zone_of(network, "container:/lxc.payload.agent"), "kind")),
			    "host");
	json_decref(document);
	/* an isolated port sets it apart */
	answer(f, "call:net/host/links",
	       "1 lo - 49 0 0 here 0 -\n2 eth0 - 1043 0 0 here 0 - device\n"
	       "5 docker0 bridge 1043 0 0 here 0 - nf-iptables\n6 br-app bridge 1043 0 0 here 0 - nf-iptables\n"
	       "7 veth7 veth 1043 5 2 410 1 - port isolated learning\n9 veth9 veth 1043 5 2 420 1 - port learning\n"
	       "11 veth11 veth 1043 6 2 430 1 - port learning\n");
	document = document_of(f);
	network = network_of(document);
	assert_ptr_not_equal(zone_of(network, "container:0123456789ab"), zone_of(network, "container:fedcba987654"));
	json_decref(document);
}

/* Whatever is lost, no way becomes closed by it. */
static size_t closed_ways(const json_t *network)
{
	size_t index, count = 0;
	json_t *way;

	json_array_foreach (json_object_get(network, "ways"), index, way) {
		const char *fate = json_string_value(json_object_get(json_object_get(way, "ipv4"), "fate"));

		count += fate && strcmp(fate, "dropped") == 0;
	}
	return count;
}

static void test_lost_answers(void **state)
{
	static const char *const lost[] = {
		"call:nft/generation", "call:xt/tables", "call:net/host/links", "call:net/host/addresses",
		"call:net/host/routes", "call:net/410/links", "call:net/410/routes", "call:net/410/addresses",
		"file:/proc/2/net/tcp", "file:/proc/sys/net/ipv4/ip_forward"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(lost); i++) {
		hf_cleanup(fixture_freep) fixture *f = node_new();

		answer_error(f, lost[i], EACCES, NULL);
		json_t *document = document_of(f);

		assert_int_equal(closed_ways(network_of(document)), 0);
		if (strncmp(lost[i], "call:", 5) == 0)
			assert_true(json_is_false(json_object_get(network_of(document), "complete")));
		json_decref(document);
	}
}

/* ---- hostile text ---- */

static void render_all(const json_t *document)
{
	static const char *const formats[] = {"network", "dot"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(formats); i++) {
		char *text = render(document, formats[i], (hf_render_options){.width = 80, .verbose = true});

		assert_harmless(text, false);
		free(text);
	}
}

/* In a graph nothing of a name is outside of its quotes: each line has an even number of quotes that count. */
static void assert_quoted(const char *dot)
{
	for (const char *line = dot; *line;) {
		size_t length = strcspn(line, "\n"), quotes = 0;

		for (size_t i = 0; i < length; i++) {
			if (line[i] == '\\')
				i++;
			else
				quotes += line[i] == '"';
		}
		assert_int_equal(quotes % 2, 0);
		line += length + (line[length] == '\n');
	}
}

static void test_hostile_names(void **state)
{
	static const char *const names[] = {
		"\033[2J\033]0;owned\a", "\"]; \"outside\" -> \"zone:A\" [label=\"any port", "back\\", "\\\"", "line\nnext\r",
		"\xe2\x80\xae", "%s%n", "", "<b>x</b>", "\\N\\G\\l"};
	hf_cleanup(fixture_freep) fixture *f = node_new();

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		json_t *document = document_of(f), *network = network_of(document);
		json_t *zone = json_array_get(json_object_get(network, "zones"), 3);
		json_t *bridge = json_array_get(json_object_get(network, "networks"), 0);
		json_t *way = json_array_get(json_object_get(network, "ways"), 0);

		json_array_set_new(json_object_get(zone, "names"), 0, json_string(names[i]));
		json_array_set_new(json_object_get(zone, "bridges"), 0, json_string(names[i]));
		json_object_set_new(zone, "key", json_string(names[i]));
		json_object_set_new(way, "service", json_string(names[i]));
		json_object_set_new(way, "to", json_string(names[i]));
		json_object_set_new(bridge, "name", json_string(names[i]));
		assert_int_equal(hf_document_check(document, NULL), 0);
		render_all(document);
		char *dot = render(document, "dot", (hf_render_options){0});

		assert_quoted(dot);
		free(dot);
		json_decref(document);
	}
}

static void test_lines_keep_the_width(void **state)
{
	static const unsigned widths[] = {40, 60, 80, 132};
	hf_cleanup(fixture_freep) fixture *f = node_new();
	json_t *document = document_of(f);

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(widths); i++) {
		char *text = render(document, "network", (hf_render_options){.width = widths[i], .verbose = true});

		assert_in_range(longest_line(text), 1, widths[i]);
		free(text);
	}
	json_decref(document);
}

static void test_strange_values_everywhere(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = node_new();
	swap s = {.document = document_of(f), .render = render_all};

	(void)state;
	swap_each(&s, network_of(s.document));
	assert_true(s.refused > 100);
	assert_true(s.accepted > 0);
	json_decref(s.document);
}

/* ---- many ---- */

/* What nobody can tell apart is one line, however many there are. */
static void test_many(void **state)
{
	hf_buffer links = {0}, pids = {0};

	(void)state;
	for (int i = 0; i < MORE; i++)
		hf_buffer_printf(&pids, "%s%d", i > 0 ? " " : "", 100 + i);
	hf_cleanup(fixture_freep) fixture *f = host_new(pids.data);

	put_host(f);
	hf_buffer_puts(&links, "1 lo - 49 0 0 here 0 -\n2 eth0 - 1043 0 0 here 0 - device\n"
			       "5 docker0 bridge 1043 0 0 here 0 - nf-iptables\n6 br-app bridge 1043 0 0 here 0 - nf-iptables\n");
	for (int i = 0; i < MORE; i++) {
		char cgroup[96];

		(void)snprintf(cgroup, sizeof cgroup, "0::/docker/%064d\n", i);
		put_container(f, 100 + i, (unsigned)(10 + i), cgroup, 100 + i, ADDRESS(17, 2 + i));
		hf_buffer_printf(&links, "%d veth%d veth 1043 5 2 4%d0 1 - port learning\n", 100 + i, i, 10 + i);
	}
	answer(f, "call:net/host/links", links.data);
	json_t *document = document_of(f), *network = network_of(document);

	assert_int_equal(json_array_size(json_object_get(network, "zones")), 4);
	assert_int_equal(json_array_size(json_object_get(
				 json_array_get(json_object_get(network, "zones"), 3), "containers")),
			 MORE);
	char *text = render(document, "network", (hf_render_options){.width = 100});

	assert_non_null(strstr(text, " and 34 more"));
	assert_in_range(strlen(text), 200, 3000);
	free(text);
	hf_buffer_free(&links);
	hf_buffer_free(&pids);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exactly),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_lost_answers),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_lines_keep_the_width),
		cmocka_unit_test(test_strange_values_everywhere),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
