/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of a declared filter do to each call.
 *
 * libseccomp gives names their numbers. The filter that it would make is not made: building one of
 * four hundred rules for three ABIs takes it 5 ms, it needs a descriptor to hand the result over,
 * and the judge has none to give; the rules alone say what becomes of a call. They mean what
 * libseccomp makes of them: a rule without arguments beats all others for its call, of several with
 * arguments any may hold, and the default is for the rest. */
#include "facts/seccomp-rules.h"

/* ---- judging ---- */

typedef enum holds { NEVER, MAYBE, ALWAYS } holds;

static void known_argument(const hf_call_given *given, uint32_t index, uint64_t *ret_mask,
			   uint64_t *ret_value)
{
	uint32_t low = HF_DATA_FIRST_ARGUMENT + index * 2;

	*ret_mask = 0;
	*ret_value = 0;
	if (!given)
		return;
	*ret_mask = given->mask[low] | (uint64_t)given->mask[low + 1] << 32;
	*ret_value = given->value[low] | (uint64_t)given->value[low + 1] << 32;
}

static holds compare_range(hf_rule_op op, uint64_t least, uint64_t most, uint64_t value)
{
	bool least_holds = true, most_holds = false;

	switch (op) {
	case HF_OP_LT:
		least_holds = least < value;
		most_holds = most < value;
		break;
	case HF_OP_LE:
		least_holds = least <= value;
		most_holds = most <= value;
		break;
	case HF_OP_GT:
		least_holds = least > value;
		most_holds = most > value;
		break;
	case HF_OP_GE:
		least_holds = least >= value;
		most_holds = most >= value;
		break;
	case HF_OP_EQ:
	case HF_OP_NE:
	case HF_OP_MASKED_EQ:
		break;
	}
	return least_holds && most_holds ? ALWAYS : least_holds || most_holds ? MAYBE : NEVER;
}

static holds argument_holds(const hf_rule_argument *argument, const hf_call_given *given)
{
	uint64_t mask, value;

	known_argument(given, argument->index, &mask, &value);
	if (argument->op == HF_OP_EQ || argument->op == HF_OP_NE ||
	    argument->op == HF_OP_MASKED_EQ) {
		uint64_t looked_at = argument->op == HF_OP_MASKED_EQ ? argument->mask : UINT64_MAX;
		bool differs = ((value ^ argument->value) & mask & looked_at) != 0 ||
			       (argument->value & ~looked_at) != 0;
		bool is_equal = !differs && (mask & looked_at) == looked_at;

		if (argument->op == HF_OP_NE)
			return differs ? ALWAYS : is_equal ? NEVER : MAYBE;
		return differs ? NEVER : is_equal ? ALWAYS : MAYBE;
	}
	return compare_range(argument->op, value & mask, value | ~mask, argument->value);
}

static holds rule_holds(const hf_rule *rule, const hf_call_given *given)
{
	holds all = ALWAYS;

	for (uint32_t i = 0; i < rule->argument_count; i++) {
		holds one = argument_holds(&rule->arguments[i], given);

		all = one < all ? one : all;
	}
	return all;
}

uint8_t hf_rules_judge_one(const hf_rules *rules, const hf_call_machine *machine, hf_call_abi abi,
			   uint32_t place, const hf_call_given *given)
{
	uint8_t plain = 0, mask = 0;
	bool is_sure = false;

	if (!rules->has_abi[abi])
		return HF_ACT_KILL;
	for (size_t i = 0; i < rules->count; i++) {
		const hf_rule *rule = &rules->all[i];

		if (hf_call_place(&machine->abis[abi], rule->name) != (int32_t)place)
			continue;
		holds held = rule_holds(rule, given);

		if (rule->argument_count == 0)
			plain |= rule->act;
		else if (held != NEVER)
			mask |= rule->act;
		is_sure |= rule->argument_count > 0 && held == ALWAYS;
	}
	return plain ? plain : is_sure ? mask : (uint8_t)(mask | rules->default_act);
}

