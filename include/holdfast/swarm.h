/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about Docker's swarm mode: what the engine's state on disk and its API tell, and X.509 certificates. */
#ifndef HOLDFAST_SWARM_H
#define HOLDFAST_SWARM_H

#include <holdfast/container.h>

HF_BEGIN_DECLS

/* What a certificate says of the time in which it holds, seconds since the epoch. */
typedef struct hf_certificate {
	int64_t not_before;
	int64_t not_after;
} hf_certificate;

typedef struct hf_certificates {
	hf_fact fact; /* present: a PEM file with one certificate at least, all of them understood */
	const hf_certificate *all; /* in the order of the file */
	size_t count;
} hf_certificates;

/* Those in the PEM file @path, which must be among what is read. */
HF_PUBLIC const hf_certificates *hf_certificates_get(hf_check_run *run, const char *path);

/* The state of a daemon's swarm below its data root. */
typedef struct hf_swarm {
	hf_fact fact;	  /* of docker-state.json; absent: the daemon is in no swarm, and was in none when it ended */
	const char *root; /* folder of the state, "/var/lib/docker/swarm"; NULL: the data root is not known */
	const char *listen; /* as it stands there: "0.0.0.0:2377" */
	const char *advertise;
	const char *data_path; /* "": not set */
	hf_fact key;	       /* of the node's private key, of which nothing is recorded but this */
	bool is_key_encrypted;
	int64_t kek_version; /* counts the renewals of the key that locks it; -1: it does not say */
} hf_swarm;

/* Of the daemon that @run is about. */
HF_PUBLIC const hf_swarm *hf_swarm_get(hf_check_run *run);

/* A service of the swarm, without values: what looks like a secret shows by name and shape. */
typedef struct hf_swarm_service {
	const char *name;
	const hf_variable *variables;
	size_t variable_count;
	const hf_variable *arguments; /* those of its arguments that look like a secret; .name is the option's, or "?" */
	size_t argument_count;
	const hf_variable *configs; /* by name, with the shape of the content */
	size_t config_count;
	size_t secrets; /* number of the swarm's secrets that it is given */
} hf_swarm_service;

typedef struct hf_swarm_services {
	hf_fact fact; /* absent: this node is no manager, and cannot know; unreadable: there may be more */
	const hf_swarm_service *all; /* by name */
	size_t count;
} hf_swarm_services;

HF_PUBLIC const hf_swarm_services *hf_swarm_services_get(hf_check_run *run);

HF_END_DECLS

#endif
