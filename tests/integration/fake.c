/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The misbehaving engine: one function per kind of answer, one row per mode. */
#include "fake.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *path; /* behind the version */
	const char *body;
} bodies[] = {
	{"/_ping", "OK"},
	{"/info", "{\"ServerVersion\":\"20.10.24\",\"DockerRootDir\":\"/srv/"
		  "docker\",\"HttpProxy\":\"http://u:hunter2@p:1\","
		  "\"Runtimes\":{\"odd\":{\"path\":\"/opt/odd\"}},\"InitBinary\":\"docker-init\"}"},
	{"/version", "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\"}"},
	{"/networks",
	 "[{\"Name\":\"host\"},"
	 "{\"Name\":\"bridge\",\"Options\":{\"com.docker.network.bridge.enable_icc\":\"true\"}}]"},
	{"/plugins", "[]"},
	{"/containers/json",
	 "[{\"Id\":\"" ID "\",\"Command\":\"sh -c hunter2\"},{\"Id\":\"../../etc\"}]"},
	{"/containers/" ID "/json",
	 "{\"Id\":\"" ID "\",\"Args\":[\"hunter2\"],\"Config\":{\"Env\":[\"A=hunter2\"]}}"},
	{"/events", "{\"Action\":\"reload\",\"time\":1}\n{\"Action\":\"reload\",\"time\":2}\n"},
};

static void say(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

		if (n <= 0)
			_exit(0);
		data += n;
		size -= (size_t)n;
	}
}

static void say_text(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

static void reply(int fd, const char *status, const char *head, const char *body)
{
	char text[4096];

	(void)snprintf(text, sizeof text,
		       "HTTP/1.1 %s\r\nApi-Version: 1.41\r\n%sContent-Length: %zu\r\n\r\n%s",
		       status, head, strlen(body), body);
	say_text(fd, text);
}

static void wait_for_ever(void)
{
	for (;;)
		(void)pause();
}

/* ---- answers ---- */

static void answer_ok(int fd, const char *body)
{
	reply(fd, "200 OK", "", body);
}

static void answer_chunked(int fd, const char *body)
{
	char text[4096];
	size_t half = strlen(body) / 2;

	(void)snprintf(text, sizeof text,
		       "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nTransfer-Encoding: chunked\r\n\r\n"
		       "%zx\r\n%.*s\r\n%zx\r\n%s\r\n0\r\n\r\n",
		       half, (int)half, body, strlen(body) - half, body + half);
	say_text(fd, text);
}

static void answer_and_close(int fd, const char *body)
{
	say_text(fd, "HTTP/1.0 200 OK\r\nApi-Version: 1.41\r\n\r\n");
	say_text(fd, body);
	_exit(0);
}

static void answer_continue(int fd, const char *body)
{
	say_text(fd, "HTTP/1.1 100 Continue\r\n\r\n");
	answer_ok(fd, body);
}

static void answer_never(int fd, const char *body)
{
	(void)fd;
	(void)body;
	wait_for_ever();
}

static void answer_half(int fd, const char *body)
{
	char text[4096];

	(void)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s",
		       strlen(body), (int)strlen(body) / 2, body);
	say_text(fd, text);
	wait_for_ever();
}

static void answer_cut(int fd, const char *body)
{
	char text[4096];

	(void)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s",
		       strlen(body), (int)strlen(body) / 2, body);
	say_text(fd, text);
	_exit(0);
}

static void answer_nothing(int fd, const char *body)
{
	(void)fd;
	(void)body;
	_exit(0);
}

static void answer_drip(int fd, const char *body)
{
	(void)body;
	for (const char *c = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"; *c; c++) {
		say(fd, c, 1);
		(void)usleep(200 * 1000);
	}
}

static void answer_garbage(int fd, const char *body)
{
	(void)body;
	say_text(fd, "\x16\x03\x01 this is no HTTP\r\n\r\n");
}

static void answer_500(int fd, const char *body)
{
	(void)body;
	reply(fd, "500 Internal Server Error", "",
	      "{\"message\":\"the disk at http://u:hunter2@h is gone\"}");
}

static void answer_403(int fd, const char *body)
{
	(void)body;
	reply(fd, "403 Forbidden", "", "{\"message\":\"denied by plugin az\"}");
}

static void answer_no_json(int fd, const char *body)
{
	(void)body;
	answer_ok(fd, "<html>hunter2</html>");
}

static void answer_twice(int fd, const char *body)
{
	char text[8192];

	(void)snprintf(text, sizeof text,
		       "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%sHTTP/1.1 200 "
		       "OK\r\nContent-Length: 2\r\n\r\n{}",
		       strlen(body), body);
	say_text(fd, text);
}

