/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways around the kernel's memory management: DMA by devices that containers drive, raw memory
 * devices. */
#include "common.h"
#include "sets.h"
#include "usage.h"

/* ---- IOMMU ---- */

#define IOMMU_GROUPS	  "/sys/kernel/iommu_groups"
#define VFIO_DRIVER	  "/sys/bus/pci/drivers/vfio-pci"
#define UNSAFE_INTERRUPTS "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

/* Device nodes whose holder makes hardware read and write memory. */
static const char *const dma_nodes[] = {"/dev/vfio",	   "/dev/nvidia", "/dev/dri",	"/dev/kfd",
					"/dev/infiniband", "/dev/uio",	  "/dev/accel", NULL};

/* A PCI device that is handed to somebody: its address is a link in the driver's folder. */
static usage vfio_use(hf_check_run *run)
{
	const hf_dir *driver = hf_dir_get(run, VFIO_DRIVER);

	if (driver->fact.state == HF_UNREADABLE)
		return (usage){USAGE_UNKNOWN, driver->fact.source, driver->fact.why};
	for (size_t i = 0; i < driver->count; i++) {
		if (strchr(driver->names[i], ':'))
			return (usage){USAGE_YES, driver->fact.source, driver->names[i]};
	}
	return (usage){USAGE_NO, driver->fact.source, "no device is bound to vfio-pci"};
}

/* The nodes that this host has at all; without any, none can be passed. */
static usage dma_node_use(hf_check_run *run)
{
	const hf_dir *dev = hf_dir_get(run, "/dev");

	if (dev->fact.state != HF_PRESENT)
		return (usage){USAGE_UNKNOWN, dev->fact.source, dev->fact.why};
	for (size_t i = 0; i < dev->count; i++) {
		for (const char *const *node = dma_nodes; *node; node++) {
			if (kernel_starts_with(dev->names[i], *node + strlen("/dev/")))
				return (usage){USAGE_YES, dev->fact.source, dev->names[i]};
		}
	}
	return (usage){USAGE_NO, dev->fact.source, "no node of a device that does DMA"};
}

/* What the engine was told to pass to @container. */
static usage container_use(hf_check_run *run, const hf_container *container)
{
	const char *endpoint = hf_text(run, "/containers/%s/json", container->id);
	const hf_api_value *devices = hf_api_get(run, endpoint, "HostConfig/Devices");
	const hf_api_value *requests = hf_api_get(run, endpoint, "HostConfig/DeviceRequests");
	const hf_api_value *privileged = hf_api_get(run, endpoint, "HostConfig/Privileged");
	const char *name = container->name ? container->name : container->id;

	if (privileged->fact.state != HF_PRESENT)
		return (usage){
			USAGE_UNKNOWN, privileged->fact.source,
			hf_text(run, "which devices %s has: %s", name, privileged->fact.why)};
	if (strcmp(privileged->text, "true") == 0)
		return (usage){USAGE_YES, privileged->fact.source,
			       hf_text(run, "%s is privileged and has every device", name)};
	if (requests->fact.state == HF_PRESENT && requests->count > 0)
		return (usage){USAGE_YES, requests->fact.source,
			       hf_text(run, "%s: %s", name, requests->text)};
	for (const char *const *node = dma_nodes; *node && devices->fact.state == HF_PRESENT;
	     node++) {
		if (strstr(devices->text, *node))
			return (usage){USAGE_YES, devices->fact.source,
				       hf_text(run, "%s: %s", name, devices->text)};
	}
	return (usage){USAGE_NO, privileged->fact.source, "no such device"};
}

static usage passthrough_use(hf_check_run *run)
{
	const hf_containers *containers = hf_containers_get(run);
	usage vfio = vfio_use(run), nodes = dma_node_use(run), worst;

	if (vfio.answer == USAGE_YES)
		return vfio;
	if (nodes.answer == USAGE_NO)
		return vfio.answer == USAGE_NO ? nodes : vfio;
	if (containers->fact.state == HF_UNREADABLE)
		return (usage){USAGE_UNKNOWN, containers->fact.source, containers->fact.why};
	worst = vfio.answer == USAGE_UNKNOWN
			? vfio
			: (usage){USAGE_NO, containers->fact.source,
				  hf_text(run,
					  "none of %zu containers was given a device that does DMA",
					  containers->count)};
	for (size_t i = 0; i < containers->count; i++) {
		usage use = container_use(run, containers->all[i]);

		if (use.answer == USAGE_YES)
			return use;
		if (use.answer == USAGE_UNKNOWN)
			worst = use;
	}
	return worst;
}

typedef struct iommu {
	size_t groups;
	size_t identity; /* groups whose devices see all memory */
	const char *identity_source;
	const hf_fact *hole; /* one that could not be read, or NULL */
} iommu;

