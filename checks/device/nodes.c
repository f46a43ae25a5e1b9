/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices of the node that a container can open: a node that it sees, a rule that lets it, and a
 * process that may. */
#include "common.h"

#include <string.h>

enum { SHOWN_MAX = 4 };

/* ---- who could open it ---- */

#define CAP_BIT(number) (UINT64_C(1) << (number))
enum { CAP_DAC_OVERRIDE_NUMBER = 1 };

static bool is_in_group(const hf_task *task, uint32_t gid)
{
	if (task->gid[3] == gid)
		return true;
	for (size_t i = 0; i < task->group_count; i++) {
		if (task->groups[i] == gid)
			return true;
	}
	return false;
}

/* Bits 6: reading and writing, of which one is enough. */
static bool mode_lets(const hf_task *task, const hf_container_node *node)
{
	if (task->uid[3] == node->uid)
		return node->mode & 0600;
	if (is_in_group(task, node->gid))
		return node->mode & 0060;
	return node->mode & 0006;
}

static bool is_mapped(const hf_id_map *maps, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (id >= maps[i].outside && id - maps[i].outside < maps[i].length)
			return true;
	}
	return false;
}

/* CAP_DAC_OVERRIDE reaches the files whose owner and group its user namespace knows,
 * user_namespaces(7). */
static bool capability_lets(hf_check_run *run, const hf_task *task, const hf_container_node *node)
{
	if (!(task->cap_effective & CAP_BIT(CAP_DAC_OVERRIDE_NUMBER)))
		return false;
	if (!hf_task_is_remapped(run, task))
		return true;
	const hf_id_maps *maps = hf_task_id_maps(run, task);

	return maps && maps->fact.state == HF_PRESENT &&
	       is_mapped(maps->uid, maps->uid_count, node->uid) &&
	       is_mapped(maps->gid, maps->gid_count, node->gid);
}

static const hf_task *find_opener(hf_check_run *run, const hf_container *container,
				  const hf_container_node *node)
{
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state == HF_PRESENT &&
		    (mode_lets(task, node) || capability_lets(run, task, node)))
			return task;
	}
	return NULL;
}

/* ---- whether it exists ---- */

/* A node of a block device that this kernel has not is a number and nothing else. */
static bool exists(hf_check_run *run, const hf_container_node *node)
{
	const hf_dir *dir = hf_dir_get(run, "/sys/dev/block");

	return node->type != 'b' || dir->fact.state != HF_PRESENT ||
	       hf_dir_has(dir, hf_text(run, "%u:%u", node->major, node->minor));
}

/* ---- the verdict ---- */

typedef struct finding {
	size_t count; /* nodes that can be opened */
	const char *shown;
	const char *partial; /* seen, and out of reach */
	const hf_fact *hole;
	const char *hole_text;
} finding;

static void add(hf_check_run *run, finding *f, const hf_container_node *node, const hf_task *task)
{
	if (++f->count <= SHOWN_MAX)
		f->shown = hf_text(run, "%s%s%s, %s, by %s as uid %u", f->shown ? f->shown : "",
				   f->shown ? "; " : "", node->path,
				   device_name(run, node->type, node->major, node->minor),
				   task->name ? task->name : "?", task->uid[3]);
}

static void judge_node(hf_check_run *run, const hf_container *container,
		       const hf_container_node *node, finding *f)
{
	const hf_fact *fact = NULL;
	hf_device_rule read = hf_container_device_rule(run, container, node->type, node->major,
						       node->minor, "r", &fact);
	hf_device_rule write = hf_container_device_rule(run, container, node->type, node->major,
							node->minor, "w", NULL);
	bool is_allowed = read == HF_DEVICE_ALLOWED || write == HF_DEVICE_ALLOWED;
	bool is_denied = read == HF_DEVICE_DENIED && write == HF_DEVICE_DENIED;
	const hf_task *task = find_opener(run, container, node);
	const char *why = node->is_nodev ? "its mount is nodev"
			  : is_denied	 ? "no rule allows it"
			  : !task	 ? "no process of it may"
					 : NULL;

	if (why) {
		f->partial = f->partial ? f->partial
					: hf_text(run, "%s (%c %u:%u) is seen, but %s", node->path,
						  node->type, node->major, node->minor, why);
	} else if (is_allowed) {
		add(run, f, node, task);
	} else {
		f->hole = fact;
		f->hole_text = hf_text(run, "%s is seen, and whether a rule allows it is not known",
				       node->path);
	}
}