void hf_rules_judge(const hf_rules *rules, const hf_call_machine *machine, hf_call_abi abi,
		    hf_call_masks *ret_masks)
{
	uint8_t plain[HF_CALL_ALL] = {0};

	/* libseccomp ends a process that comes with an ABI that the filter was not made for */
	memset(ret_masks->at, rules->has_abi[abi] ? rules->default_act : HF_ACT_KILL,
	       sizeof ret_masks->at);
	for (size_t i = 0; rules->has_abi[abi] && i < rules->count; i++) {
		const hf_rule *rule = &rules->all[i];
		int32_t place = hf_call_place(&machine->abis[abi], rule->name);

		if (place < 0)
			continue;
		if (rule->argument_count == 0)
			plain[place] |= rule->act;
		else
			ret_masks->at[place] |= rule->act;
	}
	for (uint32_t place = 0; place < HF_CALL_ALL; place++) {
		if (plain[place])
			ret_masks->at[place] = plain[place];
	}
}

/* ---- words ---- */

static uint8_t act_of_word(const char *word)
{
	static const struct {
		const char *word;
		uint8_t act;
	} words[] = {
		{"SCMP_ACT_ALLOW", HF_ACT_ALLOW},	{"SCMP_ACT_LOG", HF_ACT_LOG},
		{"SCMP_ACT_ERRNO", HF_ACT_ERRNO},	{"SCMP_ACT_TRAP", HF_ACT_TRAP},
		{"SCMP_ACT_KILL", HF_ACT_KILL},		{"SCMP_ACT_KILL_THREAD", HF_ACT_KILL},
		{"SCMP_ACT_KILL_PROCESS", HF_ACT_KILL}, {"SCMP_ACT_TRACE", HF_ACT_TRACE},
		{"SCMP_ACT_NOTIFY", HF_ACT_NOTIFY},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word) == 0)
			return words[i].act;
	}
	return 0;
}

static bool op_of_word(const char *word, hf_rule_op *ret_op)
{
	static const char *const words[] = {
		[HF_OP_EQ] = "SCMP_CMP_EQ",
		[HF_OP_NE] = "SCMP_CMP_NE",
		[HF_OP_LT] = "SCMP_CMP_LT",
		[HF_OP_LE] = "SCMP_CMP_LE",
		[HF_OP_GT] = "SCMP_CMP_GT",
		[HF_OP_GE] = "SCMP_CMP_GE",
		[HF_OP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		if (strcmp(words[i], word) == 0) {
			*ret_op = (hf_rule_op)i;
			return true;
		}
	}
	return false;
}

/* By capability number, without "CAP_". capabilities(7). */
static const char *const cap_names[] = {
	"CHOWN",
	"DAC_OVERRIDE",
	"DAC_READ_SEARCH",
	"FOWNER",
	"FSETID",
	"KILL",
	"SETGID",
	"SETUID",
	"SETPCAP",
	"LINUX_IMMUTABLE",
	"NET_BIND_SERVICE",
	"NET_BROADCAST",
	"NET_ADMIN",
	"NET_RAW",
	"IPC_LOCK",
	"IPC_OWNER",
	"SYS_MODULE",
	"SYS_RAWIO",
	"SYS_CHROOT",
	"SYS_PTRACE",
	"SYS_PACCT",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_NICE",
	"SYS_RESOURCE",
	"SYS_TIME",
	"SYS_TTY_CONFIG",
	"MKNOD",
	"LEASE",
	"AUDIT_WRITE",
	"AUDIT_CONTROL",
	"SETFCAP",
	"MAC_OVERRIDE",
	"MAC_ADMIN",
	"SYSLOG",
	"WAKE_ALARM",
	"BLOCK_SUSPEND",
	"AUDIT_READ",
	"PERFMON",
	"BPF",
	"CHECKPOINT_RESTORE",
};

static bool has_cap(const hf_rules_for *target, const char *name, size_t length)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(cap_names); i++) {
		if (strlen(cap_names[i]) == length && memcmp(cap_names[i], name, length) == 0)
			return target->caps >> i & 1;
	}
	return false;
}

/* ---- JSON ---- */

typedef struct reading {
	hf_arena *arena;
	const hf_rules_for *target;
	hf_rule *all;
	size_t count;
	size_t room;
	hf_buffer problems;
	size_t problem_count;
	bool failed;
} reading;

