/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which modules can come in: those that nobody needs must not, those that the engine needs must. */
#include "common.h"
#include "loaded.h"
#include "sets.h"

/* ---- modules that nobody needs ---- */

typedef enum unneeded_when {
	UNNEEDED_ALWAYS = 0,
	UNNEEDED_ON_METAL, /* virtual machines talk to their host through it */
	UNNEEDED_UNMOUNTED /* a file system of that type is mounted: somebody needs it */
} unneeded_when;

typedef struct unneeded {
	const char *name;
	unneeded_when when;
	const char *fs_types; /* for UNNEEDED_UNMOUNTED, separated by blanks */
} unneeded;

static const unneeded protocols[] = {
	{"dccp", UNNEEDED_ALWAYS, NULL},       {"sctp", UNNEEDED_ALWAYS, NULL},
	{"rds", UNNEEDED_ALWAYS, NULL},	       {"tipc", UNNEEDED_ALWAYS, NULL},
	{"atm", UNNEEDED_ALWAYS, NULL},	       {"can", UNNEEDED_ALWAYS, NULL},
	{"ax25", UNNEEDED_ALWAYS, NULL},       {"netrom", UNNEEDED_ALWAYS, NULL},
	{"rose", UNNEEDED_ALWAYS, NULL},       {"x25", UNNEEDED_ALWAYS, NULL},
	{"appletalk", UNNEEDED_ALWAYS, NULL},  {"ipx", UNNEEDED_ALWAYS, NULL},
	{"rxrpc", UNNEEDED_ALWAYS, NULL},      {"af_alg", UNNEEDED_ALWAYS, NULL},
	{"algif_hash", UNNEEDED_ALWAYS, NULL}, {"algif_skcipher", UNNEEDED_ALWAYS, NULL},
	{"algif_aead", UNNEEDED_ALWAYS, NULL}, {"algif_rng", UNNEEDED_ALWAYS, NULL},
	{"vsock", UNNEEDED_ON_METAL, NULL},    {"esp4", UNNEEDED_ALWAYS, NULL},
	{"esp6", UNNEEDED_ALWAYS, NULL},       {"act_pedit", UNNEEDED_ALWAYS, NULL},
	{"sch_hfsc", UNNEEDED_ALWAYS, NULL},   {"n_gsm", UNNEEDED_ALWAYS, NULL},
	{"n_hdlc", UNNEEDED_ALWAYS, NULL},
};

/* overlay and squashfs are in benchmarks' lists and not here: engines and snaps live on them. */
static const unneeded file_systems[] = {
	{"cramfs", UNNEEDED_UNMOUNTED, "cramfs"},  {"freevxfs", UNNEEDED_UNMOUNTED, "vxfs"},
	{"hfs", UNNEEDED_UNMOUNTED, "hfs"},	   {"hfsplus", UNNEEDED_UNMOUNTED, "hfsplus"},
	{"jffs2", UNNEEDED_UNMOUNTED, "jffs2"},	   {"udf", UNNEEDED_UNMOUNTED, "udf"},
	{"usb-storage", UNNEEDED_ALWAYS, NULL},	   {"firewire-core", UNNEEDED_ALWAYS, NULL},
	{"kafs", UNNEEDED_UNMOUNTED, "afs"},	   {"ceph", UNNEEDED_UNMOUNTED, "ceph"},
	{"cifs", UNNEEDED_UNMOUNTED, "cifs smb3"}, {"ksmbd", UNNEEDED_ALWAYS, NULL},
};

/* What somebody holds open beside the modules that need it. */
static bool is_in_use(hf_check_run *run, const char *name, int64_t *ret_users)
{
	const hf_file *modules = hf_file_get(run, "/proc/modules");
	kernel_loaded loaded;

	if (modules->fact.state != HF_PRESENT || !kernel_find_loaded(run, modules, name, &loaded))
		return false;
	*ret_users = loaded.users - loaded.dependents;
	return *ret_users > 0;
}

static void judge_unneeded(hf_check_run *run, const char *name)
{
	static const char wanted[] =
		"absent, or denied by an install line, module_blacklist= or modules_disabled";
	const hf_module *module = hf_module_get(run, name);
	const char *source = module->fact.source;
	int64_t users;

	switch (module->state) {
	case HF_MODULE_UNKNOWN:
		hf_unknown(run, source,
			   hf_text(run, "%s: %s", name,
				   module->fact.why ? module->fact.why : "not known"));
		return;
	case HF_MODULE_MISSING:
		hf_expect(run, source, hf_text(run, "%s is absent", name), wanted, true);
		return;
	case HF_MODULE_DENIED:
		hf_expect(run, source,
			  hf_text(run, "%s is denied by %s", name,
				  module->denied_by ? module->denied_by : source),
			  wanted, true);
		return;
	case HF_MODULE_LOADABLE:
		hf_expect(run, source, hf_text(run, "%s can be loaded", name), wanted, false);
		return;
	case HF_MODULE_LOADED:
		/* Somebody uses it now: a service that needs it, or an attack. Which of them, a
		 * person has to say, by a denial or by a waiver. */
		if (is_in_use(run, name, &users))
			hf_unknown(run, source,
				   hf_text(run,
					   "%s is loaded and in use by %lld; no list here tells "
					   "whether a service needs it",
					   name, (long long)users));
		else
			hf_expect(run, source,
				  hf_text(run, "%s is loaded and nobody uses it", name), wanted,
				  false);
		return;
	case HF_MODULE_BUILTIN:
		/* modprobe.d cannot hold back what is in the image: the code is open to every
		 * caller. */
		hf_expect(run, source,
			  hf_text(run, "%s is built in, where no list can deny it", name), wanted,
			  false);
		return;
	}
}