static void check_class(hf_check_run *run)
{
	const device_class *class = hf_check_param(run);
	const hf_container *container = hf_container_of(run);
	const hf_container_nodes *nodes = hf_container_nodes_get(run, container);
	static const char source[] = "device nodes that its processes can open";
	static const char wanted[] = "none of this kind";
	finding f = {0};

	for (size_t i = 0; i < nodes->count; i++) {
		const hf_container_node *node = &nodes->all[i];
		const hf_fact *hole = NULL;

		if (device_is(run, *class, node->type, node->major, node->minor, &hole) &&
		    exists(run, node))
			judge_node(run, container, node, &f);
		else if (hole)
			f.hole = hole;
	}
	if (f.partial)
		hf_note(run, source, f.partial);
	if (f.count > 0) {
		hf_expect(run, source,
			  f.count > SHOWN_MAX
				  ? hf_text(run, "%s and %zu more", f.shown, f.count - SHOWN_MAX)
				  : f.shown,
			  wanted, false);
		return;
	}
	if (f.hole) {
		hf_unknown(run, f.hole->source,
			   f.hole_text	 ? hf_text(run, "%s: %s", f.hole_text,
						   f.hole->why ? f.hole->why
							       : "its rules could not be run")
			   : f.hole->why ? f.hole->why
					 : "could not be told");
		return;
	}
	if (!hf_need(run, &nodes->fact))
		return;
	if (f.partial && !hf_need(run, &container->tasks_fact))
		return;
	hf_expect(run, source, "none of this kind", wanted, true);
}

/* ---- rows ---- */

#define CLASS(value) (&(const device_class){value})

