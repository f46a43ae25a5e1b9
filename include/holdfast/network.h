/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about networks: interfaces, addresses and routes of the node and of each container, the bridges between
 * them, and what the packet filter that the kernel holds does with a packet.
 *
 * Sources: rtnetlink(7) in the initial network namespace and in that of each container; the rules of nf_tables by
 * nfnetlink and of the legacy tables by their socket options. No packet is ever sent. */
#ifndef HOLDFAST_NETWORK_H
#define HOLDFAST_NETWORK_H

#include <holdfast/container.h>

HF_BEGIN_DECLS

/* ---- addresses ---- */

typedef struct hf_ip {
	uint8_t family;	   /* 4, 6; 0: none */
	uint8_t bytes[16]; /* network order; IPv4 in the first four */
} hf_ip;

/* "172.17.0.2" or "fd00::2"; @ip.family 0: "". Lives until the end of the scan. */
HF_PUBLIC const char *hf_ip_text(hf_check_run *run, const hf_ip *ip);
/* False: @text is no address (hf_ip.family is 0 then). */
HF_PUBLIC bool hf_ip_parse(const char *text, hf_ip *ret_ip);
/* @a and @b are the same in their first @prefix bits. */
HF_PUBLIC bool hf_ip_shares_prefix(const hf_ip *a, const hf_ip *b, uint32_t prefix);

/* ---- one network namespace ---- */

/* Source: RTM_GETLINK (rtnetlink(7), linux/if_link.h). Names are the container's choice in its namespace. */
typedef struct hf_interface {
	int32_t index;
	const char *name;
	const char *kind; /* IFLA_INFO_KIND: "bridge", "veth", "macvlan", "ipvlan", "vxlan", "tun" …; "": hardware,
			   * loopback or virtio, which have none */
	uint32_t flags;	  /* IFF_* of netdevice(7) */
	bool is_up;
	bool is_loopback;
	bool has_hardware; /* a device of a bus stands behind it (sysfs' "device"); false also when not known */
	uint32_t promiscuity;
	int32_t master; /* index of the bridge, bond or VRF that it belongs to; 0: none */
	int32_t peer;	/* IFLA_LINK: other end of a veth, lower device of a vlan or macvlan; 0: none */
	bool is_peer_elsewhere; /* .peer is an index of another namespace */
	const char *mac;	/* "02:42:ac:11:00:02"; "": none */
	const char *mode;	/* of macvlan and ipvlan: "private", "vepa", "bridge", "passthru", "l2", "l3", "l3s" */
	/* of a port of a bridge: linux/if_link.h, IFLA_BRPORT_* */
	bool is_port;
	bool is_isolated;
	bool is_learning;
	bool is_hairpin;
	bool has_static_mac; /* a static entry of the bridge's table leads here */
	/* of a bridge: IFLA_BR_*; true also by the node's own net.bridge.bridge-nf-call-* */
	bool calls_iptables;
	bool calls_ip6tables;
	bool is_vlan_filtering;
	uint64_t peer_netns; /* inode of the namespace that .peer counts in; 0: not known */
} hf_interface;

typedef struct hf_interface_address {
	const hf_interface *interface;
	hf_ip ip;
	uint32_t prefix; /* bits */
	bool is_link_local;
} hf_interface_address;

/* A unicast route of any table but "local". */
typedef struct hf_route {
	hf_ip to; /* .family is always set; with .prefix 0 the default */
	uint32_t prefix;
	hf_ip via;			/* .family 0: on the link */
	const hf_interface *interface;	/* NULL: blackhole, unreachable, prohibit, or several ways */
	bool is_refused;		/* blackhole, unreachable, prohibit */
	uint32_t table;			/* 254 is main */
	uint32_t metric;
} hf_route;

typedef struct hf_netns {
	hf_fact fact; /* unreadable: nothing below is known. Present with .why: there may be more */
	uint64_t inode;
	const hf_interface *interfaces; /* by index */
	size_t interface_count;
	const hf_interface_address *addresses;
	size_t address_count;
	const hf_route *routes; /* as the kernel lists them */
	size_t route_count;
	bool has_policy_routing; /* rules beyond the three that every namespace has: .routes alone do not decide */
	const hf_route *to_itself; /* two, of IPv4 and IPv6: to its own addresses, by "lo"; NULL: it has no "lo" */
} hf_netns;

/* Of the initial network namespace. */
HF_PUBLIC const hf_netns *hf_host_netns(hf_check_run *run);
/* Of @container's first process; that of the host where it shares it. */
HF_PUBLIC const hf_netns *hf_container_netns(hf_check_run *run, const hf_container *container);

