/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP to a container engine: our socket loop, libhttp-parser's understanding of what comes back.
 *
 * Why not libcurl, measured on two cores (medians of 60 runs, fork to last answer, dockerd 20.10;
 * /_ping, /info on one connection, /networks, /plugins, /containers/json on the other;
 * the engine itself needs 8 ms of it): loaded   first answer   all six    own CPU   RSS
 *   libhttp-parser     0.3 ms   0.6 ms         12.4 ms    0.8 ms    1.4 MiB
 *   libcurl (GnuTLS)   7.0 ms   7.5 ms         18.8 ms    8.7 ms    9.3 MiB
 *   libcurl (OpenSSL)  8.0 ms   8.6 ms         20.4 ms    9.8 ms    9.9 MiB
 * That is 6 ms of a scan's 35, a quarter of its memory, and 30 libraries with their constructors in
 * a process that talks to whoever owns a socket; what we use of curl is one GET without any option.
 * The library is loaded here alone, so that a node without it loses the engine's answers and
 * nothing else. */
#include "collect/http.h"

#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <strings.h>
#include <sys/un.h>

#ifdef HAVE_HTTP_PARSER

#include <http_parser.h>

typedef struct parser_ops {
	unsigned long (*version)(void);
	void (*init)(http_parser *parser, enum http_parser_type type);
	size_t (*execute)(http_parser *parser, const http_parser_settings *settings,
			  const char *data, size_t size);
	int (*should_keep_alive)(const http_parser *parser);
	const char *(*errno_description)(enum http_errno number);
} parser_ops;

typedef struct connection {
	hf_http *http;
	int fd; /* -1: not connected */
	bool is_busy;
	bool is_complete;
	bool is_version; /* the header at hand is Api-Version */
	bool was_name;
	size_t request;
	http_parser parser;
	hf_buffer body;
	hf_buffer header; /* name of the header at hand */
	char api_version[16];
	int error; /* positive errno found by a callback */
} connection;

struct hf_http {
	parser_ops ops;
	int socket_fd;
	connection connections[HF_HTTP_CONNECTIONS];
	const char *const *targets;
	size_t count;
	size_t next; /* first request that was not sent yet */
	size_t ended;
	hf_http_done *done;
	void *data;
	struct ucred peer;
	bool has_peer;
};

/* ---- the library ---- */

