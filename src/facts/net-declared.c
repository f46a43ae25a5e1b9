/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What engines declare of their networks: Docker by its API, Podman (netavark) and CNI in their files. */
#include "facts/net.h"

typedef struct declared {
	hf_map by_bridge; /* hf_net_declared */
} declared;

static const char *text_at(const hf_json *json, const char *path)
{
	const hf_json *value = json ? hf_json_find(json, path) : NULL;

	return value && value->kind == HF_JSON_STRING ? value->text : NULL;
}

static bool is_true(const hf_json *json, const char *path)
{
	const hf_json *value = json ? hf_json_find(json, path) : NULL;

	return value && value->text && strcmp(value->text, "true") == 0;
}

/* The first that names a bridge has it. */
static void add(hf_facts *facts, declared *all, const char *bridge, hf_net_declared one)
{
	hf_net_declared *kept;

	if (!bridge || !*bridge || hf_map_get(&all->by_bridge, bridge))
		return;
	kept = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *kept));
	*kept = one;
	kept->is_read = true;
	if (hf_map_put(&all->by_bridge, bridge, kept) < 0)
		hf_facts_out_of_memory();
}

/* ---- Docker ---- */

/* An option's name has dots in it, and no '/'. */
static const char *option(const hf_json *network, const char *name)
{
	const hf_json *value = hf_json_member(hf_json_member(network, "Options"), name);

	return value && value->kind == HF_JSON_STRING ? value->text : NULL;
}

static void add_docker(hf_facts *facts, declared *all)
{
	const hf_json *list = hf_facts_api_json(facts, "/networks");

	for (size_t i = 0; list && list->kind == HF_JSON_ARRAY && i < list->count; i++) {
		const hf_json *network = &list->items[i];
		const char *id = text_at(network, "Id"), *bridge;

		if (!hf_streq(text_at(network, "Driver"), "bridge"))
			continue;
		bridge = option(network, "com.docker.network.bridge.name");
		if (!bridge && id)
			bridge = hf_checked(hf_arena_printf(hf_facts_arena(facts), "br-%.12s", id));
		add(facts, all, bridge,
		    (hf_net_declared){
			    .name = text_at(network, "Name"),
			    .engine = "docker",
			    .is_internal = is_true(network, "Internal"),
			    .has_ipv6 = is_true(network, "EnableIPv6"),
			    .has_no_icc = hf_streq(
				    option(network, "com.docker.network.bridge.enable_icc"), "false"),
			    .is_default = hf_streq(
				    option(network, "com.docker.network.bridge.default_bridge"), "true"),
		    });
	}
}

/* ---- files ---- */

static const hf_json *parse(hf_facts *facts, const hf_file *file)
{
	const hf_json *json = NULL;
	hf_error err;

	if (file->fact.state != HF_PRESENT || hf_file_is_cut(file))
		return NULL;
	int r = hf_json_parse(hf_facts_arena(facts), file->data, file->size, &json, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	return r < 0 ? NULL : json;
}

static void add_netavark(hf_facts *facts, declared *all)
{
	const hf_file *const *files;
	size_t count = hf_facts_files_matching(facts, "/etc/containers/networks/*.json", &files);

	for (size_t i = 0; i < count; i++) {
		const hf_json *json = parse(facts, files[i]);

		if (!hf_streq(text_at(json, "driver"), "bridge"))
			continue;
		add(facts, all, text_at(json, "network_interface"),
		    (hf_net_declared){
			    .name = text_at(json, "name"),
			    .engine = "podman",
			    .is_internal = is_true(json, "internal"),
			    .has_ipv6 = is_true(json, "ipv6_enabled"),
		    });
	}
}

static void add_plugin(hf_facts *facts, declared *all, const hf_json *plugin, const char *name)
{
	const char *bridge = text_at(plugin, "bridge");

	if (!hf_streq(text_at(plugin, "type"), "bridge"))
		return;
	/* the plugin's own default: plugins/main/bridge/bridge.go of containernetworking */
	bridge = bridge && *bridge ? bridge : "cni0";
	add(facts, all, bridge,
	    (hf_net_declared){
		    .name = name,
		    .engine = hf_has_prefix(bridge, "cni-podman") ? "podman" : "cni",
	    });
}

/* One plugin in a .conf, a list of them in a .conflist. */
static void add_cni(hf_facts *facts, declared *all, const char *glob)
{
	const hf_file *const *files;
	size_t count = hf_facts_files_matching(facts, glob, &files);

	for (size_t i = 0; i < count; i++) {
		const hf_json *json = parse(facts, files[i]);
		const hf_json *plugins = json ? hf_json_member(json, "plugins") : NULL;

		if (!json)
			continue;
		add_plugin(facts, all, json, text_at(json, "name"));
		for (size_t k = 0; plugins && k < plugins->count; k++)
			add_plugin(facts, all, &plugins->items[k], text_at(json, "name"));
	}
}

static const void *compute(hf_facts *facts, const char *key)
{
	declared *all = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *all));

	(void)key;
	add_docker(facts, all);
	add_netavark(facts, all);
	add_cni(facts, all, "/etc/cni/net.d/*.conf");
	add_cni(facts, all, "/etc/cni/net.d/*.conflist");
	if (all->by_bridge.slots && hf_arena_adopt(hf_facts_arena(facts), all->by_bridge.slots) < 0)
		hf_facts_out_of_memory();
	return all;
}

static const hf_fact_type type = {.name = "declared networks", .compute = compute};

/* ---- by the bridge's name alone ---- */

static bool is_numbered(const char *name, const char *prefix)
{
	const char *number = name + strlen(prefix);

	return hf_has_prefix(name, prefix) && *number && strspn(number, "0123456789") == strlen(number);
}

/* What an engine would call it, when it does not answer. */
static const hf_net_declared *guess(const char *bridge)
{
	static const hf_net_declared default_bridge = {.name = "bridge", .engine = "docker", .is_default = true};
	static const hf_net_declared docker = {.engine = "docker"}, podman = {.engine = "podman"},
				     cni = {.engine = "cni"};
	const char *id = bridge + strlen("br-");

	if (strcmp(bridge, "docker0") == 0)
		return &default_bridge;
	if (hf_has_prefix(bridge, "br-") && strlen(id) == 12 && strspn(id, "0123456789abcdef") == 12)
		return &docker;
	if (is_numbered(bridge, "podman") || is_numbered(bridge, "cni-podman"))
		return &podman;
	return strcmp(bridge, "cni0") == 0 ? &cni : NULL;
}

const hf_net_declared *hf_facts_net_declared(hf_facts *facts, const char *bridge)
{
	const declared *all = hf_facts_once(facts, &type, "");
	const hf_net_declared *known = hf_map_get(&all->by_bridge, bridge);

	return known ? known : guess(bridge);
}
