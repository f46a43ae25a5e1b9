/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network settings of the node: what counts is what is effective on each interface, by the kernel's
 * own rules for "all" and the interface (include/linux/inetdevice.h, net/ipv6/), not what "all" and
 * "default" say. "default" is only the start value of interfaces to come. */
#include "common.h"
#include "sets.h"
#include "settings.h"
#include "usage.h"

#include <limits.h>

#define CONF4	  "/proc/sys/net/ipv4/conf"
#define CONF6	  "/proc/sys/net/ipv6/conf"
#define NET_CLASS "/sys/class/net"

/* One setting over all interfaces of one family. */
typedef struct net_survey {
	hf_check_run *run;
	const char *family; /* "ipv4", "ipv6" */
	kernel_listing effective;
	size_t seen;
	const char *hole_source; /* something that could not be read, or NULL */
	const char *hole_why;
} net_survey;

/* Whether the setting is effective on @name. False, too, when it could not be told: then the survey
 * has a hole, or the interface is gone. */
typedef bool effective_fn(net_survey *survey, const char *name);

static void leave_hole(net_survey *survey, const char *source, const char *why)
{
	if (survey->hole_source)
		return;
	survey->hole_source = source;
	survey->hole_why = why ? why : "could not be read";
}

/* net.FAMILY.conf.NAME.LEAF. False: it could not be read (a hole), or the interface is gone since
 * it was listed, which is none. */
static bool read_conf(net_survey *survey, const char *name, const char *leaf, int64_t *ret_value)
{
	char escaped[NAME_MAX + 1];
	size_t length = 0;

	/* in a key '/' stands for a dot inside a name: "eth0.100" */
	for (; name[length] && length < sizeof escaped - 1; length++)
		escaped[length] = name[length] == '.' ? '/' : name[length];
	escaped[length] = '\0';
	const hf_sysctl *sysctl =
		hf_sysctl_get(survey->run, hf_text(survey->run, "net.%s.conf.%s.%s", survey->family,
						   escaped, leaf));

	if (sysctl->fact.state == HF_PRESENT && sysctl->is_number) {
		*ret_value = sysctl->number;
		return true;
	}
	if (sysctl->fact.state == HF_PRESENT)
		leave_hole(survey, sysctl->fact.source, "is no number");
	else if (sysctl->fact.state == HF_UNREADABLE || strcmp(name, "all") == 0)
		leave_hole(survey, sysctl->fact.source, sysctl->fact.why);
	return false;
}

/* ---- the kernel's rules ---- */

/* IN_DEV_RX_REDIRECTS: a router needs both, a host either. */
static bool accepts_redirects4(net_survey *survey, const char *name)
{
	int64_t all, own, forwarding;

	if (!read_conf(survey, "all", "accept_redirects", &all) ||
	    !read_conf(survey, name, "accept_redirects", &own) ||
	    !read_conf(survey, name, "forwarding", &forwarding))
		return false;
	return forwarding ? all && own : all || own;
}

/* IN_DEV_TX_REDIRECTS */
static bool sends_redirects4(net_survey *survey, const char *name)
{
	int64_t all, own;

	return read_conf(survey, "all", "send_redirects", &all) &&
	       read_conf(survey, name, "send_redirects", &own) && (all || own);
}

/* rt6_do_redirect(): the interface alone, and never while it forwards. */
static bool accepts_redirects6(net_survey *survey, const char *name)
{
	int64_t own, forwarding, is_off;

	return read_conf(survey, name, "disable_ipv6", &is_off) &&
	       read_conf(survey, name, "accept_redirects", &own) &&
	       read_conf(survey, name, "forwarding", &forwarding) && !is_off && own && !forwarding;
}

/* IN_DEV_SOURCE_ROUTE */
static bool accepts_source_route4(net_survey *survey, const char *name)
{
	int64_t all, own;

	return read_conf(survey, "all", "accept_source_route", &all) &&
	       read_conf(survey, name, "accept_source_route", &own) && all && own;
}

/* ipv6_rthdr_rcv(): the smaller of both; 0 leaves type 2 headers, which only reach the node itself.
 */
static bool accepts_source_route6(net_survey *survey, const char *name)
{
	int64_t all, own, is_off;

	return read_conf(survey, name, "disable_ipv6", &is_off) &&
	       read_conf(survey, "all", "accept_source_route", &all) &&
	       read_conf(survey, name, "accept_source_route", &own) && !is_off && all > 0 &&
	       own > 0;
}