static void problem(reading *r, const char *format, ...) HF_PRINTF(2, 3);
static void problem(reading *r, const char *format, ...)
{
	enum { SHOWN = 8 };
	va_list args;

	if (r->problem_count++ >= SHOWN)
		return;
	va_start(args, format);
	char *text = hf_arena_vprintf(r->arena, format, args);

	va_end(args);
	if (r->problems.size > 0)
		hf_buffer_puts(&r->problems, "; ");
	hf_buffer_puts(&r->problems, text ? text : "no memory");
}

static hf_rule *add_rule(reading *r)
{
	if (r->count == r->room) {
		enum { FIRST_ROOM = 512 };
		size_t room = r->room ? r->room * 2 : FIRST_ROOM;
		hf_rule *grown = r->count >= HF_RULES_MAX
					 ? NULL
					 : hf_arena_calloc(r->arena, room, sizeof *grown);

		if (!grown) {
			r->failed = true;
			return NULL;
		}
		if (r->count)
			memcpy(grown, r->all, r->count * sizeof *grown);
		r->all = grown;
		r->room = room;
	}
	return &r->all[r->count++];
}

static const char *string_of(const hf_json *object, const char *name)
{
	const hf_json *member = hf_json_member(object, name);

	return member && member->kind == HF_JSON_STRING ? member->text : NULL;
}

/* Go's encoder writes 2^63 and more as they are. */
static bool number_of(const hf_json *object, const char *name, uint64_t *ret_number)
{
	const hf_json *member = hf_json_member(object, name);

	if (!member) {
		*ret_number = 0;
		return true;
	}
	return (member->kind == HF_JSON_NUMBER || member->kind == HF_JSON_REAL) &&
	       hf_parse_u64(member->text, ret_number) == 0;
}

static bool read_argument(reading *r, const char *name, const hf_json *json,
			  hf_rule_argument *ret_arg)
{
	const char *op = string_of(json, "op");
	uint64_t index, value, second;

	if (!op || !op_of_word(op, &ret_arg->op)) {
		problem(r, "%s: unknown comparison \"%s\"", name, op ? op : "");
		return false;
	}
	if (!number_of(json, "index", &index) || index >= HF_RULE_ARGUMENTS ||
	    !number_of(json, "value", &value) || !number_of(json, "valueTwo", &second)) {
		problem(r, "%s: an argument that no call has", name);
		return false;
	}
	ret_arg->index = (uint32_t)index;
	ret_arg->value = ret_arg->op == HF_OP_MASKED_EQ ? second : value;
	ret_arg->mask = ret_arg->op == HF_OP_MASKED_EQ ? value : UINT64_MAX;
	if (ret_arg->op == HF_OP_MASKED_EQ && (second & ~value))
		problem(r, "%s: an argument can never be %llu after the mask %llu", name,
			(unsigned long long)second, (unsigned long long)value);
	return true;
}

static bool is_listed(const hf_json *array, const char *text)
{
	for (size_t i = 0; array && array->kind == HF_JSON_ARRAY && i < array->count; i++) {
		if (hf_streq(array->items[i].text, text))
			return true;
	}
	return false;
}

static bool has_items(const hf_json *array)
{
	return array && array->kind == HF_JSON_ARRAY && array->count > 0;
}

static bool any_cap(const hf_rules_for *target, const hf_json *array, bool all)
{
	for (size_t i = 0; i < array->count; i++) {
		const char *name = array->items[i].text;
		bool has = name && hf_has_prefix(name, "CAP_") &&
			   has_cap(target, name + 4, strlen(name) - 4);

		if (has != all)
			return has;
	}
	return all;
}

