/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the runtimes' own records say of containers; for src/facts/ alone. It rests on no fact about
 * containers, so that those can take their names from here. */
#ifndef HF_FACTS_DECLARED_H
#define HF_FACTS_DECLARED_H

#include "facts/json.h"
#include "facts/store.h"

/* One runtime's record of one container, from a line of call:records (collect/answer.h). */
typedef struct hf_declared_record {
	hf_runtime_record seen;
	const char *config; /* path of the OCI config.json; NULL: this runtime keeps none */
	const char *folder; /* of Docker's config.v2.json and hostconfig.json, or NULL */
	const char *state;  /* of runc's state.json, crun's status or a shim's init.pid, or NULL */
	uint64_t start_ticks; /* of .seen.pid; 0 not known */
	bool is_live;	      /* the runtime keeps such a record of running containers alone */
	/* For whom it was asked last, and whether its owner may speak for that one: a container's getters ask
	 * for its record some hundred times. */
	const char *asked_for;
	bool is_believed;
} hf_declared_record;

typedef struct hf_declared_list {
	hf_fact fact; /* unreadable: some folder of records could not be looked into */
	const hf_declared_record *const *all;
	size_t count;
	hf_map by_id;	  /* those whose id is 64 hex digits */
	hf_list by_place; /* the others: their ids are unique in their runtime's folder alone */
	hf_list names;	  /* paths of containers.json of containers/storage */
	hf_list images;	  /* paths of Docker's repositories.json */
	hf_list execs;	  /* const hf_declared_exec * */
	hf_list users;	  /* ids, as text, of users whose own runtimes' records could not be looked
			     into */
} hf_declared_list;

/* A running "docker exec". */
typedef struct hf_declared_exec {
	const char *container;
	const char *id;
} hf_declared_exec;

/* Moves what a finished map or list holds into the arena, where facts live. */
void hf_declared_seal(hf_arena *arena, hf_map *map);
void hf_declared_seal_list(hf_arena *arena, hf_list *list);

const hf_declared_list *hf_facts_declared(hf_facts *facts);

/* Whether @container could have a record that nobody could read: .fact of the list, and for a
 * user's container that user's folders. */
hf_fact hf_declared_fact_for(hf_facts *facts, const char *cgroup);

/* How to recognise a container in the records. */
typedef struct hf_declared_key {
	const char *id;	    /* 64 hex digits, else anything */
	const char *cgroup; /* path of its own group, or NULL */
	int32_t pid;	    /* its first process */
	uint64_t start_ticks;
} hf_declared_key;

/* NULL: no record is its. */
const hf_declared_record *hf_declared_of(hf_facts *facts, const hf_container *container);
const hf_declared_record *hf_declared_find(hf_facts *facts, const hf_declared_key *key);

typedef struct hf_declared_identity {
	const char *name;    /* NULL: no record has one */
	const char *image;   /* likewise */
	const char *pod;     /* id of the pod or sandbox, or NULL */
	const char *runtime; /* by the place of the record, or NULL */
	const char *source;  /* of the record, or NULL: there is none */
	bool is_sandbox;
} hf_declared_identity;

void hf_declared_identify(hf_facts *facts, const hf_declared_key *key,
			  hf_declared_identity *ret_identity);

/* A JSON file of a runtime, parsed once. .json is NULL unless .fact is present. */
typedef struct hf_declared_json {
	hf_fact fact;
	const hf_json *json;
} hf_declared_json;

const hf_declared_json *hf_facts_declared_json(hf_facts *facts, const char *path);
/* The same, where @path is kept as long as @facts: it is looked for by its address. */
const hf_declared_json *hf_facts_declared_json_of(hf_facts *facts, const char *path);

/* An item of containers.json of containers/storage by its id, or NULL. */
const hf_json *hf_declared_stored(hf_facts *facts, const char *id);

/* The text of a string member, or NULL. */
const char *hf_declared_text(const hf_json *object, const char *name);

/* What is at @path of the engine's own record of @container, as hf_container_inspect() tells it; NULL: nothing, *ret_fact
 * says why. */
const hf_json *hf_declared_inspect(hf_facts *facts, const hf_container *container, const char *path,
				   hf_fact *ret_fact);

/* An item of the engine's /containers/json by its id; NULL: it did not answer, or has no such
 * container. */
const hf_json *hf_declared_listed(hf_facts *facts, const char *id);

#endif