/* ipv6_accept_ra(): 2 means "though forwarding". */
static bool accepts_advertisements(net_survey *survey, const char *name)
{
	int64_t own, forwarding, is_off;

	if (!read_conf(survey, name, "disable_ipv6", &is_off) ||
	    !read_conf(survey, name, "accept_ra", &own) ||
	    !read_conf(survey, name, "forwarding", &forwarding))
		return false;
	return !is_off && (forwarding ? own == 2 : own != 0);
}

/* ---- all interfaces ---- */

/* The device list of sysfs shows what a listing that was cut short lost at its end. */
static void compare_with_devices(net_survey *survey, const hf_dir *conf)
{
	const hf_dir *devices = hf_dir_get(survey->run, NET_CLASS);
	const char *last = conf->names[conf->count - 1];

	for (size_t i = 0; devices->fact.state == HF_PRESENT && i < devices->count; i++) {
		const char *name = devices->names[i];

		if (strcmp(name, last) > 0 && strcmp(name, "bonding_masters") != 0)
			leave_hole(survey, conf->fact.source,
				   hf_text(survey->run, "lacks %s, which " NET_CLASS " has", name));
	}
}

static bool is_entry(const char *name)
{
	return strcmp(name, "all") == 0 || strcmp(name, "default") == 0;
}

/* Asks @is_effective about every interface but loopback: what comes in there was sent by this very
 * namespace, no router is behind it. False: nothing to ask, and @run is marked. */
static bool survey_interfaces(net_survey *survey, const char *conf_path, effective_fn *is_effective)
{
	const hf_dir *conf = hf_dir_get(survey->run, conf_path);

	if (conf->fact.state == HF_ABSENT) {
		hf_not_applicable(
			survey->run, conf->fact.source, "does not exist",
			hf_text(survey->run, "this kernel runs without %s", survey->family));
		return false;
	}
	if (!hf_need(survey->run, &conf->fact))
		return false;
	if (!hf_dir_has(conf, "all") || !hf_dir_has(conf, "lo")) {
		hf_unknown(survey->run, conf->fact.source,
			   "is no complete list: it lacks all or lo");
		return false;
	}
	compare_with_devices(survey, conf);
	for (size_t i = 0; i < conf->count; i++) {
		const char *name = conf->names[i];

		if (is_entry(name) || strcmp(name, "lo") == 0)
			continue;
		survey->seen++;
		if (is_effective(survey, name))
			kernel_list(survey->run, &survey->effective, name);
	}
	return true;
}

static void conclude(net_survey *survey, const char *source, const char *wanted)
{
	if (survey->effective.count > 0)
		hf_expect(survey->run, source,
			  hf_text(survey->run, "effective on %zu of %zu interfaces: %s",
				  survey->effective.count, survey->seen,
				  kernel_list_text(survey->run, &survey->effective)),
			  wanted, false);
	else if (survey->hole_source)
		hf_unknown(survey->run, survey->hole_source, survey->hole_why);
	else
		hf_expect(survey->run, source,
			  hf_text(survey->run, "effective on none of %zu interfaces", survey->seen),
			  wanted, true);
}

static void judge_everywhere(hf_check_run *run, const char *family, const char *conf_path,
			     const char *leaf, effective_fn *is_effective)
{
	net_survey survey = {.run = run, .family = family};

	if (survey_interfaces(&survey, conf_path, is_effective))
		conclude(&survey, hf_text(run, "%s/*/%s", conf_path, leaf),
			 "effective on no interface");
}

static void check_redirects(hf_check_run *run)
{
	if (!settings_in_initial_netns(run))
		return;
	judge_everywhere(run, "ipv4", CONF4, "accept_redirects", accepts_redirects4);
	judge_everywhere(run, "ipv4", CONF4, "send_redirects", sends_redirects4);
	judge_everywhere(run, "ipv6", CONF6, "accept_redirects", accepts_redirects6);
}

static void check_source_route(hf_check_run *run)
{
	if (!settings_in_initial_netns(run))
		return;
	judge_everywhere(run, "ipv4", CONF4, "accept_source_route", accepts_source_route4);
	judge_everywhere(run, "ipv6", CONF6, "accept_source_route", accepts_source_route6);
}

/* ---- router advertisements ---- */

/* Only decided for interfaces that accept them, so that an unread type of the others does no harm.
 */
