/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HW: terms of conditions: what machine the kernel runs on. */
#include "common.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

/* ---- /proc/cpuinfo ---- */

#define CPUINFO "/proc/cpuinfo"

/* The value of @field of the first processor (those of a node are alike in what is asked here), or
 * NULL and the reading that says why. */
static const char *cpu_value(hf_check_run *run, const char *field, option_reading *ret_reading)
{
	const hf_file *cpuinfo = hf_file_get(run, CPUINFO);
	const char *value;

	if (cpuinfo->fact.state != HF_PRESENT) {
		*ret_reading = option_unread(CPUINFO, cpuinfo->fact.why);
		return NULL;
	}
	value = kernel_cpuinfo_value(run, cpuinfo, field);
	if (!value)
		*ret_reading = option_unread(CPUINFO, hf_text(run, "has no line \"%s\"", field));
	return value;
}

/* @field is "flags" (x86) or "Features" (arm64). */
static option_reading judge_flag(hf_check_run *run, const char *field, const char *flag,
				 bool is_wanted)
{
	option_reading reading;
	const char *flags = cpu_value(run, field, &reading);
	bool has;

	if (!flags)
		return reading;
	has = kernel_has_word(flags, " ", flag);
	return option_read(hf_text(run, CPUINFO ": %s", field),
			   hf_text(run, has ? "%s is there" : "%s is not there", flag),
			   has == is_wanted);
}

static option_reading judge_vendor(hf_check_run *run, const char *vendors)
{
	option_reading reading;
	const char *found = cpu_value(run, "vendor_id", &reading);

	return found ? option_read(CPUINFO ": vendor_id", found,
				   kernel_has_word(vendors, " ", found))
		     : reading;
}

static option_reading judge_amd(hf_check_run *run)
{
	return judge_vendor(run, "AuthenticAMD HygonGenuine");
}

static option_reading judge_intel(hf_check_run *run)
{
	return judge_vendor(run, "GenuineIntel");
}

static option_reading judge_no_rtm(hf_check_run *run)
{
	return judge_flag(run, "flags", "rtm", false);
}

/* Arm's Armv8.0 cores, which have no PAN: Cortex-A35, A53, A57, A72, A73. */
static bool is_armv8_0(hf_check_run *run)
{
	option_reading reading;
	const char *implementer = cpu_value(run, "CPU implementer", &reading);
	const char *part = cpu_value(run, "CPU part", &reading);

	return implementer && part && strcmp(implementer, "0x41") == 0 &&
	       kernel_has_word("0xd04 0xd03 0xd07 0xd08 0xd09", " ", part);
}

/* PAN has no flag of its own. It and the LSE atomics are both mandatory from Armv8.1 on and the
 * latter have one; another core without them may still have PAN, so that their absence alone proves
 * nothing. */
static option_reading judge_pan(hf_check_run *run)
{
	option_reading reading = judge_flag(run, "Features", "atomics", true);

	if (reading.truth != OPTION_NO)
		return reading;
	return is_armv8_0(run) ? option_read(CPUINFO ": CPU part", "an Armv8.0 core", false)
			       : option_unread(reading.source, "the core may have PAN or not");
}

/* ---- virtual machines ---- */

/* Firmware names, as systemd-detect-virt(1) knows them; for machines whose processor has no flag
 * for it. */
static const char *const vm_vendors[] = {
	"QEMU",
	"KVM",
	"VMware",
	"VMW",
	"innotek GmbH",
	"VirtualBox",
	"Xen",
	"Bochs",
	"Parallels",
	"BHYVE",
	"Hyper-V",
	"Apple Virtualization",
	"Google Compute Engine",
	"OpenStack",
	"Alibaba Cloud ECS",
	"DigitalOcean",
};

static option_reading judge_firmware(hf_check_run *run)
{
	static const char *const files[] = {
		"/sys/class/dmi/id/product_name",
		"/sys/class/dmi/id/sys_vendor",
	};
	const hf_file *file = NULL;

	for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
		file = hf_file_get(run, files[f]);
		if (file->fact.state != HF_PRESENT)
			return option_unread(files[f], file->fact.why);
		for (size_t i = 0; i < sizeof vm_vendors / sizeof vm_vendors[0]; i++)
			if (strncmp(file->data, vm_vendors[i], strlen(vm_vendors[i])) == 0)
				return option_read(files[f], vm_vendors[i], true);
	}
	/* EC2 sells the same vendor name as virtual and as bare metal; the product tells */
	if (strncmp(file->data, "Amazon EC2", 10) == 0) {
		const hf_file *product = hf_file_get(run, files[0]);
		bool is_metal = strstr(product->data, ".metal") != NULL;

		return option_read(files[0], is_metal ? "a bare metal instance" : "an instance",
				   !is_metal);
	}
	return option_read(files[1], "no hypervisor that is known", false);
}

static option_reading judge_vm(hf_check_run *run)
{
	/* on x86 every hypervisor that wants to be seen sets the flag (CPUID leaf 1, ECX bit 31) */
	option_reading reading = judge_flag(run, "flags", "hypervisor", true);

	return reading.truth == OPTION_CANNOT_KNOW ? judge_firmware(run) : reading;
}

/* ---- devices that a hypervisor passes through ---- */

