/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of the node that lead into containers: the processes that listen for Docker, the rules of the packet filter,
 * and what the engine wrote down. */
#include "facts/declared.h"
#include "facts/net.h"

enum { PROTOCOL_SCTP = 132, PORTS_MAX = 20000 };

typedef struct publications {
	hf_publications seen;
	hf_list list; /* hf_publication */
} publications;

static void lose(hf_fact *fact, const char *source, const char *why)
{
	if (fact->state == HF_PRESENT)
		*fact = (hf_fact){.state = HF_UNREADABLE, .source = source, .why = why};
}

static bool is_same(const hf_publication *a, const hf_publication *b)
{
	return a->protocol == b->protocol && a->host_port == b->host_port &&
	       a->port_count == b->port_count && a->host_ip.family == b->host_ip.family &&
	       memcmp(a->host_ip.bytes, b->host_ip.bytes, sizeof a->host_ip.bytes) == 0 &&
	       (!a->to_port || !b->to_port || a->to_port == b->to_port);
}

/* One port that several witnesses tell of is one. */
static void add(hf_facts *facts, publications *all, const hf_publication *one)
{
	for (size_t i = 0; i < all->list.count; i++) {
		hf_publication *known = all->list.items[i];

		if (!is_same(known, one) ||
		    (known->container && one->container && known->container != one->container))
			continue;
		known->by_rule |= one->by_rule;
		known->by_proxy |= one->by_proxy;
		if (!known->container)
			known->container = one->container;
		if (!hf_ip_is_set(&known->to))
			known->to = one->to;
		if (!known->to_port)
			known->to_port = one->to_port;
		return;
	}
	if (all->list.count == PORTS_MAX) {
		lose(&all->seen.fact, "published ports", "there are more than are looked at");
		return;
	}
	hf_publication *kept = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *kept));

	*kept = *one;
	if (hf_list_add(&all->list, kept) < 0)
		hf_facts_out_of_memory();
}

static bool parse_port(const char *text, uint16_t *ret_port)
{
	int64_t port;

	if (!text || hf_parse_i64(text, &port) < 0 || port < 1 || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

static bool parse_protocol(const char *text, uint8_t *ret_protocol)
{
	static const struct {
		const char *name;
		uint8_t number;
	} known[] = {{"tcp", HF_PROTOCOL_TCP}, {"udp", HF_PROTOCOL_UDP}, {"sctp", PROTOCOL_SCTP}};

	for (size_t i = 0; text && i < HF_ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, text) == 0) {
			*ret_protocol = known[i].number;
			return true;
		}
	}
	return false;
}

/* ---- docker-proxy ---- */

static bool is_proxy(const hf_process *process)
{
	static const char name[] = "docker-proxy";
	const char *base = process->exe ? strrchr(process->exe, '/') : NULL;

	return base && hf_has_prefix(base + 1, name) && !process->is_container &&
	       (base[sizeof name] == '\0' || base[sizeof name] == ' '); /* " (deleted)" */
}

/* The value of -@name in arguments that each end in a NUL: Go takes "-name value" and "--name=value". */
static const char *argument(const hf_file *cmdline, const char *name)
{
	const char *end = cmdline->data + cmdline->size;
	size_t length = strlen(name);

	for (const char *word = cmdline->data; word < end; word += strlen(word) + 1) {
		const char *bare = word + strspn(word, "-");
		const char *next = word + strlen(word) + 1;

		if (bare == word || strncmp(bare, name, length) != 0)
			continue;
		if (bare[length] == '=')
			return bare + length + 1;
		if (bare[length] == '\0' && next < end)
			return next;
	}
	return NULL;
}

/* cmd/docker-proxy/main_linux.go of moby: the defaults are tcp and 0.0.0.0. */
static bool parse_proxy(const hf_file *cmdline, hf_publication *ret_publication)
{
	const char *protocol = argument(cmdline, "proto"), *host = argument(cmdline, "host-ip");
	const char *to = argument(cmdline, "container-ip");
	hf_publication p = {.port_count = 1, .by_proxy = true, .source = "docker-proxy"};

	if (!parse_protocol(protocol ? protocol : "tcp", &p.protocol) ||
	    !hf_ip_parse(host && *host ? host : "0.0.0.0", &p.host_ip) || !to || !hf_ip_parse(to, &p.to) ||
	    !parse_port(argument(cmdline, "host-port"), &p.host_port) ||
	    !parse_port(argument(cmdline, "container-port"), &p.to_port))
		return false;
	*ret_publication = p;
	return true;
}

/* An engine in a network namespace of its own publishes there. That of a user has another program listen on the host. */
static bool is_elsewhere(hf_facts *facts, const hf_publication *one)
{
	const hf_sockets *sockets = hf_facts_host_sockets_inet(facts);
	const char *family = one->protocol == HF_PROTOCOL_UDP ? "udp" : "tcp";

	if (sockets->fact.state != HF_PRESENT || one->protocol == PROTOCOL_SCTP)
		return false;
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->all[i].port == one->host_port && strcmp(sockets->all[i].family, family) == 0)
			return false;
	}
	return true;
}