static void say_much(int fd, const char *head, const char *before_piece, const char *after_piece)
{
	enum { PIECE = 64 * 1024, TOTAL = 200 * 1024 * 1024 };
	static char piece[PIECE];

	memset(piece, ' ', sizeof piece);
	say_text(fd, head);
	for (size_t done = 0; done < TOTAL; done += sizeof piece) {
		say_text(fd, before_piece);
		say(fd, piece, sizeof piece);
		say_text(fd, after_piece);
	}
}

static void answer_huge(int fd, const char *body)
{
	(void)body;
	say_much(fd, "HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n", "", "");
}

static void answer_huge_chunked(int fd, const char *body)
{
	(void)body;
	say_much(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "10000\r\n", "\r\n");
}

static void answer_huge_head(int fd, const char *body)
{
	(void)body;
	say_much(fd, "HTTP/1.1 200 OK\r\n", "X: ", "\r\n");
}

static void answer_many_values(int fd, const char *body)
{
	enum { SIZE = 15 * 1024 * 1024 };
	char *text = malloc(SIZE);

	(void)body;
	if (!text)
		_exit(1);
	for (size_t i = 0; i < SIZE; i += 2)
		memcpy(text + i, i == 0 ? "[1" : ",1", 2);
	say_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 15728641\r\n\r\n");
	say(fd, text, SIZE);
	say_text(fd, "]");
	free(text);
}

/* ---- modes ---- */

static const struct mode {
	const char *name;
	void (*answer)(int fd, const char *body);
	bool ping_too; /* else the ping is answered well and only what follows is not */
} modes[] = {
	{"ok", answer_ok, true},
	{"chunked", answer_chunked, true},
	{"close", answer_and_close, true},
	{"continue", answer_continue, true},
	{"silent", answer_never, true},
	{"silent-later", answer_never, false},
	{"half", answer_half, false},
	{"cut", answer_cut, false},
	{"hang-up", answer_nothing, true},
	{"drip", answer_drip, false},
	{"garbage", answer_garbage, false},
	{"500", answer_500, false},
	{"403", answer_403, true},
	{"no-json", answer_no_json, false},
	{"twice", answer_twice, false},
	{"huge", answer_huge, false},
	{"huge-chunked", answer_huge_chunked, false},
	{"huge-head", answer_huge_head, false},
	{"many-values", answer_many_values, false},
};

const char *hf_fake_mode(size_t index)
{
	return index < sizeof modes / sizeof modes[0] ? modes[index].name : NULL;
}

/* The body for a request line "GET /v1.41/info HTTP/1.1". */
static const char *body_for(const char *request)
{
	const char *path = request + strlen("GET ");

	if (strncmp(path, "/v1.", 4) == 0)
		path += strcspn(path + 1, "/") + 1;
	size_t length = strcspn(path, " ?");

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		if (strlen(bodies[i].path) == length && memcmp(bodies[i].path, path, length) == 0)
			return bodies[i].body;
	}
	return NULL;
}

static void serve_connection(int fd, const struct mode *mode)
{
	char text[8192];
	size_t size = 0;

	for (;;) {
		ssize_t n = read(fd, text + size, sizeof text - 1 - size);

		if (n <= 0)
			_exit(0);
		size += (size_t)n;
		text[size] = '\0';
		char *end = strstr(text, "\r\n\r\n");

		if (!end)
			continue;
		const char *body = body_for(text);
		bool is_ping = strncmp(text, "GET /_ping ", 11) == 0;

		if (strncmp(text, "GET ", 4) != 0)
			reply(fd, "405 Method Not Allowed", "", "{\"message\":\"read only\"}");
		else if (!body)
			reply(fd, "404 Not Found", "", "{\"message\":\"page not found\"}");
		else if (is_ping && !mode->ping_too)
			answer_ok(fd, body);
		else
			mode->answer(fd, body);
		size = 0;
	}
}

int hf_fake_listen(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof address.sun_path)
		return -1;
	strcpy(address.sun_path, path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 8) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int hf_fake_serve(int listen_fd, const char *name)
{
	const struct mode *mode = NULL;

	for (size_t i = 0; i < sizeof modes / sizeof modes[0] && !mode; i++) {
		if (strcmp(modes[i].name, name) == 0)
			mode = &modes[i];
	}
	if (!mode)
		return -1;
	(void)signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
	for (;;) {
		int fd = accept(listen_fd, NULL, NULL);
		pid_t parent = getpid();

		if (fd < 0)
			return -1;
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() == parent)
				serve_connection(fd, mode);
			_exit(0);
		}
		(void)close(fd);
	}
}