static bool is_mounted(hf_check_run *run, const char *fs_types)
{
	const hf_mounts *mounts = hf_mounts_get(run);

	for (size_t i = 0; mounts->fact.state == HF_PRESENT && i < mounts->count; i++) {
		if (kernel_has_word(fs_types, " ", mounts->all[i].fs_type))
			return true;
	}
	return false;
}

static void judge_list(hf_check_run *run, const unneeded *list, size_t count)
{
	if (!kernel_loaded_file(run))
		return;
	for (size_t i = 0; i < count; i++) {
		kernel_guest guest;

		switch (list[i].when) {
		case UNNEEDED_ALWAYS:
			break;
		case UNNEEDED_ON_METAL:
			guest = kernel_is_guest(run);
			if (guest == KERNEL_GUEST_UNKNOWN)
				hf_unknown(run, "/proc/cpuinfo",
					   hf_text(run, "guest or not is not told; guests need %s",
						   list[i].name));
			if (guest != KERNEL_GUEST_NO)
				continue;
			break;
		case UNNEEDED_UNMOUNTED:
			if (!is_mounted(run, list[i].fs_types))
				break;
			hf_note(run, "/proc/1/mountinfo",
				hf_text(run, "%s is mounted, so its module is needed",
					list[i].fs_types));
			continue;
		}
		judge_unneeded(run, list[i].name);
	}
}

static void check_protocols(hf_check_run *run)
{
	judge_list(run, protocols, KERNEL_COUNT(protocols));
}

static void check_file_systems(hf_check_run *run)
{
	judge_list(run, file_systems, KERNEL_COUNT(file_systems));
}

/* ---- kernel.modules.required ---- */

typedef struct needed {
	const char *name;
	const char *option; /* that builds it in: the witness of kernels without modules */
	const char *use;
} needed;

static const needed needs[] = {
	{"overlay", "CONFIG_OVERLAY_FS", "image layers; without it the engine copies them (vfs)"},
	{"bridge", "CONFIG_BRIDGE", "container networks"},
	{"veth", "CONFIG_VETH", "container networks"},
	{"br_netfilter", "CONFIG_BRIDGE_NETFILTER", "rules between containers of one bridge"},
	{"nf_nat", "CONFIG_NF_NAT", "published ports"},
	{"nf_conntrack", "CONFIG_NF_CONNTRACK", "published ports and replies"},
	{"xt_addrtype", "CONFIG_NETFILTER_XT_MATCH_ADDRTYPE", "the engine's iptables rules"},
	{"xt_conntrack", "CONFIG_NETFILTER_XT_MATCH_CONNTRACK", "the engine's iptables rules"},
};

static const char *const engines[] = {
	"/usr/bin/dockerd",    "/usr/sbin/dockerd",	    "/usr/local/bin/dockerd",
	"/usr/bin/containerd", "/usr/local/bin/containerd", "/usr/bin/podman",
	"/usr/bin/crio",       "/usr/local/bin/k3s"};

/* The path of the first engine's program; NULL when none is proven to be there. */
static const char *find_engine(hf_check_run *run, const char **ret_unread)
{
	*ret_unread = NULL;
	for (size_t i = 0; i < KERNEL_COUNT(engines); i++) {
		const hf_file *file = hf_stat_get(run, engines[i]);

		if (file->fact.state == HF_PRESENT)
			return engines[i];
		if (file->fact.state == HF_UNREADABLE)
			*ret_unread = hf_text(run, "%s: %s", engines[i], file->fact.why);
	}
	return NULL;
}