static const hf_check checks[] = {
	{
		.id = "device.host-block",
		.title = "No container can open host block devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.18", "CWE:732", "ATTACK:T1611", "ATTACK:T1006",
				"KUBEHOUND:CE_PRIV_MOUNT"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "The container reads and writes the node's file systems as raw blocks, "
			"below the running "
			"kernel and its permissions.",
		.threat = "debugfs on the node's root disk: /etc/shadow is read, a key is written "
			  "for root.",
		.remediation = "Start it without --device /dev/DISK and without --privileged; give "
			       "a volume or a "
			       "file instead of the disk.",
		.run = check_class,
		.param = CLASS(DEVICE_BLOCK),
	},
	{
		.id = "device.kernel-memory",
		.title = "No container can open kernel and physical memory devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1611", "ATTACK:T1014"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "The container reads or writes memory of the kernel, or firmware, "
			"directly.",
		.threat = "A write to /dev/mem or to a model-specific register turns protections "
			  "off and runs code "
			  "in the kernel.",
		.remediation = "Start it without --device /dev/mem, /dev/port, /dev/cpu, "
			       "/dev/nvram, /dev/mtd* and "
			       "without --privileged; boot with lockdown=integrity.",
		.run = check_class,
		.param = CLASS(DEVICE_KERNEL_MEMORY),
	},
	{
		.id = "device.scsi-nvme-control",
		.title = "No container can open raw storage control devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1006"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "The container sends commands to disks past the block layer, or makes new "
			"block devices.",
		.threat = "A SCSI or NVMe command reads any sector or erases the disk; a loop or "
			  "mapper device "
			  "gives the kernel a file system to parse.",
		.remediation = "Start it without --device /dev/sg*, /dev/bsg, /dev/nvme*, "
			       "/dev/mapper/control, "
			       "/dev/btrfs-control, /dev/loop-control and without --privileged.",
		.run = check_class,
		.param = CLASS(DEVICE_STORAGE_CONTROL),
	},
	{
		.id = "device.virtualization",
		.title = "No container can open virtualisation and passthrough devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "NIST-800-190:3.5.2"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "A large part of the kernel is open to attack; a device given by vfio does "
			"DMA.",
		.threat = "A guest started inside attacks KVM or vhost on the node.",
		.remediation = "Start it without --device /dev/kvm, /dev/vhost-*, /dev/vfio; run "
			       "virtual machines by "
			       "a runtime that confines them, and with an IOMMU.",
		.run = check_class,
		.param = CLASS(DEVICE_VIRTUALIZATION),
	},
	{
		.id = "device.fuse-tun",
		.title = "No container can open FUSE and tunnel devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:732"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "The container makes file systems or network interfaces that it answers "
			"for itself; with "
			"SYS_ADMIN or NET_ADMIN more.",
		.threat = "A file system that stalls hangs whoever looks at it; an interface "
			  "forges packets.",
		.remediation = "Start it without --device /dev/fuse, /dev/net/tun, /dev/ppp, "
			       "/dev/cuse where the "
			       "image works without.",
		.run = check_class,
		.param = CLASS(DEVICE_FUSE_TUN),
	},
	{
		.id = "device.input-console",
		.title = "No container can open console, keyboard and log devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1056"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "What is typed and shown on the node's consoles is read, input is "
			"injected, the kernel's "
			"log is forged.",
		.threat = "Keystrokes of an administrator at the console, recorded from inside a "
			  "container.",
		.remediation =
			"Start it without --device /dev/tty*, /dev/console, /dev/vcs*, /dev/input, "
			"/dev/uinput, /dev/kmsg, /dev/hidraw* and without --privileged.",
		.run = check_class,
		.param = CLASS(DEVICE_INPUT_CONSOLE),
	},
	{
		.id = "device.gpu-accelerator",
		.title = "No container can open GPU and accelerator devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:732", "CVE:2024-0132", "CVE:2025-23266"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "A large driver is open to attack, and memory that other tenants left can "
			"be read.",
		.threat = "A flaw of the driver's ioctl gives the kernel; buffers are not cleared "
			  "between users.",
		.remediation = "Start it without --gpus and --device /dev/dri, /dev/nvidia*, "
			       "/dev/kfd where it does "
			       "not compute on them; one tenant a device.",
		.run = check_class,
		.param = CLASS(DEVICE_GPU),
	},
	{
		.id = "device.hardware-control",
		.title = "No container can open watchdog, clock, USB, serial and TPM devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:P/A:C"),
		.level = 2,
		.refs = HF_REFS("CWE:732"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "The container reboots or hangs the node, uses its keys, or drives its "
			"hardware.",
		.threat = "Opening the watchdog and closing it again is enough for a reset.",
		.remediation = "Start it without --device /dev/watchdog*, /dev/rtc*, /dev/bus/usb, "
			       "/dev/ttyS*, "
			       "/dev/ttyUSB*, /dev/tpm*, /dev/ipmi*, /dev/i2c-*, /dev/gpiochip*; "
			       "name the one port "
			       "that a gateway needs.",
		.run = check_class,
		.param = CLASS(DEVICE_HARDWARE),
	},
	{
		.id = "device.userfaultfd",
		.title = "No container can open userfaultfd and io-control helper devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:732"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "Helpers that make races in the kernel easy to win, or that talk to the "
			"hypervisor.",
		.threat = "An exploit stops the kernel in the middle of a copy for as long as it "
			  "likes.",
		.remediation = "Start it without --device /dev/userfaultfd, /dev/binder*, "
			       "/dev/ashmem, /dev/vsock, "
			       "/dev/vmci.",
		.run = check_class,
		.param = CLASS(DEVICE_HELPER),
	},
};

HF_CHECK_SET(device_nodes, checks);
