/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and names of system calls: libseccomp's tables, and the calls that are younger than an
 * old one of it. */
#include "facts/syscalls.h"

#include <linux/audit.h>
#include <seccomp.h>

/* libseccomp 2.5.0 has neither. */
#ifndef AUDIT_ARCH_LOONGARCH64
#define AUDIT_ARCH_LOONGARCH64 (258 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

#define X32_BIT UINT32_C(0x40000000)

/* Nothing runs it: MIPS of 1994. A filter that answers for it looks at no architecture. */
#define FOREIGN_ARCH AUDIT_ARCH_MIPS

#define FOREIGN                                                                                    \
	{                                                                                          \
		.name = "an architecture that this kernel does not run", .word = "",               \
		.arch = FOREIGN_ARCH                                                               \
	}

static const hf_call_machine machines[] = {
	{
		.machine = "x86_64",
		.go = "amd64",
		.abis =
			{
				[HF_CALL_ABI_NATIVE] = {"x86-64", "SCMP_ARCH_X86_64",
							SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0},
				[HF_CALL_ABI_I386] = {"i386", "SCMP_ARCH_X86", SCMP_ARCH_X86,
						      AUDIT_ARCH_I386, 0},
				[HF_CALL_ABI_X32] = {"x32", "SCMP_ARCH_X32", SCMP_ARCH_X32,
						     AUDIT_ARCH_X86_64, X32_BIT},
				[HF_CALL_ABI_FOREIGN] = FOREIGN,
			},
	},
	{
		.machine = "aarch64",
		.go = "arm64",
		.abis =
			{
				[HF_CALL_ABI_NATIVE] = {"arm64", "SCMP_ARCH_AARCH64",
							SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, 0},
				[HF_CALL_ABI_I386] = {"arm", "SCMP_ARCH_ARM", SCMP_ARCH_ARM,
						      AUDIT_ARCH_ARM, 0},
				[HF_CALL_ABI_FOREIGN] = FOREIGN,
			},
	},
	{
		.machine = "ppc64le",
		.go = "ppc64le",
		.abis =
			{
				[HF_CALL_ABI_NATIVE] = {"ppc64le", "SCMP_ARCH_PPC64LE",
							SCMP_ARCH_PPC64LE, AUDIT_ARCH_PPC64LE, 0},
				[HF_CALL_ABI_FOREIGN] = FOREIGN,
			},
	},
	{
		.machine = "s390x",
		.go = "s390x",
		.abis =
			{
				[HF_CALL_ABI_NATIVE] = {"s390x", "SCMP_ARCH_S390X", SCMP_ARCH_S390X,
							AUDIT_ARCH_S390X, 0},
				[HF_CALL_ABI_I386] = {"s390", "SCMP_ARCH_S390", SCMP_ARCH_S390,
						      AUDIT_ARCH_S390, 0},
				[HF_CALL_ABI_FOREIGN] = FOREIGN,
			},
	},
	{
		.machine = "riscv64",
		.go = "riscv64",
		.abis =
			{
				[HF_CALL_ABI_NATIVE] = {"riscv64", "SCMP_ARCH_RISCV64",
							SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, 0},
				[HF_CALL_ABI_FOREIGN] = FOREIGN,
			},
	},
};

/* From 5.0 on a new call has one number on all of these machines. Source: the kernel's
 * scripts/syscall.tbl. */
static const struct {
	const char *name;
	uint32_t place;
} young[] = {
	{"epoll_pwait2", 441},	    {"mount_setattr", 442},
	{"quotactl_fd", 443},	    {"landlock_create_ruleset", 444},
	{"landlock_add_rule", 445}, {"landlock_restrict_self", 446},
	{"memfd_secret", 447},	    {"process_mrelease", 448},
	{"futex_waitv", 449},	    {"set_mempolicy_home_node", 450},
	{"cachestat", 451},	    {"fchmodat2", 452},
	{"map_shadow_stack", 453},  {"futex_wake", 454},
	{"futex_wait", 455},	    {"futex_requeue", 456},
	{"statmount", 457},	    {"listmount", 458},
	{"lsm_get_self_attr", 459}, {"lsm_set_self_attr", 460},
	{"lsm_list_modules", 461},  {"mseal", 462},
	{"setxattrat", 463},	    {"getxattrat", 464},
	{"listxattrat", 465},	    {"removexattrat", 466},
	{"open_tree_attr", 467},    {"file_getattr", 468},
	{"file_setattr", 469},
};

/* Calls that libseccomp takes for parts of socketcall() and ipc(), and gives no number though they
 * have one of their own by now. Its filters open both. Source: the kernel's syscall_32.tbl of x86,
 * syscall.tbl of s390 and powerpc. */
