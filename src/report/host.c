/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's "host": which node this was, in terms that give nothing away. */
#include "report/builder.h"

#include <gcrypt.h>
#include <stdio.h>

/* machine-id(5): the id itself is confidential and must be hashed with a key of the application. Never
 * change this one: documents of the same node could no longer be matched. */
static const char machine_key[] = "holdfast-results machine id 7d0c5f7e-4d5a-4f0e-9a54-1a6c1f0f6b92";

enum { SHA256_BYTES = 32 };

static bool hash_machine_id(const char *id, size_t size, char hex[2 * SHA256_BYTES + 1])
{
	unsigned char digest[SHA256_BYTES];
	size_t digest_size = sizeof digest;
	gcry_mac_hd_t mac;

	if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
		if (!gcry_check_version(NULL))
			return false;
		/* no secrets here, so no locked memory */
		gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
		gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	}
	if (gcry_mac_open(&mac, GCRY_MAC_HMAC_SHA256, 0, NULL))
		return false;
	bool is_done = !gcry_mac_setkey(mac, machine_key, sizeof machine_key - 1) &&
		       !gcry_mac_write(mac, id, size) && !gcry_mac_read(mac, digest, &digest_size);

	gcry_mac_close(mac);
	for (size_t i = 0; is_done && i < sizeof digest; i++)
		(void)sprintf(hex + 2 * i, "%02x", digest[i]);
	return is_done;
}

static void put_machine_id(hf_builder *b, json_t *host)
{
	const hf_file *file = hf_facts_file(b->facts, "/etc/machine-id");
	char hex[2 * SHA256_BYTES + 1];
	size_t size = 0;

	if (file->fact.state == HF_PRESENT) {
		while (size < file->size && strchr("0123456789abcdef", file->data[size]) &&
		       file->data[size])
			size++;
	}
	/* "uninitialized" and the like name no machine */
	hf_put_text(b, host, "machine_id_hash",
		    size == 32 && hash_machine_id(file->data, size, hex) ? hex : NULL);
}

static void put_hostname(hf_builder *b, json_t *host)
{
	const hf_file *file = hf_facts_file(b->facts, "/proc/sys/kernel/hostname");
	const char *cursor, *line = NULL;
	size_t length = 0;

	if (file->fact.state == HF_PRESENT) {
		cursor = file->data;
		(void)hf_next_line(&cursor, file->data + file->size, &line, &length);
	}
	char *name = line ? hf_arena_memdup(hf_facts_arena(b->facts), line, length) : NULL;

	hf_put_text(b, host, "hostname", name);
}

/* A value of os-release(5): bare, or in quotes with the shell's backslashes. */
static char *unquote(hf_arena *arena, const char *text, size_t length)
{
	char *value = hf_arena_alloc(arena, length + 1);
	char quote = length > 0 && (text[0] == '"' || text[0] == '\'') ? text[0] : '\0';
	size_t size = 0;

	for (size_t i = quote ? 1 : 0; value && i < length && text[i] != quote; i++) {
		if (text[i] == '\\' && quote != '\'' && i + 1 < length)
			i++;
		value[size++] = text[i];
	}
	return value;
}

static const char *pretty_name(hf_facts *facts, const hf_file *file)
{
	static const char key[] = "PRETTY_NAME=";
	const char *cursor = file->data, *line, *name = NULL;
	size_t length;

	while (hf_next_line(&cursor, file->data + file->size, &line, &length)) {
		if (length > sizeof key && memcmp(line, key, sizeof key - 1) == 0)
			name = unquote(hf_facts_arena(facts), line + sizeof key - 1,
				       length - (sizeof key - 1));
	}
	return name;
}

static void put_os(hf_builder *b, json_t *host)
{
	/* os-release(5): the first is usually a link to the second, and wins where it is not */
	static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};
	const char *name = NULL;

	for (size_t i = 0; !name && i < HF_ARRAY_SIZE(paths); i++) {
		const hf_file *file = hf_facts_file(b->facts, paths[i]);

		if (file->fact.state == HF_PRESENT)
			name = pretty_name(b->facts, file);
	}
	hf_put_text(b, host, "os", name);
}

static void put_cgroup(hf_builder *b, json_t *host)
{
	const hf_mounts *mounts = hf_facts_mounts(b->facts);
	bool has_v1 = false, has_v2 = false;

	for (size_t i = 0; mounts->fact.state == HF_PRESENT && i < mounts->count; i++) {
		has_v1 |= strcmp(mounts->all[i].fs_type, "cgroup") == 0;
		has_v2 |= strcmp(mounts->all[i].fs_type, "cgroup2") == 0;
	}
	hf_put_text(b, host, "cgroup",
		    has_v1 && has_v2 ? "hybrid"
		    : has_v2         ? "v2"
		    : has_v1         ? "v1"
				     : NULL);
}

static void put_lsm(hf_builder *b, json_t *host)
{
	const hf_lsm *lsm = hf_facts_lsm(b->facts);
	json_t *list = json_array();

	for (const char *at = lsm->fact.state == HF_PRESENT ? lsm->list : ""; *at;) {
		size_t length = strcspn(at, ",");

		hf_append(b, list, hf_json_text(at, length));
		at += length + (at[length] == ',');
	}
	hf_put(b, host, "lsm", list);
}

static void add_runtime(hf_builder *b, json_t *list, const char *name)
{
	size_t index;
	json_t *known;

	if (!name || strcmp(name, "unknown") == 0)
		return;
	json_array_foreach (list, index, known) {
		if (strcmp(json_string_value(known), name) == 0)
			return;
	}
	hf_append(b, list, hf_json_text(name, strlen(name)));
}

/* What runs or keeps containers here: engines' daemons first, then whoever started what is running. */
static void put_runtimes(hf_builder *b, json_t *host)
{
	const hf_subjects *daemons = hf_facts_subjects(b->facts, HF_SUBJECT_DAEMON);
	const hf_containers *containers = hf_facts_containers(b->facts);
	json_t *list = json_array();

	for (size_t i = 0; i < daemons->count; i++)
		add_runtime(b, list, daemons->all[i].runtime);
	for (size_t i = 0; containers->fact.state == HF_PRESENT && i < containers->count; i++)
		add_runtime(b, list, containers->all[i]->runtime);
	hf_put(b, host, "runtimes", list);
}

json_t *hf_document_host(hf_builder *b)
{
	const hf_kernel *kernel = hf_facts_kernel(b->facts);
	bool has_kernel = kernel->fact.state == HF_PRESENT;
	json_t *host = json_object();

	put_hostname(b, host);
	put_machine_id(b, host);
	hf_put_text(b, host, "kernel", has_kernel ? kernel->release : NULL);
	hf_put_text(b, host, "arch", has_kernel ? kernel->machine : NULL);
	put_os(b, host);
	put_cgroup(b, host);
	put_lsm(b, host);
	put_runtimes(b, host);
	return host;
}