#define PCI_DEVICES "/proc/bus/pci/devices"

typedef enum pci_origin { PCI_VIRTUAL, PCI_PHYSICAL, PCI_EITHER } pci_origin;

/* Intel's name stands on what QEMU, Hyper-V and VMware emulate, and on real devices: only the
 * chipsets that are emulated (440FX, 440BX, PIIX, Q35 with ICH9, and Firecracker's host bridge) are
 * told apart. */
static const unsigned emulated_intel[] = {
	0x0d57, 0x1237, 0x29c0, 0x2918, 0x2922, 0x2930, 0x2934, 0x2935, 0x2936, 0x293a, 0x244e,
	0x2448, 0x7000, 0x7010, 0x7020, 0x7110, 0x7111, 0x7112, 0x7113, 0x7190, 0x7191, 0x7192,
};

static pci_origin origin_of(unsigned vendor, unsigned device)
{
	/* virtio, QEMU (two ids), VMware, Xen, Hyper-V, VirtualBox, Parallels */
	static const unsigned virtual_vendors[] = {0x1af4, 0x1b36, 0x1234, 0x15ad,
						   0x5853, 0x1414, 0x80ee, 0x1ab8};

	for (size_t i = 0; i < sizeof virtual_vendors / sizeof virtual_vendors[0]; i++)
		if (vendor == virtual_vendors[i])
			return PCI_VIRTUAL;
	if (vendor != 0x8086)
		return PCI_PHYSICAL;
	for (size_t i = 0; i < sizeof emulated_intel / sizeof emulated_intel[0]; i++)
		if (device == emulated_intel[i])
			return PCI_VIRTUAL;
	return PCI_EITHER;
}

static option_reading judge_pci(hf_check_run *run, const char *text)
{
	const char *doubt = NULL;

	for (const char *line = text; *line;) {
		const char *end = strchrnul(line, '\n');
		unsigned location;
		unsigned vendor;
		unsigned device;

		/* "0018\t1af41041\t…": bus and function, vendor and device */
		if (sscanf(line, "%4x\t%4x%4x", &location, &vendor, &device) == 3) {
			pci_origin origin = origin_of(vendor, device);
			const char *id = origin == PCI_VIRTUAL
						 ? NULL
						 : hf_text(run, "device %04x:%04x", vendor, device);

			if (origin == PCI_PHYSICAL)
				return option_read(PCI_DEVICES, id, false);
			if (origin == PCI_EITHER)
				doubt = id;
		} else if (line != end) {
			return option_unread(PCI_DEVICES, "has a line that is no device");
		}
		line = *end ? end + 1 : end;
	}
	if (doubt)
		return option_unread(PCI_DEVICES,
				     hf_text(run, "%s may be emulated or passed through", doubt));
	return option_read(PCI_DEVICES, "only devices that hypervisors emulate", true);
}

static option_reading judge_vm_no_passthrough(hf_check_run *run)
{
	option_reading reading = judge_vm(run);
	const hf_file *devices;

	if (reading.truth != OPTION_YES)
		return reading;
	devices = hf_file_get(run, PCI_DEVICES);
	switch (devices->fact.state) {
	case HF_PRESENT:
		return judge_pci(run, devices->data);
	case HF_ABSENT: /* a guest without a PCI bus: Firecracker and other micro machines */
		return option_read(PCI_DEVICES, "absent", true);
	case HF_UNREADABLE:
		break;
	}
	return option_unread(PCI_DEVICES, devices->fact.why);
}

/* ---- TPM ---- */

/* The firmware's tables say what is soldered in, the class only what has a driver. */
static option_reading judge_no_tpm(hf_check_run *run)
{
	const hf_dir *tables = hf_dir_get(run, "/sys/firmware/acpi/tables");
	const hf_dir *class = hf_dir_get(run, "/sys/class/tpm");

	if (class->fact.state == HF_PRESENT && class->count > 0)
		return option_read("/sys/class/tpm", class->names[0], false);
	if (tables->fact.state == HF_PRESENT) {
		bool has = hf_dir_has(tables, "TPM2") || hf_dir_has(tables, "TCPA");

		return option_read("/sys/firmware/acpi/tables",
				   has ? "a TPM's table" : "no TPM2 and no TCPA table", !has);
	}
	if (class->fact.state == HF_PRESENT)
		return option_read("/sys/class/tpm", "empty", true);
	return option_unread("/sys/class/tpm", class->fact.why);
}

/* ---- the terms ---- */

option_reading option_hardware_judge(hf_check_run *run, const char *name)
{
	static const struct {
		const char *name;
		option_reading (*judge)(hf_check_run *run);
	} terms[] = {
		{.name = "vm", .judge = judge_vm},
		{.name = "vm-no-passthrough", .judge = judge_vm_no_passthrough},
		{.name = "amd", .judge = judge_amd},
		{.name = "intel", .judge = judge_intel},
		{.name = "no-tpm", .judge = judge_no_tpm},
		{.name = "no-rtm", .judge = judge_no_rtm},
		{.name = "pan", .judge = judge_pan},
	};

	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
		if (strcmp(terms[i].name, name) == 0)
			return terms[i].judge(run);
	return option_unread(hf_text(run, "HW:%s", name), "no such fact of hardware is known");
}
