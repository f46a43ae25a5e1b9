/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of containers share: the engine's record, whose a socket is, who came from
 * outside. */
#ifndef CONTAINER_JUDGE_H
#define CONTAINER_JUDGE_H

#include <holdfast/holdfast.h>

extern const hf_check_set container_declared, container_entered, container_image, container_login,
	container_ports, container_privileged, container_publish;

/* What a runtime without a record in Docker's form does about the matter at hand. */
typedef struct container_others {
	const char *kubelet; /* Kubernetes and CRI-O: why it is the kubelet's affair */
	const char *podman;  /* why it is not known; Podman keeps this in a database */
	const char *rest;    /* why there is no such thing: runc alone, LXC, systemd-nspawn … */
} container_others;

/* The engine's record at @path. Not NULL: it is there (.is_null, or .fact absent for a missing
 * member, are for the caller to judge). NULL: @run was marked with what @others say, or with why
 * the record could not be read. */
const hf_api_value *container_record_value(hf_check_run *run, const hf_container *container,
					   const char *path, const container_others *others);

/* Text of a member; "" where it is missing or null. */
const char *container_text(const hf_api_value *value);

/* The container's first process is in the network namespace that the node was born with. */
bool container_has_host_network(hf_check_run *run, const hf_container *container);

typedef enum container_holds {
	CONTAINER_HOLDS_NOT = 0,
	CONTAINER_HOLDS,
	CONTAINER_HOLDS_UNKNOWN /* what some process holds open could not be read */
} container_holds;

/* Whether a process of @container has the socket with this inode open. */
container_holds container_holds_socket(hf_check_run *run, const hf_container *container,
				       uint64_t inode);

/* What evidence calls the list of ports of the node that lead into a container. */
extern const char container_ports_source[];

/* False after marking @run notapplicable where no port can be published for @container itself: it has the
 * node's network, or another container's, or nothing in it listens. */
bool container_publishes_itself(hf_check_run *run, const hf_container *container);

/* @inside: "80/tcp"; @address and @port: of the node, "0.0.0.0" where the record names no address. */
typedef void container_port_fn(hf_check_run *run, const char *inside, const char *address,
			       const char *port, void *data);

/* Calls @fn for each port that the engine bound for the container. Returns the number; 0 or
 * CONTAINER_PORTS_UNKNOWN after marking @run. */
enum { CONTAINER_PORTS_UNKNOWN = -1 };
int container_each_port(hf_check_run *run, const hf_container *container, container_port_fn *fn,
			void *data);

/* "web (pid 812)". */
const char *container_task_name(hf_check_run *run, const hf_task *task);

/* @list with @item behind a comma. */
const char *container_join(hf_check_run *run, const char *list, const char *item);

#endif
