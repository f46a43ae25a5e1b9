/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's build options: the text, gzip, and which of the sources speaks. */
#include "facts/kernel-text.h"

#include <stdio.h>
#include <zlib.h>

#include "record.h"

static const char sample[] = "#\n"
			     "# Automatically generated file; DO NOT EDIT.\n"
			     "# Linux/x86 6.1.119 Kernel Configuration\n"
			     "#\n"
			     "CONFIG_SECCOMP=y\n"
			     "CONFIG_OVERLAY_FS=m\n"
			     "CONFIG_DEFAULT_MMAP_MIN_ADDR=65536\n"
			     "CONFIG_MODULE_SIG_HASH=\"sha256\"\n"
			     "# CONFIG_DEVMEM is not set\n"
			     "CONFIG_TWICE=y\n"
			     "# CONFIG_TWICE is not set\n"
			     "# CONFIG_AGAIN is not set\n"
			     "CONFIG_AGAIN=m\n"
			     "CONFIG_EMPTY=\"\"";

static hf_kconfig *parse(hf_arena *arena, const char *text, size_t size)
{
	hf_kconfig *config = NULL;

	assert_int_equal(hf_kconfig_parse(arena, text, size, &config, NULL), 0);
	return config;
}

static void test_text(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	bool named;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	const hf_kconfig *config = parse(arena, sample, sizeof sample - 1);

	assert_string_equal(config->header, "Linux/x86 6.1.119 Kernel Configuration");
	assert_int_equal(config->count, 6);
	assert_string_equal(hf_kconfig_value(config, "CONFIG_SECCOMP", NULL), "y");
	assert_string_equal(hf_kconfig_value(config, "CONFIG_OVERLAY_FS", &named), "m");
	assert_true(named);
	assert_string_equal(hf_kconfig_value(config, "CONFIG_DEFAULT_MMAP_MIN_ADDR", NULL),
			    "65536");
	assert_string_equal(hf_kconfig_value(config, "CONFIG_MODULE_SIG_HASH", NULL), "\"sha256\"");
	assert_string_equal(hf_kconfig_value(config, "CONFIG_EMPTY", NULL), "\"\"");
	assert_null(hf_kconfig_value(config, "CONFIG_DEVMEM", &named));
	assert_true(named);
	assert_null(hf_kconfig_value(config, "CONFIG_SECCOM", &named));
	assert_false(named);
	assert_null(hf_kconfig_value(config, "SECCOMP", &named));
	/* the last line wins */
	assert_null(hf_kconfig_value(config, "CONFIG_TWICE", &named));
	assert_true(named);
	assert_string_equal(hf_kconfig_value(config, "CONFIG_AGAIN", NULL), "m");
}

static void test_loose_text(void **state)
{
	static const char text[] = "CONFIG_A=y\r\n CONFIG_B=y\nCONFIG_C\nCONFIG_D-E=y\nCONFIG_F=\n"
				   "# CONFIG_G is not settled\nXCONFIG_H=y\nCONFIG_I=a b \n";
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	bool named;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	const hf_kconfig *config = parse(arena, text, sizeof text - 1);

	assert_null(config->header);
	assert_string_equal(hf_kconfig_value(config, "CONFIG_A", NULL), "y");
	assert_string_equal(hf_kconfig_value(config, "CONFIG_F", NULL), "");
	assert_string_equal(hf_kconfig_value(config, "CONFIG_I", NULL), "a b");
	assert_int_equal(config->count, 3);
	assert_null(hf_kconfig_value(config, "CONFIG_B", &named));
	assert_false(named);
}

static void test_no_config(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_kconfig *config = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_kconfig_parse(arena, "", 0, &config, NULL), -EBADMSG);
	assert_int_equal(hf_kconfig_parse(arena, "<html>\n", 7, &config, NULL), -EBADMSG);
	assert_int_equal(hf_kconfig_parse(arena, "CONFIG_A=y\0\n", 12, &config, NULL), -EBADMSG);
	assert_int_equal(hf_kconfig_parse(arena, "\x1f\x8b", 2, &config, NULL), -EBADMSG);
	assert_null(config);
}

/* gzip of @text; returns its size. */
static size_t deflate_text(const char *text, size_t size, unsigned char *out, size_t room)
{
	z_stream stream = {0};

	assert_int_equal(
		deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)text;
	stream.avail_in = (uInt)size;
	stream.next_out = out;
	stream.avail_out = (uInt)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	size_t used = room - stream.avail_out;

	assert_int_equal(deflateEnd(&stream), Z_OK);
	return used;
}

static void test_gzip(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	unsigned char packed[1024];
	size_t size = deflate_text(sample, sizeof sample - 1, packed, sizeof packed);
	hf_kconfig *config = NULL;
	hf_error err;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_string_equal(
		hf_kconfig_value(parse(arena, (const char *)packed, size), "CONFIG_SECCOMP", NULL),
		"y");
	/* cut, and damaged */
	assert_int_equal(hf_kconfig_parse(arena, (const char *)packed, size - 9, &config, &err),
			 -EBADMSG);
	assert_non_null(strstr(err.text, "damaged gzip"));
	packed[size - 5] ^= 1;
	assert_int_equal(hf_kconfig_parse(arena, (const char *)packed, size, &config, &err),
			 -EBADMSG);
	assert_null(config);
}

static void test_gzip_bomb(void **state)
{
	const size_t size = HF_KCONFIG_MAX_BYTES + 1;
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_freep) char *text = malloc(size);
	hf_cleanup(hf_freep) unsigned char *packed = malloc(64 * 1024);
	hf_kconfig *config = NULL;
	hf_error err;

	(void)state;
	assert_non_null(text);
	assert_non_null(packed);
	assert_int_equal(hf_arena_new(&arena), 0);
	memset(text, '#', size);
	size_t used = deflate_text(text, size, packed, 64 * 1024);

	assert_int_equal(hf_kconfig_parse(arena, (const char *)packed, used, &config, &err),
			 -EFBIG);
	assert_non_null(strstr(err.text, "inflates to more than"));
}

