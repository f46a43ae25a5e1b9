/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon and its containers write down, where to, and whether it can fill the disk. */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

/* Log drivers that send, and the option that names the destination (and could point it home). */
typedef struct log_driver {
	const char *name;
	const char *address;
	const char *fallback; /* destination without that option */
	bool is_cloud;	      /* and that this one is away from the node */
} log_driver;

static const log_driver sending_drivers[] = {
	{"awslogs", "awslogs-endpoint", "the cloud's log service", true},
	{"gcplogs", NULL, "the cloud's log service", true},
	{"logentries", NULL, "the vendor's log service", true}, /* until 24.0 */
	{"splunk", "splunk-url", "no address", false},
	{"gelf", "gelf-address", "no address", false},
	{"fluentd", "fluentd-address", "127.0.0.1:24224", false},
	{"syslog", "syslog-address", "the local syslog socket", false},
	{NULL, NULL, NULL, false},
};

/* Drivers that keep the log on the node (or nowhere). */
static const char *const local_drivers[] = {"json-file", "local",   "journald",
					    "none",	 "etwlogs", NULL};

/* Log shippers that a site declares as its way out, by executable name: a running one that is named
 * here makes local logs good. A profile parameter later; nothing is approved unseen. */
static const char *const declared_shippers[] = {NULL};

/* Programs that are known to ship logs: told, not trusted, because what they read is theirs to
 * say. */
static const char *const known_shippers[] = {
	"fluent-bit",
	"fluentd",
	"vector",
	"filebeat",
	"promtail",
	"alloy",
	"rsyslogd",
	"syslog-ng",
	"otelcol",
	"otelcol-contrib",
	"systemd-journal-upload",
	"splunkd",
	"datadog-agent",
	NULL,
};

/* A running program of @names, or NULL. */
static const char *running(hf_check_run *run, const char *const *names)
{
	const hf_processes *processes = hf_processes_get(run);

	for (size_t i = 0; i < processes->count; i++) {
		const char *exe = processes->all[i].exe;

		if (exe && !processes->all[i].is_container &&
		    daemon_in(names, daemon_base_name(exe)))
			return exe;
	}
	return NULL;
}

/* ---- daemon.log-level ---- */

/* Debug is in the API, the level is not. */
static void check_log_level(hf_check_run *run)
{
	(void)daemon_begin(run);
	daemon_reading debug = daemon_read(run, "debug");
	daemon_reading level = daemon_read(run, "log-level");

	(void)daemon_expect(run, &debug, "false", daemon_is(&debug, "false"));
	(void)daemon_expect(run, &level, "info, or not set",
			    daemon_is(&level, "info") || daemon_is(&level, ""));
}

/* ---- daemon.remote-logging ---- */

typedef enum reach {
	REACH_LOCAL,
	REACH_REMOTE,
	REACH_UNKNOWN /* a plugin's driver, whose options are its own */
} reach;

static bool is_remote_address(hf_check_run *run, const char *address)
{
	/* without a host, and to the unspecified address, Go's net.Dial connects to this node */
	static const char *const here[] = {"", "0.0.0.0", "::", "::ffff:0.0.0.0", NULL};
	const char *host;

	if (strncmp(address, "unix:", 5) == 0 || strncmp(address, "unixgram:", 9) == 0 ||
	    *address == '/' || *address == '\0')
		return false;
	host = daemon_host_of(run, address);
	return !daemon_in(here, host) && !daemon_is_loopback(host);
}

/* Where a driver sends. @address: the value of its destination's option, or NULL. */
static reach reach_of(hf_check_run *run, const char *name, const char *address,
		      const char **ret_where)
{
	*ret_where = "this node";
	if (daemon_in(local_drivers, name))
		return REACH_LOCAL;
	for (const log_driver *driver = sending_drivers; driver->name; driver++) {
		if (strcmp(driver->name, name) != 0)
			continue;
		*ret_where = address && *address ? address : driver->fallback;
		if (!address || *address == '\0')
			return driver->is_cloud ? REACH_REMOTE : REACH_LOCAL;
		return is_remote_address(run, address) ? REACH_REMOTE : REACH_LOCAL;
	}
	*ret_where = "a plugin's own destination";
	return REACH_UNKNOWN;
}

static const char *address_option(const char *driver_name)
{
	for (const log_driver *driver = sending_drivers; driver->name; driver++) {
		if (strcmp(driver->name, driver_name) == 0)
			return driver->address;
	}
	return NULL;
}

static reach default_reach(hf_check_run *run, const daemon_reading *driver, const char **ret_text)
{
	const char *option = address_option(driver->value), *address = NULL, *where;
	bool is_in_force = true;
	reach where_to;

	if (option) {
		daemon_reading set = daemon_read(run, hf_text(run, "log-opts.%s", option));

		address = set.value;
		is_in_force = set.is_in_force || set.option->fact.state == HF_ABSENT;
	}
	where_to = reach_of(run, driver->value, address, &where);
	*ret_text = hf_text(run, "%s, to %s", daemon_show(driver->value), where);
	if (where_to == REACH_REMOTE && !is_in_force) {
		*ret_text = hf_text(run, "%s (declared, which does not prove what runs)", *ret_text);
		return REACH_UNKNOWN;
	}
	return where_to;
}