HF_PUBLIC const hf_interface *hf_netns_interface(const hf_netns *netns, const char *name);
HF_PUBLIC const hf_interface *hf_netns_interface_at(const hf_netns *netns, int32_t index);

/* Where a packet to @to leaves @netns: longest prefix of table main, then the lowest metric. NULL: no way, or it is
 * refused; with policy routing the result is no proof. @to among the namespace's own addresses: its interface "lo". */
HF_PUBLIC const hf_route *hf_netns_route(const hf_netns *netns, const hf_ip *to);

/* Raw and packet sockets in the network namespace of @container: .family "packet", "raw", "raw6"; .port is the protocol.
 * Sources: /proc/PID/net/{packet,raw,raw6}. */
HF_PUBLIC const hf_sockets *hf_container_raw_sockets(hf_check_run *run, const hf_container *container);

/* A setting below /proc/sys/net as a process in @container's network namespace sees it ("net.ipv4.ip_forward"). Only
 * what src/collect/network.h lists is known. */
HF_PUBLIC const hf_sysctl *hf_container_sysctl(hf_check_run *run, const hf_container *container,
					       const char *key);

/* ---- bridges and networks of containers ---- */

/* A container's own interface, and where it is plugged in. */
typedef struct hf_attachment {
	const hf_container *container;
	const hf_interface *inside; /* in its namespace */
	const hf_interface *port;   /* of the host: the other end; NULL: no veth (macvlan, hardware), or not known */
	const hf_interface *bridge; /* of the host: what .port belongs to, else NULL (routed) */
	hf_ip ip;		    /* its first address of each family, .family 0: none */
	hf_ip ip6;		    /* no link-local one */
} hf_attachment;

typedef struct hf_attachments {
	hf_fact fact; /* unreadable: there may be more */
	const hf_attachment *all; /* by container id, then by index of .inside; loopback is left out */
	size_t count;
} hf_attachments;

/* Of all containers; of one. Containers in the host's namespace have none. */
HF_PUBLIC const hf_attachments *hf_attachments_get(hf_check_run *run);
HF_PUBLIC const hf_attachments *hf_container_attachments(hf_check_run *run,
							 const hf_container *container);

/* A bridge of the host that containers can be plugged into: one that is a network of an engine's, or has a
 * container's port. The subject of HF_SUBJECT_NETWORK, key "network:<name of the bridge>". */
typedef struct hf_network {
	const hf_interface *bridge;
	hf_ip gateway;	/* the bridge's own first address of each family */
	uint32_t prefix;
	hf_ip gateway6; /* no link-local one */
	uint32_t prefix6;
	const char *name;    /* of the engine's network, "bridge", "backend"; NULL: no engine names it */
	const char *engine;  /* "docker", "podman", "cni"; NULL: not known */
	bool is_default;     /* Docker's own network named "bridge" */
	bool is_internal;    /* declared: no way out */
	bool is_declared;    /* an engine's record of it was read */
	const hf_attachment *const *members;
	size_t member_count;
	bool declares_ipv6;   /* by that record, as the next */
	bool declares_no_icc; /* its members shall not reach each other */
} hf_network;

typedef struct hf_networks {
	hf_fact fact; /* unreadable: there may be more */
	const hf_network *const *all; /* by name of the bridge */
	size_t count;
} hf_networks;

HF_PUBLIC const hf_networks *hf_networks_get(hf_check_run *run);
/* The one that a check with subject HF_SUBJECT_NETWORK is asked about; never NULL there. */
HF_PUBLIC const hf_network *hf_network_of(hf_check_run *run);

/* What leads to the world outside: interfaces that are up, lead somewhere by a default route or have hardware behind
 * them, and belong to no container. */
HF_PUBLIC const hf_interface *const *hf_uplinks(hf_check_run *run, size_t *ret_count);

/* ---- the packet filter ---- */

typedef enum hf_filter_kind {
	HF_FILTER_NFT = 0,	/* nf_tables: nft, iptables-nft, firewalld, an engine's nftables back end */
	HF_FILTER_LEGACY	/* ip_tables, ip6_tables */
} hf_filter_kind;

/* One chain of the packet filter. */
typedef struct hf_filter_chain {
	hf_filter_kind kind;
	const char *family; /* "ip", "ip6", "inet", "bridge", "netdev", "arp" */
	const char *table;
	const char *name;
	const char *hook;    /* "prerouting", "input", "forward", "output", "postrouting", "ingress"; NULL: no base chain */
	int32_t priority;
	bool drops;	     /* policy of a base chain */
	size_t rule_count;
	const char *owner;   /* who made it, by its name and form: "docker", "podman", "cni", "kube-proxy", "firewalld",
			      * "ufw", "libvirt"; NULL: the administrator's own, or not known */
} hf_filter_chain;

