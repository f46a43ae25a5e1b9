/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way out of a collector: frames on a pipe, gathered into large writes. */
#include "collect/collect.h"

enum { FLUSH_AT = 60 * 1024 };

struct hf_sink {
	int fd;
	size_t cap_bytes;
	size_t sent_bytes;
	hf_buffer buffer;
	bool is_held;
	size_t held_at; /* .buffer.size and .sent_bytes when it was */
	size_t held_sent;
};

int hf_sink_new(int fd, size_t cap_bytes, hf_sink **ret_sink)
{
	hf_sink *sink = calloc(1, sizeof *sink);

	if (!sink)
		return -ENOMEM;
	sink->fd = fd;
	sink->cap_bytes = cap_bytes;
	*ret_sink = sink;
	return 0;
}

void hf_sink_free(hf_sink *sink)
{
	if (!sink)
		return;
	hf_buffer_free(&sink->buffer);
	free(sink);
}

static int write_all(const hf_sink *sink, const char *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = write(sink->fd, data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

int hf_sink_flush(hf_sink *sink)
{
	if (sink->buffer.failed)
		return -ENOMEM;
	int r = write_all(sink, sink->buffer.data, sink->buffer.size);

	if (r == 0)
		sink->buffer.size = 0;
	return r;
}

static int send_frame(hf_sink *sink, hf_frame_head *head, const char *name, const char *reason,
		      const char *data)
{
	head->magic = HF_FRAME_MAGIC;
	sink->sent_bytes += sizeof *head + head->name_size + head->reason_size + head->data_size;
	hf_buffer_add(&sink->buffer, head, sizeof *head);
	hf_buffer_add(&sink->buffer, name, head->name_size);
	hf_buffer_add(&sink->buffer, reason, head->reason_size);
	/* what is large is written from where it lies: a copy would cost more than a call */
	if (head->data_size >= FLUSH_AT && !sink->is_held) {
		int r = hf_sink_flush(sink);

		return r < 0 ? r : write_all(sink, data, head->data_size);
	}
	hf_buffer_add(&sink->buffer, data, head->data_size);
	return sink->buffer.size >= FLUSH_AT && !sink->is_held ? hf_sink_flush(sink) : 0;
}

size_t hf_sink_sent(const hf_sink *sink)
{
	return sink->sent_bytes;
}

void hf_sink_hold(hf_sink *sink)
{
	sink->is_held = true;
	sink->held_at = sink->buffer.size;
	sink->held_sent = sink->sent_bytes;
}

int hf_sink_release(hf_sink *sink)
{
	sink->is_held = false;
	return sink->buffer.size >= FLUSH_AT ? hf_sink_flush(sink) : 0;
}

void hf_sink_drop(hf_sink *sink)
{
	sink->is_held = false;
	sink->buffer.size = sink->held_at;
	sink->sent_bytes = sink->held_sent;
}

int hf_sink_answer(hf_sink *sink, const hf_answer *answer)
{
	const char *reason = answer->reason ? answer->reason : "";
	size_t name_size = strlen(answer->name), reason_size = strlen(reason);
	hf_frame_head head = {
		.type = HF_FRAME_ANSWER,
		.kind = (uint16_t)answer->kind,
		.error = answer->error,
		.meta = answer->meta,
	};

	if (name_size > HF_NAME_MAX_BYTES)
		return 0; /* nobody can have asked for it by that name */
	if (reason_size > HF_REASON_MAX_BYTES)
		reason_size = HF_REASON_MAX_BYTES;
	head.name_size = (uint32_t)name_size;
	if (answer->error == 0 && (answer->size > HF_DATA_MAX_BYTES ||
				   sink->sent_bytes + answer->size > sink->cap_bytes)) {
		head.error = EFBIG;
		reason = answer->size > HF_DATA_MAX_BYTES ? "the answer is too large"
							  : "this collector's byte limit was reached";
		reason_size = strlen(reason);
	} else if (answer->error == 0) {
		head.data_size = (uint32_t)answer->size;
	}
	head.reason_size = (uint32_t)reason_size;
	return send_frame(sink, &head, answer->name, reason, answer->data);
}

int hf_sink_note(hf_sink *sink, const char *sentence)
{
	hf_frame_head head = {.type = HF_FRAME_NOTE, .data_size = (uint32_t)strlen(sentence)};

	return send_frame(sink, &head, "", "", sentence);
}

int hf_sink_done(hf_sink *sink)
{
	hf_frame_head head = {.type = HF_FRAME_DONE};
	int r = send_frame(sink, &head, "", "", "");

	return r < 0 ? r : hf_sink_flush(sink);
}