static bool faces_containers(net_survey *survey, const char *name, bool *ret_is_known)
{
	hf_check_run *run = survey->run;
	const hf_file *uevent = hf_file_get(run, hf_text(run, NET_CLASS "/%s/uevent", name));
	const hf_file *link = hf_file_get(run, hf_text(run, NET_CLASS "/%s/iflink", name));
	const hf_file *index = hf_file_get(run, hf_text(run, NET_CLASS "/%s/ifindex", name));

	*ret_is_known = uevent->fact.state == HF_PRESENT;
	if (!*ret_is_known) {
		leave_hole(survey, uevent->fact.source, uevent->fact.why);
		return false;
	}
	if (strstr(uevent->data, "DEVTYPE=bridge\n"))
		return true;
	/* a VLAN, a tunnel, a macvlan name their kind; one end of a veth pair does not, and links
	 * to the other end */
	if (strstr(uevent->data, "DEVTYPE="))
		return false;
	if (kernel_starts_with(name, "veth"))
		return true;
	*ret_is_known = link->fact.state == HF_PRESENT && index->fact.state == HF_PRESENT;
	if (!*ret_is_known) {
		const hf_fact *unread = link->fact.state == HF_PRESENT ? &index->fact : &link->fact;

		leave_hole(survey, unread->source, unread->why);
		return false;
	}
	return strcmp(link->data, index->data) != 0 && !kernel_starts_with(link->data, "0");
}

/* The uplink is the site's own matter: told. */
static bool advertisements_reach_containers(net_survey *survey, const char *name)
{
	bool is_known;

	if (!accepts_advertisements(survey, name))
		return false;
	if (faces_containers(survey, name, &is_known))
		return true;
	if (is_known)
		hf_note(survey->run, hf_text(survey->run, CONF6 "/%s/accept_ra", name),
			"accepted, on an interface that no container is behind");
	return false;
}

static void check_ipv6_ra(hf_check_run *run)
{
	net_survey survey = {.run = run, .family = "ipv6"};

	if (!settings_in_initial_netns(run) ||
	    !survey_interfaces(&survey, CONF6, advertisements_reach_containers))
		return;
	/* networkd and NetworkManager set the kernel's switch to 0 and handle them in user space */
	conclude(&survey, CONF6 "/*/accept_ra", "not accepted by the kernel on any bridge or veth");
}

/* ---- settings of the namespace ---- */

static void check_syncookies(hf_check_run *run)
{
	static const char key[] = "net.ipv4.tcp_syncookies";
	const hf_sysctl *sysctl = hf_sysctl_get(run, key);
	int64_t value;

	if (!settings_in_initial_netns(run))
		return;
	if (sysctl->fact.state == HF_ABSENT) {
		hf_expect(run, sysctl->fact.source, "does not exist: built without SYN cookies",
			  "1 or 2", false);
		return;
	}
	if (!hf_sysctl_number(run, key, &value))
		return;
	hf_expect_i64(run, sysctl->fact.source, value, "1 or 2", value == 1 || value == 2);
	settings_note_declared(run, key);
}

static void check_unprivileged_ports(hf_check_run *run)
{
	static const char key[] = "net.ipv4.ip_unprivileged_port_start";
	static const char wanted[] = "1024 or more, or a rootless engine that needs less";
	const hf_sysctl *sysctl = hf_sysctl_get(run, key);
	int64_t value;

	if (!settings_in_initial_netns(run))
		return;
	if (sysctl->fact.state == HF_ABSENT) {
		hf_expect(run, sysctl->fact.source,
			  "does not exist: fixed to 1024 before Linux 4.11", wanted, true);
		return;
	}
	if (!hf_sysctl_number(run, key, &value))
		return;
	settings_note_declared(run, key);
	if (value >= 1024) {
		hf_expect_i64(run, sysctl->fact.source, value, wanted, true);
		return;
	}
	usage rootless = usage_of_rootless(run);

	hf_note(run, rootless.source, rootless.found);
	switch (rootless.answer) {
	case USAGE_NO:
		hf_expect_i64(run, sysctl->fact.source, value, wanted, false);
		break;
	case USAGE_YES:
		/* only a person knows whether that is why */
		hf_review(run, sysctl->fact.source, hf_text(run, "%lld", (long long)value),
			  "A rootless engine runs. Right if it publishes ports below 1024 and that "
			  "is documented for this node.");
		break;
	case USAGE_UNKNOWN:
		hf_unknown(run, rootless.source, rootless.found);
		break;
	}
}

