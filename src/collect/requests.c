/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loaded plugins want to know, as the judge tells the host collector. The judge has run plugin code by
 * then, so a request is only ever a path to read, and never one that holds secrets. */
#include "collect/collect.h"

#include <fnmatch.h>
#include <poll.h>

enum { REQUESTS_MAX_BYTES = 256 * 1024 };

/* Contents that no check needs and no report may carry. Their metadata can be had by "stat:". */
static bool is_secret(const char *request)
{
	static const char *const secrets[] = {
		"*/shadow*",  "*/gshadow*", "*.key",	 "*_key",      "*/id_*",
		"/dev/*",     "/proc/kcore*", "/proc/kmsg*", "/proc/*/mem", "/proc/*/environ",
		"/proc/*/root/*", "/proc/*/cwd/*", "/proc/*/fd/*", "/proc/*/task/*", "/proc/sysrq-trigger",
		"/root/.*",   "/home/*",
	};

	static const char *const harmless[] = {"stat:", "link:", "dir:", "parents:", "sysctl:",
					       "label:", "way:"};
	const char *path = strchr(request, '/');

	for (size_t i = 0; i < HF_ARRAY_SIZE(harmless); i++) {
		if (hf_has_prefix(request, harmless[i]))
			return false;
	}
	if (!path)
		return false;
	for (size_t i = 0; i < HF_ARRAY_SIZE(secrets); i++) {
		if (fnmatch(secrets[i], path, 0) == 0)
			return true;
	}
	return false;
}

static int read_lines(int fd, uint64_t deadline_ms, hf_buffer *all)
{
	char block[4096];

	for (;;) {
		uint64_t now = hf_now_ms();
		struct pollfd wait = {.fd = fd, .events = POLLIN};

		if (now >= deadline_ms)
			return -ETIMEDOUT;
		if (poll(&wait, 1, (int)(deadline_ms - now)) < 0 && errno != EINTR)
			return -errno;
		if (!wait.revents)
			continue;
		ssize_t n = read(fd, block, sizeof block);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return all->failed ? -ENOMEM : 0;
		if (all->size + (size_t)n > REQUESTS_MAX_BYTES)
			return -E2BIG;
		hf_buffer_add(all, block, (size_t)n);
	}
}

int hf_collect_requests(const hf_collect_task *task)
{
	hf_buffer all = {0};
	char *rest = NULL;

	if (task->requests_fd < 0)
		return 0;
	int r = read_lines(task->requests_fd, task->deadline_ms, &all);
	char *line = r < 0 || !all.data ? NULL : strtok_r(all.data, "\n", &rest);

	for (; line && r >= 0; line = strtok_r(NULL, "\n", &rest)) {
		if (!is_secret(line))
			r = hf_reader_request(task->reader, line);
	}
	hf_buffer_free(&all);
	return r;
}
