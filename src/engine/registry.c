/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry: rows of all plugins, checked and normalised. */
#include "engine/engine.h"

#include <dlfcn.h>
#include <stdio.h>

struct hf_registry {
	hf_arena *arena;
	hf_loaded_check *checks;
	size_t check_count;
	hf_map by_id; /* ids and aliases: 1 + index into checks */
	hf_list plugins;  /* const hf_loaded_plugin * */
	hf_refusal *refusals;
	size_t refusal_count;
};

enum { MAX_CHECKS = 20000 };

int hf_registry_new(hf_registry **ret_registry)
{
	hf_registry *registry = calloc(1, sizeof *registry);

	if (!registry || hf_arena_new(&registry->arena) < 0) {
		free(registry);
		return -ENOMEM;
	}
	*ret_registry = registry;
	return 0;
}

void hf_registry_free(hf_registry *registry)
{
	if (!registry)
		return;
	free(registry->checks);
	hf_map_free(&registry->by_id);
	free(registry->refusals);
	hf_list_free(&registry->plugins);
	hf_arena_free(registry->arena);
	free(registry);
}

static bool is_id(const char *id, bool wants_dot)
{
	if (!id || !*id || (wants_dot && !strchr(id, '.')))
		return false;
	return id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

/* Eight metrics would do for CCSS; the sum is computed by assess/. Here: does it look like one at all. */
static bool is_vector(const char *vector)
{
	return vector && hf_has_prefix(vector, "AV:") && strstr(vector, "/AC:") &&
	       strstr(vector, "/Au:") && strstr(vector, "/C:") && strstr(vector, "/I:") &&
	       strstr(vector, "/A:");
}

static int check_row(const hf_registry *registry, const hf_check *row, hf_error *err)
{
	if (!is_id(row->id, true))
		return hf_error_set(err, -EBADMSG, "a check's id is missing or malformed");
	if (!row->title || !row->risk || !row->threat || !row->remediation || !row->run)
		return hf_error_set(err, -EBADMSG, "check %s lacks a text or its function", row->id);
	if (row->subject >= HF_SUBJECT_COUNT || row->level < 1 || row->level > 3 ||
	    row->stride == 0 || row->stride >= HF_STRIDE_E << 1)
		return hf_error_set(err, -EBADMSG, "check %s: subject, level or stride out of range",
				    row->id);
	if (!is_vector(row->severity))
		return hf_error_set(err, -EBADMSG, "check %s: severity is no CCSS vector", row->id);
	if (hf_registry_find(registry, row->id))
		return hf_error_set(err, -EEXIST, "check %s exists already", row->id);
	return 0;
}

/* Makes the last row findable. */
static int index_last(hf_registry *registry)
{
	const hf_check *row = registry->checks[registry->check_count - 1].row;
	void *at = (void *)(uintptr_t)registry->check_count;
	int r = hf_map_put(&registry->by_id, row->id, at);

	for (const char *const *alias = row->aliases; r == 0 && alias && *alias; alias++) {
		if (!hf_registry_find(registry, *alias))
			r = hf_map_put(&registry->by_id, *alias, at);
	}
	return r;
}

/* The row as this version knows it: what the plugin's version lacks is zero. */
static hf_check normalised(const hf_plugin *plugin, const hf_check_set *set, uint32_t index)
{
	const char *at = (const char *)set->checks + (size_t)index * plugin->check_size;
	hf_check row = {0};

	memcpy(&row, at, plugin->check_size < sizeof row ? plugin->check_size : sizeof row);
	return row;
}

static int check_header(const hf_registry *registry, const hf_plugin *plugin, hf_error *err)
{
	const hf_loaded_plugin *const *plugins;
	size_t count = hf_registry_plugins(registry, &plugins);

	if (plugin->abi >> 16 != HF_ABI_MAJOR)
		return hf_error_set(err, -EBADMSG, "was built for ABI %u.%u, this holdfast has %d.%d",
				    plugin->abi >> 16, plugin->abi & 0xffff, HF_ABI_MAJOR,
				    HF_ABI_MINOR);
	/* the smallest sizes that ABI 1.0 had */
	if (plugin->plugin_size < offsetof(hf_plugin, sets) + sizeof plugin->sets ||
	    plugin->check_size < offsetof(hf_check, param) + sizeof(void *) ||
	    plugin->check_size > 4096 || plugin->check_size % _Alignof(hf_check) != 0)
		return hf_error_set(err, -EBADMSG, "states impossible sizes");
	if (!is_id(plugin->name, false) || !plugin->title || !plugin->sets)
		return hf_error_set(err, -EBADMSG, "has no name, title or checks");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(plugins[i]->name, plugin->name) == 0)
			return hf_error_set(err, -EEXIST, "a plugin named %s is loaded already",
					    plugin->name);
	}
	return 0;
}