static const hf_check checks[] = {
	{
		.id = "kernel.net.redirects",
		.title = "ICMP redirects are neither accepted nor sent",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:M/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Debian:3.3.1.8", "CIS-Debian:3.3.1.4", "CIS-Debian:3.3.2.3",
				"LYNIS:KRNL-6000"),
		.reads = HF_READS(SETTINGS_NETNS_READ, "dir:" NET_CLASS, "dir:" CONF4, "dir:" CONF6,
				  CONF4 "/*/accept_redirects", CONF4 "/*/send_redirects",
				  CONF4 "/*/forwarding", CONF6 "/*/accept_redirects",
				  CONF6 "/*/forwarding", CONF6 "/*/disable_ipv6"),
		.risk = "A neighbour on the link, a container on the bridge too, can steer the "
			"node's traffic through itself.",
		.threat = "One forged ICMP redirect puts a host route through the attacker, who "
			  "then reads or alters what the node sends.",
		.remediation = "For all, default and each existing interface (they keep their own "
			       "value), in /etc/sysctl.d/50-redirects.conf: "
			       "net.ipv4.conf.*.accept_redirects = 0, "
			       "net.ipv4.conf.*.send_redirects = 0, "
			       "net.ipv6.conf.*.accept_redirects = 0; then sysctl --system. "
			       "Turning ip_forward on or off resets some of them.",
		.run = check_redirects,
	},
	{
		.id = "kernel.net.source-route",
		.title = "Source routed packets are refused",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Debian:3.3.1.14", "LYNIS:KRNL-6000"),
		.reads = HF_READS(SETTINGS_NETNS_READ, "dir:" NET_CLASS, "dir:" CONF4, "dir:" CONF6,
				  CONF4 "/*/accept_source_route", CONF6 "/*/accept_source_route",
				  CONF6 "/*/disable_ipv6"),
		.risk = "The sender decides the way of the packets and of the answers, past "
			"routes that separate networks.",
		.threat = "With a forged source address and a source route the attacker gets the "
			  "answers, and so a full connection in another host's name.",
		.remediation = "Put net.ipv4.conf.all.accept_source_route = 0 and "
			       "net.ipv6.conf.all.accept_source_route = 0 into "
			       "/etc/sysctl.d/50-source-route.conf, then run sysctl --system.",
		.run = check_source_route,
	},
	{
		.id = "kernel.net.ipv6-ra",
		.title = "Router advertisements cannot hijack the node",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:M/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Debian:3.3.2.7", "CVE:2020-10749"),
		.reads = HF_READS(SETTINGS_NETNS_READ, "dir:" NET_CLASS, "dir:" CONF6,
				  CONF6 "/*/accept_ra", CONF6 "/*/forwarding",
				  CONF6 "/*/disable_ipv6", NET_CLASS "/*/uevent",
				  NET_CLASS "/*/iflink", NET_CLASS "/*/ifindex"),
		.risk = "A container can make itself the node's IPv6 router: names that have an "
			"IPv6 address are then reached through it, though the network was meant "
			"to be IPv4.",
		.threat = "A container with CAP_NET_RAW, which engines grant by default, sends a "
			  "router advertisement on the bridge and reads the node's connections.",
		.remediation = "Put net.ipv6.conf.default.accept_ra = 0 and a line for each "
			       "bridge (net.ipv6.conf.docker0.accept_ra = 0) into "
			       "/etc/sysctl.d/50-ra.conf, then run sysctl --system; where "
			       "networkd or NetworkManager handles advertisements, limit them to "
			       "the uplink there (IPv6AcceptRA=, ipv6.method).",
		.run = check_ipv6_ra,
	},
	{
		.id = "kernel.net.syncookies",
		.title = "SYN cookies are on",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Debian:3.3.1.18", "LYNIS:KRNL-6000"),
		.reads = HF_READS(SETTINGS_NETNS_READ, "sysctl:net.ipv4.tcp_syncookies"),
		.risk = "The node's services stop accepting connections.",
		.threat = "A stream of forged SYN packets, which costs the sender nothing, fills "
			  "the queue of half-open connections.",
		.remediation = "Put net.ipv4.tcp_syncookies = 1 into "
			       "/etc/sysctl.d/50-syncookies.conf, then run sysctl --system.",
		.run = check_syncookies,
	},
	{
		.id = "kernel.net.unprivileged-ports",
		.title = "Host ports below 1024 need privilege",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:1188"),
		.reads = HF_READS(SETTINGS_NETNS_READ, "sysctl:net.ipv4.ip_unprivileged_port_start",
				  USAGE_USERNS_READS),
		.risk = "Any user can serve the node's well-known ports.",
		.threat = "While a service restarts, a user's program, or a container with the "
			  "node's network, takes its port and collects passwords.",
		.remediation = "Put net.ipv4.ip_unprivileged_port_start = 1024 into "
			       "/etc/sysctl.d/50-ports.conf, then run sysctl --system. (0 inside "
			       "containers is the engines' default and right.)",
		.run = check_unprivileged_ports,
	},
};

HF_CHECK_SET(kernel_net, checks);
