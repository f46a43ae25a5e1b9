/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the daemon keeps image layers. */
#include "judge.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Removed in 25.0 (devicemapper) and 24.0 (overlay); vfs copies every layer whole. */
static const char *const poor_drivers[] = {"devicemapper", "overlay", "vfs", NULL};

/* The storage driver in use: the engine's own word, else the option (DOCKER_DRIVER or -s). An unset
 * option leaves the choice to the daemon. */
typedef struct driver {
	const char *name; /* NULL: not known */
	const char *source;
	bool is_proved;
} driver;

static driver find_driver(hf_check_run *run)
{
	const hf_api_value *told = hf_api_get(run, "/info", "Driver");
	const hf_option *set;

	if (told->fact.state == HF_PRESENT && *told->text)
		return (driver){told->text, told->fact.source, true};
	daemon_reading reading = daemon_read(run, "storage-driver");

	if (reading.value && *reading.value)
		return (driver){reading.value, reading.source, reading.is_in_force};
	set = hf_daemon_environment(run, "DOCKER_DRIVER");
	if (set->fact.state == HF_PRESENT && set->value && *set->value)
		return (driver){set->value, set->fact.source, true};
	return (driver){NULL, told->fact.source, false};
}

/* The engine, or the argument that it runs with, proves a good driver; a declaration only a bad
 * one. */
static void expect_driver(hf_check_run *run, const driver *used, const char *wanted, bool holds)
{
	if (used->is_proved || !holds)
		(void)hf_expect(run, used->source, used->name, wanted, holds);
	else
		hf_unknown(run, used->source,
			   hf_text(run, "declares %s, which does not prove what runs", used->name));
}

/* A kernel without aufs cannot mount it, whatever the daemon would choose. */
static void judge_kernel_aufs(hf_check_run *run, const driver *used)
{
	const hf_module *module = hf_module_get(run, "aufs");

	switch (module->state) {
	case HF_MODULE_MISSING:
	case HF_MODULE_DENIED:
		(void)hf_expect(run, module->fact.source, "this kernel has no aufs",
				"a driver other than aufs", true);
		return;
	case HF_MODULE_UNKNOWN:
	case HF_MODULE_LOADABLE:
	case HF_MODULE_LOADED:
	case HF_MODULE_BUILTIN:
		break;
	}
	hf_unknown(
		run, used->source,
		"the engine does not say which driver it uses, no option names one, and the kernel "
		"does not rule aufs out");
}

static void check_aufs(hf_check_run *run)
{
	static const char wanted[] = "a driver other than aufs";
	const hf_daemon *daemon = daemon_begin(run);

	if (daemon_at_least(daemon, "24.0")) {
		(void)hf_expect(run, "engine version", daemon_version(daemon),
				"24.0 or newer, which has no aufs, or a driver other than aufs",
				true);
		return;
	}
	driver used = find_driver(run);

	if (used.name)
		expect_driver(run, &used, wanted, strcmp(used.name, "aufs") != 0);
	else
		judge_kernel_aufs(run, &used);
}

/* A pair of /info DriverStatus by its name, or NULL. */
static const char *driver_status(hf_check_run *run, const char *name)
{
	const char *key;

	for (size_t i = 0;
	     (key = daemon_element(run, "/info", hf_text(run, "DriverStatus/%zu", i), 0)); i++) {
		if (strcmp(key, name) == 0)
			return daemon_element(run, "/info", hf_text(run, "DriverStatus/%zu", i), 1);
	}
	return NULL;
}

static void check_devicemapper(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	driver used = find_driver(run);
	const char *loop = driver_status(run, "Data loop file");

	if (loop)
		hf_note(run, "engine API /info DriverStatus Data loop file", loop);
	if (daemon_at_least(daemon, "25.0"))
		hf_note(run, "engine version",
			hf_text(run, "%s has neither devicemapper nor overlay any more",
				daemon_version(daemon)));
	if (!used.name) {
		/* vfs is in every version, so the version alone settles nothing */
		hf_unknown(run, used.source,
			   "the engine does not say which driver it uses and no option names one");
		return;
	}
	expect_driver(run, &used, "neither devicemapper nor overlay nor vfs",
		      !daemon_in(poor_drivers, used.name));
}

/* Sizes as go-units' RAMInBytes takes them: a number and an optional suffix of 1024 powers. */
static bool parse_size(const char *text, double *ret_bytes)
{
	static const char units[] = "bkmgtp";
	char *end;
	double value = strtod(text, &end);

	if (end == text || value < 0)
		return false;
	end += strspn(end, " ");
	if (*end) {
		const char *unit = strchr(units, *end | 0x20);

		if (!unit)
			return false;
		for (; unit > units; unit--)
			value *= 1024;
		end++;
		if (strcasecmp(end, "") != 0 && strcasecmp(end, "b") != 0 &&
		    strcasecmp(end, "ib") != 0)
			return false;
	}
	*ret_bytes = value;
	return true;
}

