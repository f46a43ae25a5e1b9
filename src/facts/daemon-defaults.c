/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of dockerd with the defaults that each engine was compiled with. As of 2025-11: engines 17.06 to
 * 29, from cmd/dockerd/config*.go, options.go, daemon/config/ and daemon/reload*.go of those releases. */
#include "facts/parts.h"

#include <ctype.h>

/* sorted by name */
const hf_option_row hf_option_rows[] = {
	{.name = "allow-direct-routing", .kind = HF_OPTION_BOOL, .since = "28.2", .value = "false"},
	{.name = "allow-nondistributable-artifacts", .kind = HF_OPTION_LIST, .is_reloadable = true,
	 .until = "29.0", .value = ""},
	{.name = "api-cors-header", .kind = HF_OPTION_TEXT, .until = "29.0", .value = ""},
	{.name = "api-enable-cors", .kind = HF_OPTION_BOOL, .until = "17.06", .value = "false"},
	{.name = "authorization-plugins", .flag = "authorization-plugin", .kind = HF_OPTION_LIST,
	 .is_reloadable = true, .value = ""},
	{.name = "bip", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "bip6", .kind = HF_OPTION_TEXT, .since = "28.0", .value = ""},
	{.name = "bridge", .letter = 'b', .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "bridge-accept-fwmark", .kind = HF_OPTION_TEXT, .since = "29.0", .value = ""},
	{.name = "builder", .flag = "", .kind = HF_OPTION_OBJECT, .since = "18.09", .value = ""},
	{.name = "cdi-spec-dirs", .flag = "cdi-spec-dir", .kind = HF_OPTION_LIST, .since = "25.0"},
	{.name = "cgroup-parent", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "cluster-advertise", .kind = HF_OPTION_TEXT, .is_reloadable = true,
	 .until = "24.0", .value = ""},
	{.name = "cluster-store", .kind = HF_OPTION_TEXT, .is_reloadable = true, .until = "24.0",
	 .value = ""},
	{.name = "cluster-store-opts", .flag = "cluster-store-opt", .kind = HF_OPTION_MAP,
	 .is_reloadable = true, .until = "24.0", .value = ""},
	{.name = "containerd", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "containerd-namespace", .kind = HF_OPTION_TEXT, .since = "19.03", .value = "moby"},
	{.name = "containerd-plugins-namespace", .kind = HF_OPTION_TEXT, .since = "19.03",
	 .value = "plugins.moby"},
	{.name = "cpu-rt-period", .kind = HF_OPTION_NUMBER, .value = "0"},
	{.name = "cpu-rt-runtime", .kind = HF_OPTION_NUMBER, .value = "0"},
	{.name = "cri-containerd", .kind = HF_OPTION_BOOL, .since = "19.03", .value = "false"},
	{.name = "data-root", .kind = HF_OPTION_TEXT, .value = "/var/lib/docker", .rootless = ""},
	{.name = "debug", .letter = 'D', .kind = HF_OPTION_BOOL, .is_reloadable = true,
	 .value = "false"},
	{.name = "default-address-pools", .flag = "default-address-pool", .kind = HF_OPTION_POOLS,
	 .since = "18.06", .value = ""},
	/* private on cgroup v2, host on v1 */
	{.name = "default-cgroupns-mode", .kind = HF_OPTION_TEXT, .is_reloadable = true,
	 .since = "20.10"},
	{.name = "default-gateway", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "default-gateway-v6", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "default-ipc-mode", .kind = HF_OPTION_TEXT, .is_reloadable = true,
	 .since = "17.12", .value = "private", .before = "shareable", .changed = "19.03"},
	{.name = "default-network-opts", .flag = "default-network-opt", .kind = HF_OPTION_NESTED,
	 .since = "24.0", .value = ""},
	{.name = "default-runtime", .kind = HF_OPTION_TEXT, .is_reloadable = true, .value = "runc"},
	{.name = "default-shm-size", .kind = HF_OPTION_SIZE, .is_reloadable = true,
	 .value = "67108864"},
	{.name = "default-stop-timeout", .kind = HF_OPTION_NUMBER, .is_reloadable = true,
	 .since = "29.7", .value = "10"},
	{.name = "default-ulimits", .flag = "default-ulimit", .kind = HF_OPTION_ULIMITS,
	 .value = ""},
	{.name = "deprecated-key-path", .flag = "", .kind = HF_OPTION_TEXT, .since = "23.0",
	 .value = ""},
	{.name = "disable-legacy-registry", .kind = HF_OPTION_BOOL, .until = "18.03",
	 .value = "true", .before = "false", .changed = "17.12"},
	{.name = "dns", .kind = HF_OPTION_LIST, .value = ""},
	{.name = "dns-opts", .flag = "dns-opt", .kind = HF_OPTION_LIST, .value = ""},
	{.name = "dns-search", .kind = HF_OPTION_LIST, .value = ""},
	{.name = "exec-opts", .flag = "exec-opt", .kind = HF_OPTION_LIST, .value = ""},
	{.name = "exec-root", .kind = HF_OPTION_TEXT, .value = "/var/run/docker", .rootless = ""},
	{.name = "experimental", .kind = HF_OPTION_BOOL, .value = "false"},
	{.name = "features", .flag = "feature", .kind = HF_OPTION_BOOLS, .is_reloadable = true,
	 .since = "18.09", .value = ""},
	{.name = "firewall-backend", .kind = HF_OPTION_TEXT, .since = "29.0", .value = ""},
	{.name = "fixed-cidr", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "fixed-cidr-v6", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "graph", .letter = 'g', .kind = HF_OPTION_TEXT, .until = "24.0",
	 .value = "/var/lib/docker", .rootless = ""},
	{.name = "group", .letter = 'G', .kind = HF_OPTION_TEXT, .value = "docker"},
	{.name = "host-gateway-ip", .kind = HF_OPTION_TEXT, .since = "20.10", .value = ""},
	{.name = "host-gateway-ips", .flag = "", .kind = HF_OPTION_LIST, .since = "28.0",
	 .value = ""},
	{.name = "hosts", .flag = "host", .letter = 'H', .kind = HF_OPTION_LIST,
	 .value = "unix:///var/run/docker.sock", .rootless = ""},
	{.name = "http-proxy", .kind = HF_OPTION_TEXT, .since = "23.0", .value = ""},
	{.name = "https-proxy", .kind = HF_OPTION_TEXT, .since = "23.0", .value = ""},
	{.name = "icc", .kind = HF_OPTION_BOOL, .value = "true"},
	{.name = "init", .kind = HF_OPTION_BOOL, .value = "false"},
	{.name = "init-path", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "insecure-registries", .flag = "insecure-registry", .kind = HF_OPTION_LIST,
	 .is_reloadable = true, .value = ""},
	{.name = "ip", .kind = HF_OPTION_TEXT, .value = "0.0.0.0"},
	{.name = "ip-forward", .kind = HF_OPTION_BOOL, .value = "true"},
	{.name = "ip-forward-no-drop", .kind = HF_OPTION_BOOL, .since = "28.0", .value = "false"},
	{.name = "ip-masq", .kind = HF_OPTION_BOOL, .value = "true"},
	{.name = "ip6tables", .kind = HF_OPTION_BOOL, .since = "20.10", .value = "true",
	 .before = "false", .changed = "27.0"},
	{.name = "iptables", .kind = HF_OPTION_BOOL, .value = "true"},
	{.name = "ipv6", .kind = HF_OPTION_BOOL, .value = "false"},
	{.name = "labels", .flag = "label", .kind = HF_OPTION_LIST, .is_reloadable = true,
	 .value = ""},
	{.name = "live-restore", .kind = HF_OPTION_BOOL, .is_reloadable = true, .value = "false"},
	{.name = "log-driver", .kind = HF_OPTION_TEXT, .value = "json-file"},
	{.name = "log-format", .kind = HF_OPTION_TEXT, .since = "25.0", .value = "text"},
	{.name = "log-level", .letter = 'l', .kind = HF_OPTION_TEXT, .value = "info"},
	{.name = "log-opts", .flag = "log-opt", .kind = HF_OPTION_MAP, .value = ""},
	{.name = "max-concurrent-downloads", .kind = HF_OPTION_NUMBER, .is_reloadable = true,
	 .value = "3"},
	{.name = "max-concurrent-uploads", .kind = HF_OPTION_NUMBER, .is_reloadable = true,
	 .value = "5"},
	{.name = "max-download-attempts", .kind = HF_OPTION_NUMBER, .is_reloadable = true,
	 .since = "20.10", .value = "5"},
	{.name = "metrics-addr", .kind = HF_OPTION_TEXT, .value = ""},
	/* 0, and then 1500, up to 20.10 */
	{.name = "mtu", .kind = HF_OPTION_NUMBER, .value = "1500"},
	{.name = "network-control-plane-mtu", .kind = HF_OPTION_NUMBER, .value = "1500"},
	{.name = "network-diagnostic-port", .kind = HF_OPTION_NUMBER, .is_reloadable = true,
	 .since = "18.06", .value = "0"},
	{.name = "no-new-privileges", .kind = HF_OPTION_BOOL, .value = "false"},
	{.name = "no-proxy", .kind = HF_OPTION_TEXT, .since = "23.0", .value = ""},
	{.name = "node-generic-resources", .flag = "node-generic-resource", .kind = HF_OPTION_LIST,
	 .value = ""},
	{.name = "nri-opts", .kind = HF_OPTION_OBJECT, .is_reloadable = true, .since = "29.2",
	 .value = ""},
	{.name = "oom-score-adjust", .kind = HF_OPTION_NUMBER, .until = "26.0"},
	{.name = "pidfile", .letter = 'p', .kind = HF_OPTION_TEXT,
	 .value = "/var/run/docker.pid", .rootless = ""},
	{.name = "raw-logs", .kind = HF_OPTION_BOOL, .value = "false"},
	{.name = "registry-mirrors", .flag = "registry-mirror", .kind = HF_OPTION_LIST,
	 .is_reloadable = true, .value = ""},
	{.name = "restart", .letter = 'r', .kind = HF_OPTION_BOOL, .value = "true"},
	{.name = "rootless", .kind = HF_OPTION_BOOL, .since = "19.03", .value = "false",
	 .rootless = "true"},
	{.name = "runtimes", .flag = "add-runtime", .kind = HF_OPTION_RUNTIMES,
	 .is_reloadable = true, .is_merged = true, .value = ""},
	/* the word was "" up to 20.10, whose own answers call it default */
	{.name = "seccomp-profile", .kind = HF_OPTION_TEXT, .value = "builtin",
	 .before = "default", .changed = "22.06"},
	{.name = "selinux-enabled", .kind = HF_OPTION_BOOL, .value = "false"},
	{.name = "shutdown-timeout", .kind = HF_OPTION_NUMBER, .is_reloadable = true,
	 .value = "15"},
	/* chosen at the first start by what the file system can do */
	{.name = "storage-driver", .letter = 's', .kind = HF_OPTION_TEXT},
	{.name = "storage-opts", .flag = "storage-opt", .kind = HF_OPTION_LIST, .value = ""},
	{.name = "swarm-default-advertise-addr", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = "tls", .kind = HF_OPTION_BOOL, .value = "false"},
	/* below ~/.docker or $DOCKER_CERT_PATH */
	{.name = "tlscacert", .kind = HF_OPTION_TEXT},
	{.name = "tlscert", .kind = HF_OPTION_TEXT},
	{.name = "tlskey", .kind = HF_OPTION_TEXT},
	{.name = "tlsverify", .kind = HF_OPTION_BOOL, .value = "false"},
	{.name = "userland-proxy", .kind = HF_OPTION_BOOL, .value = "true"},
	{.name = "userland-proxy-path", .kind = HF_OPTION_TEXT},
	{.name = "userns-remap", .kind = HF_OPTION_TEXT, .value = ""},
	{.name = NULL},
};

