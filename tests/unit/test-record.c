/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record, the streams that fill it, and capture files. */
#include "collect/collect.h"
#include "record/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const only_proc[] = {"/proc/", NULL};

static hf_answer text_answer(hf_ask_kind kind, const char *name, const char *text)
{
	return (hf_answer){.kind = kind, .name = name, .data = text, .size = strlen(text)};
}

static void frame(hf_buffer *out, hf_frame_type type, hf_ask_kind kind, const char *name,
		  const char *data, size_t size)
{
	hf_frame_head head = {
		.magic = HF_FRAME_MAGIC,
		.type = (uint16_t)type,
		.kind = (uint16_t)kind,
		.name_size = (uint32_t)strlen(name),
		.data_size = (uint32_t)size,
	};

	hf_buffer_add(out, &head, sizeof head);
	hf_buffer_puts(out, name);
	hf_buffer_add(out, data, size);
}

typedef struct fixture {
	hf_record *record;
	hf_stream *stream;
	hf_buffer frames;
	int index;
} fixture;

static int setup(void **state)
{
	fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	assert_int_equal(hf_record_new(&f->record), 0);
	f->index = hf_record_add_collector(f->record, "process",
					   1U << HF_ASK_FILE | 1U << HF_ASK_LINK, only_proc);
	assert_int_equal(f->index, 0);
	assert_int_equal(hf_stream_new(f->record, f->index, 100000, &f->stream), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;

	hf_stream_free(f->stream);
	hf_record_free(f->record);
	hf_buffer_free(&f->frames);
	free(f);
	return 0;
}

static hf_collector_state state_of(const fixture *f)
{
	const hf_record_collector *collectors;

	assert_int_equal(hf_record_collectors(f->record, &collectors), 1);
	return collectors[0].state;
}

static void test_put_get_remove(void **state)
{
	fixture *f = *state;
	const hf_answer first = text_answer(HF_ASK_FILE, "/a", "one"),
			second = text_answer(HF_ASK_FILE, "/a", "two");

	assert_int_equal(hf_record_put(f->record, &first, false), 0);
	assert_int_equal(hf_record_put(f->record, &second, false), -EEXIST);
	assert_string_equal(hf_record_get(f->record, HF_ASK_FILE, "/a")->data, "one");
	assert_int_equal(hf_record_put(f->record, &second, true), 0);
	assert_string_equal(hf_record_get(f->record, HF_ASK_FILE, "/a")->data, "two");
	assert_int_equal(hf_record_count(f->record), 1);
	assert_null(hf_record_get(f->record, HF_ASK_STAT, "/a"));
	assert_true(hf_record_remove(f->record, HF_ASK_FILE, "/a"));
	assert_false(hf_record_remove(f->record, HF_ASK_FILE, "/a"));
	assert_int_equal(hf_record_count(f->record), 0);
}

/* The host's listing of /proc comes first or last: the one of who reads the processes stays. */
static void test_owner_replaces_witness(void **state)
{
	fixture *f = *state;
	const hf_answer witness = text_answer(HF_ASK_FILE, "/proc/x", "witness"),
			own = text_answer(HF_ASK_FILE, "/proc/x", "own"),
			again = text_answer(HF_ASK_FILE, "/proc/x", "again");
	int host = hf_record_add_collector(f->record, "host", 1U << HF_ASK_FILE, NULL);

	assert_int_equal(hf_record_put_from(f->record, host, &witness), 0);
	assert_int_equal(hf_record_put_from(f->record, host, &again), -EEXIST);
	assert_int_equal(hf_record_put_from(f->record, f->index, &own), 0);
	assert_int_equal(hf_record_put_from(f->record, f->index, &again), -EEXIST);
	assert_int_equal(hf_record_put_from(f->record, host, &witness), -EEXIST);
	assert_string_equal(hf_record_get(f->record, HF_ASK_FILE, "/proc/x")->data, "own");
	assert_int_equal(hf_record_count(f->record), 1);
}

static void test_stream_byte_by_byte(void **state)
{
	fixture *f = *state;

	frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_FILE, "/proc/1/stat", "1 (x) S", 7);
	frame(&f->frames, HF_FRAME_DONE, (hf_ask_kind)0, "", "", 0);
	for (size_t i = 0; i < f->frames.size; i++)
		assert_int_equal(hf_stream_feed(f->stream, f->frames.data + i, 1), 0);
	assert_true(hf_stream_is_done(f->stream));
	assert_int_equal(state_of(f), HF_COLLECTOR_DONE);
	assert_string_equal(hf_record_get(f->record, HF_ASK_FILE, "/proc/1/stat")->data, "1 (x) S");
}

