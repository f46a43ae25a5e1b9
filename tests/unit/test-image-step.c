/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of the commands of an image's history, and that nothing else of them is. */
#include "collect/images.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void check_bytes(const char *command, size_t size, const char *wanted)
{
	hf_buffer out = {0};

	hf_image_describe_step(command, size, &out);
	assert_false(out.failed);
	if (strcmp(out.data, wanted) != 0)
		print_error("%s\n became %s\n wanted %s\n", command, out.data, wanted);
	assert_string_equal(out.data, wanted);
	hf_buffer_free(&out);
}

static void check(const char *command, const char *wanted)
{
	check_bytes(command, strlen(command), wanted);
}

static void test_instructions(void **state)
{
	(void)state;
	check("/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD");
	check("/bin/sh -c #(nop) ADD file:0123 in / ", "ADD");
	check("/bin/sh -c #(nop) COPY dir:0123 in /app", "COPY");
	check("COPY . /app # buildkit", "COPY");
	check("ENV BIND_ADDRESS=0.0.0.0 ADD=1", "ENV");
	check("EXPOSE map[80/tcp:{}]", "EXPOSE");
	check("HEALTHCHECK &{[\"CMD-SHELL\" \"true\"] \"0s\" \"0s\" \"0s\" '\\x00'}", "HEALTHCHECK");
	check("RUN /bin/sh -c true # buildkit", "RUN");
	check("|1 A=b /bin/sh -c true", "RUN");
	check("/bin/bash -o pipefail -c true", "RUN");
	check("/bin/bash -exc true", "RUN");
	/* debuerreotype, bazel, nothing */
	check("# debian.sh --arch 'amd64' out/ 'bookworm' '@1700000000'", "-");
	check("bazel build ...", "-");
	check("", "-");
	check("   ", "-");
	check("ADDITION of things", "-");
}

static void test_packages(void **state)
{
	(void)state;
	check("RUN /bin/sh -c apt-get update # buildkit", "RUN refresh,apt-get");
	check("/bin/sh -c apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*",
	      "RUN refresh,apt-get install,apt-get");
	check("RUN /bin/sh -c set -eux; \tapt-get -qq -o Acquire::Retries=3 update; \tapt-get install -y x",
	      "RUN refresh,apt-get install,apt-get");
	check("RUN /bin/sh -c apk add --no-cache curl", "RUN install,apk");
	check("RUN /bin/sh -c apk -X http://x/edge update", "RUN refresh,apk");
	check("RUN /bin/sh -c yum -y update", "RUN refresh,yum");
	check("RUN /bin/sh -c dnf makecache\ndnf install -y x", "RUN refresh,dnf install,dnf");
	check("RUN /bin/sh -c zypper --non-interactive ref && zypper in -y x",
	      "RUN refresh,zypper install,zypper");
	check("RUN /bin/sh -c DEBIAN_FRONTEND=noninteractive sudo -E apt-get update", "RUN refresh,apt-get");
	check("RUN /bin/sh -c bash -c 'apt-get update'", "RUN refresh,apt-get");
	check("RUN /bin/sh -c if true; then apt-get update; fi", "RUN refresh,apt-get");
	check("RUN apt-get update # buildkit", "RUN refresh,apt-get");
	/* what docker-bench takes for it */
	check("RUN /bin/sh -c update-ca-certificates", "RUN");
	check("RUN /bin/sh -c echo apt-get update", "RUN");
	check("RUN /bin/sh -c pip install update", "RUN");
	check("RUN /bin/sh -c true # apt-get update", "RUN");
}

static void test_unverified(void **state)
{
	(void)state;
	check("RUN /bin/sh -c apt-get install --allow-unauthenticated x",
	      "RUN unverified,--allow-unauthenticated install,apt-get");
	check("RUN /bin/sh -c apt-get -o APT::Get::AllowUnauthenticated=true install x",
	      "RUN unverified,AllowUnauthenticated install,apt-get");
	check("RUN /bin/sh -c yum install --nogpgcheck x", "RUN unverified,--nogpgcheck install,yum");
	check("RUN /bin/sh -c pip install --trusted-host pypi.org x", "RUN unverified,--trusted-host");
	check("RUN /bin/sh -c curl -fsSLk https://x/y -o y", "RUN unverified,--insecure");
	check("RUN /bin/sh -c curl -o kk https://x/y", "RUN");
	check("RUN /bin/sh -c echo 'deb [trusted=yes] http://x/ y z' > /etc/apt/sources.list",
	      "RUN unverified,trusted=yes");
	check("RUN /bin/sh -c curl -sSL https://x/install.sh | sh", "RUN unverified,pipe");
	check("RUN /bin/sh -c curl -sSL https://x/install.sh | sudo -E bash -", "RUN unverified,pipe");
	check("RUN /bin/sh -c curl -sSL https://x/i.gz | gunzip | sh", "RUN unverified,pipe");
	check("RUN /bin/sh -c sh -c \"$(wget -qO- https://x/i.sh)\"", "RUN unverified,pipe");
	check("RUN /bin/sh -c bash <(curl -s https://x/i.sh)", "RUN unverified,pipe");
	check("RUN /bin/sh -c curl https://x/i.tgz | tar xz; sh setup", "RUN");
	check("RUN /bin/sh -c curl https://x/ || sh fallback", "RUN");
	check("RUN /bin/sh -c wget http://x/y", "RUN unverified,http");
	check("RUN /bin/sh -c wget http://127.0.0.1:3000/y", "RUN");
	check("RUN /bin/sh -c curl -x http://proxy:3128 https://x/y", "RUN");
	check("RUN /bin/sh -c wget http://x/y && echo '0  y' | sha256sum -c -", "RUN");
	check("ADD https://x/y.tar.gz /y # buildkit", "ADD source,url");
	check("ADD http://x/y /y # buildkit", "ADD source,url unverified,http");
	check("ADD --checksum=sha256:0 http://x/y /y # buildkit", "ADD source,url");
	check("ADD rootfs.tar.xz / # buildkit", "ADD source,archive");
	check("ADD git@github.com:x/y.git /y # buildkit", "ADD source,git");
}

