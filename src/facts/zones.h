/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can reach whom: containers that behave alike are one zone, and packets are walked from each zone to each other. */
#ifndef HF_FACTS_ZONES_H
#define HF_FACTS_ZONES_H

#include "facts/store.h"

typedef enum hf_zone_kind {
	HF_ZONE_OUTSIDE = 0, /* what lies behind the node's uplinks */
	HF_ZONE_HOST,	     /* the node; containers in its network namespace are members */
	HF_ZONE_METADATA,    /* 169.254.169.254 of a cloud */
	HF_ZONE_PLUGGED,     /* containers whose packets the node forwards: on a bridge, or routed */
	HF_ZONE_SEGMENT,     /* containers that have an interface on the uplink's segment, past the node's rules */
	HF_ZONE_ALONE,	     /* containers without a network */
	HF_ZONE_UNKNOWN	     /* containers of which it could not be read, or whose way out is not known */
} hf_zone_kind;

typedef struct hf_zone {
	hf_zone_kind kind;
	const hf_container *const *containers; /* by id */
	size_t count;
	const hf_network *const *networks; /* that all of them are on, by name of the bridge */
	size_t network_count;
} hf_zone;

/* What becomes of the first packet, in one family of addresses. */
typedef struct hf_flow_fate {
	bool is_tried; /* false: one of them has no such address */
	hf_fate fate;
	const char *by; /* what decided, or why it is not known */
} hf_flow_fate;

/* A way from one zone to another. */
typedef struct hf_flow {
	size_t from; /* indexes into .zones */
	size_t to;
	uint8_t protocol;
	uint16_t port;	  /* 0: any port that nothing is said of */
	const char *what; /* program of the node that listens there, or NULL */
	hf_flow_fate ipv4;
	hf_flow_fate ipv6;
} hf_flow;

/* What a port of the node leads to, as seen from outside. */
typedef struct hf_published_flow {
	const hf_publication *publication;
	size_t zone; /* of its container; SIZE_MAX: no running one */
	hf_flow_fate fate;
} hf_published_flow;

/* How a network behaves, by packets of one of its members (where it has none, of a free address). */
typedef struct hf_network_view {
	const hf_network *network;
	size_t ports;
	hf_flow_fate among;  /* from one member to another */
	hf_flow_fate out;    /* to any port outside */
	hf_flow_fate in;     /* from outside to a port that is not published */
	hf_flow_fate others; /* to the other networks: open when one is */
} hf_network_view;

typedef struct hf_zones {
	hf_fact fact; /* unreadable: nothing is known. Present with .why: some of it is not */
	const hf_zone *zones; /* the first three are outside, the node, metadata */
	size_t zone_count;
	const hf_flow *flows; /* by .from, .to, .port */
	size_t flow_count;
	const hf_published_flow *published;
	size_t published_count;
	const hf_network_view *networks;
	size_t network_count;
	const hf_interface *const *uplinks;
	size_t uplink_count;
	bool is_cut; /* there are too many zones: not all ways were tried */
} hf_zones;

const hf_zones *hf_facts_zones(hf_facts *facts);

#endif