static void add_proxies(hf_facts *facts, publications *all)
{
	const hf_processes *processes = hf_facts_processes(facts);

	if (processes->fact.state != HF_PRESENT)
		lose(&all->seen.fact, processes->fact.source, processes->fact.why);
	else if (processes->gap)
		lose(&all->seen.fact, processes->fact.source, processes->gap);
	for (size_t i = 0; i < processes->count; i++) {
		hf_publication one;

		if (!is_proxy(&processes->all[i]))
			continue;
		const hf_file *cmdline = hf_facts_process_file(facts, processes->all[i].pid, "cmdline");

		if (cmdline->fact.state != HF_PRESENT || cmdline->size == 0) {
			lose(&all->seen.fact, cmdline->fact.source,
			     cmdline->fact.why ? cmdline->fact.why : "is empty");
		} else if (!parse_proxy(cmdline, &one)) {
			lose(&all->seen.fact, cmdline->fact.source, "is not understood");
		} else if (!is_elsewhere(facts, &one)) {
			one.container = hf_facts_container_at(facts, &one.to);
			add(facts, all, &one);
		}
	}
}

/* ---- the engine's record ---- */

/* Where it leads: the container's first address of the family, else of the other (docker-proxy translates). */
static hf_ip address_of(hf_facts *facts, const hf_container *container, uint8_t family)
{
	const hf_attachments *attachments = hf_facts_attachments(facts);
	hf_ip other = {0};

	for (size_t i = 0; i < attachments->count; i++) {
		const hf_attachment *attachment = &attachments->all[i];

		if (attachment->container != container)
			continue;
		if (family == 6 ? attachment->ip6.family : attachment->ip.family)
			return family == 6 ? attachment->ip6 : attachment->ip;
		if (!other.family)
			other = family == 6 ? attachment->ip : attachment->ip6;
	}
	return other;
}

/* "80/tcp" */
static bool parse_inside(const char *name, hf_publication *publication)
{
	char port[8];
	const char *slash = strchr(name, '/');

	if (!slash || (size_t)(slash - name) >= sizeof port)
		return false;
	memcpy(port, name, (size_t)(slash - name));
	port[slash - name] = '\0';
	return parse_port(port, &publication->to_port) &&
	       parse_protocol(slash + 1, &publication->protocol);
}

static void add_bindings(hf_facts *facts, publications *all, const hf_container *container, const hf_json *inside)
{
	for (size_t i = 0; inside->kind == HF_JSON_ARRAY && i < inside->count; i++) {
		const char *host = hf_declared_text(&inside->items[i], "HostIp");
		hf_publication one = {
			.container = container,
			.port_count = 1,
			.source = "NetworkSettings.Ports of the engine's record",
		};

		if (!inside->name || !parse_inside(inside->name, &one) ||
		    !hf_ip_parse(host && *host ? host : "0.0.0.0", &one.host_ip) ||
		    !parse_port(hf_declared_text(&inside->items[i], "HostPort"), &one.host_port))
			continue;
		one.to = address_of(facts, container, one.host_ip.family);
		add(facts, all, &one);
	}
}

static void add_declared(hf_facts *facts, publications *all)
{
	const hf_containers *containers = hf_facts_containers(facts);

	for (size_t i = 0; i < containers->count; i++) {
		hf_fact fact;
		const hf_json *ports = hf_declared_inspect(facts, containers->all[i],
							   "NetworkSettings/Ports", &fact);

		for (size_t k = 0; ports && ports->kind == HF_JSON_OBJECT && k < ports->count; k++)
			add_bindings(facts, all, containers->all[i], &ports->items[k]);
	}
}

/* ---- all ---- */

static void add_rules(hf_facts *facts, publications *all)
{
	const hf_publications *rules = hf_facts_rule_publications(facts);

	if (rules->fact.state != HF_PRESENT || rules->fact.why)
		lose(&all->seen.fact, rules->fact.source, rules->fact.why);
	for (size_t i = 0; i < rules->count; i++)
		add(facts, all, &rules->all[i]);
}

static int compare_publications(const void *a, const void *b)
{
	const hf_publication *x = a, *y = b;
	int order = strcmp(x->container ? x->container->id : "", y->container ? y->container->id : "");

	if (order == 0)
		order = x->protocol - y->protocol;
	if (order == 0)
		order = x->host_port - y->host_port;
	if (order == 0)
		order = x->host_ip.family - y->host_ip.family;
	if (order == 0)
		order = memcmp(x->host_ip.bytes, y->host_ip.bytes, sizeof x->host_ip.bytes);
	return order ? order : x->to_port - y->to_port;
}

/* What decides is in force: the record adds to it, and that of an engine that is not asked is not missed. */
static const void *compute(hf_facts *facts, const char *key)
{
	publications *all = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *all));

	(void)key;
	all->seen.fact.source = "published ports";
	add_proxies(facts, all);
	add_rules(facts, all);
	add_declared(facts, all);
	hf_publication *kept = hf_checked(
		hf_arena_calloc(hf_facts_arena(facts), all->list.count + 1, sizeof *kept));

	for (size_t i = 0; i < all->list.count; i++)
		kept[i] = *(const hf_publication *)all->list.items[i];
	if (all->list.count > 0)
		qsort(kept, all->list.count, sizeof *kept, compare_publications);
	all->seen.all = kept;
	all->seen.count = all->list.count;
	hf_list_free(&all->list);
	return &all->seen;
}

static const hf_fact_type type = {.name = "publications", .compute = compute};

const hf_publications *hf_publications_get(hf_check_run *run)
{
	return hf_facts_once(hf_facts_of(run), &type, "");
}
