/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of networks share: lists for evidence, where packets come from and go to, and
 * what became of them. */
#ifndef HF_CHECKS_NETWORK_H
#define HF_CHECKS_NETWORK_H

#include <holdfast/holdfast.h>

#include <string.h>

#define NETWORK_COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline bool network_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* "/usr/bin/dockerd (deleted)" is "dockerd" for network_is_program(). */
const char *network_base_name(const char *path);
bool network_is_program(const char *exe, const char *name);

/* ---- lists ---- */

/* A few items, and how many more; what is in it already is not added again. Zero-initialise. */
typedef struct network_list {
	const char *items[5];
	size_t count; /* of all that differ from those kept */
} network_list;

void network_add(hf_check_run *run, network_list *list, const char *item);
/* "a; b and 12 more"; "" where nothing was added. */
const char *network_text(hf_check_run *run, const network_list *list);

/* The name of @container, or the beginning of its id. */
const char *network_container_name(hf_check_run *run, const hf_container *container);

/* ---- where things are read ---- */

/* True when settings below /proc/sys/net are the node's own; else marks @run unknown. */
HF_MUST_CHECK bool network_in_initial_netns(hf_check_run *run);
#define NETWORK_NETNS_READ "sysctl:net.core.netdev_max_backlog"

/* The name of an interface as keys of settings have it, where '/' stands for a dot: "eth0.100" is
 * "eth0/100". */
const char *network_escaped(hf_check_run *run, const char *interface);

/* net.FAMILY.conf.INTERFACE.LEAF of the node, whatever dots the interface's name has. */
const hf_sysctl *network_conf(hf_check_run *run, const char *family, const char *interface,
			      const char *leaf);

/* What evidence calls the interfaces of the node. */
extern const char network_links_source[], network_walk_source[];

bool network_has_host_network(hf_check_run *run, const hf_container *container);

typedef enum network_answer { NETWORK_NO = 0, NETWORK_YES, NETWORK_UNKNOWN } network_answer;

/* Whether a process of @container has the socket with this inode open. */
network_answer network_holds_socket(hf_check_run *run, const hf_container *container,
				    uint64_t inode);

/* ---- networks of containers ---- */

/* The networks of the node; NULL after marking @run: unknown where they could not be read,
 * notapplicable where there is none (@needs_members: none that a container is plugged into). */
const hf_networks *network_begin(hf_check_run *run, bool needs_members);

/* Ports of @network's bridge, as the kernel has them: also those whose container is not known. */
size_t network_port_count(hf_check_run *run, const hf_network *network);

/* The address of @attachment and of @network's bridge in @family, 4 or 6. */
const hf_ip *network_address(const hf_attachment *attachment, unsigned family);
const hf_ip *network_gateway(const hf_network *network, unsigned family);
uint32_t network_prefix(const hf_network *network, unsigned family);

/* The @index-th other address (0-based) of the subnet of @own/@prefix; false: it has none. */
bool network_neighbour(const hf_ip *own, uint32_t prefix, unsigned index, hf_ip *ret_ip);

/* Who stands for the members of a network: its first container with an address, else a free
 * address. */
typedef struct network_member {
	const hf_attachment *attachment; /* NULL: nobody has this address */
	hf_ip ip;
} network_member;

bool network_representative(const hf_network *network, unsigned family, network_member *ret_member);

/* A container that packets can be routed to, on whatever network. */
typedef struct network_target {
	const hf_attachment *attachment; /* NULL: a free address of a network without containers */
	hf_ip ip;
	const char *name;
} network_target;

/* @fn returns false to end it. Returns the number of targets. */
typedef bool network_target_fn(hf_check_run *run, const network_target *target, void *data);
size_t network_each_target(hf_check_run *run, unsigned family, network_target_fn *fn, void *data);

/* ---- packets ---- */

enum {
	NETWORK_ANY_PORT = 47001, /* one that nothing is known to use */
	NETWORK_WALKS_MAX = 8192, /* of one check on one subject */
};

/* An address that is far away and of no special range, rfc6890. */
hf_ip network_far(unsigned family);

/* One who sends packets to the node from outside of it. */
typedef struct network_origin {
	hf_ip from;
	const hf_interface *in;
	const hf_interface *in_port;
	const char *name; /* "eth0's segment", "beyond eth0" */
} network_origin;

typedef struct network_origins {
	network_origin all[16];
	size_t count;
	bool is_cut;
} network_origins;

/* A neighbour on, and somebody beyond, each interface that leads outside. */
void network_origins_get(hf_check_run *run, unsigned family, network_origins *ret_origins);

/* What became of the packets that a check sent. Zero-initialise. */
typedef struct network_tally {
	size_t walked;
	network_list open;   /* those that got through, and why */
	network_list closed; /* what dropped the others */
	const char *source;  /* of the first that nobody can tell */
	const char *why;
	bool is_cut; /* not all were tried */
} network_tally;

/* Walks @packet and notes what became of it; @what: "from docker0 to the node's tcp port 22". */
hf_fate network_try(hf_check_run *run, network_tally *tally, const hf_packet *packet,
		    const char *what);
/* True once no more needs to be tried. */
bool network_is_enough(network_tally *tally);
/* Fails with what got through; else unknown with the first that nobody can tell; else, where some
 * packet was tried, passes. */
void network_conclude(hf_check_run *run, const network_tally *tally, const char *wanted);

/* The chain that a passage's .decided_by names; NULL: none. */
const hf_filter_chain *network_deciding_chain(hf_check_run *run, const hf_passage *passage);

/* A port that no publication uses, neither as the node's nor as a container's. */
uint16_t network_free_port(hf_check_run *run);

bool network_is_any(const hf_ip *ip);
bool network_is_loopback(const hf_ip *ip);

extern const hf_check_set network_bridge, network_forward, network_publish, network_filter,
	network_routing, network_settings, network_listeners, network_metadata, network_inside,
	network_exposed, network_cni;

#endif
