/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET requests to a container engine over its unix socket: two connections at most, kept alive. */
#ifndef HF_HTTP_H
#define HF_HTTP_H

#include "base/base.h"

#include <sys/socket.h>

enum {
	HF_HTTP_CONNECTIONS = 2,
	HF_HTTP_BODY_MAX_BYTES = 16 * 1024 * 1024 - 1,
	HF_HTTP_CONNECT_MS = 500,
};

typedef struct hf_http hf_http;

typedef struct hf_http_reply {
	int error;	    /* 0, or a positive errno: no complete answer came */
	const char *reason; /* why, in words; NULL for none */
	unsigned status;
	char *body; /* NUL-terminated; may be changed in place, gone after the call */
	size_t size;
	const char *api_version; /* of the header Api-Version; "" */
} hf_http_reply;

/* Called once for each request, in the order in which they end. */
typedef void hf_http_done(void *data, size_t index, hf_http_reply *reply);

/* @socket_fd: O_PATH descriptor of the socket's file; borrowed. -ELIBACC: the library that parses
 * HTTP is missing; @err says which. */
int hf_http_new(int socket_fd, hf_http **ret_http, hf_error *err);
void hf_http_free(hf_http *http);
static inline void hf_http_freep(hf_http **http)
{
	hf_http_free(*http);
}

/* Queues @count requests (borrowed until the next call) and sends as many as there are connections;
 * waits for nothing. */
void hf_http_start(hf_http *http, const char *const *targets, size_t count, hf_http_done *done,
		   void *data);

/* Until every request has ended, or hf_now_ms() is @deadline_ms: then the rest ends with ETIMEDOUT.
 */
void hf_http_wait(hf_http *http, uint64_t deadline_ms);

/* Who listens at the other end, as of listen(2). 0 or -ENOTCONN, when nothing was connected yet. */
int hf_http_peer(const hf_http *http, struct ucred *ret_peer);

#endif