static iommu read_iommu(hf_check_run *run)
{
	const hf_dir *dir = hf_dir_get(run, IOMMU_GROUPS);
	const hf_file *const *types;
	iommu found = {.hole = dir->fact.state == HF_UNREADABLE ? &dir->fact : NULL};
	size_t count = hf_files_matching(run, IOMMU_GROUPS "/*/type", &types);

	found.groups = dir->count;
	for (size_t i = 0; i < count; i++) {
		if (types[i]->fact.state != HF_PRESENT) {
			found.hole = &types[i]->fact;
		} else if (kernel_starts_with(types[i]->data, "identity")) {
			found.identity++;
			found.identity_source = types[i]->fact.source;
		}
	}
	if (!found.hole && count < found.groups)
		found.hole = &dir->fact; /* groups without the file that tells their type */
	return found;
}

static void judge_iommu(hf_check_run *run, const iommu *found)
{
	static const char wanted[] = "IOMMU groups, all of type DMA or DMA-FQ";
	const char *groups = hf_text(run, "%zu groups", found->groups);

	if (found->identity > 0)
		hf_expect(run, found->identity_source,
			  hf_text(run, "identity, as %zu of %s", found->identity, groups), wanted,
			  false);
	else if (found->hole)
		hf_unknown(run, found->hole->source,
			   found->hole->why ? found->hole->why
					    : "does not tell the types of all groups");
	else
		hf_expect(run, IOMMU_GROUPS, groups, wanted, found->groups > 0);
}

static void check_iommu(hf_check_run *run)
{
	const hf_file *unsafe = hf_file_get(run, UNSAFE_INTERRUPTS);
	const hf_bootline *line = hf_bootline_get(run);
	static const char *const parameters[] = {"iommu", "intel_iommu", "amd_iommu",
						 "iommu.passthrough"};
	usage use = passthrough_use(run);
	iommu found = read_iommu(run);

	for (size_t i = 0; line->fact.state == HF_PRESENT && i < KERNEL_COUNT(parameters); i++) {
		const char *value = hf_bootline_value(line, parameters[i]);

		if (value)
			hf_note(run, line->fact.source,
				hf_text(run, "%s=%s", parameters[i], value));
	}
	/* without interrupt remapping a guest can forge any interrupt of the node */
	if (unsafe->fact.state == HF_PRESENT && (*unsafe->data == 'Y' || *unsafe->data == '1'))
		hf_expect(run, unsafe->fact.source, "Y", "N", false);
	switch (use.answer) {
	case USAGE_YES:
		hf_note(run, use.source, use.found);
		judge_iommu(run, &found);
		break;
	case USAGE_NO:
		hf_not_applicable(run, use.source, use.found,
				  "no device is passed to a container or guest");
		break;
	case USAGE_UNKNOWN:
		/* isolation that is in force is right whoever uses it */
		if (found.groups > 0 && found.identity == 0 && !found.hole)
			judge_iommu(run, &found);
		else
			hf_unknown(run, use.source, use.found);
		break;
	}
}

/* ---- raw memory and ports ---- */

#define MSR_WRITES "/sys/module/msr/parameters/allow_writes"

typedef enum closed { CLOSED_NO = 0, CLOSED_YES, CLOSED_UNKNOWN } closed;

static closed is_locked_down(hf_check_run *run)
{
	const hf_lockdown *lockdown = hf_lockdown_get(run);

	switch (lockdown->fact.state) {
	case HF_PRESENT:
		return lockdown->level >= HF_LOCKDOWN_INTEGRITY ? CLOSED_YES : CLOSED_NO;
	case HF_ABSENT:
		return CLOSED_NO;
	case HF_UNREADABLE:
		break;
	}
	return CLOSED_UNKNOWN;
}

/* The mode of a device that exists; Debian's 0640 root:kmem is well. True when others keep out. */
static bool judge_mode(hf_check_run *run, const hf_file *device)
{
	return hf_expect(
		run, device->fact.source,
		hf_text(run, "mode %04o, uid %u, gid %u", device->mode, device->uid, device->gid),
		"root's, no access for others", device->uid == 0 && !(device->mode & 0027));
}

/* What beside lockdown closes it: @ret_source and @ret_found tell how, or what is missing. */
static void judge_closed(hf_check_run *run, closed lockdown, closed otherwise, const char *source,
			 const char *found, const char *wanted)
{
	const hf_lockdown *fact = hf_lockdown_get(run);

	if (lockdown == CLOSED_YES)
		hf_expect(run, fact->fact.source, "integrity or confidentiality", wanted, true);
	else if (otherwise == CLOSED_YES)
		hf_expect(run, source, found, wanted, true);
	else if (otherwise == CLOSED_UNKNOWN)
		hf_unknown(run, source, found);
	else if (lockdown == CLOSED_UNKNOWN)
		hf_unknown(run, fact->fact.source, fact->fact.why);
	else
		hf_expect(run, source, found, wanted, false);
}

static void judge_dev_mem(hf_check_run *run, closed lockdown)
{
	const hf_kconfig *config = hf_kconfig_get(run);
	bool is_read = config->fact.state == HF_PRESENT;
	bool is_strict = is_read && hf_kconfig_value(config, "CONFIG_STRICT_DEVMEM", NULL);
	closed strict = !is_read ? CLOSED_UNKNOWN : is_strict ? CLOSED_YES : CLOSED_NO;

	judge_closed(run, lockdown, strict, config->fact.source,
		     !is_read	 ? config->fact.why
		     : is_strict ? "CONFIG_STRICT_DEVMEM=y"
				 : "CONFIG_STRICT_DEVMEM is not set",
		     "/dev/mem absent, or STRICT_DEVMEM or lockdown");
}

