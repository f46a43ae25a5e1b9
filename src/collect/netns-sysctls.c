/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of a network namespace: those of interfaces as rtnetlink tells them, which is a hundred times cheaper than
 * their files; the others from /proc/sys/net, which shows the reader's own namespace. */
#include "collect/netns.h"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

enum { VALUE_ROOM = 128 };

const char *const hf_netns_sysctls[] = {
	"net.ipv4.ip_forward",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.conf.*.forwarding",
	"net.ipv4.conf.*.accept_redirects",
	"net.ipv4.conf.*.secure_redirects",
	"net.ipv4.conf.*.send_redirects",
	"net.ipv4.conf.*.accept_source_route",
	"net.ipv4.conf.*.route_localnet",
	"net.ipv4.conf.*.rp_filter",
	"net.ipv4.conf.*.proxy_arp",
	"net.ipv4.conf.*.arp_accept",
	"net.ipv4.conf.*.arp_announce",
	"net.ipv4.conf.*.arp_filter",
	"net.ipv4.conf.*.arp_ignore",
	"net.ipv6.conf.*.accept_ra",
	"net.ipv6.conf.*.accept_redirects",
	"net.ipv6.conf.*.accept_source_route",
	"net.ipv6.conf.*.disable_ipv6",
	"net.ipv6.conf.*.forwarding",
	NULL,
};

/* ---- of interfaces ---- */

typedef struct setting {
	uint16_t index; /* in the array of the kernel */
	const char *name;
} setting;

/* IFLA_INET_CONF: enum of <linux/ip.h>, which begins at 1. */
static const setting ipv4[] = {
	{IPV4_DEVCONF_FORWARDING - 1, "forwarding"},
	{IPV4_DEVCONF_ACCEPT_REDIRECTS - 1, "accept_redirects"},
	{IPV4_DEVCONF_SECURE_REDIRECTS - 1, "secure_redirects"},
	{IPV4_DEVCONF_SEND_REDIRECTS - 1, "send_redirects"},
	{IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE - 1, "accept_source_route"},
	{IPV4_DEVCONF_ROUTE_LOCALNET - 1, "route_localnet"},
	{IPV4_DEVCONF_RP_FILTER - 1, "rp_filter"},
	{IPV4_DEVCONF_PROXY_ARP - 1, "proxy_arp"},
	{IPV4_DEVCONF_ARP_ACCEPT - 1, "arp_accept"},
	{IPV4_DEVCONF_ARP_ANNOUNCE - 1, "arp_announce"},
	{IPV4_DEVCONF_ARPFILTER - 1, "arp_filter"},
	{IPV4_DEVCONF_ARP_IGNORE - 1, "arp_ignore"},
};

/* IFLA_INET6_CONF: enum of <linux/ipv6.h>. */
static const setting ipv6[] = {
	{DEVCONF_ACCEPT_RA, "accept_ra"},
	{DEVCONF_ACCEPT_REDIRECTS, "accept_redirects"},
	{DEVCONF_ACCEPT_SOURCE_ROUTE, "accept_source_route"},
	{DEVCONF_DISABLE_IPV6, "disable_ipv6"},
	{DEVCONF_FORWARDING, "forwarding"},
};

/* As a key: a dot of the name is a '/' there. */
static void put_name(hf_buffer *text, const char *name)
{
	char key[HF_NETNS_NAME_ROOM];
	size_t length = strnlen(name, sizeof key);

	for (size_t i = 0; i < length; i++)
		key[i] = name[i] == '.' ? '/' : name[i];
	hf_netns_escape(text, key, length);
}

static void add_array(hf_buffer *text, const char *family, const char *name, const struct nlattr *array,
		      const setting *settings, size_t count)
{
	size_t values = array ? mnl_attr_get_payload_len(array) / sizeof(int32_t) : 0;

	for (size_t i = 0; i < count; i++) {
		int32_t value;

		if (settings[i].index >= values)
			continue;
		memcpy(&value,
		       (const char *)mnl_attr_get_payload(array) + settings[i].index * sizeof value,
		       sizeof value);
		hf_buffer_printf(text, "net.%s.conf.", family);
		put_name(text, name);
		hf_buffer_printf(text, ".%s %d\n", settings[i].name, value);
	}
}

void hf_netns_add_settings(hf_netns_reader *reader, const char *name, const struct nlattr *af_spec)
{
	const struct nlattr *by_family[AF_INET6 + 1];
	const hf_netns_attrs families = {by_family, HF_ARRAY_SIZE(by_family)};
	const struct nlattr *by_type[IFLA_INET6_CONF + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	hf_netns_nested(af_spec, &families);
	hf_netns_nested(by_family[AF_INET], &attrs);
	add_array(&reader->settings, "ipv4", name, by_type[IFLA_INET_CONF], ipv4, HF_ARRAY_SIZE(ipv4));
	hf_netns_nested(by_family[AF_INET6], &attrs);
	add_array(&reader->settings, "ipv6", name, by_type[IFLA_INET6_CONF], ipv6, HF_ARRAY_SIZE(ipv6));
}

/* ---- of the namespace ---- */

/* What decides together with an interface's own, and what is nobody's own. Each costs as much as all of netlink costs
 * for an interface. */
static const struct {
	const char *folder;
	const char *prefix;
	const char *names[8];
} folders[] = {
	{
		.folder = "ipv4",
		.prefix = "net.ipv4.",
		.names = {"ip_forward", "ip_unprivileged_port_start", "ping_group_range", NULL},
	},
	{
		.folder = "ipv4/conf/all",
		.prefix = "net.ipv4.conf.all.",
		.names = {"accept_redirects", "accept_source_route", "route_localnet", "arp_ignore", NULL},
	},
	{
		.folder = "ipv6/conf/all",
		.prefix = "net.ipv6.conf.all.",
		.names = {"accept_source_route", "disable_ipv6", "forwarding", NULL},
	},
};

static int read_value(int folder, const char *name, char value[VALUE_ROOM], size_t *ret_length)
{
	hf_cleanup(hf_closep) int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, value, VALUE_ROOM - 1);

	if (n < 0)
		return errno;
	while (n > 0 && value[n - 1] == '\n')
		n--;
	*ret_length = (size_t)n;
	return 0;
}

static void put_value(hf_buffer *text, int folder, int folder_error, const char *prefix, const char *name)
{
	char value[VALUE_ROOM];
	size_t length = 0;
	int error = folder < 0 ? folder_error : read_value(folder, name, value, &length);
	const char *word = error ? hf_errno_name(error) : NULL;

	hf_buffer_printf(text, "%s%s ", prefix, name);
	if (error)
		hf_buffer_printf(text, "!%s", word ? word : "EIO");
	else
		hf_netns_escape(text, value, length);
	hf_buffer_puts(text, "\n");
}

int hf_netns_ask_sysctls(hf_netns_reader *reader)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	/* opened anew: what is found below depends on the namespace of who looks */
	hf_cleanup(hf_closep) int net = openat(reader->proc_fd, "sys/net", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (net < 0)
		return hf_netns_send(reader, "sysctls", -errno, &text);
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		hf_cleanup(hf_closep) int folder =
			openat(net, folders[i].folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
		int error = folder < 0 ? errno : 0;

		for (size_t k = 0; folders[i].names[k]; k++)
			put_value(&text, folder, error, folders[i].prefix, folders[i].names[k]);
	}
	if (reader->settings.size > 0)
		hf_buffer_add(&text, reader->settings.data, reader->settings.size);
	if (reader->settings.failed)
		return -ENOMEM;
	return hf_netns_send(reader, "sysctls", reader->settings_end, &text);
}
