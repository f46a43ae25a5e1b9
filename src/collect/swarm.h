/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swarm mode: what is asked of its state below an engine's data root, and of its API where this node is a manager.
 *
 *   file:ROOT/docker-state.json (redacted), file:ROOT/certificates/swarm-node.crt, …/swarm-root-ca.crt
 *   stat: of ROOT, of these, of ROOT/state.json, ROOT/raft, ROOT/worker, ROOT/certificates and the key in it
 *   call:swarm-key:PATH   of the node's private key: "type TEXT", "encrypted yes|no", "kek-version N": never a byte of it
 *   call:swarm/services   of the API's /services and, where some service has one, /configs; a line each, words escaped:
 *     "service NAME SECRETS"   the lines that follow are its own
 *     "env NAME LENGTH SHAPE"
 *     "argument MARK…"         as in collect/images.h
 *     "config NAME LENGTH SHAPE"
 *     "end"                    the last line
 *   api:/nodes, api:/tasks (those that should run) as the API tells them, redacted */
#ifndef HF_COLLECT_SWARM_H
#define HF_COLLECT_SWARM_H

#include "collect/collect.h"

/* Asks for the state in @root, "/var/lib/docker/swarm". 0, or a negative errno when an answer could not be sent. */
int hf_swarm_ask(hf_reader *reader, const char *root);

/* What of a private key's PEM text is told. */
void hf_swarm_project_key(const char *text, size_t size, hf_buffer *out);

/* @configs: NULL: there are none, or nobody asked. -EBADMSG, -EMSGSIZE, -ENOMEM; @err says where. */
int hf_swarm_project_services(const char *services, size_t size, const char *configs,
			      size_t configs_size, hf_buffer *out, hf_error *err);
/* Whether some service of the answer has a config. */
bool hf_swarm_needs_configs(const char *services, size_t size);

#endif