/* Wherever the reads cut the stream: within heads, names and data, and between frames. */
static void test_stream_in_blocks_of_any_size(void **state)
{
	fixture *f = *state;

	for (size_t size = 1; size < 700; size += size < 300 ? 1 : 57) {
		hf_cleanup(hf_buffer_free) hf_buffer frames = {0};
		char names[3][32], data[200];
		hf_stream *stream = NULL;

		memset(data, 'd', sizeof data);
		assert_int_equal(hf_stream_new(f->record, f->index, 1 << 20, &stream), 0);
		for (unsigned i = 0; i < 3; i++) {
			(void)snprintf(names[i], sizeof names[i], "/proc/1/%zu-%u", size, i);
			frame(&frames, HF_FRAME_ANSWER, HF_ASK_FILE, names[i], data, i * 99);
		}
		frame(&frames, HF_FRAME_DONE, (hf_ask_kind)0, "", "", 0);
		for (size_t at = 0; at < frames.size; at += size) {
			size_t left = frames.size - at;

			assert_int_equal(hf_stream_feed(stream, frames.data + at,
							left < size ? left : size),
					 0);
		}
		assert_true(hf_stream_is_done(stream));
		for (unsigned i = 0; i < 3; i++) {
			const hf_answer *got = hf_record_get(f->record, HF_ASK_FILE, names[i]);

			assert_non_null(got);
			assert_int_equal(got->size, i * 99);
			assert_memory_equal(got->data, data, got->size);
		}
		hf_stream_free(stream);
	}
}

static void test_liar_loses_everything(void **state)
{
	fixture *f = *state;

	frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_FILE, "/proc/1/stat", "true", 4);
	hf_buffer_puts(&f->frames, "this is certainly not the head of a frame, it is much too honest for that; "
				   "and long enough to be one head");
	assert_int_equal(hf_stream_feed(f->stream, f->frames.data, f->frames.size), -EBADMSG);
	assert_int_equal(state_of(f), HF_COLLECTOR_LIED);
	assert_int_equal(hf_record_count(f->record), 0);
	assert_int_equal(hf_stream_feed(f->stream, "x", 1), -EBADMSG);
}

/* A collector that was taken over must not answer for another one. */
static void test_answer_of_others_is_a_lie(void **state)
{
	fixture *f = *state;

	frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_FILE, "/etc/docker/daemon.json", "{}", 2);
	assert_int_equal(hf_stream_feed(f->stream, f->frames.data, f->frames.size), -EBADMSG);
	assert_int_equal(state_of(f), HF_COLLECTOR_LIED);
}

static void test_kind_of_others_is_a_lie(void **state)
{
	fixture *f = *state;

	frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_CALL, "/proc/uname", "x", 1);
	assert_int_equal(hf_stream_feed(f->stream, f->frames.data, f->frames.size), -EBADMSG);
}

static void test_nul_in_name_is_a_lie(void **state)
{
	fixture *f = *state;

	frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_FILE, "/proc/1/status", "x", 1);
	f->frames.data[sizeof(hf_frame_head) + 7] = '\0';
	assert_int_equal(hf_stream_feed(f->stream, f->frames.data, f->frames.size), -EBADMSG);
}

static void test_answer_after_the_end_is_a_lie(void **state)
{
	fixture *f = *state;

	frame(&f->frames, HF_FRAME_DONE, (hf_ask_kind)0, "", "", 0);
	frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_FILE, "/proc/1/stat", "late", 4);
	assert_int_equal(hf_stream_feed(f->stream, f->frames.data, f->frames.size), -EBADMSG);
	assert_int_equal(state_of(f), HF_COLLECTOR_LIED);
}

static void test_flood_keeps_what_came_before(void **state)
{
	fixture *f = *state;
	char block[10000] = {0};

	frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_FILE, "/proc/1/stat", "true", 4);
	assert_int_equal(hf_stream_feed(f->stream, f->frames.data, f->frames.size), 0);
	hf_buffer_free(&f->frames);
	int r = 0;

	for (int i = 0; i < 12 && r == 0; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "/proc/%d/stat", 100 + i);
		frame(&f->frames, HF_FRAME_ANSWER, HF_ASK_FILE, name, block, sizeof block);
		r = hf_stream_feed(f->stream, f->frames.data, f->frames.size);
		hf_buffer_free(&f->frames);
	}
	assert_int_equal(r, -EMSGSIZE);
	assert_int_equal(state_of(f), HF_COLLECTOR_FLOODED);
	assert_non_null(hf_record_get(f->record, HF_ASK_FILE, "/proc/1/stat"));
}

