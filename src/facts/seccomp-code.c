/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Abstract evaluation of a seccomp filter: all numbers at once, arguments unknown.
 *
 * A path through the filter carries the set of numbers that take it. A comparison of the number
 * splits the set, one of an argument splits the path, and what the path learned of the argument is
 * kept, so that the tests which libseccomp, systemd and browsers write are followed exactly. One
 * walk over the thousand instructions of an engine's default then judges every call; number by
 * number it would be two hundred times as long. */
#include "facts/seccomp-code.h"

#include <linux/seccomp.h>

enum {
	WORDS = (HF_CALL_ALL + 63) / 64,
	PATHS_MAX = 512,    /* that wait at one time */
	STEPS_MAX = 200000, /* instructions in all; the largest filter has 4096 */
	NUMBER_WORD = 0,
	ARCH_WORD = 1,
};

static const uint32_t unlisted[HF_CALL_UNLISTED] = {1000, 4095, 0x00ffffff, 0x3fffffff};

typedef enum value_kind {
	VALUE_CONST = 0,
	VALUE_NUMBER, /* of the call, where the path has several */
	VALUE_DATA,   /* a word of the data, masked */
	VALUE_OTHER   /* anything */
} value_kind;

typedef struct value {
	uint8_t kind;
	uint8_t word; /* VALUE_DATA */
	uint32_t k;   /* the constant; the mask of VALUE_DATA */
} value;

typedef struct path {
	uint32_t at;
	uint32_t numbers; /* in .set */
	uint64_t set[WORDS];
	value a, x, memory[BPF_MEMWORDS];
	hf_call_given known;
	uint32_t not_value[HF_DATA_WORDS]; /* the word is not this */
	uint16_t has_not;		   /* bit per word */
} path;

typedef struct walk {
	const struct sock_filter *code;
	uint32_t count;
	uint32_t arch;
	uint32_t base;
	uint32_t steps;
	uint8_t *masks; /* by place */
	path *waiting;
	uint32_t waiting_count;
} walk;

uint32_t hf_call_at(uint32_t base, uint32_t place)
{
	return base + (place < HF_CALL_PLACES ? place : unlisted[place - HF_CALL_PLACES]);
}

uint8_t hf_act_both(uint8_t a, uint8_t b)
{
	unsigned loosest_a = 1U << (31 - __builtin_clz(a | 1U));
	unsigned loosest_b = 1U << (31 - __builtin_clz(b | 1U));
	unsigned loosest = loosest_a < loosest_b ? loosest_a : loosest_b;

	return (uint8_t)((a | b) & (loosest * 2 - 1));
}

/* ---- sets of numbers ---- */

static bool has(const path *p, uint32_t place)
{
	return p->set[place / 64] >> place % 64 & 1;
}

static void drop(path *p, uint32_t place)
{
	if (has(p, place)) {
		p->set[place / 64] &= ~(UINT64_C(1) << place % 64);
		p->numbers--;
	}
}

static uint32_t first(const path *p)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		if (p->set[i])
			return i * 64 + (uint32_t)__builtin_ctzll(p->set[i]);
	}
	return 0;
}

static void keep_only(path *p, uint32_t place)
{
	memset(p->set, 0, sizeof p->set);
	p->set[place / 64] = UINT64_C(1) << place % 64;
	p->numbers = 1;
}

static void give(walk *w, const path *p, unsigned act)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		for (uint64_t rest = p->set[i]; rest; rest &= rest - 1)
			w->masks[i * 64 + (uint32_t)__builtin_ctzll(rest)] |= (uint8_t)act;
	}
}

/* ---- values ---- */

static value constant(uint32_t k)
{
	return (value){.kind = VALUE_CONST, .k = k};
}

static const value anything = {.kind = VALUE_OTHER};

/* The number, once it is the only one. */
static value settle(const walk *w, const path *p, value v)
{
	if (v.kind == VALUE_NUMBER && p->numbers == 1)
		return constant(hf_call_at(w->base, first(p)));
	if (v.kind == VALUE_DATA && (p->known.mask[v.word] & v.k) == v.k)
		return constant(p->known.value[v.word] & v.k);
	return v;
}

static value load(const walk *w, const path *p, uint32_t offset)
{
	uint32_t word = offset / 4;

	if (offset % 4 != 0 || word >= HF_DATA_WORDS)
		return anything;
	if (word == NUMBER_WORD)
		return settle(w, p, (value){.kind = VALUE_NUMBER});
	if (word == ARCH_WORD)
		return constant(w->arch);
	return settle(w, p, (value){.kind = VALUE_DATA, .word = (uint8_t)word, .k = UINT32_MAX});
}

