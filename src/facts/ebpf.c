/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small interpreter for eBPF, enough for device programs: arithmetic, jumps, the context and the
 * stack.
 *
 * Source: Documentation/bpf/standardization/instruction-set.rst and ___bpf_prog_run() of
 * kernel/bpf/core.c. The program has passed the kernel's verifier, but what is read here came
 * through a pipe or a capture: nothing of it is trusted. */
#include "facts/ebpf.h"

enum {
	CLASS_LD = 0,
	CLASS_LDX,
	CLASS_ST,
	CLASS_STX,
	CLASS_ALU,
	CLASS_JMP,
	CLASS_JMP32,
	CLASS_ALU64,
};

enum {
	REGISTERS = 12, /* r0-r10, and the kernel's own ax, in which it hides constants
			   (bpf_jit_harden) */
	FRAME = 10,
	STACK_BYTES = 512,
	CONTEXT_BYTES = 12, /* struct bpf_cgroup_dev_ctx: access and type, major, minor */
	SOURCE_REGISTER = 0x08,
	MODE_IMM = 0x00,
	MODE_MEM = 0x60,
	MODE_MEMSX = 0x80,
	CODE_LD_IMM64 = 0x18,
	CODE_CALL = 0x85,
	CODE_EXIT = 0x95,
};

/* Pointers are numbers far from what programs compute with. */
#define CONTEXT_BASE UINT64_C(0x4000000000000000)
#define STACK_BASE   UINT64_C(0x5000000000000000)

typedef struct machine {
	uint64_t reg[REGISTERS];
	uint8_t context[CONTEXT_BYTES];
	uint8_t stack[STACK_BYTES];
	size_t at;
	const hf_ebpf_watch *watch;
} machine;

/* ---- reading ---- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static int parse_insn(const char *line, size_t length, hf_ebpf_insn *insn)
{
	uint8_t bytes[8];

	if (length != 2 * sizeof bytes)
		return -EBADMSG;
	for (size_t i = 0; i < sizeof bytes; i++) {
		int high = digit(line[2 * i]), low = digit(line[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*insn = (hf_ebpf_insn){
		.code = bytes[0],
		.dst = bytes[1] & 0x0f,
		.src = bytes[1] >> 4,
		.offset = (int16_t)(bytes[2] | bytes[3] << 8),
		.imm = (int32_t)((uint32_t)bytes[4] | (uint32_t)bytes[5] << 8 |
				 (uint32_t)bytes[6] << 16 | (uint32_t)bytes[7] << 24),
	};
	return insn->dst < REGISTERS && insn->src < REGISTERS ? 0 : -EBADMSG;
}

int hf_ebpf_parse(hf_arena *arena, const char *text, size_t size, hf_ebpf_program *ret_program,
		  hf_error *err)
{
	const char *cursor = text, *line;
	size_t length, count = 0, i = 0;

	while (hf_next_line(&cursor, text + size, &line, &length))
		count++;
	if (count == 0)
		return hf_error_set(err, -EBADMSG, "is empty");
	if (count > HF_EBPF_MAX_INSNS)
		return hf_error_set(err, -E2BIG, "has more than %d instructions",
				    HF_EBPF_MAX_INSNS);
	hf_ebpf_insn *insns = hf_arena_calloc(arena, count, sizeof *insns);

	if (!insns)
		return -ENOMEM;
	for (cursor = text; hf_next_line(&cursor, text + size, &line, &length); i++) {
		if (parse_insn(line, length, &insns[i]) < 0)
			return hf_error_at(err, -EBADMSG, "program", (unsigned)i + 1,
					   "line %zu is no instruction", i + 1);
	}
	*ret_program = (hf_ebpf_program){.insns = insns, .count = count};
	return 0;
}

/* ---- memory ---- */

static size_t width_of(uint8_t code)
{
	static const size_t widths[] = {4, 2, 1, 8};

	return widths[code >> 3 & 3];
}

static uint8_t *memory_at(machine *m, uint64_t address, size_t width)
{
	if (address >= CONTEXT_BASE && address - CONTEXT_BASE <= CONTEXT_BYTES - width &&
	    width <= CONTEXT_BYTES)
		return m->context + (address - CONTEXT_BASE);
	if (address >= STACK_BASE && address - STACK_BASE <= STACK_BYTES - width)
		return m->stack + (address - STACK_BASE);
	return NULL;
}