static void test_why_missing_names_the_collector(void **state)
{
	fixture *f = *state;

	assert_non_null(strstr(hf_record_why_missing(f->record, HF_ASK_FILE, "/proc/7/stat"), "process"));
	hf_record_end_collector(f->record, f->index, HF_COLLECTOR_LATE, "asleep");
	const char *why = hf_record_why_missing(f->record, HF_ASK_FILE, "/proc/7/stat");

	assert_non_null(strstr(why, "late"));
	assert_non_null(strstr(why, "asleep"));
	/* nobody's question */
	assert_non_null(strstr(hf_record_why_missing(f->record, HF_ASK_API, "/info"), "not asked"));
}

static char *written(const hf_record *record, size_t *ret_size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_size);

	assert_non_null(out);
	assert_int_equal(hf_capture_write(record, out, NULL), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_capture_round_trip(void **state)
{
	fixture *f = *state;
	const hf_answer binary = {.kind = HF_ASK_FILE, .name = "/bin", .data = "\x1f\x8b\0\xff\n", .size = 5,
				  .meta = {.mode = 0100640, .uid = 7, .size = 5, .mtime_ns = -1, .dev_major = 8}};
	const hf_answer odd_name = text_answer(HF_ASK_FILE, "/caf\xe9\n", "text \xc3\xa9 \"q\" \\");
	const hf_answer dir = {.kind = HF_ASK_DIR, .name = "/d", .data = "a\0b c\0", .size = 6};
	const hf_answer odd_dir = {.kind = HF_ASK_DIR, .name = "/e", .data = "\xff\0", .size = 2};
	const hf_answer missing = {.kind = HF_ASK_STAT, .name = "/no", .data = "", .error = ENOENT,
				   .reason = "gone"};
	const hf_answer *const all[] = {&binary, &odd_name, &dir, &odd_dir, &missing};
	hf_cleanup(hf_record_freep) hf_record *again = NULL;
	size_t size, size_again;
	hf_error err = {0};

	for (size_t i = 0; i < HF_ARRAY_SIZE(all); i++)
		assert_int_equal(hf_record_put(f->record, all[i], false), 0);
	hf_record_end_collector(f->record, 0, HF_COLLECTOR_DIED, "why");
	assert_int_equal(hf_record_note(f->record, "a note"), 0);
	hf_cleanup(hf_freep) char *text = written(f->record, &size);

	assert_int_equal(hf_capture_parse(text, size, &again, &err), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(all); i++) {
		const hf_answer *got = hf_record_get(again, all[i]->kind, all[i]->name);

		assert_non_null(got);
		assert_int_equal(got->error, all[i]->error);
		assert_int_equal(got->size, all[i]->size);
		assert_memory_equal(got->data, all[i]->data, got->size);
		assert_memory_equal(&got->meta, &all[i]->meta, sizeof got->meta);
	}
	assert_string_equal(hf_record_get(again, HF_ASK_STAT, "/no")->reason, "gone");
	hf_cleanup(hf_freep) char *text_again = written(again, &size_again);

	/* but for where it came from, it is the same */
	const char *a = strstr(text, "\"collectors\""), *b = strstr(text_again, "\"collectors\"");

	assert_string_equal(a, b);
}

static void test_capture_refusals(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{\"schema\":\"holdfast-capture/2\",\"collectors\":[],\"answers\":[]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[],\"answers\":[{}]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[],\"answers\":[{\"ask\":\"file:\"}]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[],\"answers\":[{\"ask\":\"tea:/x\",\"text\":\"\"}]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[],\"answers\":[{\"ask\":\"file:/x\"}]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[],\"answers\":[{\"ask\":\"file:/x\",\"error\":\"EWHAT\"}]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[],\"answers\":[{\"ask\":\"file:/x\",\"bytes\":\"\\u0100\"}]}",
		"{\"schema\":\"holdfast-capture/1\",\"collectors\":[{}],\"answers\":[]}",
		"{\"schema\":\"holdfast-capture/1\",\"schema\":\"x\",\"collectors\":[],\"answers\":[]}",
		("{\"schema\":\"holdfast-capture/1\",\"collectors\":[],\"answers\":"
		 "[{\"ask\":\"file:/x\",\"text\":\"1\"},{\"ask\":\"file:/x\",\"text\":\"2\"}]}"),
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		hf_record *record = (hf_record *)(uintptr_t)1;
		hf_error err = {0};

		assert_int_equal(hf_capture_parse(bad[i], strlen(bad[i]), &record, &err), -EBADMSG);
		assert_ptr_equal(record, (hf_record *)(uintptr_t)1); /* written only on success */
		assert_true(*err.text != '\0');
	}
}

/* A listing of /proc by its claimer counts, whether another collector's came before or after; and the claim is
 * for that one name. */
static void test_claimed_name(void **state)
{
	static const char *const claims[] = {"=/proc", NULL};
	fixture *f = *state;
	const uint32_t kinds = 1U << HF_ASK_FILE | 1U << HF_ASK_DIR;
	int other = hf_record_add_collector(f->record, "other", kinds, NULL);
	int owner = hf_record_add_collector(f->record, "owner", kinds, claims);
	const hf_record_collector *all;
	hf_answer early = text_answer(HF_ASK_DIR, "/proc", "early");
	hf_answer own = text_answer(HF_ASK_DIR, "/proc", "own");

	assert_int_equal(hf_record_put_from(f->record, other, &early), 0);
	assert_int_equal(hf_record_put_from(f->record, owner, &own), 0);
	assert_string_equal(hf_record_get(f->record, HF_ASK_DIR, "/proc")->data, "own");
	assert_int_equal(hf_record_put_from(f->record, other, &early), -EEXIST);
	assert_string_equal(hf_record_get(f->record, HF_ASK_DIR, "/proc")->data, "own");
	assert_int_equal(hf_record_count(f->record), 1);
	assert_int_equal(hf_record_collectors(f->record, &all), 3);
	assert_true(hf_record_owns(&all[owner], HF_ASK_DIR, "/proc"));
	assert_false(hf_record_owns(&all[owner], HF_ASK_FILE, "/proc/modules"));
	assert_true(hf_record_owns(&all[other], HF_ASK_DIR, "/proc"));
}

static int note_name(const hf_answer *answer, void *data)
{
	hf_buffer_printf(data, "%s ", answer->name);
	return 0;
}

/* Those below a name, sorted; what was removed is none of them. */
static void test_each_below(void **state)
{
	static const char *const names[] = {"/proc/9/fd/3", "/proc/1/fd/10", "/proc/10/fd/1", "/proc/1/fd/2",
					    "/proc/1/exe"};
	hf_record *record = NULL;
	hf_buffer seen = {0};

	(void)state;
	assert_int_equal(hf_record_new(&record), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++)
		assert_int_equal(hf_record_put(record,
					       &(hf_answer){.kind = HF_ASK_LINK, .name = names[i], .data = ""},
					       false),
				 0);
	assert_int_equal(hf_record_each_below(record, HF_ASK_LINK, "/proc/1/fd", note_name, &seen), 0);
	assert_string_equal(seen.data, "/proc/1/fd/10 /proc/1/fd/2 ");
	assert_true(hf_record_remove(record, HF_ASK_LINK, "/proc/1/fd/10"));
	seen.size = 0;
	assert_int_equal(hf_record_each_below(record, HF_ASK_LINK, "/proc/1", note_name, &seen), 0);
	assert_string_equal(seen.data, "/proc/1/exe /proc/1/fd/2 /proc/10/fd/1 ");
	hf_buffer_free(&seen);
	hf_record_free(record);
}

/* Answers that say the same keep one copy, and each its own size. */
static void test_equal_data(void **state)
{
	hf_record *record = NULL;

	(void)state;
	assert_int_equal(hf_record_new(&record), 0);
	for (int i = 0; i < 3; i++) {
		char name[32], limits[] = "Max open files 1024\n";
		const hf_answer answer = {.kind = HF_ASK_FILE,
					  .name = name,
					  .data = limits,
					  .size = i < 2 ? strlen(limits) : 3};

		(void)snprintf(name, sizeof name, "/proc/%d/limits", i);
		assert_int_equal(hf_record_put(record, &answer, false), 0);
		memset(limits, 'x', sizeof limits - 1); /* what was given is not kept */
	}
	const hf_answer *a = hf_record_get(record, HF_ASK_FILE, "/proc/0/limits"),
			*b = hf_record_get(record, HF_ASK_FILE, "/proc/1/limits"),
			*c = hf_record_get(record, HF_ASK_FILE, "/proc/2/limits");

	assert_string_equal(a->data, "Max open files 1024\n");
	assert_ptr_equal(a->data, b->data);
	assert_string_equal(c->data, "Max");
	hf_record_free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_get_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner_replaces_witness, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream_byte_by_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream_in_blocks_of_any_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_liar_loses_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_of_others_is_a_lie, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kind_of_others_is_a_lie, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nul_in_name_is_a_lie, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_after_the_end_is_a_lie, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flood_keeps_what_came_before, setup, teardown),
		cmocka_unit_test_setup_teardown(test_why_missing_names_the_collector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_claimed_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_capture_round_trip, setup, teardown),
		cmocka_unit_test(test_capture_refusals),
		cmocka_unit_test(test_each_below),
		cmocka_unit_test(test_equal_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