static bool is_kernel_at_least(const hf_rules_for *target, const char *version)
{
	char *end;
	unsigned long major = strtoul(version, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	return target->kernel_major > major ||
	       (target->kernel_major == major && target->kernel_minor >= minor);
}

/* "includes" and "excludes" of the engines' own form: all capabilities of the first, none of the
 * second. */
static bool counts_here(const reading *r, const hf_json *rule)
{
	const hf_json *in = hf_json_member(rule, "includes"),
		      *out = hf_json_member(rule, "excludes");
	const hf_json *arches = hf_json_member(in, "arches"), *caps = hf_json_member(in, "caps");
	const char *kernel = in ? string_of(in, "minKernel") : NULL;

	if (has_items(arches) && !is_listed(arches, r->target->machine->go))
		return false;
	if (has_items(caps) && !any_cap(r->target, caps, true))
		return false;
	if (kernel && *kernel && !is_kernel_at_least(r->target, kernel))
		return false;
	arches = hf_json_member(out, "arches");
	caps = hf_json_member(out, "caps");
	kernel = out ? string_of(out, "minKernel") : NULL;
	if (has_items(arches) && is_listed(arches, r->target->machine->go))
		return false;
	if (has_items(caps) && any_cap(r->target, caps, false))
		return false;
	return !kernel || !*kernel || !is_kernel_at_least(r->target, kernel);
}

static void read_name(reading *r, const char *name, uint8_t act, const hf_json *arguments)
{
	hf_rule rule = {.name = name, .act = act};
	bool indexes[HF_RULE_ARGUMENTS] = {false};
	bool is_split = false;

	if (!hf_call_is_known(name))
		problem(r, "no architecture has a call \"%s\"", name);
	for (size_t i = 0; has_items(arguments) && i < arguments->count; i++) {
		hf_rule_argument *to = &rule.arguments[rule.argument_count];

		if (rule.argument_count == HF_RULE_ARGUMENTS ||
		    !read_argument(r, name, &arguments->items[i], to))
			return;
		is_split |= indexes[to->index];
		indexes[to->index] = true;
		rule.argument_count++;
	}
	/* runc makes one rule of each when an argument is named twice: any of them may hold then,
	 * not all */
	for (uint32_t i = 0; i < (is_split ? rule.argument_count : 1U); i++) {
		hf_rule *added = add_rule(r);

		if (!added)
			return;
		*added = rule;
		if (!is_split)
			continue;
		added->argument_count = 1;
		added->arguments[0] = rule.arguments[i];
	}
	if (is_split)
		problem(r, "%s: conditions on one argument, which hold one by one and not together",
			name);
}

static bool read_rule(reading *r, const hf_json *json, uint8_t default_act)
{
	const char *action = string_of(json, "action"), *single = string_of(json, "name");
	const hf_json *names = hf_json_member(json, "names");
	const hf_json *arguments = hf_json_member(json, "args");
	uint8_t act = action ? act_of_word(action) : 0;

	if (!act) {
		problem(r, "unknown action \"%s\"", action ? action : "");
		return false;
	}
	/* runc leaves out what the default does anyway; so it cannot take back what another rule
	 * opens */
	if (!counts_here(r, json) || act == default_act)
		return true;
	if (single)
		read_name(r, single, act, arguments);
	for (size_t i = 0; has_items(names) && i < names->count; i++) {
		if (names->items[i].kind == HF_JSON_STRING)
			read_name(r, names->items[i].text, act, arguments);
	}
	return true;
}

/* Which ABIs the filter is made for: "architectures", or "archMap" of the engines' form; none named
 * means the native one. */
static void read_abis(reading *r, const hf_json *json, hf_rules *rules)
{
	const hf_json *list = hf_json_member(json, "architectures"),
		      *map = hf_json_member(json, "archMap");
	const hf_call_machine *machine = r->target->machine;
	bool is_named = has_items(list);

	for (size_t i = 0; !is_named && has_items(map) && i < map->count; i++) {
		const char *main = string_of(&map->items[i], "architecture");

		if (!hf_streq(main, machine->abis[HF_CALL_ABI_NATIVE].word))
			continue;
		list = hf_json_member(&map->items[i], "subArchitectures");
		rules->has_abi[HF_CALL_ABI_NATIVE] = true;
	}
	for (unsigned abi = 0; abi < HF_CALL_ABI_FOREIGN; abi++) {
		if (machine->abis[abi].word && is_listed(list, machine->abis[abi].word))
			rules->has_abi[abi] = true;
	}
	if (is_named && !rules->has_abi[HF_CALL_ABI_NATIVE])
		problem(r, "the architecture of this machine, %s, is not among its own",
			machine->abis[HF_CALL_ABI_NATIVE].word);
	rules->has_abi[HF_CALL_ABI_NATIVE] = true; /* libseccomp adds it */
}

/* A call that rules of different actions name without arguments. */
static void find_contradictions(reading *r)
{
	hf_map seen = {0};

	for (size_t i = 0; i < r->count; i++) {
		const hf_rule *first, *rule = &r->all[i];

		if (rule->argument_count > 0)
			continue;
		first = hf_map_get(&seen, rule->name);
		if (!first && hf_map_put(&seen, rule->name, &r->all[i]) < 0)
			r->failed = true;
		if (first && first->act != rule->act)
			problem(r, "%s: rules that contradict each other", rule->name);
	}
	for (size_t i = 0; i < r->count; i++) {
		const hf_rule *rule = &r->all[i], *first = hf_map_get(&seen, rule->name);

		if (rule->argument_count > 0 && first && first->act != rule->act)
			problem(r, "%s: a rule with arguments that another one without them covers",
				rule->name);
	}
	hf_map_free(&seen);
}

int hf_rules_from_json(hf_arena *arena, const hf_json *json, const hf_rules_for *target,
		       const hf_rules **ret_rules, hf_error *err)
{
	reading r = {.arena = arena, .target = target};
	hf_rules *rules = hf_arena_alloc(arena, sizeof *rules);
	const hf_json *list = hf_json_member(json, "syscalls");

	if (!rules)
		return -ENOMEM;
	if (!json || json->kind != HF_JSON_OBJECT)
		return hf_error_set(err, -EBADMSG, "is no JSON object");
	rules->default_word = string_of(json, "defaultAction");
	rules->default_act = rules->default_word ? act_of_word(rules->default_word) : 0;
	if (!rules->default_act)
		return hf_error_set(err, -EBADMSG, "has no defaultAction that is known");
	read_abis(&r, json, rules);
	for (size_t i = 0; has_items(list) && i < list->count; i++) {
		if (!read_rule(&r, &list->items[i], rules->default_act))
			break;
	}
	find_contradictions(&r);
	rules->all = r.all;
	rules->count = r.count;
	if (r.problems.size > 0)
		rules->problems = hf_arena_strdup(arena, r.problems.data);
	bool failed = r.failed || r.problems.failed || (r.problems.size > 0 && !rules->problems);

	hf_buffer_free(&r.problems);
	*ret_rules = rules;
	return failed ? r.count >= HF_RULES_MAX ? hf_error_set(err, -EBADMSG, "has too many rules")
						: -ENOMEM
		      : 0;
}

/* ---- the table of defaults ---- */

/* Components of a version, compared as numbers; what follows them ("+dfsg1") does not count. */
static int compare_versions(const char *a, const char *b)
{
	enum { COMPONENTS = 4 };

	for (int i = 0; i < COMPONENTS; i++) {
		char *a_end, *b_end;
		unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a = *a_end == '.' ? a_end + 1 : "";
		b = *b_end == '.' ? b_end + 1 : "";
	}
	return 0;
}

/* "-20.10.22,20.10.23-": from a version on, up to and without another; "-": all. */
static bool is_in_ranges(const char *ranges, const char *version)
{
	while (*ranges) {
		size_t length = strcspn(ranges, ",");
		const char *dash = memchr(ranges, '-', length);
		bool from = dash && (dash == ranges || compare_versions(version, ranges) >= 0);
		bool to = dash &&
			  (dash + 1 == ranges + length || compare_versions(version, dash + 1) < 0);

		if (from && to)
			return true;
		ranges += length + (ranges[length] == ',');
	}
	return false;
}

static bool is_word_listed(const char *list, size_t length, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = list, *end = list + length; at < end;) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		size_t item = (size_t)((bar ? bar : end) - at);

		if (item == size && memcmp(at, word, size) == 0)
			return true;
		at += item + 1;
	}
	return false;
}