static uint64_t load(const uint8_t *from, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

static void store(uint8_t *to, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t extend(uint64_t value, unsigned bits)
{
	return bits == 8    ? (uint64_t)(int64_t)(int8_t)value
	       : bits == 16 ? (uint64_t)(int64_t)(int16_t)value
			    : (uint64_t)(int64_t)(int32_t)value;
}

static int run_memory(machine *m, const hf_ebpf_insn *insn)
{
	size_t width = width_of(insn->code);
	unsigned mode = insn->code & 0xe0, class = insn->code & 7;
	bool is_load = class == CLASS_LDX;
	uint64_t base = m->reg[is_load ? insn->src : insn->dst];
	uint8_t *memory = memory_at(m, base + (uint64_t)(int64_t)insn->offset, width);

	if (mode != MODE_MEM && !(is_load && mode == MODE_MEMSX && width < 8))
		return -EOPNOTSUPP; /* atomic operations, probes of kernel memory */
	if (!memory)
		return -EFAULT;
	if (is_load) {
		uint64_t value = load(memory, width);

		m->reg[insn->dst] = mode == MODE_MEMSX ? extend(value, (unsigned)width * 8) : value;
		return 0;
	}
	if (memory >= m->context && memory < m->context + CONTEXT_BYTES)
		return -EFAULT; /* the verifier lets no program write there */
	store(memory, width, class == CLASS_STX ? m->reg[insn->src] : (uint64_t)(int64_t)insn->imm);
	return 0;
}

/* ---- arithmetic ---- */

static uint64_t swap_bytes(uint64_t value, unsigned bits)
{
	return bits == 16   ? __builtin_bswap16((uint16_t)value)
	       : bits == 32 ? __builtin_bswap32((uint32_t)value)
			    : __builtin_bswap64(value);
}

/* 0xd4 takes the source bit as "to big endian"; 0xd7 swaps always. The context is little-endian
 * here. */
static int run_swap(const hf_ebpf_insn *insn, uint64_t *value)
{
	unsigned bits = (unsigned)insn->imm;
	bool is_64 = (insn->code & 7) == CLASS_ALU64;

	if (bits != 16 && bits != 32 && bits != 64)
		return -EOPNOTSUPP;
	if (is_64 || insn->code & SOURCE_REGISTER)
		*value = swap_bytes(*value, bits);
	else if (bits < 64)
		*value &= (UINT64_C(1) << bits) - 1;
	return 0;
}

static uint64_t divide(uint64_t a, uint64_t b, bool is_signed, bool is_64, bool is_modulo)
{
	if (b == 0)
		return is_modulo ? a : 0;
	if (!is_signed)
		return is_modulo ? a % b : a / b;
	int64_t x = is_64 ? (int64_t)a : (int32_t)a, y = is_64 ? (int64_t)b : (int32_t)b;

	/* the smallest number by -1 overflows: the instruction set defines it */
	if (y == -1)
		return is_modulo ? 0 : 0 - (uint64_t)x;
	return (uint64_t)(is_modulo ? x % y : x / y);
}

static int run_alu(machine *m, const hf_ebpf_insn *insn)
{
	bool is_64 = (insn->code & 7) == CLASS_ALU64;
	bool is_signed = insn->offset == 1;
	uint64_t *dst = &m->reg[insn->dst], a = *dst;
	uint64_t b =
		insn->code & SOURCE_REGISTER ? m->reg[insn->src] : (uint64_t)(int64_t)insn->imm;
	uint64_t shift = b & (is_64 ? 63 : 31);
	unsigned operation = insn->code >> 4;

	if (!is_64) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	if (insn->offset != 0 && operation != 0x3 && operation != 0x9 && operation != 0xb)
		return -EOPNOTSUPP;
	switch (operation) {
	case 0x0:
		a += b;
		break;
	case 0x1:
		a -= b;
		break;
	case 0x2:
		a *= b;
		break;
	case 0x3:
	case 0x9:
		if (insn->offset != 0 && !is_signed)
			return -EOPNOTSUPP;
		a = divide(a, b, is_signed, is_64, operation == 0x9);
		break;
	case 0x4:
		a |= b;
		break;
	case 0x5:
		a &= b;
		break;
	case 0x6:
		a <<= shift;
		break;
	case 0x7:
		a >>= shift;
		break;
	case 0x8:
		a = 0 - a;
		break;
	case 0xa:
		a ^= b;
		break;
	case 0xb:
		if (insn->offset == 0)
			a = b;
		else if ((insn->offset == 8 || insn->offset == 16 || insn->offset == 32) &&
			 insn->code & SOURCE_REGISTER)
			a = extend(b, (unsigned)insn->offset);
		else
			return -EOPNOTSUPP; /* casts between address spaces, addresses of this CPU
					     */
		break;
	case 0xc:
		a = is_64 ? (uint64_t)((int64_t)a >> shift) : (uint64_t)((int32_t)a >> shift);
		break;
	case 0xd: {
		a = *dst;
		int r = run_swap(insn, &a);

		if (r == 0)
			*dst = a;
		return r;
	}
	default:
		return -EOPNOTSUPP;
	}
	*dst = is_64 ? a : (uint32_t)a;
	return 0;
}

/* ---- jumps ---- */

static int compare(unsigned operation, uint64_t a, uint64_t b, int64_t x, int64_t y,
		   bool *ret_holds)
{
	switch (operation) {
	case 0x1:
		*ret_holds = a == b;
		break;
	case 0x2:
		*ret_holds = a > b;
		break;
	case 0x3:
		*ret_holds = a >= b;
		break;
	case 0x4:
		*ret_holds = (a & b) != 0;
		break;
	case 0x5:
		*ret_holds = a != b;
		break;
	case 0x6:
		*ret_holds = x > y;
		break;
	case 0x7:
		*ret_holds = x >= y;
		break;
	case 0xa:
		*ret_holds = a < b;
		break;
	case 0xb:
		*ret_holds = a <= b;
		break;
	case 0xc:
		*ret_holds = x < y;
		break;
	case 0xd:
		*ret_holds = x <= y;
		break;
	default:
		return -EOPNOTSUPP; /* calls, and what is younger than this table */
	}
	return 0;
}

static int run_jump(machine *m, const hf_ebpf_insn *insn)
{
	bool is_64 = (insn->code & 7) == CLASS_JMP, holds = true;
	uint64_t a = m->reg[insn->dst];
	uint64_t b =
		insn->code & SOURCE_REGISTER ? m->reg[insn->src] : (uint64_t)(int64_t)insn->imm;
	int64_t distance = insn->offset;
	int r = 0;

	if (insn->code >> 4 == 0) {
		if (!is_64)
			distance = insn->imm; /* JMP32 | JA: a long jump */
	} else {
		if (!is_64) {
			a = (uint32_t)a;
			b = (uint32_t)b;
		}
		if (m->watch)
			m->watch->see(m->watch->data, insn, a, b);
		r = compare(insn->code >> 4, a, b, is_64 ? (int64_t)a : (int32_t)a,
			    is_64 ? (int64_t)b : (int32_t)b, &holds);
	}
	if (r == 0 && holds)
		m->at = (size_t)((int64_t)m->at + distance); /* checked before the next step */
	return r;
}

/* ---- the run ---- */

static int step(machine *m, const hf_ebpf_program *program, const hf_ebpf_insn *insn)
{
	switch (insn->code & 7) {
	case CLASS_LD:
		/* a 64-bit number; with a source it names a map or an address of the kernel */
		if (insn->code != CODE_LD_IMM64 || insn->src != 0 || m->at >= program->count)
			return -EOPNOTSUPP;
		m->reg[insn->dst] =
			(uint32_t)insn->imm | (uint64_t)(uint32_t)program->insns[m->at].imm << 32;
		m->at++;
		return 0;
	case CLASS_LDX:
	case CLASS_ST:
	case CLASS_STX:
		return run_memory(m, insn);
	case CLASS_ALU:
	case CLASS_ALU64:
		return run_alu(m, insn);
	default:
		return run_jump(m, insn);
	}
}

static void start(machine *m, const hf_ebpf_device *device)
{
	*m = (machine){0};
	store(m->context, 4, (uint64_t)device->access << 16 | device->type);
	store(m->context + 4, 4, device->major);
	store(m->context + 8, 4, device->minor);
	m->reg[1] = CONTEXT_BASE;
	m->reg[FRAME] = STACK_BASE + STACK_BYTES;
}

int hf_ebpf_run(const hf_ebpf_program *program, const hf_ebpf_device *device,
		const hf_ebpf_watch *watch, bool *ret_allows, hf_error *err)
{
	machine m;

	start(&m, device);
	m.watch = watch;
	for (size_t steps = 0; steps < HF_EBPF_MAX_STEPS; steps++) {
		if (m.at >= program->count)
			return hf_error_set(err, -EFAULT, "runs past its end");
		size_t number = m.at;
		const hf_ebpf_insn *insn = &program->insns[m.at++];

		if (insn->code == CODE_EXIT) {
			*ret_allows =
				m.reg[0] & 1; /* bpf_prog_run_array_cg() looks at the lowest bit */
			return 0;
		}
		int r = step(&m, program, insn);

		if (r == -EFAULT)
			return hf_error_set(err, r, "instruction %zu reaches outside its memory",
					    number);
		if (r < 0)
			return hf_error_set(
				err, r, "instruction %zu (code 0x%02x) is not understood here: %s",
				number, insn->code,
				insn->code == CODE_CALL ? "a call" : "no plain computation");
	}
	return hf_error_set(err, -ELOOP, "does not end within %d steps", HF_EBPF_MAX_STEPS);
}
