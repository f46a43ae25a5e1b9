/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images and services as the engine tells them. */
#include "collect/engine-told.h"

#include "collect/images.h"
#include "collect/swarm.h"

#include <stdio.h>

enum {
	ID_DIGITS = 64,
	IMAGES_MAX = 300, /* each costs two answers of the engine, a millisecond or two */
};

/* One answer; .error -1: none came yet. */
typedef struct told_body {
	int error;
	char reason[256];
	char *data;
	size_t size;
} told_body;

typedef struct told_image {
	char id[ID_DIGITS + 1];
	told_body inspect, history;
} told_image;

struct hf_told {
	bool is_manager;
	bool has_snapshotter; /* containerd keeps its images */
	bool has_paused_manager;
	bool was_listed; /* its images */
	bool is_cut;
	unsigned round;
	told_body services, configs;
	told_image *images;
	size_t image_count;
};

int hf_told_new(hf_told **ret_told)
{
	hf_told *told = calloc(1, sizeof *told);

	if (!told)
		return -ENOMEM;
	told->services.error = told->configs.error = -1;
	*ret_told = told;
	return 0;
}

void hf_told_free(hf_told *told)
{
	if (!told)
		return;
	for (size_t i = 0; i < told->image_count; i++) {
		free(told->images[i].inspect.data);
		free(told->images[i].history.data);
	}
	free(told->images);
	free(told->services.data);
	free(told->configs.data);
	free(told);
}

/* ---- what it says of itself ---- */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* [["driver-type","io.containerd.snapshotter.v1"]] */
static bool has_snapshotter(const json_t *info)
{
	const json_t *pair;
	size_t i;

	json_array_foreach(json_object_get(info, "DriverStatus"), i, pair)
	{
		const char *name = json_string_value(json_array_get(pair, 0));
		const char *value = json_string_value(json_array_get(pair, 1));

		if (name && value && strcmp(name, "driver-type") == 0 &&
		    strstr(value, "containerd.snapshotter"))
			return true;
	}
	return false;
}

static void learn_images(hf_told *told, const json_t *list)
{
	static const char prefix[] = "sha256:";
	const json_t *item;
	size_t i, room = json_array_size(list);

	told->was_listed = json_is_array(list);
	if (room > IMAGES_MAX) {
		room = IMAGES_MAX;
		told->is_cut = true;
	}
	told->images = room > 0 ? calloc(room, sizeof *told->images) : NULL;
	json_array_foreach(list, i, item)
	{
		const char *id = text_of(item, "Id");
		told_image *image = told->images ? &told->images[told->image_count] : NULL;

		if (!image || told->image_count == room || !hf_has_prefix(id, prefix) ||
		    strlen(id) != strlen(prefix) + ID_DIGITS ||
		    strspn(id + strlen(prefix), "0123456789abcdef") != ID_DIGITS)
			continue;
		strcpy(image->id, id + strlen(prefix));
		image->inspect.error = image->history.error = -1;
		told->image_count++;
	}
}

void hf_told_learn(hf_told *told, const char *what, const json_t *json)
{
	const json_t *node;
	size_t i;

	if (strcmp(what, "/info") == 0) {
		const json_t *swarm = json_object_get(json, "Swarm");

		told->is_manager = strcmp(text_of(swarm, "LocalNodeState"), "active") == 0 &&
				   json_is_true(json_object_get(swarm, "ControlAvailable"));
		told->has_snapshotter = has_snapshotter(json);
	} else if (strcmp(what, "/images/json") == 0 && !told->images) {
		learn_images(told, json);
	} else if (strcmp(what, "/nodes") == 0) {
		json_array_foreach(json, i, node)
		{
			const json_t *spec = json_object_get(node, "Spec");

			told->has_paused_manager |= strcmp(text_of(spec, "Role"), "manager") == 0 &&
						    strcmp(text_of(spec, "Availability"), "pause") == 0;
		}
	}
}

/* ---- what else to ask ---- */