/* Containers keep the driver they were created with. Joins names of those whose logs stay here or
 * go where nobody knows. */
static void sort_containers(hf_check_run *run, const char **ret_local, const char **ret_unknown)
{
	const hf_containers *containers = hf_containers_get(run);
	const hf_container *container;

	*ret_local = *ret_unknown = "";
	for (size_t i = 0; (container = daemon_container(run, containers, &i));) {
		const char *name = container->name ? container->name : container->id;
		const hf_api_value *type =
			daemon_inspect(run, container, "HostConfig/LogConfig/Type");
		const char *option, *address = NULL, *where;

		if (type->fact.state != HF_PRESENT) {
			*ret_unknown = daemon_join(run, *ret_unknown, name);
			continue;
		}
		option = address_option(type->text);
		if (option) {
			const hf_api_value *set = daemon_inspect(
				run, container,
				hf_text(run, "HostConfig/LogConfig/Config/%s", option));

			address = set->fact.state == HF_PRESENT ? set->text : NULL;
		}
		reach where_to = reach_of(run, type->text, address, &where);
		const char *item = hf_text(run, "%s (%s)", name, type->text);

		if (where_to == REACH_LOCAL)
			*ret_local = daemon_join(run, *ret_local, item);
		else if (where_to == REACH_UNKNOWN)
			*ret_unknown = daemon_join(run, *ret_unknown, item);
	}
}

static void expect_remote_default(hf_check_run *run, const char *wanted)
{
	daemon_reading driver = daemon_read(run, "log-driver");
	const char *text;

	if (!driver.value) {
		(void)daemon_expect(run, &driver, wanted, false);
		return;
	}
	reach where_to = default_reach(run, &driver, &text);

	if (where_to == REACH_UNKNOWN) {
		hf_unknown(run, driver.source,
			   hf_text(run, "where the logs go is not known: %s", text));
		return;
	}
	driver.value = text;
	(void)daemon_expect(run, &driver, wanted, where_to == REACH_REMOTE);
}

static void check_remote_logging(hf_check_run *run)
{
	static const char wanted[] = "a remote destination, or a declared log shipper that runs";
	const hf_containers *containers = hf_containers_get(run);
	const char *shipper = running(run, declared_shippers);
	const char *local, *unknown;

	(void)daemon_begin(run);
	if (shipper) {
		(void)hf_expect(run, "processes", shipper, wanted, true);
		return;
	}
	shipper = running(run, known_shippers);
	if (shipper)
		hf_note(run, "processes",
			hf_text(run,
				"%s runs, but no shipper is declared: what it reads is not known",
				shipper));
	expect_remote_default(run, wanted);
	daemon_require(run, &containers->fact);
	sort_containers(run, &local, &unknown);
	if (*local)
		(void)hf_expect(run, "HostConfig.LogConfig of each container", local, wanted,
				false);
	if (*unknown)
		hf_unknown(run, "HostConfig.LogConfig of each container",
			   hf_text(run, "where the logs of these go is not known: %s", unknown));
}

/* ---- daemon.log-rotation ---- */

/* json-file alone grows without end: "local" rotates by itself, journald has its own limits, the
 * others keep nothing here. Why these options do not bound it, or NULL. */
static const char *unbounded_why(hf_check_run *run, const char *driver, const char *max_size,
				 const char *max_file)
{
	char *end;

	if (strcmp(driver, "json-file") != 0)
		return NULL;
	if (!max_size || *max_size == '\0' || *max_size == '-')
		return "json-file without max-size";
	if (!max_file || *max_file == '\0')
		return "json-file with max-size, but max-file is 1, so a rotation loses all there "
		       "was";
	long files = strtol(max_file, &end, 10);

	if (*end != '\0' || files < 2)
		return hf_text(run, "json-file with max-file %s", max_file);
	return NULL;
}

static const char *log_option(hf_check_run *run, const hf_container *container, const char *name)
{
	const hf_api_value *value = daemon_inspect(
		run, container, hf_text(run, "HostConfig/LogConfig/Config/%s", name));

	return value->fact.state == HF_PRESENT ? value->text : NULL;
}

