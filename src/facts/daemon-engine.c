/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which options the running engine's own answers show, and as what: daemon/info.go of moby. Labels are not among
 * them, their values are taken out before they are recorded. */
#include "facts/parts.h"

/* Members of /info that are the option's value. */
static const struct {
	const char *name;
	const char *path;
	const char *since; /* NULL: always */
} members[] = {
	{.name = "data-root", .path = "DockerRootDir"},
	{.name = "debug", .path = "Debug"},
	{.name = "default-runtime", .path = "DefaultRuntime"},
	{.name = "experimental", .path = "ExperimentalBuild"},
	{.name = "firewall-backend", .path = "FirewallBackend/Driver", .since = "29.0"},
	{.name = "graph", .path = "DockerRootDir"},
	{.name = "live-restore", .path = "LiveRestoreEnabled"},
	{.name = "log-driver", .path = "LoggingDriver"},
	{.name = "storage-driver", .path = "Driver"},
};

/* Lists of /info. */
static const struct {
	const char *name;
	const char *path;
} lists[] = {
	{.name = "authorization-plugins", .path = "Plugins/Authorization"},
	{.name = "registry-mirrors", .path = "RegistryConfig/Mirrors"},
};

/* Options of the default bridge, in what /networks tells of it. */
static const struct {
	const char *name;
	const char *path;
} bridge[] = {
	{.name = "icc", .path = "Options/com.docker.network.bridge.enable_icc"},
	{.name = "ip", .path = "Options/com.docker.network.bridge.host_binding_ipv4"},
	{.name = "ip-masq", .path = "Options/com.docker.network.bridge.enable_ip_masquerade"},
	{.name = "ipv6", .path = "EnableIPv6"},
	{.name = "mtu", .path = "Options/com.docker.network.driver.mtu"},
};

typedef struct view {
	hf_arena *arena;
	const hf_json *info;
	const char *version;
	const char **value;
	const char **source;
} view;

static hf_shown show(const view *v, const char *value, const char *source)
{
	*v->value = hf_checked((void *)(uintptr_t)value);
	*v->source = hf_checked(hf_arena_printf(v->arena, "engine API /info %s", source));
	return HF_SHOWN;
}

static bool is_since(const view *v, const char *version)
{
	int order;

	return hf_version_compare(v->version, version, &order) && order >= 0;
}

/* The elements' texts, one a line; null is an empty list. NULL when it is no list. */
static const char *list_value(hf_arena *arena, const hf_json *list)
{
	hf_buffer items = {0};

	if (!list || (list->kind != HF_JSON_ARRAY && list->kind != HF_JSON_NULL))
		return NULL;
	for (size_t i = 0; i < list->count; i++)
		hf_items_add(&items, hf_checked((void *)(uintptr_t)hf_json_show(
					     arena, &list->items[i])));
	const char *text = items.failed ? NULL : hf_arena_strdup(arena, items.data ? items.data : "");

	hf_buffer_free(&items);
	return hf_checked((void *)(uintptr_t)text);
}

/* The engine adds its own loopback ranges to what was configured. */
static hf_shown insecure_registries(const view *v)
{
	const hf_json *ranges = hf_json_find(v->info, "RegistryConfig/InsecureRegistryCIDRs");
	const hf_json *indexes = hf_json_find(v->info, "RegistryConfig/IndexConfigs");
	hf_buffer items = {0};

	if (!ranges || ranges->kind == HF_JSON_STRING || !indexes)
		return HF_NOT_SHOWN;
	for (size_t i = 0; i < ranges->count; i++) {
		const char *range = ranges->items[i].text;

		if (range && strcmp(range, "127.0.0.0/8") != 0 && strcmp(range, "::1/128") != 0)
			hf_items_add(&items, range);
	}
	for (size_t i = 0; i < indexes->count; i++) {
		const hf_json *secure = hf_json_member(&indexes->items[i], "Secure");

		/* a name without the word is no proof of safety */
		if (indexes->items[i].name && !(secure && hf_streq(secure->text, "true")))
			hf_items_add(&items, indexes->items[i].name);
	}
	const char *text = items.failed ? NULL
					: hf_arena_strdup(v->arena, items.data ? items.data : "");

	hf_buffer_free(&items);
	return show(v, text, "RegistryConfig");
}

static hf_shown runtimes(const view *v)
{
	const hf_json *known = hf_json_member(v->info, "Runtimes");
	hf_buffer items = {0};

	if (!known || known->kind != HF_JSON_OBJECT)
		return HF_NOT_SHOWN;
	for (size_t i = 0; i < known->count; i++) {
		const hf_json *runtime = &known->items[i];
		const hf_json *path = hf_json_member(runtime, "path");

		if (!path || !path->text || !*path->text)
			path = hf_json_member(runtime, "runtimeType");
		hf_items_add(&items, hf_checked(hf_arena_printf(v->arena, "%s=%s", runtime->name,
								path && path->text ? path->text : "")));
	}
	const char *text = items.failed ? NULL
					: hf_arena_strdup(v->arena, items.data ? items.data : "");

	hf_buffer_free(&items);
	return show(v, text, "Runtimes");
}

