/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One collector's frames into the record. The collector has read hostile things and may have been taken
 * over: nothing in a frame is believed before it is measured. */
#include "record/record.h"

struct hf_stream {
	hf_record *record;
	int index;
	size_t cap_bytes;
	size_t taken_bytes;
	hf_buffer pending;
	bool is_done;
	int error;
};

int hf_stream_new(hf_record *record, int index, size_t cap_bytes, hf_stream **ret_stream)
{
	hf_stream *stream = calloc(1, sizeof *stream);

	if (!stream)
		return -ENOMEM;
	stream->record = record;
	stream->index = index;
	stream->cap_bytes = cap_bytes;
	*ret_stream = stream;
	return 0;
}

void hf_stream_free(hf_stream *stream)
{
	if (!stream)
		return;
	hf_buffer_free(&stream->pending);
	free(stream);
}

bool hf_stream_is_done(const hf_stream *stream)
{
	return stream->is_done;
}

static int lie(hf_stream *stream, const char *reason)
{
	hf_record_drop_collector(stream->record, stream->index);
	hf_record_end_collector(stream->record, stream->index, HF_COLLECTOR_LIED, reason);
	return -EBADMSG;
}

static bool is_sane(const hf_frame_head *head)
{
	return head->magic == HF_FRAME_MAGIC && head->type >= HF_FRAME_ANSWER &&
	       head->type <= HF_FRAME_DONE && head->name_size <= HF_NAME_MAX_BYTES &&
	       head->reason_size <= HF_REASON_MAX_BYTES && head->data_size <= HF_DATA_MAX_BYTES;
}

static int take_answer(hf_stream *stream, const hf_frame_head *head, char *name, char *reason,
		       const char *data)
{
	const hf_record_collector *collectors;
	const hf_answer answer = {
		.kind = (hf_ask_kind)head->kind,
		.error = head->error,
		.name = name,
		.reason = *reason ? reason : NULL,
		.meta = head->meta,
		.data = data,
		.size = head->data_size,
	};

	(void)hf_record_collectors(stream->record, &collectors);
	if (head->kind < HF_ASK_FILE || head->kind >= HF_ASK_KIND_END || head->name_size == 0 ||
	    strlen(name) != head->name_size || head->error < 0 ||
	    (head->error && head->data_size > 0))
		return lie(stream, "an answer that cannot be");
	if (!hf_record_owns(&collectors[stream->index], answer.kind, name))
		return lie(stream, "an answer to what it was never asked");
	int r = hf_record_put_from(stream->record, stream->index, &answer);

	return r == -EEXIST ? 0 : r;
}

static int take_frame(hf_stream *stream, const hf_frame_head *head, const char *body)
{
	char name[HF_NAME_MAX_BYTES + 1], reason[HF_REASON_MAX_BYTES + 1];

	switch ((hf_frame_type)head->type) {
	case HF_FRAME_ANSWER:
		memcpy(name, body, head->name_size);
		name[head->name_size] = '\0';
		memcpy(reason, body + head->name_size, head->reason_size);
		reason[head->reason_size] = '\0';
		return take_answer(stream, head, name, reason,
				   body + head->name_size + head->reason_size);
	case HF_FRAME_NOTE: {
		size_t size = head->data_size < HF_REASON_MAX_BYTES ? head->data_size
								    : HF_REASON_MAX_BYTES;

		memcpy(reason, body + head->name_size + head->reason_size, size);
		reason[size] = '\0';
		return hf_record_note(stream->record, reason);
	}
	case HF_FRAME_DONE:
		stream->is_done = true;
		hf_record_end_collector(stream->record, stream->index, HF_COLLECTOR_DONE, NULL);
		return 0;
	}
	return lie(stream, "a frame of no known type");
}

/* The size of the frame that begins at @data; 0 when its head is not there yet. Negative after lying. */
static ssize_t frame_size(hf_stream *stream, const char *data, size_t size, hf_frame_head *head)
{
	if (size < sizeof *head)
		return 0;
	memcpy(head, data, sizeof *head);
	if (!is_sane(head))
		return lie(stream, "bytes that are no frame");
	if (stream->is_done)
		return lie(stream, "an answer after it said that it was done");
	return (ssize_t)(sizeof *head + (size_t)head->name_size + head->reason_size +
			 head->data_size);
}

/* Takes whole frames where they lie, without copying them. Sets how many bytes they were. */
static int take_whole(hf_stream *stream, const char *data, size_t size, size_t *ret_taken)
{
	size_t at = 0;

	for (;;) {
		hf_frame_head head;
		ssize_t whole = frame_size(stream, data + at, size - at, &head);

		if (whole < 0)
			return (int)whole;
		if (whole == 0 || (size_t)whole > size - at)
			break;
		int r = take_frame(stream, &head, data + at + sizeof head);

		if (r < 0)
			return r;
		at += (size_t)whole;
	}
	*ret_taken = at;
	return 0;
}

/* Fills the frame whose first part came before, no further. Sets how many bytes that took. */
static int fill_pending(hf_stream *stream, const char *data, size_t size, size_t *ret_taken)
{
	hf_buffer *pending = &stream->pending;
	size_t taken = 0;

	for (;;) {
		hf_frame_head head;
		ssize_t whole = frame_size(stream, pending->data, pending->size, &head);

		if (whole < 0)
			return (int)whole;
		if (whole > 0 && (size_t)whole == pending->size) {
			pending->size = 0;
			*ret_taken = taken;
			return take_frame(stream, &head, pending->data + sizeof head);
		}
		size_t missing = (whole > 0 ? (size_t)whole : sizeof head) - pending->size;
		size_t part = missing < size - taken ? missing : size - taken;

		if (part == 0)
			break;
		hf_buffer_add(pending, data + taken, part);
		if (pending->failed)
			return -ENOMEM;
		taken += part;
	}
	*ret_taken = taken;
	return 0;
}

static int take(hf_stream *stream, const char *data, size_t size)
{
	size_t taken = 0;
	int r = 0;

	if (stream->pending.size > 0)
		r = fill_pending(stream, data, size, &taken);
	if (r < 0 || taken == size)
		return r;
	data += taken;
	size -= taken;
	r = take_whole(stream, data, size, &taken);
	if (r < 0)
		return r;
	hf_buffer_add(&stream->pending, data + taken, size - taken);
	return stream->pending.failed ? -ENOMEM : 0;
}

int hf_stream_feed(hf_stream *stream, const void *data, size_t size)
{
	if (stream->error)
		return stream->error;
	stream->taken_bytes += size;
	if (stream->taken_bytes > stream->cap_bytes) {
		hf_record_end_collector(stream->record, stream->index, HF_COLLECTOR_FLOODED,
					"sent more than it may");
		stream->error = -EMSGSIZE;
		return stream->error;
	}
	stream->error = take(stream, data, size);
	return stream->error;
}
