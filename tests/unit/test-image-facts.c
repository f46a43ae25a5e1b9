/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of what is told of images, and the list that is made of it. */
#include "facts/images.h"
#include "record.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static hf_arena *arena;

static hf_image parse(const char *text)
{
	hf_image image = {.fact = {.source = "test"}};

	assert_int_equal(hf_image_parse(arena, text, strlen(text), &image), 0);
	return image;
}

static int set_up(void **state)
{
	(void)state;
	return hf_arena_new(&arena);
}

static int tear_down(void **state)
{
	(void)state;
	hf_arena_free(arena);
	return 0;
}

static void test_parse(void **state)
{
	(void)state;
	hf_image image = parse("os linux\ncreated 2026-10-01\nuser app\\040x\nhealth NONE\noci\nport 80/tcp\nport 22/tcp\n"
			       "env PATH 4 -\nenv X 40 token\nlabel a\\012b 3 -\nargument secret,token,4,-\n"
			       "argument secret,?,9,pem\nlayer sha256:1\nlayer sha256:2\nbase-name debian:12\n"
			       "step 2026-09-30 layer ADD source,url unverified,http\nstep - - -\nuid 1234\n"
			       "release debian 12 - Debian\\04012\nend\n");

	assert_int_equal(image.fact.state, HF_PRESENT);
	assert_null(image.fact.why);
	assert_string_equal(image.user, "app x");
	assert_string_equal(image.health, "NONE");
	assert_true(image.is_oci);
	assert_int_equal(image.day, 20727); /* date -ud 2026-10-01 +%s, by 86400 */
	assert_int_equal(image.port_count, 2);
	assert_string_equal(image.ports[1], "22/tcp");
	assert_int_equal(image.variable_count, 2);
	assert_string_equal(image.variables[1].shape, "token");
	assert_string_equal(image.labels[0].name, "a\nb");
	assert_int_equal(image.argument_count, 2);
	assert_string_equal(image.arguments[1].what, "?");
	assert_int_equal(image.arguments[1].length, 9);
	assert_int_equal(image.layer_count, 2);
	assert_int_equal(image.step_count, 2);
	assert_string_equal(image.steps[0].instruction, "ADD");
	assert_true(image.steps[0].makes_layer);
	assert_int_equal(image.steps[0].mark_count, 2);
	assert_string_equal(image.steps[0].marks[1].kind, "unverified");
	assert_string_equal(image.steps[1].instruction, "");
	assert_int_equal(image.steps[1].day, INT64_MIN);
	assert_int_equal(image.uid_fact.state, HF_PRESENT);
	assert_int_equal(image.uid, 1234);
	assert_string_equal(image.release_name, "Debian 12");
}

