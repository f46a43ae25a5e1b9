/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What vouches for the code that runs: firmware, IMA, EVM, verity. */
#include "common.h"
#include "sets.h"

#include <linux/magic.h>
#include <stdlib.h>

/* ---- Secure Boot ---- */

#define EFI_DIR	 "/sys/firmware/efi"
#define EFI_VARS EFI_DIR "/efivars"
/* A variable's name says nothing without its vendor: anybody may create a "SecureBoot" of another
 * one. */
#define EFI_GLOBAL   "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define EFI_SHIM     "605dab50-e046-4300-abb6-3dd810dd8b23"
#define SECURE_BOOT  EFI_VARS "/SecureBoot-" EFI_GLOBAL
#define SETUP_MODE   EFI_VARS "/SetupMode-" EFI_GLOBAL
#define MOK_SB_STATE EFI_VARS "/MokSBState-" EFI_SHIM
#define MOK_SB_STATE_RT                                                                            \
	EFI_VARS "/MokSBStateRT-" EFI_SHIM /* shim 15.3's copy for the running system */
#define MOK_LIST EFI_VARS "/MokListRT-" EFI_SHIM

enum { EFI_ATTRIBUTES_SIZE = 4 }; /* efivarfs puts them before the value */

/* A variable of one byte. False: @run is marked unknown. An absent one is @absent. */
static bool read_flag(hf_check_run *run, const char *path, int absent, int *ret_value)
{
	const hf_file *file = hf_file_get(run, path);

	*ret_value = absent;
	if (file->fact.state == HF_ABSENT && absent >= 0)
		return true;
	if (!hf_need(run, &file->fact))
		return false;
	if (file->size != EFI_ATTRIBUTES_SIZE + 1) {
		hf_unknown(run, file->fact.source,
			   hf_text(run, "has %zu bytes, not 4 of attributes and 1", file->size));
		return false;
	}
	*ret_value = (unsigned char)file->data[EFI_ATTRIBUTES_SIZE];
	return true;
}

static uint32_t little_endian_32(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;

	return (uint32_t)byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
	       (uint32_t)byte[3] << 24;
}

/* The entries of an EFI signature database: lists of GUID (16), list size, header size, entry size,
 * then entries of that size (UEFI 2.10, 32.4.1). -1 where it is malformed. */
static int count_signatures(const char *data, size_t size)
{
	enum { LIST_HEAD = 28 };
	int count = 0;

	while (size > 0) {
		if (size < LIST_HEAD)
			return -1;
		uint32_t list = little_endian_32(data + 16), header = little_endian_32(data + 20);
		uint32_t entry = little_endian_32(data + 24);

		if (list < LIST_HEAD || list > size || header > list - LIST_HEAD || entry == 0)
			return -1;
		count += (int)((list - LIST_HEAD - header) / entry);
		data += list;
		size -= list;
	}
	return count;
}

/* Machine owner keys sign what the distribution did not: DKMS modules as a rule. */
static void note_owner_keys(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, MOK_LIST);

	if (file->fact.state != HF_PRESENT || file->size < EFI_ATTRIBUTES_SIZE)
		return;
	int count = count_signatures(file->data + EFI_ATTRIBUTES_SIZE,
				     file->size - EFI_ATTRIBUTES_SIZE);

	hf_note(run, file->fact.source,
		count < 0 ? "malformed"
			  : hf_text(run,
				    "%d machine owner keys or hashes are trusted beside the "
				    "firmware's (mokutil --list-enrolled shows them)",
				    count));
}

/* Without efivarfs the folder is there and empty, which is no statement about the firmware. */
static bool has_variables(hf_check_run *run)
{
	const hf_file *root = hf_stat_get(run, EFI_VARS);

	if (!hf_need(run, &root->fact))
		return false;
	if (root->fs_magic == EFIVARFS_MAGIC)
		return true;
	hf_unknown(run, root->fact.source, "efivarfs is not mounted");
	return false;
}