static void test_secrets(void **state)
{
	(void)state;
	check("ENV DB_PASSWORD=hunter2", "ENV secret,DB_PASSWORD,7,-");
	check("|1 NPM_TOKEN=npm_abcdefghijklmnopqrstuvwxyz0123456789 /bin/sh -c npm ci",
	      "RUN secret,NPM_TOKEN,40,token");
	check("RUN /bin/sh -c mysql --password=hunter2 -e x", "RUN secret,password,7,-");
	check("RUN /bin/sh -c tool --password hunter2", "RUN secret,password,7,-");
	check("RUN /bin/sh -c npm config set //registry.npmjs.org/:_authToken=abc", "RUN secret,_authToken,3,-");
	check("RUN /bin/sh -c git clone https://user:secret@host/x", "RUN secret,?,26,url-password");
	check("RUN /bin/sh -c curl -H \"Authorization: Bearer abc\" https://x/",
	      "RUN secret,Authorization,11,-");
	check("RUN /bin/sh -c export SIGNING_PASS='a b'; true", "RUN secret,SIGNING_PASS,3,-");
	check("RUN /bin/sh -c echo '-----BEGIN RSA PRIVATE KEY-----' > k", "RUN secret,?,31,pem");
	check("CMD [\"run\" \"--token\" \"abc\"]", "CMD secret,token,4,-");
	/* none of them */
	check("RUN /bin/sh -c tool --password $PASSWORD --token=\"$TOKEN\"", "RUN");
	check("RUN /bin/sh -c curl -H \"Authorization: Bearer $TOKEN\" https://x/", "RUN");
	check("RUN /bin/sh -c git clone https://user:$TOKEN@host/x", "RUN");
	check("ENV POSTGRES_PASSWORD_FILE=/run/secrets/pg TOKEN_PATH=/x/y", "ENV");
	check("ENV PASSWORD=/run/secrets/pg ALLOW_EMPTY_PASSWORD=yes AWS_ACCESS_KEY_ID=AKIA", "ENV");
	check("RUN --mount=type=secret,id=npm npm ci # buildkit", "RUN");
	check("ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568", "ENV");
}

/* Whatever stands there: bounded, and only printable words come out. */
static void test_hostile(void **state)
{
	static const char nul[] = "RUN /bin/sh -c apt-get\0 update";
	hf_buffer text = {0}, out = {0};

	(void)state;
	check_bytes(nul, sizeof nul - 1, "RUN");
	check("RUN /bin/sh -c \x1b[31m=\"x\x1b\" PASSWORD=\x1b]0;x\x07", "RUN secret,PASSWORD,3,-");
	check("RUN /bin/sh -c $($($($(", "RUN");
	check("RUN /bin/sh -c 'unterminated", "RUN");
	check("RUN /bin/sh -c \"unterminated \\", "RUN");
	check("RUN /bin/sh -c sh -c 'sh -c \"sh -c sh\"'", "RUN");
	check("|", "-");
	check("|99999999999999999999", "RUN");
	for (int i = 0; i < 20000; i++)
		hf_buffer_puts(&text, "TOKEN=a ");
	hf_image_describe_step(text.data, text.size, &out);
	assert_true(out.size < 4096);
	assert_non_null(strstr(out.data, "cut,command"));
	assert_non_null(strstr(out.data, "cut,marks"));
	hf_buffer_free(&out);
	hf_buffer_free(&text);
}

static void test_arguments(void **state)
{
	hf_buffer out = {0};
	json_t *list = json_loads("[\"server\", \"--password\", \"hunter2\", \"--port=80\", 7, null]", 0, NULL);

	(void)state;
	hf_image_describe_arguments(list, &out);
	assert_string_equal(out.data, " secret,password,7,-");
	hf_buffer_free(&out);
	json_decref(list);
	hf_image_describe_arguments(NULL, &out);
	assert_int_equal(out.size, 0);
	hf_buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instructions), cmocka_unit_test(test_packages),
		cmocka_unit_test(test_unverified),   cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_hostile),	     cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