static value fold(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		return constant(a + b);
	case BPF_SUB:
		return constant(a - b);
	case BPF_MUL:
		return constant(a * b);
	case BPF_DIV:
		return b ? constant(a / b) : anything;
	case BPF_OR:
		return constant(a | b);
	case BPF_AND:
		return constant(a & b);
	case BPF_LSH:
		return b < 32 ? constant(a << b) : anything;
	case BPF_RSH:
		return b < 32 ? constant(a >> b) : anything;
	case BPF_XOR:
		return constant(a ^ b);
	case BPF_NEG:
		return constant(0 - a);
	default:
		return anything;
	}
}

static value compute(uint16_t op, value a, value b)
{
	if (a.kind == VALUE_CONST && (b.kind == VALUE_CONST || op == BPF_NEG))
		return fold(op, a.k, b.k);
	if (op == BPF_AND && a.kind == VALUE_DATA && b.kind == VALUE_CONST)
		return (value){.kind = VALUE_DATA, .word = a.word, .k = a.k & b.k};
	return anything;
}

/* ---- paths ---- */

/* False when there is no room: then @p's numbers are given up as unknown. */
static bool wait_with(walk *w, const path *p)
{
	if (w->waiting_count == PATHS_MAX) {
		give(w, p, HF_ACT_UNKNOWN);
		return false;
	}
	w->waiting[w->waiting_count++] = *p;
	return true;
}

static bool compares(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default: /* BPF_JSET: is_jump() let nothing else through */
		return a & b;
	}
}

/* The places [from, HF_CALL_PLACES) of @p's set into @other, which was empty. */
static void move_upper(path *p, path *other, uint32_t from)
{
	for (uint32_t i = from / 64; i < HF_CALL_PLACES / 64; i++) {
		uint64_t upper = p->set[i];

		if (i == from / 64)
			upper &= ~UINT64_C(0) << from % 64;
		other->set[i] |= upper;
		p->set[i] &= ~upper;
	}
}

static void recount(path *p)
{
	p->numbers = 0;
	for (uint32_t i = 0; i < WORDS; i++)
		p->numbers += (uint32_t)__builtin_popcountll(p->set[i]);
}

/* Splits @p by a comparison of its number: those for which it holds move to @yes. */
static void split_numbers(const walk *w, path *p, uint16_t op, uint32_t k, path *yes)
{
	uint32_t from = HF_CALL_PLACES;

	memset(yes->set, 0, sizeof yes->set);
	if (op == BPF_JGT && k < UINT32_MAX)
		from = k + 1 <= w->base ? 0 : k + 1 - w->base;
	else if (op == BPF_JGE)
		from = k <= w->base ? 0 : k - w->base;
	if (op == BPF_JEQ && k >= w->base && k - w->base < HF_CALL_PLACES) {
		uint32_t place = k - w->base;

		yes->set[place / 64] = p->set[place / 64] & UINT64_C(1) << place % 64;
		p->set[place / 64] &= ~yes->set[place / 64];
	} else if (op != BPF_JSET && from < HF_CALL_PLACES) {
		move_upper(p, yes, from);
	}
	for (uint32_t place = op == BPF_JSET ? 0 : HF_CALL_PLACES; place < HF_CALL_ALL; place++) {
		if (has(p, place) && compares(op, hf_call_at(w->base, place), k)) {
			yes->set[place / 64] |= UINT64_C(1) << place % 64;
			p->set[place / 64] &= ~(UINT64_C(1) << place % 64);
		}
	}
	recount(p);
	recount(yes);
}

typedef enum answer { NO, YES, EITHER } answer;

static answer compare_data(const path *p, uint16_t op, value v, uint32_t k)
{
	uint32_t known = p->known.mask[v.word] & v.k, least = p->known.value[v.word] & known;
	uint32_t most = least | (v.k & ~known);

	switch (op) {
	case BPF_JEQ:
		if ((k & ~v.k) || (k & known) != least)
			return NO;
		if (v.k == UINT32_MAX && p->has_not >> v.word & 1 && p->not_value[v.word] == k)
			return NO;
		return known == v.k ? YES : EITHER;
	case BPF_JGT:
		return least > k ? YES : most > k ? EITHER : NO;
	case BPF_JGE:
		return least >= k ? YES : most >= k ? EITHER : NO;
	default: /* BPF_JSET */
		return least & k ? YES : most & k ? EITHER : NO;
	}
}