static void judge_container_rotation(hf_check_run *run, const hf_containers *containers)
{
	static const char source[] = "HostConfig.LogConfig of each container";
	const char *bad = "", *unread = "";
	const hf_container *container;
	size_t count = 0;

	for (size_t i = 0; (container = daemon_container(run, containers, &i)); count++) {
		const char *name = container->name ? container->name : container->id;
		const hf_api_value *type =
			daemon_inspect(run, container, "HostConfig/LogConfig/Type");

		if (type->fact.state != HF_PRESENT)
			unread = daemon_join(run, unread, name);
		else if (unbounded_why(run, type->text, log_option(run, container, "max-size"),
				       log_option(run, container, "max-file")))
			bad = daemon_join(run, bad, name);
	}
	if (*bad)
		(void)hf_expect(run, source, hf_text(run, "not bounded: %s", bad),
				"max-size set and max-file at least 2, or a driver that rotates",
				false);
	else if (count > 0 && *unread == '\0')
		(void)hf_expect(run, source, hf_text(run, "bounded for %zu", count),
				"max-size set and max-file at least 2, or a driver that rotates",
				true);
	if (*unread)
		hf_unknown(run, source, hf_text(run, "not read for %s", unread));
}

/* The driver is in the API, its options are not: json-file is judged by the weakest of the
 * three. */
static void judge_default_rotation(hf_check_run *run)
{
	static const char wanted[] =
		"max-size set and max-file at least 2, or a driver that rotates";
	daemon_reading driver = daemon_read(run, "log-driver");

	if (!daemon_is(&driver, "json-file")) {
		(void)daemon_expect(run, &driver, wanted, driver.value != NULL);
		return;
	}
	daemon_reading size = daemon_read(run, "log-opts.max-size");
	daemon_reading file = daemon_read(run, "log-opts.max-file");
	const daemon_reading *weakest = !size.is_in_force   ? &size
					: !file.is_in_force ? &file
							    : &driver;
	const char *why = NULL;

	if (size.value && file.value)
		why = unbounded_why(run, driver.value, size.value, file.value);
	if (why) {
		driver.value = why;
		(void)daemon_expect(run, &driver, wanted, false);
		return;
	}
	if (weakest == &driver)
		driver.value = hf_text(run, "json-file, %s times %s", file.value, size.value);
	(void)daemon_expect(run, weakest, wanted, weakest->value != NULL);
}

static void check_log_rotation(hf_check_run *run)
{
	const hf_containers *containers = hf_containers_get(run);

	(void)daemon_begin(run);
	judge_default_rotation(run);
	judge_container_rotation(run, containers);
	daemon_require(run, &containers->fact);
}

static const hf_check checks[] = {
	{
		.id = "daemon.log-level",
		.title = "The Engine logs at level info, neither noisier nor quieter",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_R | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.3", "CWE:778", "CWE:532", "ATTACK:T1562.001",
				"OWASP-Docker:D10", "DOCKER-BENCH:check_2_3"),
		.risk =
			"Above info the engine's own log lacks what an investigation needs; at "
			"debug it holds request bodies, and /debug/pprof opens on the API.",
		.threat =
			"An intruder's use of the API leaves no line in the log, or somebody who "
			"reads logs finds secrets in them.",
		.remediation =
			"Remove \"debug\" and \"log-level\" from /etc/docker/daemon.json and -D, "
			"-l from the unit (or set false and info). debug follows a reload "
			"(systemctl reload docker), log-level needs a restart of the engine, "
			"which stops the containers unless live-restore is on.",
		.run = check_log_level,
	},
	{
		.id = "daemon.remote-logging",
		.title = "Container logs leave the node",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.13", "CIS-Docker-1.8:2.14", "CWE:778", "CWE:223",
				"ATTACK:T1070.002", "OWASP-Docker:D10", "DOCKER-BENCH:check_2_13"),
		.risk =
			"Logs that stay on the node are gone, or rewritten, as soon as somebody "
			"is root on it: nobody can tell afterwards what happened.",
		.threat =
			"After a breakout the intruder deletes "
			"/var/lib/docker/containers/*/*-json.log or the container itself, and its "
			"log goes with it.",
		.remediation =
			"Set \"log-driver\" (syslog, gelf, fluentd, splunk, awslogs …) and its "
			"address in \"log-opts\" of /etc/docker/daemon.json, restart the engine, "
			"and create the containers anew: those that exist keep their driver. "
			"Without \"mode\": \"non-blocking\" an unreachable collector can block "
			"the containers; docker logs needs the engine's dual logging (20.10 and "
			"newer).",
		.run = check_remote_logging,
	},
	{
		.id = "daemon.log-rotation",
		.title = "Local container logs cannot fill the disk",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.13", "CIS-Docker-1.8:2.14", "CWE:770",
				"ATTACK:T1499.001", "OWASP-Docker:D10", "OWASP-Docker:D07"),
		.risk =
			"One container that talks too much fills the file system of the engine, "
			"and with it every container and often the node stop.",
		.threat =
			"Whoever can make a container log (a loop of bad requests is enough) "
			"writes the json-file log until no space is left.",
		.remediation =
			"Set \"log-driver\": \"local\", or keep json-file with \"log-opts\": "
			"{\"max-size\": \"10m\", \"max-file\": \"3\"} in /etc/docker/daemon.json, "
			"restart the engine, and create the containers anew: those that exist "
			"keep their options. Older lines are then dropped.",
		.run = check_log_rotation,
	},
};

HF_CHECK_SET(daemon_logging, checks);
