/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates, and what is told of a swarm's key and services. */
#include "collect/swarm.h"
#include "facts/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- certificates ---- */

/* As swarmkit made it, 2026-11-22 11:20 to 2046-11-17 11:20. */
static const char root_ca[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBajCCARCgAwIBAgIUEQEq0vNQyeEK7hVGey7lLTvyxqYwCgYIKoZIzj0EAwIw\n"
	"EzERMA8GA1UEAxMIc3dhcm0tY2EwHhcNMjYxMTIyMTIyMDAwWhcNNDYxMTE3MTIy\n"
	"MDAwWjATMREwDwYDVQQDEwhzd2FybS1jYTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
	"A0IABEIBKyH+Z3cwuCBhimAaxbearNox3+iPOmveHU4qCtI11heIv17rXLoOB57H\n"
	"vLbDcjIKWJEga7iyji2LFS3c9gejQjBAMA4GA1UdDwEB/wQEAwIBBjAPBgNVHRMB\n"
	"Af8EBTADAQH/MB0GA1UdDgQWBBSQeISrEMtEsDkmdaAn7ORYA01G1DAKBggqhkjO\n"
	"PQQDAgNIADBFAiBX2Tg3SZvP40mC4B9Uka03bK0vKKJA9nm6G0wZ291M1QIhAPeq\n"
	"WAke+dE/Y2nTFTCWjjDEPUa1nNJsPRvW1ETlZtZx\n"
	"-----END CERTIFICATE-----\n";

static int parse(const char *text, size_t size, const hf_certificate **ret_all, size_t *ret_count)
{
	static hf_arena *arena;
	hf_error err = {0};

	hf_arena_free(arena);
	arena = NULL;
	if (!text)
		return 0;
	assert_int_equal(hf_arena_new(&arena), 0);
	int r = hf_certificates_parse(arena, text, size, ret_all, ret_count, &err);

	assert_true(r == 0 || *err.text);
	return r;
}

static void test_certificates(void **state)
{
	const hf_certificate *all;
	size_t count = 77;
	char twice[2 * sizeof root_ca + 32];

	(void)state;
	assert_int_equal(parse(root_ca, strlen(root_ca), &all, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(all[0].not_before, 1795350000); /* date -ud 2026-11-22T12:20:00Z +%s */
	assert_int_equal(all[0].not_after, 2426070000);
	(void)snprintf(twice, sizeof twice, "a comment\n%s\n%s", root_ca, root_ca);
	assert_int_equal(parse(twice, strlen(twice), &all, &count), 0);
	assert_int_equal(count, 2);
	(void)parse(NULL, 0, NULL, NULL);
}

/* Wherever it ends, and whatever bit is wrong: no reading past its end, and no half a list. */
static void test_damaged(void **state)
{
	const hf_certificate *all = NULL;
	size_t count = 77;

	(void)state;
	for (size_t size = 0; size < strlen(root_ca) - 2; size++)
		assert_int_equal(parse(root_ca, size, &all, &count), -EBADMSG);
	assert_null(all);
	assert_int_equal(count, 77);
	for (size_t i = 0; i < strlen(root_ca); i++) {
		hf_cleanup(hf_freep) char *copy = strdup(root_ca);

		assert_non_null(copy);
		copy[i] ^= 1;
		(void)parse(copy, strlen(copy), &all, &count);
	}
	assert_int_equal(parse("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", 58, &all, &count),
			 -EBADMSG);
	(void)parse(NULL, 0, NULL, NULL);
}

/* ---- keys ---- */

static void check_key(const char *text, const char *wanted)
{
	hf_buffer out = {0};

	hf_swarm_project_key(text, strlen(text), &out);
	assert_string_equal(out.data ? out.data : "", wanted);
	hf_buffer_free(&out);
}

static void test_keys(void **state)
{
	(void)state;
	check_key("-----BEGIN PRIVATE KEY-----\nkek-version: 0\nraft-dek: hunter2\n\nhunter2\n-----END PRIVATE KEY-----\n",
		  "type PRIVATE\\040KEY\nkek-version 0\nencrypted no\n");
	check_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\nkek-version: 12\nraft-dek: hunter2\n\nhunter2\n",
		  "type ENCRYPTED\\040PRIVATE\\040KEY\nkek-version 12\nencrypted yes\n");
	/* before 18.09 */
	check_key("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,hunter2\n"
		  "kek-version: 9\n\nhunter2\n",
		  "type EC\\040PRIVATE\\040KEY\nkek-version 9\nencrypted yes\n");
	check_key("hunter2\n", "");
	check_key("", "");
	/* what is behind the headers is none */
	check_key("-----BEGIN PRIVATE KEY-----\nhunter2\nkek-version: 3\n", "type PRIVATE\\040KEY\nencrypted no\n");
}

/* ---- services ---- */

static const char services[] =
	"[{\"Spec\":{\"Name\":\"web\",\"TaskTemplate\":{\"ContainerSpec\":{\"Env\":[\"PASSWORD=hunter2\",\"A\"],"
	"\"Args\":[\"--token\",\"hunter2\"],\"Secrets\":[{},{}],"
	"\"Configs\":[{\"ConfigID\":\"c1\",\"ConfigName\":\"site conf\"},{\"ConfigID\":\"c9\",\"ConfigName\":\"x\"}]}}}},"
	"{\"Spec\":{\"Name\":\"\\u001b[31m\\n\"}},7]";
/* base64 of "password = hunter2\n" */
static const char configs[] = "[{\"ID\":\"c1\",\"Spec\":{\"Data\":\"cGFzc3dvcmQgPSBodW50ZXIyCg==\"}},{\"ID\":\"c2\",\"Spec\":{\"Data\":7}}]";

static void test_services(void **state)
{
	hf_buffer out = {0};

	(void)state;
	assert_true(hf_swarm_needs_configs(services, strlen(services)));
	assert_false(hf_swarm_needs_configs("[{}]", 4));
	assert_false(hf_swarm_needs_configs("{", 1));
	assert_int_equal(hf_swarm_project_services(services, strlen(services), configs, strlen(configs), &out, NULL),
			 0);
	assert_string_equal(out.data, "service web 2\nenv PASSWORD 7 -\nargument secret,token,7,-\n"
				      "config site\\040conf 19 password\nconfig x 0 ?\n"
				      "service \\033[31m\\012 0\nservice - 0\nend\n");
	hf_buffer_free(&out);
	assert_int_equal(hf_swarm_project_services("{}", 2, NULL, 0, &out, NULL), -EBADMSG);
	assert_int_equal(hf_swarm_project_services("[", 1, NULL, 0, &out, NULL), -EBADMSG);
	hf_buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