/* What follows "name=NAME" among the security options ("" for nothing), or NULL. */
static const char *security_option(const hf_json *options, const char *name)
{
	for (size_t i = 0; i < options->count; i++) {
		const char *text = options->items[i].text;
		size_t length = strlen(name);

		if (!text || !hf_has_prefix(text, "name=") || strncmp(text + 5, name, length) != 0)
			continue;
		if (text[5 + length] == '\0')
			return "";
		if (text[5 + length] == ',')
			return text + 5 + length + 1;
	}
	return NULL;
}

static hf_shown security(const view *v, const char *name)
{
	const hf_json *options = hf_json_member(v->info, "SecurityOptions");
	const char *found;

	if (!options || (options->kind != HF_JSON_ARRAY && options->kind != HF_JSON_NULL))
		return HF_NOT_SHOWN;
	if (strcmp(name, "selinux-enabled") == 0)
		return show(v, security_option(options, "selinux") ? "true" : "false",
			    "SecurityOptions name=selinux");
	if (strcmp(name, "rootless") == 0)
		return show(v, security_option(options, "rootless") ? "true" : "false",
			    "SecurityOptions name=rootless");
	if (strcmp(name, "no-new-privileges") == 0 && is_since(v, "24.0"))
		return show(v, security_option(options, "no-new-privileges") ? "true" : "false",
			    "SecurityOptions name=no-new-privileges");
	if (strcmp(name, "default-cgroupns-mode") == 0 && is_since(v, "20.10"))
		return show(v, security_option(options, "cgroupns") ? "private" : "host",
			    "SecurityOptions name=cgroupns");
	if (strcmp(name, "seccomp-profile") == 0) {
		found = security_option(options, "seccomp");
		if (!found)
			return show(v, "unconfined", "SecurityOptions, without name=seccomp");
		return hf_has_prefix(found, "profile=")
			       ? show(v, found + strlen("profile="), "SecurityOptions name=seccomp")
			       : HF_NOT_SHOWN;
	}
	if (strcmp(name, "userns-remap") == 0) {
		if (!security_option(options, "userns"))
			return show(v, "", "SecurityOptions, without name=userns");
		(void)show(v, "on", "SecurityOptions name=userns");
		return HF_SHOWN_ON;
	}
	return HF_NOT_SHOWN;
}

static const hf_json *default_bridge(const hf_json *networks)
{
	for (size_t i = 0; networks && networks->kind == HF_JSON_ARRAY && i < networks->count; i++) {
		const hf_json *name = hf_json_member(&networks->items[i], "Name");
		const hf_json *driver = hf_json_member(&networks->items[i], "Driver");

		if (name && driver && hf_streq(name->text, "bridge") && hf_streq(driver->text, "bridge"))
			return &networks->items[i];
	}
	return NULL;
}

static hf_shown of_bridge(hf_facts *facts, const char *path, view *v, const char **ret_why)
{
	hf_fact fact = hf_facts_api_fact(facts, "/networks");

	if (fact.state != HF_PRESENT) {
		*v->source = fact.source;
		*ret_why = fact.why;
		return HF_LOST;
	}
	const hf_json *network = default_bridge(hf_facts_api_json(facts, "/networks"));
	const hf_json *value = network ? hf_json_find(network, path) : NULL;

	if (!value || !value->text || value->kind == HF_JSON_NULL)
		return HF_NOT_SHOWN;
	*v->value = value->text;
	*v->source = hf_checked(hf_arena_printf(v->arena, "engine API /networks bridge %s", path));
	return HF_SHOWN;
}

static hf_shown of_info(const view *v, const char *name)
{
	const char *value;

	for (size_t i = 0; i < HF_ARRAY_SIZE(members); i++) {
		const hf_json *member = hf_json_find(v->info, members[i].path);

		if (strcmp(members[i].name, name) == 0)
			return member && member->text && member->kind != HF_JSON_NULL &&
					       (!members[i].since || is_since(v, members[i].since))
				       ? show(v, member->text, members[i].path)
				       : HF_NOT_SHOWN;
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(lists); i++) {
		if (strcmp(lists[i].name, name) != 0)
			continue;
		value = list_value(v->arena, hf_json_find(v->info, lists[i].path));
		return value ? show(v, value, lists[i].path) : HF_NOT_SHOWN;
	}
	if (strcmp(name, "insecure-registries") == 0)
		return insecure_registries(v);
	if (strcmp(name, "runtimes") == 0)
		return runtimes(v);
	return security(v, name);
}

hf_shown hf_engine_option(hf_facts *facts, const hf_option_row *row, const char *version,
			  const char **ret_value, const char **ret_source, const char **ret_why)
{
	hf_fact fact = hf_facts_api_fact(facts, "/info");
	view v = {
		.arena = hf_facts_arena(facts),
		.info = hf_facts_api_json(facts, "/info"),
		.version = version,
		.value = ret_value,
		.source = ret_source,
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(bridge); i++) {
		if (strcmp(bridge[i].name, row->name) == 0)
			return of_bridge(facts, bridge[i].path, &v, ret_why);
	}
	if (fact.state != HF_PRESENT) {
		*ret_source = fact.source;
		*ret_why = fact.why;
		return HF_LOST;
	}
	return of_info(&v, row->name);
}