static void check_secure_boot(hf_check_run *run)
{
	const hf_dir *efi = hf_dir_get(run, EFI_DIR);
	int secure_boot, setup_mode, shim_off, shim_off_copy;

	if (efi->fact.state == HF_ABSENT) {
		hf_not_applicable(run, efi->fact.source, "does not exist",
				  "this machine was not booted by EFI firmware (BIOS or microVM)");
		return;
	}
	if (!hf_need(run, &efi->fact) || !has_variables(run))
		return;
	/* firmware that knows no Secure Boot has no such variable */
	if (read_flag(run, SECURE_BOOT, 0, &secure_boot))
		hf_expect(run, SECURE_BOOT,
			  hf_file_get(run, SECURE_BOOT)->fact.state == HF_ABSENT
				  ? "does not exist"
				  : hf_text(run, "%d", secure_boot),
			  "1", secure_boot == 1);
	if (secure_boot == 1 && read_flag(run, SETUP_MODE, -1, &setup_mode))
		hf_expect_i64(run, SETUP_MODE, setup_mode, "0: keys are enrolled", setup_mode == 0);
	if (read_flag(run, MOK_SB_STATE, 0, &shim_off) &&
	    read_flag(run, MOK_SB_STATE_RT, 0, &shim_off_copy))
		hf_expect(run, shim_off_copy ? MOK_SB_STATE_RT : MOK_SB_STATE,
			  shim_off || shim_off_copy ? "1" : "0 or not set",
			  "not 1: shim validates what it starts", !shim_off && !shim_off_copy);
	note_owner_keys(run);
}

/* ---- IMA and EVM ---- */

#define SECURITYFS	"/sys/kernel/security"
#define IMA_DIR		SECURITYFS "/ima"
#define IMA_POLICY	IMA_DIR "/policy"
#define IMA_COUNT	IMA_DIR "/runtime_measurements_count"
#define IMA_FILE_POLICY "/etc/ima/ima-policy" /* what systemd loads */

/* False: @run is marked notapplicable (not built, or off) or unknown. Absence below
 * /sys/kernel/security means something only while securityfs is mounted there. */
static bool has_ima(hf_check_run *run)
{
	const hf_dir *ima = hf_dir_get(run, IMA_DIR);
	const hf_file *root = hf_stat_get(run, SECURITYFS);
	const hf_kconfig *config = hf_kconfig_get(run);

	if (ima->fact.state == HF_PRESENT)
		return true;
	if (config->fact.state == HF_PRESENT && !hf_kconfig_value(config, "CONFIG_IMA", NULL)) {
		hf_not_applicable(run, config->fact.source, "CONFIG_IMA is not set",
				  "this kernel was built without IMA");
		return false;
	}
	if (!hf_need(run, &root->fact))
		return false;
	if (root->fs_magic != SECURITYFS_MAGIC)
		hf_unknown(run, root->fact.source, "securityfs is not mounted");
	else if (ima->fact.state == HF_ABSENT)
		hf_not_applicable(run, ima->fact.source, "does not exist", "IMA does not run");
	else
		hf_unknown(run, ima->fact.source, ima->fact.why);
	return false;
}

/* A word of the policies that the boot line names, "ima_policy=tcb|appraise_tcb". */
static bool boots_with(const hf_bootline *line, const char *policy)
{
	const char *value = hf_bootline_value(line, "ima_policy");

	return value && kernel_has_word(value, "| ", policy);
}

/* A rule that begins with @action, as far as the policy can be read. */
static bool has_rule(const hf_file *policy, const char *action)
{
	if (policy->fact.state != HF_PRESENT)
		return false;
	for (const char *line = policy->data; line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\n");
		if (kernel_starts_with(line, action))
			return true;
		if (!*line)
			break;
	}
	return false;
}

/* Once a policy was loaded its file is gone, or cannot be written any more, unless the kernel was
 * built with IMA_WRITE_POLICY (ima_release_policy() in security/integrity/ima/ima_fs.c). */
static bool is_policy_loaded(hf_check_run *run)
{
	const hf_file *file = hf_stat_get(run, IMA_POLICY);

	return file->fact.state == HF_ABSENT ||
	       (file->fact.state == HF_PRESENT && (file->mode & 0200) == 0);
}