/* What @p knows once the comparison held, or did not. */
static void learn(path *p, uint16_t op, value v, uint32_t k, bool held)
{
	uint32_t bits = op == BPF_JEQ ? v.k : k & v.k;
	bool is_one_bit = bits && !(bits & (bits - 1));

	if (op == BPF_JEQ && held) {
		p->known.mask[v.word] |= bits;
		p->known.value[v.word] = (p->known.value[v.word] & ~bits) | (k & bits);
	} else if (op == BPF_JEQ && v.k == UINT32_MAX) {
		p->not_value[v.word] = k;
		p->has_not |= (uint16_t)(1U << v.word);
	} else if (op == BPF_JEQ && is_one_bit) {
		p->known.mask[v.word] |= bits;
		p->known.value[v.word] = (p->known.value[v.word] & ~bits) | (~k & bits);
	} else if (op == BPF_JSET && (!held || is_one_bit)) {
		p->known.mask[v.word] |= bits;
		p->known.value[v.word] = (p->known.value[v.word] & ~bits) | (held ? bits : 0);
	}
}

/* ---- instructions ---- */

static void jump(walk *w, path *p, const struct sock_filter *insn)
{
	uint16_t op = BPF_OP(insn->code);
	uint32_t yes_at = p->at + insn->jt, no_at = p->at + insn->jf;
	value other = BPF_SRC(insn->code) == BPF_X ? settle(w, p, p->x) : constant(insn->k);
	answer known = EITHER;

	p->a = settle(w, p, p->a);
	if (p->a.kind == VALUE_CONST && other.kind == VALUE_CONST)
		known = compares(op, p->a.k, other.k) ? YES : NO;
	else if (p->a.kind == VALUE_DATA && other.kind == VALUE_CONST)
		known = compare_data(p, op, p->a, other.k);
	if (known != EITHER || yes_at == no_at) {
		p->at = known == YES ? yes_at : no_at;
		return;
	}
	path *yes = &w->waiting[w->waiting_count];

	if (w->waiting_count == PATHS_MAX) {
		give(w, p, HF_ACT_UNKNOWN);
		p->numbers = 0;
		return;
	}
	*yes = *p;
	yes->at = yes_at;
	p->at = no_at;
	if (p->a.kind == VALUE_NUMBER && other.kind == VALUE_CONST) {
		split_numbers(w, p, op, other.k, yes);
		w->waiting_count += yes->numbers > 0;
		return;
	}
	if (p->a.kind == VALUE_DATA && other.kind == VALUE_CONST) {
		learn(yes, op, p->a, other.k, true);
		learn(p, op, p->a, other.k, false);
	}
	w->waiting_count++;
}

static unsigned act_of(uint32_t returned)
{
	switch (returned & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_TRAP:
		return HF_ACT_TRAP;
	case SECCOMP_RET_ERRNO:
		return HF_ACT_ERRNO;
	case SECCOMP_RET_USER_NOTIF:
		return HF_ACT_NOTIFY;
	case SECCOMP_RET_TRACE:
		return HF_ACT_TRACE;
	case SECCOMP_RET_LOG:
		return HF_ACT_LOG;
	case SECCOMP_RET_ALLOW:
		return HF_ACT_ALLOW;
	default: /* what the kernel does not know kills, too */
		return HF_ACT_KILL;
	}
}

static void finish(walk *w, path *p, const struct sock_filter *insn)
{
	value v = BPF_RVAL(insn->code) == BPF_A ? settle(w, p, p->a) : constant(insn->k);

	give(w, p, v.kind == VALUE_CONST ? act_of(v.k) : HF_ACT_UNKNOWN);
	p->numbers = 0;
}

/* Arithmetic on the number is done number by number: @p goes on with one, the others wait. */
static void single_out(walk *w, path *p)
{
	uint32_t place = first(p);
	path rest = *p;

	rest.at--;
	drop(&rest, place);
	if (rest.numbers)
		(void)wait_with(w, &rest);
	keep_only(p, place);
	p->a = settle(w, p, p->a);
	p->x = settle(w, p, p->x);
}