const hf_option_row *hf_option_by_key(const char *name)
{
	for (const hf_option_row *row = hf_option_rows; row->name; row++) {
		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

const hf_option_row *hf_option_by_flag(const char *flag, size_t length)
{
	for (const hf_option_row *row = hf_option_rows; row->name; row++) {
		const char *word = hf_option_flag(row);

		if (strlen(word) == length && length > 0 && memcmp(word, flag, length) == 0)
			return row;
	}
	return NULL;
}

const hf_option_row *hf_option_by_letter(char letter)
{
	for (const hf_option_row *row = hf_option_rows; row->name; row++) {
		if (row->letter && row->letter == letter)
			return row;
	}
	return NULL;
}

/* Numbers between dots; what follows ("-ce", "+dfsg1", "-rc.1") does not count. */
static bool next_number(const char **at, unsigned long *ret_number)
{
	char *end;

	if (!isdigit((unsigned char)**at)) {
		*ret_number = 0;
		return false;
	}
	*ret_number = strtoul(*at, &end, 10);
	*at = *end == '.' && isdigit((unsigned char)end[1]) ? end + 1 : "";
	return true;
}

bool hf_version_compare(const char *version, const char *other, int *ret_order)
{
	if (!version || !isdigit((unsigned char)*version))
		return false;
	for (;;) {
		unsigned long a, b;
		bool more = next_number(&version, &a);

		more = next_number(&other, &b) || more;
		if (a != b || !more) {
			*ret_order = (a > b) - (a < b);
			return true;
		}
	}
}

hf_state hf_option_default(const hf_option_row *row, const char *version, bool is_rootless,
			   const char **ret_value, const char **ret_why)
{
	int order;

	if (!hf_version_compare(version, "0", &order)) {
		version = NULL;
		if (row->changed) {
			*ret_why = "depends on the engine's version, which is not known";
			return HF_UNREADABLE;
		}
	}
	if (version && ((row->since && hf_version_compare(version, row->since, &order) && order < 0) ||
			(row->until && hf_version_compare(version, row->until, &order) && order >= 0))) {
		*ret_why = "this engine has no such option";
		return HF_ABSENT;
	}
	const char *value = row->value;

	if (row->changed && version && hf_version_compare(version, row->changed, &order) && order < 0)
		value = row->before;
	if (is_rootless && row->rootless)
		value = *row->rootless ? row->rootless : NULL;
	if (!value) {
		*ret_why = "its default depends on the host";
		return HF_UNREADABLE;
	}
	*ret_value = value;
	return HF_PRESENT;
}