static void check_ima(hf_check_run *run)
{
	static const char wanted[] =
		"a policy that measures (more than boot_aggregate alone) or appraises";
	const hf_file *count = hf_file_get(run, IMA_COUNT);
	const hf_bootline *line = hf_bootline_get(run);

	if (!has_ima(run) || !hf_need(run, &count->fact) || !hf_need(run, &line->fact))
		return;
	const char *mode = hf_bootline_value(line, "ima_appraise");
	bool is_appraising = (boots_with(line, "appraise_tcb") || boots_with(line, "secure_boot") ||
			      hf_bootline_value(line, "ima_appraise_tcb") ||
			      has_rule(hf_file_get(run, IMA_POLICY), "appraise")) &&
			     !(mode && strcmp(mode, "off") == 0);
	const char *text = kernel_file_text(run, count);
	bool is_number = *text && text[strspn(text, "0123456789")] == '\0';

	if (!is_number) {
		hf_unknown(run, count->fact.source, "is no number");
		return;
	}
	if (is_policy_loaded(run))
		hf_note(run, IMA_POLICY, "a policy was loaded after boot");
	if (is_appraising)
		hf_expect(run, hf_text(run, "%s, %s", line->fact.source, IMA_POLICY),
			  "a rule appraises files", wanted, true);
	else
		/* 1 is the boot_aggregate, which is there without any policy */
		hf_expect(run, count->fact.source, text, wanted,
			  strcmp(text, "0") != 0 && strcmp(text, "1") != 0);
}

typedef enum appraisal { APPRAISAL_OFF = 0, APPRAISAL_ENFORCED, APPRAISAL_UNKNOWN } appraisal;

/* Whether files are appraised, and refused: by the boot line, by the policy where it can be read,
 * by the file that it was loaded from, and by the proof that none was loaded. */
static appraisal read_appraisal(hf_check_run *run, const hf_bootline *line)
{
	const char *mode = hf_bootline_value(line, "ima_appraise");
	const hf_kconfig *config = hf_kconfig_get(run);
	const hf_file *policy = hf_file_get(run, IMA_POLICY);
	bool is_known = config->fact.state == HF_PRESENT;

	if (is_known && !hf_kconfig_value(config, "CONFIG_IMA_APPRAISE", NULL))
		return APPRAISAL_OFF;
	if (mode && strcmp(mode, "enforce") != 0)
		return APPRAISAL_OFF; /* off, log, fix: nothing is refused */
	if (boots_with(line, "appraise_tcb") || boots_with(line, "secure_boot") ||
	    hf_bootline_value(line, "ima_appraise_tcb") || has_rule(policy, "appraise"))
		return APPRAISAL_ENFORCED;
	if (policy->fact.state == HF_PRESENT)
		return APPRAISAL_OFF;
	if (is_policy_loaded(run))
		return has_rule(hf_file_get(run, IMA_FILE_POLICY), "appraise") ? APPRAISAL_ENFORCED
									       : APPRAISAL_UNKNOWN;
	return is_known && !hf_kconfig_value(config, "CONFIG_IMA_WRITE_POLICY", NULL) &&
			       hf_stat_get(run, IMA_POLICY)->fact.state == HF_PRESENT
		       ? APPRAISAL_OFF
		       : APPRAISAL_UNKNOWN;
}

/* Bit 31, "set up", is never shown: evm_read_key() masks it. Bit 0 implies it, for loading the HMAC
 * key sets it, too (security/integrity/evm/evm_secfs.c). */
static void judge_evm(hf_check_run *run, const hf_file *evm)
{
	static const char wanted[] = "bit 0 (HMAC) or 1 (signatures)";
	char *end;

	if (evm->fact.state == HF_ABSENT) {
		hf_expect(run, evm->fact.source, "does not exist: EVM is not built in", wanted,
			  false);
		return;
	}
	if (!hf_need(run, &evm->fact))
		return;
	const char *text = kernel_file_text(run, evm);
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || *end)
		hf_unknown(run, evm->fact.source, "is no number");
	else
		hf_expect(run, evm->fact.source, text, wanted, (value & 3) != 0);
}

static void check_evm(hf_check_run *run)
{
	const hf_bootline *line = hf_bootline_get(run);

	if (!has_ima(run) || !hf_need(run, &line->fact))
		return;
	switch (read_appraisal(run, line)) {
	case APPRAISAL_OFF:
		hf_not_applicable(run, IMA_POLICY, "no rule appraises files, or none is enforced",
				  "EVM protects what IMA appraisal relies on, and that is off");
		break;
	case APPRAISAL_UNKNOWN:
		hf_unknown(run, IMA_POLICY, "whether files are appraised could not be told");
		break;
	case APPRAISAL_ENFORCED:
		judge_evm(run, hf_file_get(run, SECURITYFS "/evm"));
		break;
	}
}

/* ---- verity ---- */

/* Systems that are built around a verified image. Talos is not among them: its root is a squashfs
 * inside the signed boot image, which kernel.secure-boot looks at. */