static int load_parser(parser_ops *ops, hf_error *err)
{
	static const char *const sonames[] = {"libhttp_parser.so.2.9", "libhttp_parser.so.2"};
	void *library = NULL;
	/* dlsym gives object pointers; POSIX lets them be functions, ISO C does not let us cast */
	const struct {
		const char *name;
		void *slot;
	} symbols[] = {
		{"http_parser_version", &ops->version},
		{"http_parser_init", &ops->init},
		{"http_parser_execute", &ops->execute},
		{"http_should_keep_alive", &ops->should_keep_alive},
		{"http_errno_description", &ops->errno_description},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(sonames) && !library; i++)
		library = dlopen(sonames[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return hf_error_set(err, -ELIBACC, "library libhttp_parser missing");
	for (size_t i = 0; i < HF_ARRAY_SIZE(symbols); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (!symbol)
			return hf_error_set(err, -ELIBBAD, "library libhttp_parser has no %s",
					    symbols[i].name);
		memcpy(symbols[i].slot, &symbol, sizeof symbol);
	}
	unsigned long version = ops->version();

	/* the parser's struct is ours to allocate: its layout is that of the headers we were built
	 * with */
	if (version >> 16 != HTTP_PARSER_VERSION_MAJOR ||
	    (version >> 8 & 0xff) != HTTP_PARSER_VERSION_MINOR)
		return hf_error_set(err, -ELIBBAD, "library libhttp_parser is %lu.%lu, not %d.%d",
				    version >> 16, version >> 8 & 0xff, HTTP_PARSER_VERSION_MAJOR,
				    HTTP_PARSER_VERSION_MINOR);
	return 0;
}

int hf_http_new(int socket_fd, hf_http **ret_http, hf_error *err)
{
	hf_cleanup(hf_http_freep) hf_http *http = calloc(1, sizeof *http);

	if (!http)
		return hf_error_set(err, -ENOMEM, "out of memory");
	http->socket_fd = socket_fd;
	for (size_t i = 0; i < HF_HTTP_CONNECTIONS; i++) {
		http->connections[i].http = http;
		http->connections[i].fd = -1;
	}
	int r = load_parser(&http->ops, err);

	if (r < 0)
		return r;
	*ret_http = HF_TAKE(http);
	return 0;
}

static void hang_up(connection *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

void hf_http_free(hf_http *http)
{
	if (!http)
		return;
	for (size_t i = 0; i < HF_HTTP_CONNECTIONS; i++) {
		hang_up(&http->connections[i]);
		hf_buffer_free(&http->connections[i].body);
		hf_buffer_free(&http->connections[i].header);
	}
	free(http);
}

/* ---- what the parser tells ---- */

static int on_message_begin(http_parser *parser)
{
	connection *c = parser->data;

	/* a second answer to one question */
	if (c->is_complete) {
		c->error = EPROTO;
		return -1;
	}
	c->body.size = 0;
	c->header.size = 0;
	c->was_name = false;
	c->api_version[0] = '\0';
	return 0;
}

/* Names and values come in pieces. */
static int on_header_field(http_parser *parser, const char *data, size_t size)
{
	connection *c = parser->data;

	if (!c->was_name)
		c->header.size = 0;
	c->was_name = true;
	hf_buffer_add(&c->header, data, size);
	return 0;
}

static int on_header_value(http_parser *parser, const char *data, size_t size)
{
	connection *c = parser->data;
	size_t have = strlen(c->api_version);

	if (c->was_name)
		c->is_version = !c->header.failed && strcasecmp(c->header.data, "Api-Version") == 0;
	c->was_name = false;
	if (c->is_version && size < sizeof c->api_version - have) {
		memcpy(c->api_version + have, data, size);
		c->api_version[have + size] = '\0';
	}
	return 0;
}

static int on_headers_complete(http_parser *parser)
{
	connection *c = parser->data;

	/* absent: all ones */
	if (parser->content_length != UINT64_MAX &&
	    parser->content_length > HF_HTTP_BODY_MAX_BYTES) {
		c->error = EMSGSIZE;
		return -1;
	}
	return 0;
}

static int on_body(http_parser *parser, const char *data, size_t size)
{
	connection *c = parser->data;

	if (size > HF_HTTP_BODY_MAX_BYTES - c->body.size) {
		c->error = EMSGSIZE;
		return -1;
	}
	hf_buffer_add(&c->body, data, size);
	if (c->body.failed)
		c->error = ENOMEM;
	return c->body.failed ? -1 : 0;
}

static int on_message_complete(http_parser *parser)
{
	connection *c = parser->data;

	/* "100 Continue" and its like: the answer is still to come */
	c->is_complete = parser->status_code / 100 != 1;
	return 0;
}

static const http_parser_settings callbacks = {
	.on_message_begin = on_message_begin,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

/* ---- requests ---- */

static void end_request(hf_http *http, size_t index, hf_http_reply *reply)
{
	http->ended++;
	http->done(http->data, index, reply);
}

static void fail(connection *c, int error, const char *reason)
{
	hf_http_reply reply = {.error = error, .reason = reason, .api_version = ""};

	hang_up(c);
	c->is_busy = false;
	end_request(c->http, c->request, &reply);
}

/* Connects to the very file that the caller holds, whatever stands at its path by now. */
static int connect_socket(hf_http *http)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof http->peer;
	hf_cleanup(hf_closep) int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d",
		       http->socket_fd);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	if (!http->has_peer)
		http->has_peer = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &http->peer, &size) == 0;
	int connected = fd;

	fd = -1;
	return connected;
}

/* 0: sent, or ended with an error; -EAGAIN: nobody accepts at the moment, the request waits. */
static int send_request(connection *c)
{
	hf_http *http = c->http;
	hf_buffer text = {0};
	int error = 0;

	if (c->fd < 0)
		c->fd = connect_socket(http);
	if (c->fd == -EAGAIN)
		return -EAGAIN;
	c->request = http->next++;
	c->is_busy = true;
	c->is_complete = false;
	c->error = 0;
	if (c->fd < 0) {
		error = -c->fd;
		c->fd = -1;
		fail(c, error, error == ECONNREFUSED ? "nobody listens on the socket" : NULL);
		return 0;
	}
	hf_buffer_printf(&text,
			 "GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: holdfast\r\n\r\n",
			 http->targets[c->request]);
	/* a request of some hundred bytes fits the buffer of an idle connection, or something is
	 * wrong */
	ssize_t n = text.failed ? 0 : send(c->fd, text.data, text.size, MSG_NOSIGNAL);

	if (n < 0)
		error = errno;
	else if (text.failed || (size_t)n != text.size)
		error = ENOBUFS;
	hf_buffer_free(&text);
	if (error) {
		fail(c, error, "the engine did not take the request");
		return 0;
	}
	http->ops.init(&c->parser, HTTP_RESPONSE);
	c->parser.data = c;
	return 0;
}

/* Gives every idle connection its next request; how many connections are busy. */
static size_t send_more(hf_http *http)
{
	size_t busy = 0;

	for (size_t i = 0; i < HF_HTTP_CONNECTIONS; i++) {
		connection *c = &http->connections[i];

		while (!c->is_busy && http->next < http->count) {
			if (send_request(c) == -EAGAIN)
				break;
		}
		busy += c->is_busy;
	}
	return busy;
}

static void complete(connection *c)
{
	hf_http_reply reply = {
		.status = c->parser.status_code,
		.body = c->body.size > 0 ? c->body.data : (char[]){""},
		.size = c->body.size,
		.api_version = c->api_version,
	};

	if (!c->http->ops.should_keep_alive(&c->parser))
		hang_up(c);
	c->is_busy = false;
	end_request(c->http, c->request, &reply);
	if (c->body.room > 1024 * 1024)
		hf_buffer_free(&c->body);
}

static void receive(connection *c)
{
	static char data[64 * 1024]; /* a collector is one thread */
	const parser_ops *ops = &c->http->ops;
	ssize_t n = read(c->fd, data, sizeof data);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		fail(c, errno, "the engine broke the connection");
		return;
	}
	/* a size of 0 tells the parser that the stream ended, which ends a body without a length */
	size_t used = ops->execute(&c->parser, &callbacks, data, (size_t)n);

	if (c->error == EMSGSIZE) {
		fail(c, EMSGSIZE, "the answer is larger than 16 MiB");
	} else if (c->error == ENOMEM) {
		fail(c, ENOMEM, NULL);
	} else if (c->error || HTTP_PARSER_ERRNO(&c->parser) != HPE_OK || c->parser.upgrade ||
		   used != (size_t)n) {
		const char *what = ops->errno_description(HTTP_PARSER_ERRNO(&c->parser));
		char reason[160];

		(void)snprintf(reason, sizeof reason,
			       n == 0 ? "the engine hung up before its answer was complete"
				      : "no valid HTTP: %s",
			       what);
		fail(c, n == 0 ? ECONNRESET : EPROTO, reason);
	} else if (c->is_complete) {
		complete(c);
	} else if (n == 0) {
		fail(c, ECONNRESET, "the engine hung up without an answer");
	}
}