static void judge_needed(hf_check_run *run, const needed *need)
{
	const hf_module *module = hf_module_get(run, need->name);
	const hf_kconfig *config = hf_kconfig_get(run);
	const char *built = config->fact.state == HF_PRESENT
				    ? hf_kconfig_value(config, need->option, NULL)
				    : NULL;
	const char *wanted =
		hf_text(run, "%s: loaded, built in or loadable (%s)", need->name, need->use);
	const char *source = module->fact.source;

	switch (module->state) {
	case HF_MODULE_LOADED:
		hf_expect(run, source, hf_text(run, "%s is loaded", need->name), wanted, true);
		return;
	case HF_MODULE_BUILTIN:
		hf_expect(run, source, hf_text(run, "%s is built in", need->name), wanted, true);
		return;
	case HF_MODULE_LOADABLE:
		hf_expect(run, source, hf_text(run, "%s is loaded on demand", need->name), wanted,
			  true);
		return;
	case HF_MODULE_DENIED:
		hf_expect(run, source,
			  hf_text(run, "%s is denied by %s", need->name,
				  module->denied_by ? module->denied_by : source),
			  wanted, false);
		return;
	case HF_MODULE_MISSING:
	case HF_MODULE_UNKNOWN:
		/* A kernel without modules has no modules.builtin; its configuration tells. */
		if (built && strcmp(built, "y") == 0)
			hf_expect(run, config->fact.source, hf_text(run, "%s=y", need->option),
				  wanted, true);
		else if (module->state == HF_MODULE_UNKNOWN || config->fact.state != HF_PRESENT)
			hf_unknown(run, source,
				   hf_text(run, "%s: %s", need->name,
					   module->fact.why
						   ? module->fact.why
						   : "no kernel configuration proves it missing"));
		else
			hf_expect(run, source, hf_text(run, "%s is missing", need->name), wanted,
				  false);
		return;
	}
}

static void check_required(hf_check_run *run)
{
	const char *unread;
	const char *engine = find_engine(run, &unread);

	if (!engine && unread) {
		hf_unknown(run, "engines' programs", unread);
		return;
	}
	if (!engine) {
		hf_not_applicable(run, "/usr/bin, /usr/sbin, /usr/local/bin",
				  "no dockerd, containerd, podman, crio or k3s",
				  "no engine is installed");
		return;
	}
	hf_note(run, engine, "an engine is installed");
	for (size_t i = 0; i < KERNEL_COUNT(needs); i++)
		judge_needed(run, &needs[i]);
}

static const hf_check checks[] = {
	{
		.id = "kernel.modules.autoload-protocols",
		.title = "Rarely used protocol modules cannot be auto-loaded",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("LYNIS:NETW-3200", "CIS-Debian:3.2.1", "CIS-Debian:3.2.6",
				"ATTACK:T1068"),
		.reads = HF_READS("/proc/modules", "/proc/cpuinfo"),
		.risk = "An ordinary socket() call in a container loads protocol code that few "
			"people test and that local root exploits keep coming from.",
		.threat = "Code in a container opens a TIPC, RDS, DCCP or CAN socket (or adds an "
			  "hfsc queue in a user namespace), the kernel loads the module, and a "
			  "known flaw in it gives root of the node.",
		.remediation = "For each named module: echo 'install NAME /bin/false' >> "
			       "/etc/modprobe.d/holdfast-protocols.conf (a bare blacklist line "
			       "does not stop it); modprobe -r NAME. Leave out what a service "
			       "needs: sctp, or esp4 and esp6 for IPsec overlays.",
		.run = check_protocols,
	},
	{
		.id = "kernel.modules.autoload-filesystems",
		.title = "Rarely used file system modules cannot be loaded",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Debian:1.1.1.1", "CIS-Debian:1.1.1.11", "LYNIS:FILE-6430"),
		.reads = HF_READS("/proc/modules"),
		.risk = "The kernel parses images of file systems that nobody here uses, with "
			"code that trusts its input.",
		.threat = "Whoever can mount, or plug in a device, hands over a crafted image and "
			  "reaches a flaw of the parser.",
		.remediation = "For each named module: echo 'install NAME /bin/false' >> "
			       "/etc/modprobe.d/holdfast-filesystems.conf. Do not deny overlay or "
			       "squashfs on a container host.",
		.run = check_file_systems,
	},
	{
		.id = "kernel.modules.required",
		.title = "Modules the engine needs are available or built in",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("moby-check-config"),
		.reads =
			HF_READS("/proc/modules", "stat:/usr/bin/dockerd", "stat:/usr/sbin/dockerd",
				 "stat:/usr/local/bin/dockerd", "stat:/usr/bin/containerd",
				 "stat:/usr/local/bin/containerd", "stat:/usr/bin/podman",
				 "stat:/usr/bin/crio", "stat:/usr/local/bin/k3s"),
		.risk = "Containers do not start, have no network, or fill the disk with copies "
			"of their layers.",
		.threat = "A deny list copied from a benchmark for ordinary servers takes overlay "
			  "or br_netfilter away; the engine falls back to something slow, or "
			  "packets pass by its rules.",
		.remediation = "Remove the deny line for the named module from /etc/modprobe.d; "
			       "echo NAME >> /etc/modules-load.d/containers.conf; modprobe NAME.",
		.run = check_required,
	},
};

HF_CHECK_SET(kernel_module_policy, checks);