/* ---- sources ---- */

static void put_absent(hf_host *host, const char *path)
{
	hf_host_fails(host, HF_ASK_FILE, path, ENOENT);
}

static void put_nowhere(hf_host *host)
{
	hf_host_kernel(host, "6.1.0-28-amd64");
	put_absent(host, "/proc/config.gz");
	put_absent(host, "/boot/config-6.1.0-28-amd64");
	put_absent(host, "/usr/lib/modules/6.1.0-28-amd64/config");
	put_absent(host, "/lib/modules/6.1.0-28-amd64/config");
	put_absent(host, "/lib/modules/6.1.0-28-amd64/build/.config");
	hf_host_dir(host, "/proc", "cmdline filesystems modules");
	hf_host_dir(host, "/boot", "");
	hf_host_fails(host, HF_ASK_DIR, "/usr/lib/modules/6.1.0-28-amd64", ENOENT);
	hf_host_dir(host, "/usr/lib/modules", "");
	hf_host_fails(host, HF_ASK_DIR, "/lib/modules/6.1.0-28-amd64/build", ENOENT);
	hf_host_fails(host, HF_ASK_DIR, "/lib/modules/6.1.0-28-amd64", ENOENT);
	hf_host_dir(host, "/lib/modules", "");
}

static void test_order(void **state)
{
	hf_cleanup(hf_host_free) hf_host nowhere = hf_host_new();
	hf_cleanup(hf_host_free) hf_host boot = hf_host_new();
	hf_cleanup(hf_host_free) hf_host both = hf_host_new();
	hf_cleanup(hf_host_free) hf_host build = hf_host_new();

	(void)state;
	put_nowhere(&nowhere);
	assert_int_equal(hf_facts_kconfig(nowhere.facts)->fact.state, HF_ABSENT);

	put_nowhere(&boot);
	hf_host_file(&boot, "/boot/config-6.1.0-28-amd64", "CONFIG_A=y\n");
	const hf_kconfig *config = hf_facts_kconfig(boot.facts);

	assert_int_equal(config->fact.state, HF_PRESENT);
	assert_string_equal(config->fact.source, "/boot/config-6.1.0-28-amd64");

	put_nowhere(&both);
	hf_host_file(&both, "/boot/config-6.1.0-28-amd64", "CONFIG_A=y\n");
	hf_host_file(&both, "/proc/config.gz", "CONFIG_A=m\n");
	config = hf_facts_kconfig(both.facts);
	assert_string_equal(config->fact.source, "/proc/config.gz");
	assert_string_equal(hf_kconfig_value(config, "CONFIG_A", NULL), "m");

	put_nowhere(&build);
	hf_host_file(&build, "/lib/modules/6.1.0-28-amd64/build/.config", "CONFIG_A=n\n");
	assert_string_equal(hf_facts_kconfig(build.facts)->fact.source,
			    "/lib/modules/6.1.0-28-amd64/build/.config");
}

static void test_unreadable_sources(void **state)
{
	hf_cleanup(hf_host_free) hf_host denied = hf_host_new();
	hf_cleanup(hf_host_free) hf_host broken = hf_host_new();
	hf_cleanup(hf_host_free) hf_host nameless = hf_host_new();

	(void)state;
	put_nowhere(&denied);
	hf_host_fails(&denied, HF_ASK_FILE, "/boot/config-6.1.0-28-amd64", EACCES);
	const hf_kconfig *config = hf_facts_kconfig(denied.facts);

	assert_int_equal(config->fact.state, HF_UNREADABLE);
	assert_string_equal(config->fact.source, "/boot/config-6.1.0-28-amd64");
	assert_null(hf_kconfig_value(config, "CONFIG_A", NULL));

	/* the next one may still be good */
	put_nowhere(&broken);
	hf_host_file(&broken, "/proc/config.gz", "\x1f\x8b garbage");
	hf_host_file(&broken, "/boot/config-6.1.0-28-amd64", "CONFIG_A=y\n");
	assert_string_equal(hf_facts_kconfig(broken.facts)->fact.source,
			    "/boot/config-6.1.0-28-amd64");

	put_absent(&nameless, "/proc/config.gz");
	hf_host_dir(&nameless, "/proc", "cmdline filesystems");
	assert_int_equal(hf_facts_kconfig(nameless.facts)->fact.state, HF_UNREADABLE);
}

static void test_given_file(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();
	hf_cleanup(hf_host_free) hf_host broken = hf_host_new();

	(void)state;
	put_nowhere(&host);
	hf_host_file(&host, "/proc/config.gz", "CONFIG_A=m\n");
	hf_host_file(&host, "/kernel-config", "CONFIG_A=y\n");
	assert_string_equal(hf_facts_kconfig(host.facts)->fact.source, "/kernel-config");

	/* another file would answer a question that nobody asked */
	put_nowhere(&broken);
	hf_host_file(&broken, "/proc/config.gz", "CONFIG_A=m\n");
	hf_host_file(&broken, "/kernel-config", "nothing\n");
	const hf_kconfig *config = hf_facts_kconfig(broken.facts);

	assert_int_equal(config->fact.state, HF_UNREADABLE);
	assert_string_equal(config->fact.source, "/kernel-config");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_loose_text),
		cmocka_unit_test(test_no_config),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_gzip_bomb),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_unreadable_sources),
		cmocka_unit_test(test_given_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