static void test_uids(void **state)
{
	static const struct {
		const char *user;
		bool is_known;
		uint32_t uid;
	} users[] = {
		{"user -\nend\n", true, 0},	      {"user 0\nend\n", true, 0},
		{"user 00:7\nend\n", true, 0},	      {"user +0\nend\n", true, 0},
		{"user 1000:0\nend\n", true, 1000},   {"user app\nend\n", false, 0},
		{"user -1\nend\n", false, 0},	      {"user 4294967296\nend\n", false, 0},
		{"user :7\nend\n", true, 0},	      {"user 1e3\nend\n", false, 0},
		{"user 99999999999999999999999999999999999999999999999999\nend\n", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(users); i++) {
		hf_image image = parse(users[i].user);

		assert_int_equal(image.uid_fact.state, users[i].is_known ? HF_PRESENT : HF_UNREADABLE);
		assert_int_equal(image.uid, users[i].uid);
	}
}

static void test_malformed(void **state)
{
	static const char *const texts[] = {
		"",
		"os linux\n",
		"end\nos linux\n",
		"end\nend\n",
		"what is this\nend\n",
		"user\nend\n",
		"user a b\\09\nend\n",
		"env NAME\nend\n",
		"env NAME x -\nend\n",
		"env NAME 4\nend\n",
		"created 2026-13-01\nend\n",
		"step 2026-09-30 layer\nend\n",
		"step 2026-09-30 layer RUN mark\nend\n",
		"step 2026-09-30 layer RUN secret,x\nend\n",
		"step 2026-09-30 layer RUN secret,x,1\nend\n",
		"step 2026-09-30 layer RUN refresh,apt,3,-\nend\n",
		"argument secret,x,y,-\nend\n",
		"uid x\nend\n",
		"release debian\nend\n",
		"port \\000\nend\n",
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(texts); i++) {
		hf_image image = parse(texts[i]);

		if (image.fact.state != HF_UNREADABLE)
			fail_msg("taken: %s", texts[i]);
	}
	assert_non_null(parse("user 1\ncut history\nend\n").fact.why);
}

/* ---- the list ---- */

static const hf_images *list(hf_host *host, const char *lines, const char *a, const char *b, const char *repositories)
{
	hf_host_call(host, "images", lines);
	hf_host_call(host, "records", "images - /r\n");
	hf_host_file(host, "/r", repositories);
	hf_host_call(host, "image:/a", a);
	hf_host_call(host, "image:/b", b);
	return hf_facts_images(host->facts);
}

static void test_list(void **state)
{
	hf_host host = hf_host_new();
	const hf_images *images = list(&host,
				       "docker - /f\ndocker " B " /b\ndocker " A " /a\nparent " B " " A "\nuse " B " x\n"
				       "use " B " y\nuse - /c\n",
				       "os linux\nlayer sha256:1\nstep - layer ADD\nend\n",
				       "os linux\nlayer sha256:1\nlayer sha256:2\nstep - layer ADD\nstep - layer RUN\nend\n",
				       "{\"Repositories\":{\"x\":{\"x:2\":\"sha256:" B "\",\"x:1\":\"sha256:" B "\",\"x@sha256:0\":\"sha256:" B
				       "\"},\"y\":{\"y:1\":\"sha256:" C "\"}}}");

	(void)state;
	assert_int_equal(images->fact.state, HF_PRESENT);
	assert_int_equal(images->count, 2);
	assert_string_equal(images->all[0]->id, A);
	assert_true(images->all[0]->is_intermediate);
	assert_int_equal(images->all[0]->containers, 0);
	assert_int_equal(images->all[1]->tag_count, 2);
	assert_string_equal(images->all[1]->tags[0], "x:1");
	assert_int_equal(images->all[1]->digest_count, 1);
	assert_int_equal(images->all[1]->containers, 2);
	assert_int_equal(images->all[1]->use_fact.state, HF_PRESENT);
	/* what has no name is no base that anybody would know */
	assert_null(images->all[1]->base);
	assert_int_equal(images->all[1]->base_steps, 1);
	const hf_subjects *subjects = hf_facts_subjects(host.facts, HF_SUBJECT_IMAGE);

	assert_int_equal(subjects->count, 1);
	assert_string_equal(subjects->all[0].key, "image:" B);
	assert_string_equal(subjects->all[0].name, "x:1");
	hf_host_free(&host);
}

static void test_base(void **state)
{
	hf_host host = hf_host_new();
	const hf_images *images =
		list(&host, "docker - /f\ndocker " B " /b\ndocker " A " /a\nuse !EACCES /c\n",
		     "os linux\nlayer sha256:1\nlayer sha256:2\nstep - layer ADD\nstep - layer RUN\nstep - - CMD\nend\n",
		     "os linux\nlayer sha256:1\nlayer sha256:2\nlayer sha256:3\nstep - layer ADD\nstep - layer RUN\n"
		     "step - - CMD\nstep - layer COPY\nend\n",
		     "{\"Repositories\":{\"x\":{\"x:2\":\"sha256:" A "\"}}}");

	(void)state;
	assert_ptr_equal(images->all[1]->base, images->all[0]);
	assert_int_equal(images->all[1]->base_steps, 3);
	assert_null(images->all[0]->base);
	assert_int_equal(images->all[1]->use_fact.state, HF_UNREADABLE);
	hf_host_free(&host);
}

/* The same image in two stores is two subjects. */
static void test_twice(void **state)
{
	hf_host host = hf_host_new();
	const hf_images *images = list(&host, "docker - /f\ndocker " A " /a\nstorage - /g\nstorage " A " /b\n", "user 1\nend\n",
				       "user 2\nend\n", "{\"Repositories\":{}}");
	const hf_subjects *subjects = hf_facts_subjects(host.facts, HF_SUBJECT_IMAGE);

	(void)state;
	assert_int_equal(images->count, 2);
	assert_int_equal(subjects->count, 2);
	assert_string_not_equal(subjects->all[0].key, subjects->all[1].key);
	hf_host_free(&host);
}

static void test_unreadable(void **state)
{
	static const char *const lines[] = {
		"docker - /f\ncut !EFBIG -\n",
		"docker !EACCES /f\n",
		"nonsense\n",
		"docker " A "\n",
		"storage !EBADMSG /g\n",
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(lines); i++) {
		hf_host host = hf_host_new();

		assert_int_equal(list(&host, lines[i], "end\n", "end\n", "{}")->fact.state, HF_UNREADABLE);
		hf_host_free(&host);
	}
}

static void test_files(void **state)
{
	static const char text[] = "set-id - shown /b 104755 0 0\nsecret npm-token hidden /a\\012 100644 7 8\n"
				   "packages dpkg 12\nend 40\n";
	hf_image_files files = {.fact = {.source = "test"}};

	(void)state;
	assert_int_equal(hf_image_files_parse(arena, text, sizeof text - 1, &files), 0);
	assert_int_equal(files.fact.state, HF_PRESENT);
	assert_int_equal(files.count, 2);
	assert_string_equal(files.all[0].path, "/a\n");
	assert_true(files.all[0].is_hidden);
	assert_int_equal(files.all[0].uid, 7);
	assert_int_equal(files.all[1].mode, 0104755);
	assert_int_equal(files.packages, 12);
	for (size_t size = 0; size < sizeof text - 2; size++) {
		assert_int_equal(hf_image_files_parse(arena, text, size, &files), 0);
		if (size < sizeof text - 4)
			assert_int_equal(files.fact.state, HF_UNREADABLE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),  cmocka_unit_test(test_uids), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_list),   cmocka_unit_test(test_base), cmocka_unit_test(test_twice),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
