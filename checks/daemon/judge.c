/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon's checks share: reading an option with its witnesses, lists, addresses. */
#include "judge.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

const hf_daemon *daemon_begin(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);

	if (!daemon->is_running && daemon->fact.state == HF_PRESENT)
		hf_message(run, "%s does not run: judged by what is declared for its next start",
			   daemon->name);
	else if (!daemon->is_running)
		hf_message(run, "whether %s runs is not known: %s", daemon->name, daemon->fact.why);
	return daemon;
}

daemon_reading daemon_read(hf_check_run *run, const char *name)
{
	const hf_option *option = hf_daemon_option(run, name);
	daemon_reading reading = {
		.option = option,
		.is_in_force = option->fact.state == HF_PRESENT && option->value,
	};

	if (reading.is_in_force) {
		reading.value = option->value;
		reading.source = hf_text(run, "option %s, %s", name, option->fact.source);
		if (option->conflict)
			hf_note(run, hf_text(run, "option %s, drift", name), option->conflict);
		return reading;
	}
	reading.value = option->declared;
	reading.source =
		hf_text(run, "option %s, %s", name,
			option->declared_source ? option->declared_source : option->fact.source);
	return reading;
}

bool daemon_expect(hf_check_run *run, const daemon_reading *reading, const char *wanted, bool holds)
{
	const hf_fact *fact = &reading->option->fact;
	const char *why = fact->why ? fact->why : "no witness could tell";

	if (reading->is_in_force)
		return hf_expect(run, reading->source, daemon_show(reading->value), wanted, holds);
	if (fact->state == HF_ABSENT && !reading->value)
		return hf_expect(run, reading->source, why, wanted, holds);
	if (reading->value && !holds) {
		hf_note(run, fact->source, why);
		(void)hf_expect(run, reading->source, daemon_show(reading->value), wanted, false);
		return false;
	}
	if (reading->value)
		hf_note(run, reading->source,
			hf_text(run, "declares %s, which does not prove what runs",
				daemon_show(reading->value)));
	hf_unknown(run, fact->source, why);
	return false;
}

bool daemon_is(const daemon_reading *reading, const char *text)
{
	return reading->value && strcmp(reading->value, text) == 0;
}

void daemon_require(hf_check_run *run, const hf_fact *fact)
{
	if (fact->state != HF_PRESENT)
		hf_unknown(run, fact->source, fact->why);
}

const char *daemon_show(const char *text)
{
	return text && *text ? text : "not set";
}

bool daemon_next(hf_check_run *run, const char **cursor, const char **ret_item)
{
	const char *start = *cursor;

	if (!start || *start == '\0')
		return false;
	const char *end = strchrnul(start, '\n');

	*ret_item = hf_text(run, "%.*s", (int)(end - start), start);
	*cursor = *end ? end + 1 : end;
	return true;
}

const char *daemon_join(hf_check_run *run, const char *list, const char *item)
{
	static const char more[] = ", and more";
	enum { LONG = 2000 };
	size_t length = strlen(list);

	/* nobody reads a thousand names, and each copies those before it */
	if (length > LONG)
		return strcmp(list + length - strlen(more), more) == 0
			       ? list
			       : hf_text(run, "%s%s", list, more);
	return hf_text(run, "%s%s%s", list, *list ? ", " : "", item);
}

bool daemon_in(const char *const *list, const char *text)
{
	for (; *list; list++) {
		if (strcmp(*list, text) == 0)
			return true;
	}
	return false;
}

const char *daemon_element(hf_check_run *run, const char *endpoint, const char *array, size_t index)
{
	const hf_api_value *value =
		hf_api_get(run, endpoint, hf_text(run, "%s%s%zu", array, *array ? "/" : "", index));

	return value->fact.state == HF_PRESENT ? value->text : NULL;
}

const char *daemon_security_option(hf_check_run *run, const char *prefix)
{
	size_t length = strlen(prefix);
	const char *entry;

	for (size_t i = 0; (entry = daemon_element(run, "/info", "SecurityOptions", i)); i++) {
		if (strncmp(entry, prefix, length) == 0 &&
		    (entry[length] == '\0' || entry[length] == ','))
			return entry;
	}
	return NULL;
}

bool daemon_at_least(const hf_daemon *daemon, const char *version)
{
	int order;

	return hf_daemon_compare(daemon, version, &order) && order >= 0;
}

bool daemon_before(const hf_daemon *daemon, const char *version)
{
	int order;

	return hf_daemon_compare(daemon, version, &order) && order < 0;
}

