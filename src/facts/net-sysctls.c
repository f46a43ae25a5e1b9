/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings below /proc/sys/net as containers see them. */
#include "facts/net.h"

#include "collect/network.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>

typedef struct settings {
	hf_fact fact; /* unreadable: none is known */
	hf_map by_name;
	bool is_cut;
} settings;

static const void *compute_settings(hf_facts *facts, const char *inode)
{
	hf_arena *arena = hf_facts_arena(facts);
	settings *all = hf_checked(hf_arena_alloc(arena, sizeof *all));
	char name[64];
	const char *cut;

	(void)snprintf(name, sizeof name, "net/%s/sysctls", inode);
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	all->fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	all->fact.source = "settings of the container's network namespace";
	if (all->fact.state != HF_PRESENT) {
		all->fact.state = HF_UNREADABLE;
		return all;
	}
	int r = hf_net_parse_sysctls(arena, answer->data, answer->size, &all->by_name, &cut);

	if (r == -ENOMEM || (all->by_name.slots && hf_arena_adopt(arena, all->by_name.slots) < 0))
		hf_facts_out_of_memory();
	if (r < 0) {
		all->fact.state = HF_UNREADABLE;
		all->fact.why = "the answer is malformed";
	}
	/* net.ipv4.ip_forward is in each */
	if (r == 0 && all->by_name.count == 0) {
		all->fact.state = HF_UNREADABLE;
		all->fact.why = "the answer is empty";
	}
	all->is_cut = r == 0 && cut != NULL;
	return all;
}

static const hf_fact_type settings_type = {.name = "settings of a network namespace",
					   .compute = compute_settings};

/* Whether the kernel would have told of the setting if there were such a one. "all" and "default" are read as far as
 * they decide. */
static bool is_asked(const char *key)
{
	if (strstr(key, ".conf.all.") || strstr(key, ".conf.default."))
		return false;
	for (const char *const *pattern = hf_netns_sysctls; *pattern; pattern++) {
		if (fnmatch(*pattern, key, 0) == 0)
			return true;
	}
	return false;
}

/* "INODE KEY" */
static const void *compute_missing(hf_facts *facts, const char *key)
{
	hf_sysctl *setting = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *setting));
	const char *name = strchr(key, ' ') + 1;

	setting->text = "";
	setting->fact.source = hf_checked(hf_arena_strdup(hf_facts_arena(facts), name));
	setting->fact.state = is_asked(name) ? HF_ABSENT : HF_UNREADABLE;
	setting->fact.why = is_asked(name) ? "the network namespace has no such setting"
					   : "is not read in containers";
	return setting;
}

static const hf_fact_type missing_type = {.name = "missing setting", .compute = compute_missing};

/* Settings that are one under two names. */
static const char *canonical(const char *key)
{
	return strcmp(key, "net.ipv4.conf.all.forwarding") == 0 ? "net.ipv4.ip_forward" : key;
}

static const void *compute_failed(hf_facts *facts, const char *inode)
{
	const settings *all = hf_facts_once(facts, &settings_type, inode);
	hf_sysctl *setting = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *setting));

	setting->fact = (hf_fact){
		.state = HF_UNREADABLE,
		.source = all->fact.source,
		.why = all->is_cut ? "there are more settings than are read" : all->fact.why,
	};
	setting->text = "";
	return setting;
}

static const hf_fact_type failed_type = {.name = "settings that failed", .compute = compute_failed};

const hf_sysctl *hf_container_sysctl(hf_check_run *run, const hf_container *container, const char *key)
{
	hf_facts *facts = hf_facts_of(run);
	char inode[32], missing[256];

	if (hf_container_shares_netns(facts, container))
		return hf_facts_sysctl(facts, key);
	(void)snprintf(inode, sizeof inode, "%" PRIu64,
		       container->init ? container->init->ns[HF_NS_NET] : 0);
	const settings *all = hf_facts_once(facts, &settings_type, inode);
	const hf_sysctl *setting =
		all->fact.state == HF_PRESENT ? hf_map_get(&all->by_name, canonical(key)) : NULL;

	if (setting)
		return setting;
	if (all->fact.state != HF_PRESENT || (all->is_cut && is_asked(key)))
		return hf_facts_once(facts, &failed_type, inode);
	int size = snprintf(missing, sizeof missing, "%s %s", inode, key);

	return hf_facts_once(facts, size > 0 && (size_t)size < sizeof missing ? &missing_type : &failed_type,
			     size > 0 && (size_t)size < sizeof missing ? missing : inode);
}
