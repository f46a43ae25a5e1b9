/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container engine's configuration names and the files that it is made of. */
#ifndef HF_COLLECT_ENGINE_H
#define HF_COLLECT_ENGINE_H

#include "base/base.h"
#include "collect/collect.h"
#include "collect/records.h"

#include <jansson.h>

/* Names found in daemon.json, in flags and in the engine's answers; all owned, without repeats,
 * bounded. */
typedef struct hf_engine_config {
	hf_list configs;  /* of --config-file */
	hf_list sockets;  /* unix sockets to serve the API on */
	hf_list contents; /* files whose text decides: a seccomp profile */
	hf_list paths;	  /* files and folders whose owner and mode decide */
	hf_list commands; /* bare names that the engine looks for in its PATH */
	hf_list folders;  /* of its PATH, beside the usual ones */
	hf_list data_roots; /* where engines keep what survives a boot */
	hf_list exec_roots; /* and what runs */
	hf_list tables; /* of UNIX sockets of running engines: "/proc/812/net/unix" */
	hf_list ways; /* files that exist and of which matters who could change them */
	hf_list containerd_configs, containerd_sockets, containerd_roots;
} hf_engine_config;

void hf_engine_config_free(hf_engine_config *config);

/* daemon.json; the flags in a text (arguments separated by NULs, a unit, an environment file); an
 * answer of /info; PATH in a unit or an environment file. What is not understood is passed over. -ENOMEM. */
int hf_engine_config_add_json(hf_engine_config *config, const json_t *daemon);
int hf_engine_config_add_flags(hf_engine_config *config, const char *text, size_t size);
int hf_engine_config_add_info(hf_engine_config *config, const json_t *info);
int hf_engine_config_add_path(hf_engine_config *config, const char *text, size_t size);

/* The flags of the process @pid, a dockerd or a containerd. */
int hf_engine_config_add_process(hf_engine_config *config, hf_reader *reader, int pid,
				 bool is_containerd);
/* The usual additions to root's PATH, for a daemon that was started from a shell. */
int hf_engine_config_add_shell_path(hf_engine_config *config);
int hf_engine_config_add_socket(hf_engine_config *config, const char *path);
/* What a unit starts and listens on. */
int hf_engine_config_add_unit(hf_engine_config *config, const char *text, size_t size);
/* The flags of a containerd. */
int hf_engine_config_add_containerd(hf_engine_config *config, const char *text, size_t size);
/* Appends an absolute path, once; what is none is passed over. */
int hf_engine_add_name(hf_list *list, const char *path);

/* Sends "file:" of a daemon.json, with its secrets taken out, and adds what it names. */
int hf_engine_ask_json(hf_reader *reader, hf_engine_config *config, const char *path);

/* Asks for the files of every engine: configuration, units, environment files, plugins, programs;
 * and fills
 * @config from them. */
int hf_engine_ask_files(hf_reader *reader, hf_engine_config *config);

/* A folder of programs that hf_engine_ask_files() looks into anyway. */
bool hf_engine_is_usual_folder(const char *path, size_t length);

/* Asks for what @config names. */
int hf_engine_ask_named(hf_reader *reader, hf_engine_config *config);

/* Sends the ways to all files, folders and sockets that engines are made of; what engines keep; and whose clients
 * have credentials. */
int hf_engine_ask_ways(hf_reader *reader, hf_engine_config *config);

/* Sends call:containerd; all that it names is added to @paths. */
int hf_engine_ask_containerd(hf_reader *reader, const hf_engine_config *config, hf_list *paths);

/* Sends call:stock:ROOT of the data of a Docker engine. */
int hf_engine_ask_stock(hf_reader *reader, const char *root, uint64_t deadline_ms);

/* Sends call:client-config:PATH. */
int hf_engine_ask_client_config(hf_reader *reader, const char *path);

/* ---- one engine's API ---- */

typedef struct hf_engine hf_engine;

/* Sends the first requests to the engine that listens on @socket, and an answer to "call:peer";
 * @config is filled from what it tells. @is_default: its questions are named "/info", those of
 * another engine "unix:SOCKET:/info". An engine that cannot be asked is answered for at once.
 * Strings are borrowed. */
int hf_engine_start(hf_reader *reader, hf_engine_config *config, const char *socket,
		    bool is_default, uint64_t deadline_ms, hf_engine **ret_engine);

/* Waits for what was asked, then asks about each container whose files are not among @records, and about what runs
 * in them; all of it until @deadline_ms (hf_now_ms()). */
int hf_engine_finish(hf_engine *e, hf_records *records, uint64_t deadline_ms);

void hf_engine_free(hf_engine *e);
static inline void hf_engine_freep(hf_engine **e)
{
	hf_engine_free(*e);
}

/* Answers every question to the default engine with @error, for a root without engines. */
int hf_engine_send_failed(hf_reader *reader, int error, const char *reason);

#endif