/* The value of dm.basesize among storage-opts (the last one counts), or NULL. */
static const char *base_size(hf_check_run *run, const daemon_reading *options)
{
	const char *cursor = options->value, *item, *size = NULL;

	while (daemon_next(run, &cursor, &item)) {
		if (strncmp(item, "dm.basesize=", 12) == 0)
			size = item + 12;
	}
	return size;
}

static void check_base_device_size(hf_check_run *run)
{
	static const double ordinary = 10.0 * 1024 * 1024 * 1024;
	static const char gone[] = "the base device size is devicemapper's";
	const hf_daemon *daemon = daemon_begin(run);

	if (daemon_at_least(daemon, "25.0")) {
		hf_not_applicable(run, "engine version", daemon_version(daemon),
				  "devicemapper is gone from 25.0 on");
		return;
	}
	driver used = find_driver(run);

	if (used.name && used.is_proved && strcmp(used.name, "devicemapper") != 0) {
		hf_not_applicable(run, used.source, used.name, gone);
		return;
	}
	if (!used.name || strcmp(used.name, "devicemapper") != 0) {
		hf_unknown(run, used.source, "nobody told which storage driver is in use");
		return;
	}
	daemon_reading options = daemon_read(run, "storage-opts");
	const char *size = base_size(run, &options), *told = driver_status(run, "Base Device Size");
	double bytes = 0;

	if (told)
		hf_note(run, "engine API /info DriverStatus Base Device Size", told);
	if (size && !parse_size(size, &bytes)) {
		hf_unknown(run, options.source, hf_text(run, "dm.basesize=%s is no size", size));
		return;
	}
	if (options.value)
		options.value = size ? hf_text(run, "dm.basesize=%s", size) : "";
	(void)daemon_expect(run, &options, "dm.basesize not set, or at most 10G",
			    bytes <= ordinary);
}

static const hf_check checks[] = {
	{
		.id = "daemon.storage-driver-aufs",
		.title = "Layers are not kept on aufs",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.6", "CWE:1104", "NIST-800-190:4.5.2",
				"OWASP-Docker:D04", "DOCKER-BENCH:check_2_6"),
		.reads = HF_READS("/proc/filesystems"),
		.risk =
			"aufs never was part of the kernel: it is patched in by few, maintained "
			"by fewer, and known for crashes that take the node down.",
		.threat =
			"A container that works its file system hard runs into a bug of a kernel "
			"patch that nobody fixes any more.",
		.remediation =
			"Save what must be kept (docker save, volumes), set \"storage-driver\": "
			"\"overlay2\" in /etc/docker/daemon.json (or drop -s aufs and "
			"DOCKER_DRIVER) and restart the engine. Images and containers of the old "
			"driver are not visible afterwards.",
		.run = check_aufs,
	},
	{
		.id = "daemon.storage-driver-devicemapper",
		.title = "The devicemapper and legacy overlay drivers are not in use",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.8:2.7", "CWE:1104", "NIST-800-190:4.5.2",
				"OWASP-Docker:D04"),
		.risk =
			"These drivers are abandoned or, as vfs, never meant for use: loop-backed "
			"pools fill up and corrupt, overlay runs out of inodes, vfs copies each "
			"layer whole.",
		.threat =
			"A container writes until the shared pool or the inodes are gone, and "
			"every container of the node stops with it.",
		.remediation =
			"Save what must be kept (docker save, volumes), set \"storage-driver\": "
			"\"overlay2\" in /etc/docker/daemon.json, drop its devicemapper "
			"\"storage-opts\", and restart the engine. Images and containers of the "
			"old driver are not visible afterwards; an update to 25.0 without this "
			"step does not start.",
		.run = check_devicemapper,
	},
	{
		.id = "daemon.base-device-size",
		.title = "The devicemapper base size was not raised",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.11", "CIS-Docker-1.8:2.12", "CWE:770",
				"OWASP-Docker:D07", "DOCKER-BENCH:check_2_11"),
		.risk =
			"With a larger base device each container may fill that much of the pool "
			"that all of them share.",
		.threat =
			"One container writes its writable layer full and leaves the others "
			"without space.",
		.remediation =
			"Remove dm.basesize from \"storage-opts\" in /etc/docker/daemon.json and "
			"restart the engine; devices that exist keep their size until the images "
			"are pulled anew. Better: move to overlay2.",
		.run = check_base_device_size,
	},
};

HF_CHECK_SET(daemon_storage, checks);