typedef struct hf_packet_filter {
	hf_fact fact; /* unreadable: some of it could not be read; the kernel has no filter: present and empty */
	const hf_filter_chain *chains; /* by kind, family, table, name */
	size_t chain_count;
	bool has_nft_rules;
	bool has_legacy_rules;
} hf_packet_filter;

HF_PUBLIC const hf_packet_filter *hf_packet_filter_get(hf_check_run *run);

/* "ip filter DOCKER-USER": the rules of a chain as text, in order, one a rule ("-i docker0 drop" …), for evidence;
 * bounded. NULL past the end. */
HF_PUBLIC const char *hf_filter_rule_text(hf_check_run *run, const hf_filter_chain *chain, size_t index);
/* True: nothing but counters, comments and "return" can happen in it. */
HF_PUBLIC bool hf_filter_chain_is_idle(hf_check_run *run, const hf_filter_chain *chain);
/* The chain that the @index-th rule of @chain jumps or goes to; NULL: it does not. */
HF_PUBLIC const hf_filter_chain *hf_filter_rule_target(hf_check_run *run,
						       const hf_filter_chain *chain, size_t index);

/* ---- what becomes of a packet ---- */

enum { HF_PROTOCOL_ICMP = 1, HF_PROTOCOL_TCP = 6, HF_PROTOCOL_UDP = 17 };

/* The first packet of a connection. */
typedef struct hf_packet {
	hf_ip from;
	hf_ip to;
	uint8_t protocol; /* HF_PROTOCOL_* */
	uint16_t from_port; /* 0: a port above 32767 */
	uint16_t to_port;
	const hf_interface *in; /* of the host, where it arrives; NULL: made by the host itself */
	const hf_interface *in_port; /* the port of the bridge @in that it arrives at; NULL: not known or no bridge */
	bool is_routed_here; /* the sender addressed its frame to this node although .to is not this node's: a
			      * neighbour that set a route of its own */
	bool is_untranslated; /* asks what became of it if no rule translated its destination: what the filter for
			       * the node itself says of a port that is published past it */
} hf_packet;

typedef enum hf_fate {
	HF_FATE_UNKNOWN = 0, /* a rule that could decide was not understood, or not read */
	HF_FATE_DROPPED,     /* dropped, rejected, or there is no way on */
	HF_FATE_ACCEPTED     /* it gets where it wants: to a container's interface, to the host, outside */
} hf_fate;

typedef struct hf_passage {
	hf_fact fact; /* HF_FATE_UNKNOWN: why */
	hf_fate fate;
	const char *decided_by; /* "ip filter FORWARD: policy drop", "ip filter DOCKER-ISOLATION-STAGE-2 rule 1: …",
				 * "no rule drops it": for evidence */
	hf_ip to;	  /* after address translation */
	uint16_t to_port;
	bool is_translated;	    /* its destination was */
	bool is_for_host;	    /* it was delivered to the node itself (input) */
	const hf_interface *out;    /* where it left; NULL: it did not */
	const hf_interface *out_port;
} hf_passage;

/* Walks @packet through the node: prerouting (raw, mangle, translation), the routing decision, input or forward,
 * postrouting; between two ports of one bridge what the bridge itself does, and the IP rules only where
 * bridge-nf-call-* hands it to them. IPv4 and IPv6. The same packet is walked once. */
HF_PUBLIC const hf_passage *hf_packet_walk(hf_check_run *run, const hf_packet *packet);

/* ---- who can reach whom ---- */

/* A port that the engine or the rules publish for a container. */
typedef struct hf_publication {
	const hf_container *container; /* NULL: the rule's target is no running container */
	uint8_t protocol;
	hf_ip host_ip;	    /* any: all bytes 0 */
	uint16_t host_port; /* first of the range */
	uint16_t port_count;
	hf_ip to;
	uint16_t to_port;
	bool by_rule;	/* a destination translation of the packet filter */
	bool by_proxy;	/* a process of the engine listens */
	const char *source; /* the rule or the process, for evidence */
} hf_publication;

typedef struct hf_publications {
	hf_fact fact; /* unreadable: there may be more */
	const hf_publication *all;
	size_t count;
} hf_publications;

HF_PUBLIC const hf_publications *hf_publications_get(hf_check_run *run);

/* Listening TCP and UDP sockets of the node's own namespace (/proc/2/net/{tcp,tcp6,udp,udp6}). */
HF_PUBLIC const hf_sockets *hf_host_sockets_inet(hf_check_run *run);
/* The process of the host that holds a socket with this inode; NULL: nobody known does. */
HF_PUBLIC const hf_process *hf_socket_holder(hf_check_run *run, uint64_t inode);

HF_END_DECLS

#endif