static bool load_or_store(walk *w, path *p, const struct sock_filter *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		p->a = load(w, p, insn->k);
		return true;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
		*(BPF_CLASS(insn->code) == BPF_LD ? &p->a : &p->x) = constant(HF_DATA_WORDS * 4);
		return true;
	case BPF_LD | BPF_IMM:
		p->a = constant(insn->k);
		return true;
	case BPF_LDX | BPF_IMM:
		p->x = constant(insn->k);
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
		if (insn->k >= BPF_MEMWORDS)
			return false;
		*(BPF_CLASS(insn->code) == BPF_LD ? &p->a : &p->x) = p->memory[insn->k];
		return true;
	case BPF_ST:
	case BPF_STX:
		if (insn->k >= BPF_MEMWORDS)
			return false;
		p->memory[insn->k] = insn->code == BPF_ST ? p->a : p->x;
		return true;
	case BPF_MISC | BPF_TAX:
		p->x = p->a;
		return true;
	case BPF_MISC | BPF_TXA:
		p->a = p->x;
		return true;
	default:
		return false;
	}
}

static bool is_jump(uint16_t code)
{
	uint16_t op = BPF_OP(code);

	return BPF_CLASS(code) == BPF_JMP &&
	       (op == BPF_JEQ || op == BPF_JGT || op == BPF_JGE || op == BPF_JSET);
}

static bool calculate(walk *w, path *p, const struct sock_filter *insn)
{
	value other = BPF_SRC(insn->code) == BPF_X ? p->x : constant(insn->k);

	if (p->numbers > 1 && (p->a.kind == VALUE_NUMBER || other.kind == VALUE_NUMBER)) {
		single_out(w, p);
		other = BPF_SRC(insn->code) == BPF_X ? p->x : other;
	}
	p->a = compute(BPF_OP(insn->code), settle(w, p, p->a), settle(w, p, other));
	return true;
}

/* One instruction; p->numbers 0 when the path has ended. False for none that a filter can have. */
static bool step(walk *w, path *p)
{
	const struct sock_filter *insn = &w->code[p->at++];

	if (insn->code == (BPF_JMP | BPF_JA)) {
		p->at = insn->k < w->count ? p->at + insn->k : w->count;
		return true;
	}
	if (is_jump(insn->code)) {
		jump(w, p, insn);
		return true;
	}
	if (BPF_CLASS(insn->code) == BPF_RET) {
		finish(w, p, insn);
		return true;
	}
	if (BPF_CLASS(insn->code) == BPF_ALU)
		return calculate(w, p, insn);
	return load_or_store(w, p, insn);
}

static void follow(walk *w, path *p)
{
	while (p->numbers > 0) {
		if (p->at >= w->count || ++w->steps > STEPS_MAX || !step(w, p)) {
			give(w, p, HF_ACT_UNKNOWN);
			return;
		}
	}
}

static void follow_all(walk *w)
{
	while (w->waiting_count > 0) {
		path p = w->waiting[--w->waiting_count];

		follow(w, &p);
	}
}

/* Only the first is empty: the others are written before they are read, and to empty them takes longer than most
 * filters do. */
static path *new_paths(void)
{
	path *paths = malloc((PATHS_MAX + 1) * sizeof *paths);

	if (paths)
		*paths = (path){0};
	return paths;
}

int hf_filter_judge(const struct sock_filter *code, size_t count, uint32_t arch, uint32_t base,
		    hf_call_masks *ret_masks)
{
	hf_cleanup(hf_freep) path *waiting = new_paths();
	walk w = {
		.code = code,
		.count = (uint32_t)count,
		.arch = arch,
		.base = base,
		.masks = ret_masks->at,
		.waiting = waiting,
		.waiting_count = 1,
	};

	if (!waiting)
		return -ENOMEM;
	memset(ret_masks, 0, sizeof *ret_masks);
	for (uint32_t place = 0; place < HF_CALL_ALL; place++)
		waiting->set[place / 64] |= UINT64_C(1) << place % 64;
	waiting->numbers = HF_CALL_ALL;
	follow_all(&w);
	return 0;
}

int hf_filter_judge_one(const struct sock_filter *code, size_t count, uint32_t arch,
			uint32_t number, const hf_call_given *given, uint8_t *ret_mask)
{
	hf_cleanup(hf_freep) path *waiting = new_paths();
	uint8_t masks[HF_CALL_ALL] = {0};
	walk w = {
		.code = code,
		.count = (uint32_t)count,
		.arch = arch,
		.base = number,
		.masks = masks,
		.waiting = waiting,
		.waiting_count = 1,
	};

	if (!waiting)
		return -ENOMEM;
	keep_only(waiting, 0);
	if (given)
		waiting->known = *given;
	follow_all(&w);
	*ret_mask = masks[0];
	return 0;
}