static void judge_raw_device(hf_check_run *run, const char *path, closed lockdown)
{
	const hf_file *device = hf_stat_get(run, path);

	if (device->fact.state == HF_ABSENT) {
		hf_expect(run, device->fact.source, "does not exist", "absent or closed", true);
		return;
	}
	if (!hf_need(run, &device->fact) || !judge_mode(run, device))
		return;
	if (strcmp(path, "/dev/mem") == 0)
		judge_dev_mem(run, lockdown);
	else
		/* STRICT_DEVMEM filters /dev/mem alone */
		judge_closed(run, lockdown, CLOSED_NO, device->fact.source,
			     "open to root, and lockdown is off", "absent, or lockdown");
}

static void judge_msr(hf_check_run *run, closed lockdown)
{
	const hf_dir *cpus = hf_dir_get(run, "/dev/cpu");
	const hf_file *writes = hf_file_get(run, MSR_WRITES), *msr = NULL;
	closed off = CLOSED_NO;

	if (cpus->fact.state == HF_UNREADABLE) {
		hf_unknown(run, cpus->fact.source, cpus->fact.why);
		return;
	}
	for (size_t i = 0; i < cpus->count; i++) {
		if (cpus->names[i][strspn(cpus->names[i], "0123456789")])
			continue; /* "microcode" */
		const hf_file *file =
			hf_stat_get(run, hf_text(run, "/dev/cpu/%s/msr", cpus->names[i]));

		if (file->fact.state == HF_ABSENT)
			continue;
		if (!hf_need(run, &file->fact))
			return;
		/* the module makes all of them alike: one speaks for them, unless it is worse */
		if (!msr || (file->mode & 0027) > (msr->mode & 0027))
			msr = file;
	}
	if (!msr) {
		hf_expect(run, "/dev/cpu/*/msr", "does not exist", "absent or closed", true);
		return;
	}
	if (!judge_mode(run, msr))
		return;
	if (writes->fact.state == HF_UNREADABLE)
		off = CLOSED_UNKNOWN;
	else if (writes->fact.state == HF_PRESENT && kernel_starts_with(writes->data, "off"))
		off = CLOSED_YES;
	judge_closed(run, lockdown, off, writes->fact.source,
		     writes->fact.state == HF_PRESENT ? kernel_file_text(run, writes)
						      : writes->fact.why,
		     "msr absent, msr.allow_writes=off, or lockdown");
}

static void check_dev_mem(hf_check_run *run)
{
	closed lockdown = is_locked_down(run);

	judge_raw_device(run, "/dev/mem", lockdown);
	judge_raw_device(run, "/dev/kmem", lockdown);
	judge_raw_device(run, "/dev/port", lockdown);
	judge_msr(run, lockdown);
}

static const hf_check checks[] = {
	{
		.id = "kernel.iommu",
		.title = "DMA isolation is on when devices are passed to containers",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:M/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("KSPP", "CWE:1190"),
		.reads = HF_READS("dir:" IOMMU_GROUPS, IOMMU_GROUPS "/*/type", "dir:" VFIO_DRIVER,
				  "dir:/dev", UNSAFE_INTERRUPTS),
		.risk = "A device that a container drives can be told to read and write any "
			"memory of the node, the kernel's and other containers' included.",
		.threat = "A container with a GPU, a NIC or a VFIO device programs DMA to kernel "
			  "memory and leaves its isolation without any kernel bug.",
		.remediation = "Turn the IOMMU on in the firmware and boot with intel_iommu=on "
			       "(or amd_iommu=on) and without iommu=pt; check "
			       "/sys/kernel/iommu_groups/*/type. Remove allow_unsafe_interrupts=1 "
			       "of vfio_iommu_type1 from /etc/modprobe.d.",
		.run = check_iommu,
	},
	{
		.id = "kernel.dev-mem",
		.title = "Raw memory and port devices are closed",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:M/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("KSPP"),
		.reads = HF_READS("stat:/dev/mem", "stat:/dev/kmem", "stat:/dev/port",
				  "dir:/dev/cpu", "stat:/dev/cpu/*/msr", MSR_WRITES),
		.risk = "Who may open such a device reads and rewrites physical memory or drives "
			"hardware, past every permission the kernel knows.",
		.threat = "A privileged container, or one with CAP_SYS_RAWIO and the device, "
			  "patches the running kernel and is root on the node.",
		.remediation = "Boot with lockdown=integrity (Secure Boot sets it on most "
			       "distributions); it closes all of them. Without it: a kernel with "
			       "STRICT_DEVMEM and without DEVPORT, the msr module denied or "
			       "msr.allow_writes=off on the boot line.",
		.run = check_dev_mem,
	},
};

HF_CHECK_SET(kernel_devices, checks);
