/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is taken out of texts and of engines' answers before they are recorded, and what must stay.
 */
#include "collect/collect.h"
#include "collect/project.h"
#include "collect/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void check_bytes(const char *text, size_t size, const char *wanted, size_t wanted_size)
{
	char *got = NULL;
	size_t got_size = 0;

	assert_int_equal(hf_redact(text, size, &got, &got_size), 0);
	if (!got) {
		assert_int_equal(size, wanted_size);
		assert_memory_equal(text, wanted, size);
		return;
	}
	if (got_size != wanted_size || memcmp(got, wanted, wanted_size) != 0)
		print_error("%s\n became %s\n wanted %s\n", text, got, wanted);
	assert_int_equal(got_size, wanted_size);
	assert_memory_equal(got, wanted, wanted_size);
	/* once more changes nothing */
	char *again = NULL;
	size_t again_size;

	assert_int_equal(hf_redact(got, got_size, &again, &again_size), 0);
	assert_null(again);
	free(got);
}

static void check(const char *text, const char *wanted)
{
	check_bytes(text, strlen(text), wanted, strlen(wanted));
}

static void same(const char *text)
{
	check(text, text);
}

#define CHECK_WORDS(text, wanted) check_bytes(text, sizeof(text) - 1, wanted, sizeof(wanted) - 1)

static void test_names(void **state)
{
	static const char *const secret[] = {
		"token",
		"splunk-token",
		"MYSQL_PWD",
		"registryPassword",
		"PGPASSWORD",
		"client_secret",
		"--password",
		"auth",
		"identitytoken",
		"AWS_SECRET_ACCESS_KEY",
		"api-key",
		"secretAccessKey",
		"awslogs-credentials-endpoint",
		"Passphrase",
	};
	static const char *const open[] = {
		"",
		"secretmem.enable",
		"CONFIG_SECRETMEM",
		"tokenizer",
		"token-file",
		"PWD",
		"tlskey",
		"key",
		"log-driver",
		"hosts",
		"authorization-plugins",
		"keyring",
		"password_file",
		"net.sctp.auth_enable",
		"credential-helper",
		"SecretName",
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(secret); i++) {
		if (!hf_is_secret_name(secret[i], strlen(secret[i])))
			fail_msg("%s is a secret", secret[i]);
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(open); i++) {
		if (hf_is_secret_name(open[i], strlen(open[i])))
			fail_msg("%s is no secret", open[i]);
	}
}

static void test_urls(void **state)
{
	(void)state;
	check("http://user:pass@proxy:3128/", "http://[redacted]@proxy:3128/");
	check("HTTP_PROXY=http://u:p/a@ss@proxy:3128 X=1",
	      "HTTP_PROXY=http://[redacted]@proxy:3128 X=1");
	check("[\"https://t0ken@mirror/\"]", "[\"https://[redacted]@mirror/\"]");
	check("a https://u:p@h/x b https://v:q@i",
	      "a https://[redacted]@h/x b https://[redacted]@i");
	same("https://mirror:5000/path@sha256");
	same("unix:///run/docker.sock");
	same("tcp://[::1]:2376");
	same("http://");
}

static void test_json(void **state)
{
	(void)state;
	check("{\"log-opts\": {\"splunk-token\": \"ab\\\"c\", \"max-size\": \"1m\"}}",
	      "{\"log-opts\": {\"splunk-token\": \"[redacted]\", \"max-size\": \"1m\"}}");
	check("{\"token\":\n\t\"abc\"}", "{\"token\":\n\t\"[redacted]\"}");
	check("{\"password\": 1234, \"icc\": false}",
	      "{\"password\": \"[redacted]\", \"icc\": false}");
	check("{\"tokens\": [\"a\", \"b\"], \"c\": [\"d\"]}",
	      "{\"tokens\": [\"[redacted]\", \"[redacted]\"], \"c\": [\"d\"]}");
	check("{\"token\": \"cut", "{\"token\": \"[redacted]");
	same("{\"insecure-registries\": [\"secrets.corp:5000\", \"token:80\"]}");
	same("{\"token\": null, \"secret\": {\"a\": true}, \"password\": false, \"tlskey\": "
	     "\"/k.pem\"}");
	same("{\"token\":");
}

static void test_lines(void **state)
{
	(void)state;
	check("A_TOKEN=abc def\nB=1\n", "A_TOKEN=[redacted]\nB=1\n");
	check("ExecStart=/usr/bin/dockerd --log-opt splunk-token=abc --icc=true\n",
	      "ExecStart=/usr/bin/dockerd --log-opt splunk-token=[redacted] --icc=true\n");
	check("Environment=\"DB_PASSWORD=a b\" \"C=d\"\n",
	      "Environment=\"DB_PASSWORD=[redacted]\" \"C=d\"\n");
	check("Environment=A_SECRET=x B=y\n", "Environment=A_SECRET=[redacted] B=y\n");
	check("o: addr=1.2.3.4,username=u,password=p,ro",
	      "o: addr=1.2.3.4,username=u,password=[redacted]");
	check("x --password hunter2 --icc=false", "x --password [redacted] --icc=false");
	check("password: hunter2", "password: [redacted]");
	same("x --password --icc=false");
	same("secretmem.enable=1 root=/dev/sda quiet");
	same("password");
	same("password=");
	same("");
}