static const struct {
	const char *name;
	uint32_t x86, s390, powerpc; /* 0: it has none */
} direct[] = {
	{"socket", 359, 359, 326},	{"socketpair", 360, 360, 333},
	{"bind", 361, 361, 327},	{"connect", 362, 362, 328},
	{"listen", 363, 363, 329},	{"accept", 0, 0, 330},
	{"accept4", 364, 364, 344},	{"getsockopt", 365, 365, 340},
	{"setsockopt", 366, 366, 339},	{"getsockname", 367, 367, 331},
	{"getpeername", 368, 368, 332}, {"send", 0, 0, 334},
	{"sendto", 369, 369, 335},	{"sendmsg", 370, 370, 341},
	{"sendmmsg", 345, 358, 349},	{"recv", 0, 0, 336},
	{"recvfrom", 371, 371, 337},	{"recvmsg", 372, 372, 342},
	{"recvmmsg", 337, 357, 343},	{"shutdown", 373, 373, 338},
	{"semget", 393, 393, 393},	{"semctl", 394, 394, 394},
	{"shmget", 395, 395, 395},	{"shmctl", 396, 396, 396},
	{"shmat", 397, 397, 397},	{"shmdt", 398, 398, 398},
	{"msgget", 399, 399, 399},	{"msgsnd", 400, 400, 400},
	{"msgrcv", 401, 401, 401},	{"msgctl", 402, 402, 402},
};

const hf_call_machine *hf_call_machine_find(const char *machine)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(machines); i++) {
		if (strcmp(machines[i].machine, machine) == 0)
			return &machines[i];
	}
	return NULL;
}

static int32_t young_place(const char *name)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(young); i++) {
		if (strcmp(young[i].name, name) == 0)
			return (int32_t)young[i].place;
	}
	return -1;
}

/* -1: none, or not on this ABI. */
static int32_t direct_place(const hf_call_abi_form *abi, const char *name)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(direct); i++) {
		uint32_t place = 0;

		if (strcmp(direct[i].name, name) != 0)
			continue;
		if (abi->library == SCMP_ARCH_X86)
			place = direct[i].x86;
		else if (abi->library == SCMP_ARCH_S390 || abi->library == SCMP_ARCH_S390X)
			place = direct[i].s390;
		else if (abi->library == SCMP_ARCH_PPC64LE)
			place = direct[i].powerpc;
		return place ? (int32_t)place : -1;
	}
	return -1;
}

static int32_t find_place(const hf_call_abi_form *abi, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(abi->library, name);

	if (number == __NR_SCMP_ERROR)
		return young_place(name);
	/* below zero: libseccomp's number for a call that this architecture lacks, or has as a part
	 * of another */
	if (number < 0)
		return direct_place(abi, name);
	if ((uint32_t)number < abi->base || (uint32_t)number - abi->base >= HF_CALL_PLACES)
		return -1;
	return (int32_t)((uint32_t)number - abi->base);
}

/* libseccomp compares a name with half of its table, and profiles and filters are asked for the same names time and
 * again. */
int32_t hf_call_place(const hf_call_abi_form *abi, const char *name)
{
	static struct known {
		uint32_t library; /* 0: free */
		int32_t place;
		char name[40];
	} known[2048];
	uint32_t hash = abi->library;
	size_t length = 0;

	for (; name[length]; length++)
		hash = (hash ^ (unsigned char)name[length]) * 16777619U;
	struct known *at = &known[(hash >> 16 ^ hash) % HF_ARRAY_SIZE(known)];

	if (length >= sizeof at->name || abi->library == 0)
		return find_place(abi, name);
	if (at->library != abi->library || strcmp(at->name, name) != 0) {
		at->library = abi->library;
		at->place = find_place(abi, name);
		memcpy(at->name, name, length + 1);
	}
	return at->place;
}

/* Names that libseccomp's table has not, and that profiles of engines carry. */
static bool is_odd_name(const char *name)
{
	static const char *const odd[] = {"uretprobe", "riscv_hwprobe", "riscv_flush_icache",
					  "uprobe"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(odd); i++) {
		if (strcmp(odd[i], name) == 0)
			return true;
	}
	return false;
}

bool hf_call_is_known(const char *name)
{
	/* one that some architecture has resolves on all: to a number below zero where it is
	 * lacking */
	return seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name) != __NR_SCMP_ERROR ||
	       young_place(name) >= 0 || is_odd_name(name);
}

const char *hf_call_name(hf_arena *arena, const hf_call_abi_form *abi, uint32_t place)
{
	uint32_t number = hf_call_at(abi->base, place);
	char *name = seccomp_syscall_resolve_num_arch(abi->library, (int)number);
	const char *kept = name ? hf_arena_strdup(arena, name) : NULL;

	if (name) {
		free(name);
		return kept;
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(young); i++) {
		if (young[i].place == place)
			return young[i].name;
	}
	return hf_arena_printf(arena, "number %u", number);
}

bool hf_call_exists(const hf_call_abi_form *abi, uint32_t place)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(young); i++) {
		if (young[i].place == place)
			return true;
	}
	char *name = seccomp_syscall_resolve_num_arch(abi->library,
						      (int)hf_call_at(abi->base, place));
	bool exists = name != NULL;

	free(name);
	return exists;
}