static size_t count_rows(const hf_plugin *plugin)
{
	size_t count = 0;

	for (const hf_check_set *const *set = plugin->sets; *set; set++)
		count += (*set)->count;
	return count;
}

int hf_registry_add(hf_registry *registry, const hf_plugin *plugin, const char *path, hf_error *err)
{
	int r = check_header(registry, plugin, err);

	if (r < 0)
		return r;
	size_t before = registry->check_count, more = count_rows(plugin);

	if (more > MAX_CHECKS || before + more > MAX_CHECKS)
		return hf_error_set(err, -E2BIG, "has more than %d checks", MAX_CHECKS);
	hf_loaded_check *grown = reallocarray(registry->checks, before + more + 1, sizeof *grown);
	hf_check *rows = hf_arena_calloc(registry->arena, more + 1, sizeof *rows);
	hf_loaded_plugin *loaded = hf_arena_alloc(registry->arena, sizeof *loaded);
	char *kept_path = hf_arena_strdup(registry->arena, path);

	if (grown)
		registry->checks = grown;
	if (!grown || !rows || !loaded || !kept_path)
		return -ENOMEM;
	*loaded = (hf_loaded_plugin){
		.name = plugin->name,
		.title = plugin->title,
		.path = kept_path,
		.abi = plugin->abi,
		.check_count = more,
	};
	for (const hf_check_set *const *set = plugin->sets; r == 0 && *set; set++) {
		for (uint32_t i = 0; r == 0 && i < (*set)->count; i++) {
			hf_check *row = rows++;

			*row = normalised(plugin, *set, i);
			r = check_row(registry, row, err);
			registry->checks[registry->check_count] = (hf_loaded_check){
				.row = row,
				.plugin = loaded,
				.set = (*set)->name,
			};
			if (r == 0) {
				registry->check_count++;
				r = index_last(registry);
			}
		}
	}
	if (r == 0)
		r = hf_list_add(&registry->plugins, loaded);
	if (r < 0)
		registry->check_count = before; /* all or nothing */
	return r;
}

int hf_registry_load(hf_registry *registry, int fd, const char *path, hf_error *err)
{
	char name[32];

	/* through the descriptor that was checked: the path may name another file by now */
	(void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return hf_error_set(err, -ELIBACC, "%s", dlerror());
	const hf_plugin *plugin = dlsym(handle, "hf_plugin_v1");

	if (!plugin)
		return hf_error_set(err, -ELIBBAD, "is no plugin: it lacks hf_plugin_v1");
	/* never dlclose: results borrow strings from rows, and leak reports need the symbols */
	return hf_registry_add(registry, plugin, path, err);
}

size_t hf_registry_checks(const hf_registry *registry, const hf_loaded_check **ret_checks)
{
	*ret_checks = registry->checks;
	return registry->check_count;
}

size_t hf_registry_plugins(const hf_registry *registry, const hf_loaded_plugin *const **ret_plugins)
{
	*ret_plugins = (const hf_loaded_plugin *const *)(void *)registry->plugins.items;
	return registry->plugins.count;
}

const hf_loaded_check *hf_registry_find(const hf_registry *registry, const char *id)
{
	/* an index, because the array moves while it grows */
	size_t at = (size_t)(uintptr_t)hf_map_get(&registry->by_id, id);

	return at > 0 && at <= registry->check_count ? &registry->checks[at - 1] : NULL;
}

int hf_registry_refuse(hf_registry *registry, const char *path, const char *reason)
{
	hf_refusal *grown = reallocarray(registry->refusals, registry->refusal_count + 1,
					 sizeof *grown);
	const char *kept_path = hf_arena_strdup(registry->arena, path);
	const char *kept_reason = hf_arena_strdup(registry->arena, reason);

	if (grown)
		registry->refusals = grown;
	if (!grown || !kept_path || !kept_reason)
		return -ENOMEM;
	grown[registry->refusal_count++] = (hf_refusal){.path = kept_path, .reason = kept_reason};
	return 0;
}

size_t hf_registry_refusals(const hf_registry *registry, const hf_refusal **ret_refusals)
{
	*ret_refusals = registry->refusals;
	return registry->refusal_count;
}