static void test_arguments(void **state)
{
	(void)state;
	CHECK_WORDS("dockerd\0--log-opt\0splunk-token=a b\0--icc=true\0",
		    "dockerd\0--log-opt\0splunk-token=[redacted]\0--icc=true\0");
	CHECK_WORDS("x\0--token\0abc\0y\0", "x\0--token\0[redacted]\0y\0");
	CHECK_WORDS("x\0--token\0--icc\0", "x\0--token\0--icc\0");
	CHECK_WORDS("x\0--token\0", "x\0--token\0");
	CHECK_WORDS("x\0--token", "x\0--token");
}

/* ---- the engine's answers ---- */

static void project(const char *body, bool is_stream, const char *wanted)
{
	char *copy = strdup(body);
	json_t *json = NULL;
	hf_error err;

	assert_non_null(copy);
	assert_int_equal(hf_project(copy, strlen(copy), is_stream, &json, &err), 0);
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
	json_decref(json);
	free(copy);
}

static void test_projection(void **state)
{
	(void)state;
	project("{\"Config\":{\"Env\":[\"A=b\",\"C\",\"D=e=f\"],\"Cmd\":[\"sh\",\"-c\"],\"User\":"
		"\"0\"}}",
		false,
		"{\"Config\":{\"Env\":[\"A\",\"C\",\"D\"],\"Cmd\":[\"[redacted]\",\"[redacted]\"],"
		"\"User\":\"0\"}}");
	project("{\"Labels\":{\"a\":\"b\",\"c\":\"\"}}", false,
		"{\"Labels\":{\"a\":\"[redacted]\",\"c\":\"\"}}");
	project("{\"Labels\":[\"a=b\"],\"Env\":[{\"Name\":\"X\",\"Value\":\"y\"}]}", false,
		"{\"Labels\":[\"a\"],\"Env\":[{\"Name\":\"X\",\"Value\":\"[redacted]\"}]}");
	project("{\"Command\":\"sleep "
		"1\",\"Path\":\"/bin/sleep\",\"Args\":null,\"Entrypoint\":\"x\"}",
		false,
		"{\"Command\":\"[redacted]\",\"Path\":\"/bin/"
		"sleep\",\"Args\":null,\"Entrypoint\":\"[redacted]\"}");
	project("{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"x\"]},\"Log\":[{\"Output\":\"o\","
		"\"ExitCode\":1}]}",
		false,
		"{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"[redacted]\"]},\"Log\":[{\"Output\":"
		"\"[redacted]\",\"ExitCode\":1}]}");
	project("{\"Config\":{\"splunk-token\":\"x\",\"max-size\":\"1m\"},\"HttpProxy\":\"http://"
		"u:p@h\"}",
		false,
		"{\"Config\":{\"splunk-token\":\"[redacted]\",\"max-size\":\"1m\"},\"HttpProxy\":"
		"\"http://[redacted]@h\"}");
	project("{\"Options\":{\"o\":\"username=u,password=p\"},\"Plugins\":{\"Authorization\":["
		"\"az\"]}}",
		false,
		"{\"Options\":{\"o\":\"username=u,password=[redacted]\"},\"Plugins\":{"
		"\"Authorization\":[\"az\"]}}");
}

static void test_projection_nul(void **state)
{
	(void)state;
	project("{\"Labels\":{\"a\\u0000b\":\"\"},\"Name\":\"\\\\u0000\"}", false,
		"{\"Labels\":{\"a\xef\xbf\xbd"
		"b\":\"\"},\"Name\":\"\\\\u0000\"}");
}

static void test_projection_stream(void **state)
{
	(void)state;
	project("", true, "[]");
	project("{\"Action\":\"reload\",\"Actor\":{\"Attributes\":{\"labels\":\"x\"}}}\n{\"time\":"
		"1}\n",
		true,
		"[{\"Action\":\"reload\",\"Actor\":{\"Attributes\":{\"labels\":\"[redacted]\"}}},{"
		"\"time\":1}]");
}

static void reject(const char *body, size_t size, int wanted)
{
	hf_cleanup(hf_freep) char *copy = malloc(size + 1);
	json_t *json = NULL;
	hf_error err;

	assert_non_null(copy);
	memcpy(copy, body, size);
	copy[size] = '\0';
	assert_int_equal(hf_project(copy, size, false, &json, &err), wanted);
	assert_null(json);
	assert_true(strlen(err.text) > 0);
}

static void test_projection_bad(void **state)
{
	enum { SIZE = 1024 * 1024 };
	hf_cleanup(hf_freep) char *many = malloc(SIZE);

	(void)state;
	assert_non_null(many);
	memset(many, '[', SIZE);
	reject("", 0, -EBADMSG);
	reject("{", 1, -EBADMSG);
	reject("{\"a\":1,\"a\":2}", 13, -EBADMSG);
	reject("{} x", 4, -EBADMSG);
	reject("\xff\xfe", 2, -EBADMSG);
	reject(many, 100000, -EBADMSG); /* deeper than the parser goes */
	reject(many, SIZE, -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	       cmocka_unit_test(test_urls),
		cmocka_unit_test(test_json),	       cmocka_unit_test(test_lines),
		cmocka_unit_test(test_arguments),      cmocka_unit_test(test_projection),
		cmocka_unit_test(test_projection_nul), cmocka_unit_test(test_projection_stream),
		cmocka_unit_test(test_projection_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
