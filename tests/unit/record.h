/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record made by hand, for tests of facts. */
#ifndef HF_TESTS_RECORD_H
#define HF_TESTS_RECORD_H

#include "facts/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

typedef struct hf_host {
	hf_record *record;
	hf_facts *facts;
} hf_host;

static inline hf_host hf_host_new(void)
{
	hf_host host = {0};

	assert_int_equal(hf_record_new(&host.record), 0);
	assert_int_equal(hf_facts_new(host.record, &host.facts), 0);
	return host;
}

static inline void hf_host_free(hf_host *host)
{
	hf_facts_free(host->facts);
	hf_record_free(host->record);
}

static inline void hf_host_put(hf_host *host, const hf_answer *answer)
{
	assert_int_equal(hf_record_put(host->record, answer, true), 0);
}

static inline void hf_host_bytes(hf_host *host, hf_ask_kind kind, const char *name,
				 const char *data, size_t size)
{
	hf_host_put(host, &(hf_answer){
				  .kind = kind,
				  .name = name,
				  .meta.mode = kind == HF_ASK_FILE ? S_IFREG | 0644 : 0,
				  .data = data,
				  .size = size,
			  });
}

static inline void hf_host_file(hf_host *host, const char *path, const char *text)
{
	hf_host_bytes(host, HF_ASK_FILE, path, text, strlen(text));
}

static inline void hf_host_call(hf_host *host, const char *name, const char *text)
{
	hf_host_bytes(host, HF_ASK_CALL, name, text, strlen(text));
}

static inline void hf_host_link(hf_host *host, const char *path, const char *target)
{
	hf_host_bytes(host, HF_ASK_LINK, path, target, strlen(target));
}

/* @names: sorted, a blank between them. */
static inline void hf_host_dir(hf_host *host, const char *path, const char *names)
{
	char listing[1024];
	size_t size = *names ? strlen(names) + 1 : 0;

	assert_true(size <= sizeof listing);
	memcpy(listing, names, size);
	for (size_t i = 0; i < size; i++) {
		if (listing[i] == ' ')
			listing[i] = '\0';
	}
	hf_host_bytes(host, HF_ASK_DIR, path, listing, size);
}

static inline void hf_host_fails(hf_host *host, hf_ask_kind kind, const char *name, int error)
{
	hf_host_put(host, &(hf_answer){.kind = kind, .name = name, .error = error, .data = ""});
}

/* A file that is a device or a folder: known by its metadata alone. */
static inline void hf_host_special(hf_host *host, const char *path, uint32_t mode, uint32_t major,
				   uint32_t minor)
{
	hf_host_put(host, &(hf_answer){
				  .kind = HF_ASK_FILE,
				  .name = path,
				  .error = S_ISDIR(mode) ? EISDIR : ENOTSUP,
				  .meta = {.mode = mode, .rdev_major = major, .rdev_minor = minor},
				  .data = "",
			  });
}

static inline void hf_host_kernel(hf_host *host, const char *release)
{
	char text[256];

	assert_true(snprintf(text, sizeof text, "Linux\n%s\n#1 SMP\nx86_64\n", release) <
		    (int)sizeof text);
	hf_host_call(host, "uname", text);
}

#endif