/* "cap=SYS_ADMIN", "nocap=…", "kernel=4.8", "arch=amd64|x32", "notarch=…", joined by commas; "-":
 * none. */
static bool is_condition_met(const char *text, const hf_rules_for *target)
{
	while (*text && strcmp(text, "-") != 0) {
		size_t length = strcspn(text, ",");
		const char *equals = memchr(text, '=', length);
		const char *value = equals ? equals + 1 : text + length;
		size_t size = length - (size_t)(value - text);
		bool met = false;

		if (hf_has_prefix(text, "cap="))
			met = has_cap(target, value, size);
		else if (hf_has_prefix(text, "nocap="))
			met = !has_cap(target, value, size);
		else if (hf_has_prefix(text, "kernel="))
			met = is_kernel_at_least(target, value);
		else if (hf_has_prefix(text, "arch="))
			met = is_word_listed(value, size, target->machine->go);
		else if (hf_has_prefix(text, "notarch="))
			met = !is_word_listed(value, size, target->machine->go);
		if (!met)
			return false;
		text += length + (text[length] == ',');
	}
	return true;
}

/* "0==8", "0&0x7e020000==0x0", "0!=40". */
static bool parse_condition(const char *text, hf_rule_argument *ret_arg)
{
	static const struct {
		const char *sign;
		hf_rule_op op;
	} signs[] = {{"==", HF_OP_EQ}, {"!=", HF_OP_NE}, {"<=", HF_OP_LE},
		     {">=", HF_OP_GE}, {"<", HF_OP_LT},	 {">", HF_OP_GT}};
	char *end;

	ret_arg->index = (uint32_t)strtoul(text, &end, 10);
	ret_arg->mask = UINT64_MAX;
	bool is_masked = *end == '&';

	if (is_masked)
		ret_arg->mask = strtoull(end + 1, &end, 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(signs); i++) {
		if (!hf_has_prefix(end, signs[i].sign))
			continue;
		ret_arg->op = is_masked ? HF_OP_MASKED_EQ : signs[i].op;
		ret_arg->value = strtoull(end + strlen(signs[i].sign), &end, 0);
		return ret_arg->index < HF_RULE_ARGUMENTS && *end == '\0' &&
		       (!is_masked || signs[i].op == HF_OP_EQ);
	}
	return false;
}

