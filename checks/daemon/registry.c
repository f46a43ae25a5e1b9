/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From whom the daemon takes images, and how it knows that it is them. */
#include "judge.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* All of @cidr lies within 127.0.0.0/8 or ::1/128. The engine lists the first itself, newer ones
 * the second, too: neither is a finding. */
static bool is_loopback_range(const char *cidr)
{
	char address[INET6_ADDRSTRLEN + 1];
	const char *slash = strchr(cidr, '/');
	size_t length = slash ? (size_t)(slash - cidr) : strlen(cidr);
	struct in6_addr six;

	if (length >= sizeof address)
		return false;
	memcpy(address, cidr, length);
	address[length] = '\0';
	if (!slash || !daemon_is_loopback(address))
		return false;
	long bits = strtol(slash + 1, NULL, 10);

	return bits >= (inet_pton(AF_INET6, address, &six) == 1 ? 128 : 8);
}

static bool is_loopback_registry(hf_check_run *run, const char *registry)
{
	return strchr(registry, '/') ? is_loopback_range(registry)
				     : daemon_is_loopback(daemon_host_of(run, registry));
}

/* Registries of the running engine's index that are used without TLS verification. */
static const char *insecure_indexes(hf_check_run *run, bool *ret_readable)
{
	const char *bad = "", *name;

	*ret_readable = true;
	for (size_t i = 0; (name = hf_api_member(run, "/info", "RegistryConfig/IndexConfigs", i));
	     i++) {
		const hf_api_value *secure = hf_api_get(
			run, "/info", hf_text(run, "RegistryConfig/IndexConfigs/%s/Secure", name));
		bool is_secure;

		if (secure->fact.state != HF_PRESENT || !hf_parse_go_bool(secure->text, &is_secure))
			*ret_readable = false;
		else if (!is_secure && !is_loopback_registry(run, name))
			bad = daemon_join(run, bad, name);
	}
	return bad;
}

static void expect_no_insecure(hf_check_run *run)
{
	static const char ranges[] = "RegistryConfig/InsecureRegistryCIDRs";
	const hf_api_value *list = hf_api_get(run, "/info", ranges);
	const hf_api_value *indexes = hf_api_get(run, "/info", "RegistryConfig/IndexConfigs");
	const char *bad = "", *cidr;
	bool is_readable;

	if (!hf_need(run, &list->fact) || !hf_need(run, &indexes->fact))
		return;
	for (size_t i = 0; (cidr = daemon_element(run, "/info", ranges, i)); i++) {
		if (!is_loopback_range(cidr))
			bad = daemon_join(run, bad, cidr);
	}
	(void)hf_expect(run, list->fact.source, *bad ? bad : list->text, "loopback ranges only",
			*bad == '\0');
	bad = insecure_indexes(run, &is_readable);
	(void)hf_expect(run, indexes->fact.source, *bad ? bad : "none without TLS verification",
			"no registry but a loopback one without TLS verification", *bad == '\0');
	if (!is_readable)
		hf_unknown(run, indexes->fact.source, "an entry does not say whether it is secure");
}

static void check_insecure_registries(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	daemon_reading reading = daemon_read(run, "insecure-registries");
	const char *cursor = reading.value, *item, *bad = "";

	if (daemon->api.state == HF_PRESENT) {
		expect_no_insecure(run);
		return;
	}
	while (daemon_next(run, &cursor, &item)) {
		if (!is_loopback_registry(run, item))
			bad = daemon_join(run, bad, item);
	}
	(void)daemon_expect(run, &reading, "loopback registries only", *bad == '\0');
}

static bool is_trusted_mirror(hf_check_run *run, const char *url)
{
	return strncasecmp(url, "https://", 8) == 0 || daemon_is_loopback(daemon_host_of(run, url));
}

/* Plain mirrors among an array of the API; counts all. */
static const char *plain_mirrors(hf_check_run *run, const char *array, const char *bad,
				 size_t *ret_count)
{
	const char *url;

	for (size_t i = 0; (url = daemon_element(run, "/info", array, i)); i++) {
		++*ret_count;
		if (!is_trusted_mirror(run, url) && !strstr(bad, url))
			bad = daemon_join(run, bad, url);
	}
	return bad;
}