void hf_told_each_question(hf_told *told, bool has_images, hf_told_add *add, void *data)
{
	char what[ID_DIGITS + 32];
	int r = 0;

	if (told->round++ == 0) {
		if (told->is_manager)
			r = add(data, "/nodes") || add(data, "/services");
		if (r == 0 && (told->has_snapshotter || !has_images))
			(void)add(data, "/images/json");
		return;
	}
	if (told->has_paused_manager)
		r = add(data, "/tasks");
	if (r == 0 && told->services.error == 0 &&
	    hf_swarm_needs_configs(told->services.data, told->services.size))
		r = add(data, "/configs");
	for (size_t i = 0; r == 0 && i < told->image_count; i++) {
		(void)snprintf(what, sizeof what, "/images/%s/json", told->images[i].id);
		r = add(data, what);
		(void)snprintf(what, sizeof what, "/images/%s/history", told->images[i].id);
		if (r == 0)
			r = add(data, what);
	}
}

/* ---- what it answers ---- */

static void take_body(told_body *body, const hf_http_reply *reply)
{
	if (body->error != -1)
		return;
	body->error = reply->error;
	(void)snprintf(body->reason, sizeof body->reason, "%s", reply->reason ? reply->reason : "");
	if (!reply->error && reply->status != 200) {
		body->error = reply->status == 401 || reply->status == 403 ? EACCES : EBADMSG;
		(void)snprintf(body->reason, sizeof body->reason, "HTTP status %u", reply->status);
	}
	if (body->error)
		return;
	body->data = malloc(reply->size + 1);
	if (!body->data) {
		body->error = ENOMEM;
		return;
	}
	memcpy(body->data, reply->body, reply->size);
	body->data[reply->size] = '\0';
	body->size = reply->size;
}

static told_body *body_for(hf_told *told, const char *what)
{
	static const char prefix[] = "/images/";

	if (strcmp(what, "/services") == 0)
		return &told->services;
	if (strcmp(what, "/configs") == 0)
		return &told->configs;
	if (!hf_has_prefix(what, prefix))
		return NULL;
	for (size_t i = 0; i < told->image_count; i++) {
		const char *rest = what + strlen(prefix);

		if (strncmp(rest, told->images[i].id, ID_DIGITS) != 0)
			continue;
		return strcmp(rest + ID_DIGITS, "/json") == 0 ? &told->images[i].inspect
							       : &told->images[i].history;
	}
	return NULL;
}

bool hf_told_take(hf_told *told, const char *what, const hf_http_reply *reply)
{
	told_body *body = body_for(told, what);

	if (body)
		take_body(body, reply);
	return body != NULL;
}

/* ---- what is recorded of it ---- */

static int send_image(const told_image *image, hf_images *images)
{
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0};
	const told_body *history = &image->history;
	hf_error err = {0};

	if (image->inspect.error == -1)
		return hf_images_send_engine(images, image->id, ETIMEDOUT, "there was no time for it", 0);
	if (image->inspect.error)
		return hf_images_send_engine(images, image->id, image->inspect.error,
					     image->inspect.reason, 0);
	int r = hf_image_project_api(image->inspect.data, image->inspect.size,
				     history->error ? NULL : history->data,
				     history->error ? 0 : history->size, &lines, &err);

	return r < 0 ? hf_images_send_engine(images, image->id, -r, err.text, 0)
		     : hf_images_send_engine(images, image->id, 0, lines.data, lines.size);
}

static int send_services(const hf_told *told, hf_reader *reader)
{
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0};
	hf_error err = {0};
	hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = "swarm/services",
		.error = told->services.error,
		.reason = *told->services.reason ? told->services.reason : NULL,
		.data = "",
	};

	if (answer.error == -1)
		return 0;
	if (!answer.error) {
		bool has_configs = told->configs.error == 0;

		answer.error = -hf_swarm_project_services(
			told->services.data, told->services.size,
			has_configs ? told->configs.data : NULL, has_configs ? told->configs.size : 0,
			&lines, &err);
		answer.reason = answer.error ? err.text : NULL;
		answer.data = answer.error ? "" : lines.data;
		answer.size = answer.error ? 0 : lines.size;
	}
	return hf_reader_send(reader, &answer);
}

int hf_told_send(hf_told *told, hf_reader *reader, hf_images *images)
{
	int r = send_services(told, reader);

	for (size_t i = 0; r >= 0 && i < told->image_count; i++)
		r = send_image(&told->images[i], images);
	if (r >= 0 && told->was_listed)
		r = hf_images_end_engine(images, told->is_cut ? EFBIG : 0);
	return r;
}