enum { COLUMNS = 5 };

/* A line's columns, in place. */
static size_t split(char *line, char *columns[COLUMNS])
{
	size_t count = 0;

	for (char *rest = line; rest && count < COLUMNS;)
		columns[count++] = strsep(&rest, "\t");
	return count;
}

static void take_line(reading *r, char *columns[COLUMNS], const char *version)
{
	hf_rule rule = {.act = HF_ACT_ALLOW};

	if (!is_in_ranges(columns[1], version) || !is_condition_met(columns[2], r->target))
		return;
	if (strcmp(columns[3], "-") != 0) {
		if (!parse_condition(columns[3], &rule.arguments[0]))
			return;
		rule.argument_count = 1;
	}
	for (char *rest = columns[4], *name; (name = strsep(&rest, " "));) {
		hf_rule *added = add_rule(r);

		if (!added)
			return;
		*added = rule;
		added->name = name;
	}
}

int hf_rules_from_table(hf_arena *arena, const char *table, const char *engine, const char *version,
			const hf_rules_for *target, const hf_rules **ret_rules,
			const char **ret_version)
{
	char *text = hf_arena_strdup(arena, table), *rest = text, *columns[COLUMNS];
	hf_rules *rules = hf_arena_alloc(arena, sizeof *rules);
	reading r = {.arena = arena, .target = target};
	bool is_here = false, is_found = false;

	if (!text || !rules)
		return -ENOMEM;
	for (char *line; (line = strsep(&rest, "\n"));) {
		size_t count = *line == '#' ? 0 : split(line, columns);

		if (count == COLUMNS && is_here && strcmp(columns[0], "allow") == 0) {
			take_line(&r, columns, version);
		} else if (count == COLUMNS - 1 && strcmp(columns[0], "engine") == 0) {
			is_here = strcmp(columns[1], engine) == 0;
			if (!is_here)
				continue;
			is_found = true;
			if (!version || compare_versions(version, columns[3]) > 0)
				version = columns[3];
			if (compare_versions(version, columns[2]) < 0)
				return -ERANGE;
		}
	}
	if (!is_found)
		return -ENOENT;
	rules->default_act = HF_ACT_ERRNO;
	rules->default_word = "SCMP_ACT_ERRNO";
	for (unsigned abi = 0; abi < HF_CALL_ABI_FOREIGN; abi++)
		rules->has_abi[abi] = target->machine->abis[abi].name != NULL;
	rules->all = r.all;
	rules->count = r.count;
	*ret_rules = rules;
	*ret_version = version;
	return r.failed ? -ENOMEM : 0;
}
