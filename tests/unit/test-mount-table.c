/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mount tables: what hides what, which mount a path is on, where the same files are. */
#include "facts-fixture.h"

#include "facts/kernel-text.h"
#include "facts/mount-table.h"

typedef struct table {
	hf_arena *arena;
	hf_mounts mounts;
	hf_mount_table index;
} table;

static void build(table *t, const char *text)
{
	hf_error err;

	assert_int_equal(hf_arena_new(&t->arena), 0);
	assert_int_equal(hf_mountinfo_parse(t->arena, text, strlen(text), &t->mounts, &err), 0);
	assert_int_equal(hf_mount_table_new(t->arena, &t->mounts, &t->index), 0);
}

static ptrdiff_t at(const table *t, const char *path)
{
	return hf_mount_table_at(&t->index, path);
}

static void test_tags(void **state)
{
	table t = {0};

	(void)state;
	build(&t, "36 35 98:7 /m\\0401 /a\\134b ro,nosuid shared:3 master:2 propagate_from:1 - ext3 /dev/x rw\n");
	assert_int_equal(t.mounts.all[0].id, 36);
	assert_int_equal(t.mounts.all[0].parent, 35);
	assert_int_equal(t.mounts.all[0].shared, 3);
	assert_int_equal(t.mounts.all[0].master, 2);
	assert_string_equal(t.mounts.all[0].root, "/m 1");
	assert_string_equal(t.mounts.all[0].target, "/a\\b");
	hf_arena_free(t.arena);
}

static void test_deepest(void **state)
{
	table t = {0};

	(void)state;
	build(&t, "1 0 8:1 / / rw - ext4 d rw\n"
		  "2 1 0:5 / /run rw - tmpfs t rw\n"
		  "3 2 0:6 / /run/user rw - tmpfs t rw\n");
	assert_int_equal(at(&t, "/"), 0);
	assert_int_equal(at(&t, "/etc/x"), 0);
	assert_int_equal(at(&t, "/run"), 1);
	assert_int_equal(at(&t, "/running"), 0);
	assert_int_equal(at(&t, "/run/user/1000"), 2);
	hf_arena_free(t.arena);
}

static void test_covered(void **state)
{
	table t = {0};

	(void)state;
	/* one on another, one over the folder above, and one on that */
	build(&t, "1 0 8:1 / / rw - ext4 d rw\n"
		  "2 1 0:5 / /a rw - tmpfs t rw\n"
		  "3 2 0:6 / /a rw - tmpfs t rw\n"
		  "4 1 0:7 / /b/c rw - tmpfs t rw\n"
		  "5 4 0:8 / /b/c/d rw - tmpfs t rw\n"
		  "6 1 0:9 / /b rw - tmpfs t rw\n"
		  "7 6 0:10 / /b/c rw - tmpfs t rw\n");
	static const bool covered[] = {false, true, false, true, true, false, false};

	for (size_t i = 0; i < HF_ARRAY_SIZE(covered); i++)
		assert_int_equal(t.index.is_covered[i], covered[i]);
	assert_int_equal(at(&t, "/a/x"), 2);
	assert_int_equal(at(&t, "/b/c/d"), 6);
	assert_int_equal(at(&t, "/b/x"), 5);
	hf_arena_free(t.arena);
}

/* The order of lines says nothing about that of mounting. */
static void test_order(void **state)
{
	table t = {0};

	(void)state;
	build(&t, "3 2 0:6 / /a rw - tmpfs t rw\n"
		  "2 1 0:5 / /a rw - tmpfs t rw\n"
		  "1 0 8:1 / / rw - ext4 d rw\n");
	assert_false(t.index.is_covered[0]);
	assert_true(t.index.is_covered[1]);
	assert_int_equal(at(&t, "/a"), 0);
	hf_arena_free(t.arena);
}

static void test_root_covered(void **state)
{
	table t = {0};

	(void)state;
	build(&t, "1 0 0:1 / / rw - rootfs r rw\n"
		  "2 1 8:1 / / rw - ext4 d rw\n"
		  "3 1 0:5 / /old rw - tmpfs t rw\n"
		  "4 2 0:6 / /new rw - tmpfs t rw\n");
	assert_true(t.index.is_covered[0]);
	assert_false(t.index.is_covered[1]);
	assert_true(t.index.is_covered[2]);
	assert_false(t.index.is_covered[3]);
	hf_arena_free(t.arena);
}

/* No kernel writes such a table; a capture can hold it. */
static void test_ring(void **state)
{
	table t = {0};

	(void)state;
	build(&t, "1 2 8:1 / /a rw - ext4 d rw\n"
		  "2 1 8:2 / /a rw - ext4 d rw\n"
		  "3 3 8:3 / / rw - ext4 d rw\n"
		  "3 3 8:3 / / rw - ext4 d rw\n");
	assert_true(at(&t, "/a") >= HF_NO_MOUNT);
	hf_arena_free(t.arena);
}

