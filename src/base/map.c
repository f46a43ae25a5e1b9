/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A map from text to pointers: a scan looks up tens of thousands of names that begin alike, which a tree of
 * comparisons makes slow. */
#include "base/base.h"

static uint64_t mixed(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* Eight bytes at a time: names are long paths. */
static uint64_t hash_of(const char *key)
{
	size_t left = strlen(key);
	uint64_t hash = left, word;

	for (; left >= sizeof word; left -= sizeof word, key += sizeof word) {
		memcpy(&word, key, sizeof word);
		hash = mixed(hash, word);
	}
	word = 0;
	memcpy(&word, key, left);
	return mixed(hash, word);
}

/* The slot that holds @key, or the free one where it belongs. The map is never full. */
static struct hf_map_slot *find(const hf_map *map, uint64_t hash, const char *key)
{
	for (size_t at = hash & (map->room - 1);; at = (at + 1) & (map->room - 1)) {
		struct hf_map_slot *slot = &map->slots[at];

		if (!slot->key || (slot->hash == hash && strcmp(slot->key, key) == 0))
			return slot;
	}
}

void *hf_map_get(const hf_map *map, const char *key)
{
	return map->room ? find(map, hash_of(key), key)->value : NULL;
}

static int grow(hf_map *map)
{
	hf_map larger = {.room = map->room ? map->room * 2 : 256, .count = map->count};

	larger.slots = calloc(larger.room, sizeof *larger.slots);
	if (!larger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < map->room; i++) {
		if (map->slots[i].key)
			*find(&larger, map->slots[i].hash, map->slots[i].key) = map->slots[i];
	}
	free(map->slots);
	*map = larger;
	return 0;
}

int hf_map_put(hf_map *map, const char *key, void *value)
{
	uint64_t hash = hash_of(key);

	/* at most three quarters full */
	if (map->count * 4 >= map->room * 3 && grow(map) < 0)
		return -ENOMEM;
	struct hf_map_slot *slot = find(map, hash, key);

	map->count += !slot->key;
	*slot = (struct hf_map_slot){.hash = hash, .key = key, .value = value};
	return 0;
}

void hf_map_free(hf_map *map)
{
	free(map->slots);
	*map = (hf_map){0};
}