static const char *const verity_systems[] = {"flatcar", "bottlerocket", "cos", NULL};

#define DM_GLOB "/sys/block/dm-*/dev"

/* The mount of the system image: / or, where only that is an image, /usr. */
static const hf_mount *find_mount(const hf_mounts *mounts, const char *target)
{
	for (size_t i = mounts->count; i > 0; i--) { /* the last one lies on top */
		if (strcmp(mounts->all[i - 1].target, target) == 0)
			return &mounts->all[i - 1];
	}
	return NULL;
}

/* The uuid of the mapped device that @mount lies on; NULL: none, or one that could not be read
 * (then *ret_hole). dm-verity's begins with CRYPT-VERITY- (veritysetup, systemd). */
static const hf_file *mapped_uuid(hf_check_run *run, const hf_mount *mount,
				  const hf_file **ret_hole)
{
	const hf_file *const *devices;
	size_t count = hf_files_matching(run, DM_GLOB, &devices);
	const char *number = hf_text(run, "%u:%u\n", mount->major, mount->minor);

	for (size_t i = 0; i < count; i++) {
		const hf_file *device = devices[i];

		if (device->fact.state != HF_PRESENT) {
			*ret_hole = device;
		} else if (strcmp(device->data, number) == 0) {
			const char *path = device->fact.source;
			int length = (int)(strlen(path) - strlen("dev"));
			const hf_file *uuid =
				hf_file_get(run, hf_text(run, "%.*sdm/uuid", length, path));

			if (uuid->fact.state == HF_PRESENT)
				return uuid;
			*ret_hole = uuid;
		}
	}
	return NULL;
}

/* The kernel makes the device by itself where the boot line describes it (ChromeOS family,
 * Bottlerocket); then it has no uuid. */
static bool is_booted_verified(const hf_bootline *line, const hf_mount *mount)
{
	static const char *const names[] = {"dm-mod.create", "dm"};

	for (size_t i = 0; i < KERNEL_COUNT(names); i++) {
		const char *value = hf_bootline_value(line, names[i]);

		if (value && strstr(value, " verity ") &&
		    (kernel_starts_with(mount->source, "/dev/dm-") ||
		     kernel_starts_with(mount->source, "/dev/mapper/") ||
		     strcmp(mount->source, "/dev/root") == 0))
			return true;
	}
	return false;
}

static const char verity_wanted[] =
	"the system image is verified (dm-verity, or composefs with verity=require)";

/* True when / or /usr decided it: a verified image, or composefs, whose files are only opened with
 * the right fs-verity digest if it is told to insist. A read-only bind mount is no protection of
 * integrity. */
static bool judge_image(hf_check_run *run, const hf_mounts *mounts, const hf_bootline *line,
			const hf_file **ret_hole)
{
	static const char *const targets[] = {"/", "/usr"};

	for (size_t i = 0; i < KERNEL_COUNT(targets); i++) {
		const hf_mount *mount = find_mount(mounts, targets[i]);
		const hf_file *uuid = mount ? mapped_uuid(run, mount, ret_hole) : NULL;

		if (!mount)
			continue;
		if (strcmp(mount->fs_type, "overlay") == 0 &&
		    strcmp(mount->source, "composefs") == 0)
			hf_expect(run, mounts->fact.source,
				  hf_text(run, "composefs on %s (%s)", mount->target,
					  mount->super_options),
				  verity_wanted,
				  kernel_has_word(mount->super_options, ",", "verity=require"));
		else if (uuid && kernel_starts_with(uuid->data, "CRYPT-VERITY-"))
			hf_expect(run, uuid->fact.source,
				  hf_text(run, "%s lies on %s", mount->target,
					  kernel_file_text(run, uuid)),
				  verity_wanted, true);
		else if (is_booted_verified(line, mount))
			hf_expect(run, line->fact.source,
				  hf_text(run, "describes the verity device %s of %s",
					  mount->source, mount->target),
				  verity_wanted, true);
		else
			continue;
		return true;
	}
	return false;
}