static void test_find(void **state)
{
	table t = {0};
	const char *rest;

	(void)state;
	build(&t, "1 0 8:1 / / rw - ext4 d rw\n"
		  "2 1 8:1 /srv/data /data rw - ext4 d rw\n"
		  "3 1 8:1 /x-y /m rw - ext4 d rw\n"
		  "4 1 0:9 /@/home /home rw - btrfs d rw\n");
	assert_int_equal(hf_mount_table_find(&t.index, 8, 1, "/srv/data/a", &rest), 1);
	assert_string_equal(rest, "/a");
	assert_int_equal(hf_mount_table_find(&t.index, 8, 1, "/srv/database", &rest), 0);
	assert_string_equal(rest, "/srv/database");
	assert_int_equal(hf_mount_table_find(&t.index, 8, 1, "/x/y", &rest), 0);
	assert_int_equal(hf_mount_table_find(&t.index, 8, 1, "/", &rest), 0);
	assert_string_equal(rest, "");
	assert_int_equal(hf_mount_table_find(&t.index, 0, 9, "/@/home/u", &rest), 3);
	assert_int_equal(hf_mount_table_find(&t.index, 0, 9, "/@/etc", &rest), HF_NO_MOUNT);
	assert_int_equal(hf_mount_table_find(&t.index, 7, 1, "/", &rest), HF_NO_MOUNT);
	hf_arena_free(t.arena);
}

/* A container with the right to mount can make as many as the kernel lets it. */
static void test_many(void **state)
{
	enum { COUNT = 20000, SECONDS = 10 };
	table t = {0};
	hf_buffer text = {0};

	(void)state;
	hf_buffer_puts(&text, "1 0 8:1 / / rw - ext4 d rw\n");
	for (unsigned i = 2; i < COUNT; i++) /* half of them one on another, half side by side */
		hf_buffer_printf(&text, "%u %u 0:%u / /a%u rw - tmpfs t rw\n", i, i % 2 ? 1 : i == 2 ? 1 : i - 2, i,
				 i % 2 ? i : 0);
	uint64_t start = hf_now_ms();

	build(&t, text.data);
	assert_int_equal(t.index.is_covered[1], true);
	assert_int_equal(at(&t, "/a0"), COUNT - 3);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(at(&t, "/a7/b") >= 0);
	assert_true(hf_now_ms() - start < SECONDS * 1000);
	hf_buffer_free(&text);
	hf_arena_free(t.arena);
}

static void test_socket_lines(void **state)
{
	static const char good[] = "/a\\040b /run/a\\040b 140660 1 2 0:25 77 88\n@/x\n/gone !ENOENT\n";
	static const char *const bad[] = {
		"/a\n",
		"/a /b\n",
		"/a /b 140660 0 0 0:25 1\n",
		"/a /b 140660 0 0 0:25 1 2 3\n",
		"/a b 140660 0 0 0:25 1 2\n",
		"/a !NOSUCH\n",
		"/a !ENOENT x\n",
		"@/x y\n",
		"/a\\04 !ENOENT\n",
		"/a\\000 !ENOENT\n",
		"\n",
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_socket_line *lines = NULL;
	size_t count = 99;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		assert_int_equal(hf_socket_lines_parse(arena, bad[i], strlen(bad[i]), &lines, &count),
				 -EBADMSG);
		assert_int_equal(count, 99);
	}
	assert_int_equal(hf_socket_lines_parse(arena, good, strlen(good), &lines, &count), 0);
	assert_int_equal(count, 3);
	assert_string_equal(lines[0].name, "/a b");
	assert_string_equal(lines[0].path, "/run/a b");
	assert_int_equal(lines[0].mode, 0140660);
	assert_int_equal(lines[0].inode, 77);
	assert_int_equal(lines[0].number, 88);
	assert_null(lines[1].path);
	assert_int_equal(lines[2].error, ENOENT);
}

static void test_special_files(void **state)
{
	static const char good[] = "/bin/su 104755 0 0 0:0 -\n/a\\040b 100755 1 2 0:0 0000000000002000:100000\n"
				   "/x/sda 60660 0 6 8:0 -\nend 12\n";
	static const char *const bad[] = {
		"",
		"/bin/su 104755 0 0 0:0 -\n",
		"/bin/su 104755 0 0 0:0 -\nend 1",
		"end 1\n/bin/su 104755 0 0 0:0 -\n",
		"bin/su 104755 0 0 0:0 -\nend 1\n",
		"/bin/su 104755 0 0 0:0\nend 1\n",
		"/bin/su 104755 0 0 0:0 2000:0\nend 1\n",
		"/bin/su 104755 0 0 0:0 - -\nend 1\n",
	};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_special_files files = {.count = 99};
	const char *cut = "sentinel";

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		assert_int_equal(hf_special_files_parse(arena, bad[i], strlen(bad[i]), &files, &cut),
				 -EBADMSG);
		assert_int_equal(files.count, 99);
		assert_string_equal(cut, "sentinel");
	}
	assert_int_equal(hf_special_files_parse(arena, good, strlen(good), &files, &cut), 0);
	assert_int_equal(files.count, 3);
	assert_null(cut);
	assert_string_equal(files.all[1].path, "/a b");
	assert_true(files.all[1].has_caps);
	assert_int_equal(files.all[1].cap_permitted, 0x2000);
	assert_int_equal(files.all[1].cap_root_uid, 100000);
	assert_int_equal(files.all[2].rdev_major, 8);
	assert_int_equal(hf_special_files_parse(arena, "cut no time\n", 12, &files, &cut), 0);
	assert_int_equal(files.count, 0);
	assert_string_equal(cut, "no time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags),	cmocka_unit_test(test_deepest),
		cmocka_unit_test(test_covered), cmocka_unit_test(test_order),
		cmocka_unit_test(test_root_covered), cmocka_unit_test(test_ring),
		cmocka_unit_test(test_find),	cmocka_unit_test(test_many),
		cmocka_unit_test(test_socket_lines), cmocka_unit_test(test_special_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
