/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who made a chain, by its name. Programs that manage rules name their chains and tables always alike. */
#include "facts/filter.h"

#include <fnmatch.h>

/* Table and chain as patterns of fnmatch(3); the first that fits counts. */
static const struct {
	const char *table, *chain, *owner;
} owners[] = {
	/* Docker 20.10 to 28 in iptables; from 29 tables of its own in nftables, too */
	{"*", "DOCKER", "docker"},
	{"*", "DOCKER-*", "docker"},
	{"docker-bridges", "*", "docker"},
	/* Podman */
	{"*", "NETAVARK*", "podman"},
	{"*", "netavark*", "podman"},
	{"netavark", "*", "podman"},
	/* CNI plugins: portmap, firewall, bridge (a chain for each container) */
	{"*", "CNI-*", "cni"},
	{"cni_*", "*", "cni"},
	{"cni-*", "*", "cni"},
	/* kube-proxy, and the kubelet's own */
	{"*", "KUBE-*", "kube-proxy"},
	{"kube-proxy", "*", "kube-proxy"},
	/* firewalld: a table in nftables, chains by zone and direction in iptables */
	{"firewalld", "*", "firewalld"},
	{"*", "*_ZONES", "firewalld"},
	{"*", "*_ZONES_SOURCE", "firewalld"},
	{"*", "*_direct", "firewalld"},
	{"*", "ufw-*", "ufw"},
	{"*", "ufw6-*", "ufw"},
	{"*", "LIBVIRT_*", "libvirt"},
	{"libvirt_network", "*", "libvirt"},
};

const char *hf_filter_owner(const hf_filter_chain *chain)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(owners); i++) {
		if (fnmatch(owners[i].table, chain->table, 0) == 0 &&
		    fnmatch(owners[i].chain, chain->name, 0) == 0)
			return owners[i].owner;
	}
	return NULL;
}