static void check_verity(hf_check_run *run)
{
	const hf_mounts *mounts = hf_mounts_get(run);
	const hf_bootline *line = hf_bootline_get(run);
	const hf_file *release = hf_file_get(run, "/etc/os-release");
	const hf_file *hole = NULL;

	if (!hf_need(run, &mounts->fact) || !hf_need(run, &line->fact) ||
	    judge_image(run, mounts, line, &hole) || !hf_need(run, &release->fact))
		return;
	const char *id = kernel_setting(run, release, "ID");
	bool is_built_for = false;

	for (const char *const *at = verity_systems; id && *at; at++)
		is_built_for = is_built_for || strcmp(id, *at) == 0;
	if (!id)
		hf_unknown(run, release->fact.source, "names no ID");
	else if (!is_built_for)
		hf_not_applicable(run, release->fact.source, hf_text(run, "ID=%s", id),
				  "this system is not built around a verified image");
	else if (hole)
		hf_unknown(run, hole->fact.source, hole->fact.why);
	else
		hf_expect(run, mounts->fact.source,
			  hf_text(run, "%s, and neither / nor /usr lies on a verity device", id),
			  verity_wanted, false);
}

static const hf_check checks[] = {
	{
		.id = "kernel.secure-boot",
		.title = "Firmware verifies the boot chain",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:M/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("NIST-800-53:SI-7", "ATTACK:T1542", "LYNIS:BOOT-5116"),
		.reads = HF_READS("dir:" EFI_DIR, "stat:" EFI_VARS, SECURE_BOOT, SETUP_MODE,
				  MOK_SB_STATE, MOK_SB_STATE_RT, MOK_LIST),
		.risk = "Who was root once, or holds the disk, can put a boot loader or kernel of "
			"his own in place, and nothing on the node can be believed from then on.",
		.threat = "After a container escape the initramfs is changed; the implant starts "
			  "before every sensor and survives updates.",
		.remediation = "Turn Secure Boot on in the firmware setup (or choose a shielded, "
			       "trusted-launch machine type), then check with mokutil --sb-state. "
			       "If shim's validation is off: mokutil --enable-validation, and "
			       "reboot.",
		.run = check_secure_boot,
	},
	{
		.id = "kernel.ima",
		.title = "IMA measures or appraises executables where the site asks for it",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:H/Au:M/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("LYNIS:FINT-4339", "NIST-800-53:SI-7"),
		.reads = HF_READS("stat:" SECURITYFS, "dir:" IMA_DIR, IMA_POLICY, IMA_COUNT),
		.risk = "Nobody can tell afterwards, or from outside, which programs this node "
			"has run; one policy covers the node and all its containers.",
		.threat = "A replaced program or library runs, and neither the measurement list "
			  "nor the TPM that attests it has seen it.",
		.remediation = "Boot with ima_policy=tcb (measure) or ima_policy=appraise_tcb "
			       "(after the files were labelled), or put a policy into "
			       "/etc/ima/ima-policy, which systemd loads.",
		.run = check_ima,
	},
	{
		.id = "kernel.evm",
		.title = "EVM protects security attributes where IMA appraisal is used",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:H/Au:M/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("LYNIS:FINT-4339"),
		.reads = HF_READS("stat:" SECURITYFS, "dir:" IMA_DIR, IMA_POLICY, SECURITYFS "/evm",
				  IMA_FILE_POLICY),
		.risk = "The digests that IMA compares with, capabilities and labels are extended "
			"attributes which an attacker with the disk can rewrite to fit his file.",
		.threat = "The disk is changed offline, security.ima with it, and appraisal "
			  "accepts the forged file.",
		.remediation = "Load an EVM key in the initramfs (keyctl add encrypted evm-key "
			       "..., then echo 1 > /sys/kernel/security/evm; dracut has the "
			       "module \"integrity\"). Older overlayfs then answers copy-up with "
			       "EPERM: try the images first.",
		.run = check_evm,
	},
	{
		.id = "kernel.verity",
		.title = "Immutable root or image layers are verified where the OS is built for it",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:H/Au:M/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("LYNIS:FINT-4341", "NIST-800-190:4.5.5"),
		.reads = HF_READS("/etc/os-release", DM_GLOB, "/sys/block/dm-*/dm/uuid"),
		.risk = "The image is only read-only by a mount option: what is written to the "
			"block device beneath it is run.",
		.threat = "Root in a privileged container writes to the disk and changes the "
			  "node's own programs for good.",
		.remediation = "Boot the vendor's verified image and boot entry as they are "
			       "(verity.usrhash= on Flatcar, dm-mod.create= on Bottlerocket and "
			       "COS); with composefs set enabled = verity in "
			       "/usr/lib/ostree/prepare-root.conf and rebuild the initramfs.",
		.run = check_verity,
	},
};

HF_CHECK_SET(kernel_integrity, checks);
