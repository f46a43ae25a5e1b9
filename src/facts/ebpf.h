/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device programs of control groups (BPF_PROG_TYPE_CGROUP_DEVICE), read back from the kernel and
 * run on paper. */
#ifndef HF_FACTS_EBPF_H
#define HF_FACTS_EBPF_H

#include "base/base.h"

#include <holdfast/container.h>

enum {
	HF_EBPF_MAX_INSNS = 16384, /* runtimes write some dozens; the verifier takes a million */
	HF_EBPF_MAX_STEPS = 65536,
};

/* Fields of struct bpf_insn, <linux/bpf.h>. */
typedef struct hf_ebpf_insn {
	uint8_t code;
	uint8_t dst;
	uint8_t src;
	int16_t offset;
	int32_t imm;
} hf_ebpf_insn;

typedef struct hf_ebpf_program {
	const hf_ebpf_insn *insns;
	size_t count;
} hf_ebpf_program;

/* Bits of the access, and types, as BPF_DEVCG_* have them. */
enum { HF_EBPF_MKNOD = 1, HF_EBPF_READ = 2, HF_EBPF_WRITE = 4 };
enum { HF_EBPF_BLOCK = 1, HF_EBPF_CHAR = 2 };

typedef struct hf_ebpf_device {
	uint16_t type;
	uint16_t access;
	uint32_t major;
	uint32_t minor;
} hf_ebpf_device;

/* One instruction a line, its eight bytes as sixteen hexadecimal digits in the order of a
 * little-endian machine. -EBADMSG: is no such text, or jumps out of itself; -E2BIG; -ENOMEM. */
int hf_ebpf_parse(hf_arena *arena, const char *text, size_t size, hf_ebpf_program *ret_program,
		  hf_error *err);

/* Told of each comparison that a run makes: of what with what. */
typedef struct hf_ebpf_watch {
	void (*see)(void *data, const hf_ebpf_insn *insn, uint64_t a, uint64_t b);
	void *data;
} hf_ebpf_watch;

/* @watch: NULL allowed. *ret_allows: what the kernel would make of the program's result.
 * -EOPNOTSUPP: an instruction that is not known here (helpers and maps among them); -ELOOP: too
 * many steps; -EFAULT: reads what is not there. */
int hf_ebpf_run(const hf_ebpf_program *program, const hf_ebpf_device *device,
		const hf_ebpf_watch *watch, bool *ret_allows, hf_error *err);

/* What all of @programs together allow, as rules of which the most specific holds; in the order of
 * type, major, minor, the widest first. Errors as of hf_ebpf_run(); -E2BIG: they compare with more
 * numbers than can be tried; -EDOM: they compute with the numbers of devices instead of comparing
 * them. */
int hf_ebpf_rules(hf_arena *arena, const hf_ebpf_program *programs, size_t count,
		  const hf_device_grant **ret_rules, size_t *ret_count, hf_error *err);

#endif