const char *daemon_version(const hf_daemon *daemon)
{
	return daemon->version ? daemon->version : "unknown version";
}

bool daemon_is_loopback(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, host, &six) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

const char *daemon_host_of(hf_check_run *run, const char *address)
{
	const char *scheme = strstr(address, "://");
	const char *start = scheme ? scheme + 3 : address;
	size_t length = strcspn(start, "/?#");
	const char *at = memrchr(start, '@', length);

	if (at) {
		length -= (size_t)(at + 1 - start);
		start = at + 1;
	}
	if (*start == '[') {
		const char *end = memchr(start, ']', length);

		return hf_text(run, "%.*s", end ? (int)(end - start - 1) : (int)length - 1,
			       start + 1);
	}
	const char *colon = memchr(start, ':', length);

	/* more than one colon without brackets is a bare IPv6 address */
	if (colon && !memchr(colon + 1, ':', length - (size_t)(colon + 1 - start)))
		length = (size_t)(colon - start);
	return hf_text(run, "%.*s", (int)length, start);
}

/* Those in the list of the engine that was asked; others are another engine's, or one's that runs in a
 * container. Without any list each that Docker could have made is taken for this engine's: under a cgroup-parent of
 * the site its group does not say who made it. */
static bool is_of_this_engine(hf_check_run *run, const hf_container *container)
{
	static const char *const possible[] = {"docker", "unknown", NULL};
	hf_state state = hf_api_lists_container(run, container->id);

	if (state != HF_UNREADABLE)
		return state == HF_PRESENT;
	/* the engine gives each a group of its own */
	return container->cgroup && container->runtime && daemon_in(possible, container->runtime);
}

const hf_container *daemon_container(hf_check_run *run, const hf_containers *containers,
				     size_t *cursor)
{
	while (*cursor < containers->count) {
		const hf_container *container = containers->all[(*cursor)++];

		if (is_of_this_engine(run, container))
			return container;
	}
	return NULL;
}

const hf_api_value *daemon_inspect(hf_check_run *run, const hf_container *container,
				   const char *path)
{
	return hf_container_inspect(run, container, path);
}

const hf_api_value *daemon_networks(hf_check_run *run)
{
	const hf_api_value *list = hf_api_get(run, "/networks", "");

	return list->fact.state == HF_PRESENT ? list : NULL;
}

const hf_api_value *daemon_network_value(hf_check_run *run, size_t index, const char *path)
{
	return hf_api_get(run, "/networks", hf_text(run, "%zu/%s", index, path));
}

static const char *text_of(const hf_api_value *value)
{
	return value->fact.state == HF_PRESENT && !value->is_null ? value->text : "";
}

const char *daemon_network_text(hf_check_run *run, size_t index, const char *path)
{
	return text_of(daemon_network_value(run, index, path));
}

const hf_api_value *daemon_bridge_option(hf_check_run *run, size_t index, const char *name)
{
	return daemon_network_value(run, index,
				    hf_text(run, "Options/com.docker.network.bridge.%s", name));
}

const char *daemon_bridge_text(hf_check_run *run, size_t index, const char *name)
{
	return text_of(daemon_bridge_option(run, index, name));
}

bool daemon_is_bridge(hf_check_run *run, size_t index)
{
	return strcmp(daemon_network_text(run, index, "Driver"), "bridge") == 0;
}

bool daemon_is_true(const char *text)
{
	bool value;

	return hf_parse_go_bool(text, &value) && value;
}

const char *daemon_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool daemon_json_string(hf_check_run *run, const hf_file *file, const char *name,
			const char **ret_value)
{
	const char *p = file->data, *end = file->data + file->size;
	size_t length = strlen(name);
	bool is_wanted = false, is_value = false;
	int depth = 0;

	*ret_value = NULL;
	for (; p < end; p++) {
		if (*p == '"') {
			const char *start = ++p;
			bool has_escape = false;

			for (; p < end && *p != '"'; p++) {
				if (*p == '\\') {
					has_escape = true;
					p++;
				}
			}
			if (p >= end || (depth == 1 && has_escape && (!is_value || is_wanted)))
				return false;
			if (depth == 1 && !is_value)
				is_wanted = (size_t)(p - start) == length &&
					    strncasecmp(start, name, length) == 0;
			else if (depth == 1 && is_wanted)
				*ret_value = hf_text(run, "%.*s", (int)(p - start), start);
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if (*p == '}' || *p == ']') {
			depth--;
		} else if (depth == 1 && (*p == ':' || *p == ',')) {
			is_value = *p == ':';
		}
	}
	return depth == 0;
}