void hf_http_start(hf_http *http, const char *const *targets, size_t count, hf_http_done *done,
		   void *data)
{
	http->targets = targets;
	http->count = count;
	http->next = 0;
	http->ended = 0;
	http->done = done;
	http->data = data;
	(void)send_more(http);
}

static void give_up(hf_http *http, int error, const char *reason)
{
	hf_http_reply reply = {.error = error, .reason = reason, .api_version = ""};

	for (size_t i = 0; i < HF_HTTP_CONNECTIONS; i++) {
		if (http->connections[i].is_busy)
			fail(&http->connections[i], error, reason);
	}
	while (http->next < http->count)
		end_request(http, http->next++, &reply);
}

void hf_http_wait(hf_http *http, uint64_t deadline_ms)
{
	uint64_t began = hf_now_ms();

	while (http->ended < http->count) {
		struct pollfd polls[HF_HTTP_CONNECTIONS];
		size_t busy = send_more(http);
		uint64_t now = hf_now_ms();

		if (http->ended == http->count)
			break;
		if (now >= deadline_ms) {
			give_up(http, ETIMEDOUT, "no complete answer in time");
			break;
		}
		if (busy == 0 && now - began >= HF_HTTP_CONNECT_MS) {
			give_up(http, ETIMEDOUT, "the engine accepts no connection");
			break;
		}
		for (size_t i = 0; i < HF_HTTP_CONNECTIONS; i++) {
			const connection *c = &http->connections[i];

			polls[i] = (struct pollfd){.fd = c->is_busy ? c->fd : -1, .events = POLLIN};
		}
		/* busy == 0: the queue of the listening socket is full, and no event tells when it
		 * is not */
		uint64_t left = busy == 0 ? 10 : deadline_ms - now;

		if (poll(polls, HF_HTTP_CONNECTIONS, left > INT32_MAX ? INT32_MAX : (int)left) <= 0)
			continue;
		for (size_t i = 0; i < HF_HTTP_CONNECTIONS; i++) {
			if (polls[i].revents)
				receive(&http->connections[i]);
		}
	}
}

int hf_http_peer(const hf_http *http, struct ucred *ret_peer)
{
	if (!http->has_peer)
		return -ENOTCONN;
	*ret_peer = http->peer;
	return 0;
}

#else /* without the headers of libhttp-parser nothing can be asked */

int hf_http_new(int socket_fd, hf_http **ret_http, hf_error *err)
{
	(void)socket_fd;
	*ret_http = NULL;
	return hf_error_set(err, -ELIBACC, "built without libhttp_parser");
}

void hf_http_free(hf_http *http)
{
	(void)http;
}

void hf_http_start(hf_http *http, const char *const *targets, size_t count, hf_http_done *done,
		   void *data)
{
	(void)http;
	(void)targets;
	(void)count;
	(void)done;
	(void)data;
}

void hf_http_wait(hf_http *http, uint64_t deadline_ms)
{
	(void)http;
	(void)deadline_ms;
}

int hf_http_peer(const hf_http *http, struct ucred *ret_peer)
{
	(void)http;
	*ret_peer = (struct ucred){.pid = 0};
	return -ENOTCONN;
}

#endif