static void check_registry_mirrors(hf_check_run *run)
{
	static const char wanted[] = "https, or a loopback address";
	const hf_daemon *daemon = daemon_begin(run);
	daemon_reading reading = daemon_read(run, "registry-mirrors");
	const char *cursor = reading.value, *url, *bad = "";
	size_t count = 0;

	if (daemon->api.state == HF_PRESENT) {
		const hf_api_value *config = hf_api_get(run, "/info", "RegistryConfig");

		if (!hf_need(run, &config->fact))
			return;
		bad = plain_mirrors(run, "RegistryConfig/Mirrors", bad, &count);
		bad = plain_mirrors(run, "RegistryConfig/IndexConfigs/docker.io/Mirrors", bad,
				    &count);
		if (count == 0)
			hf_not_applicable(run, config->fact.source, "no mirror",
					  "nothing is mirrored");
		else
			(void)hf_expect(run, config->fact.source, *bad ? bad : "TLS for each",
					wanted, *bad == '\0');
		return;
	}
	while (daemon_next(run, &cursor, &url)) {
		count++;
		if (!is_trusted_mirror(run, url))
			bad = daemon_join(run, bad, url);
	}
	if (reading.is_in_force && count == 0)
		hf_not_applicable(run, reading.source, "no mirror", "nothing is mirrored");
	else
		(void)daemon_expect(run, &reading, wanted, *bad == '\0');
}

/* The key went with the protocol: 17.12 can speak v1 no more and does not start with the key. */
static void check_legacy_registry(hf_check_run *run)
{
	static const char wanted[] = "17.12 or newer, or disable-legacy-registry true";
	const hf_daemon *daemon = daemon_begin(run);

	if (daemon_at_least(daemon, "17.12")) {
		(void)hf_expect(run, "engine version", daemon_version(daemon), wanted, true);
		return;
	}
	daemon_reading reading = daemon_read(run, "disable-legacy-registry");

	hf_note(run, "engine version", daemon_version(daemon));
	if (reading.is_in_force && daemon_is(&reading, "true"))
		(void)daemon_expect(run, &reading, wanted, true);
	else if (daemon_before(daemon, "17.12"))
		(void)daemon_expect(run, &reading, wanted, daemon_is(&reading, "true"));
	else
		hf_unknown(run, "engine version", "nobody told it, and the key is not in force");
}

static const hf_check checks[] = {
	{
		.id = "daemon.insecure-registries",
		.title = "No registry is exempt from TLS verification",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:A/AC:M/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.5", "CWE:295", "CWE:319", "CWE:494",
				"ATTACK:T1557", "ATTACK:T1525", "NIST-800-190:4.2.1",
				"OWASP-Docker:D08", "DOCKER-BENCH:check_2_5"),
		.risk =
			"Images, and the credentials for them, cross the network without anybody "
			"knowing whom they come from: whoever sits on the path chooses what this "
			"node runs.",
		.threat =
			"An attacker on the path answers a pull in the registry's place, over "
			"plain HTTP or with any certificate, and the engine runs the image that "
			"he sends.",
		.remediation =
			"Give the registry a certificate, put its CA into "
			"/etc/docker/certs.d/HOST:PORT/ca.crt and remove the registry from "
			"\"insecure-registries\" in /etc/docker/daemon.json (or "
			"--insecure-registry from the unit); a reload (systemctl reload docker) "
			"is enough. Pulls from a registry without a valid certificate fail from "
			"then on.",
		.run = check_insecure_registries,
	},
	{
		.id = "daemon.registry-mirrors-tls",
		.title = "Registry mirrors are reached over TLS",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:M/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.5", "CWE:319", "CWE:494", "ATTACK:T1557",
				"NIST-800-190:4.2.1", "OWASP-Docker:D08"),
		.risk =
			"A pull by tag believes the mirror's word for the digest: a mirror over "
			"plain HTTP lets anybody on the path replace every image of Docker Hub on "
			"this node.",
		.threat =
			"An attacker on the path answers as the mirror and hands out a digest of "
			"his own for a well-known tag.",
		.remediation =
			"Use https:// in \"registry-mirrors\" of /etc/docker/daemon.json and "
			"reload the engine (systemctl reload docker). A mirror whose certificate "
			"is not valid is skipped, and pulls go to Docker Hub with its rate limit.",
		.run = check_registry_mirrors,
	},
	{
		.id = "daemon.legacy-registry",
		.title = "Protocol v1 registries cannot be used",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.1:2.13", "CWE:494", "NIST-800-190:4.2.1",
				"OWASP-Docker:D08", "DOCKER-BENCH:check_c_2"),
		.risk =
			"Images of a v1 registry are not addressed by their content, so nobody "
			"notices when a layer is replaced.",
		.threat =
			"A registry, or somebody in its place, makes the engine fall back to the "
			"old protocol and delivers layers that no digest covers.",
		.remediation =
			"Update the engine: from 17.12 on the protocol is gone. Until then set "
			"\"disable-legacy-registry\": true in /etc/docker/daemon.json and restart "
			"the engine; remove the key before the update, newer engines do not start "
			"with it.",
		.run = check_legacy_registry,
	},
};

HF_CHECK_SET(daemon_registry, checks);
