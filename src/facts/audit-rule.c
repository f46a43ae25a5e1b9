/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One audit rule in the language of auditctl(8): what it says, in one form whoever wrote it. */
#include "facts/audit.h"

#include <ctype.h>
#include <stdio.h>

enum {
	FIELDS_MAX = 64, /* AUDIT_MAX_FIELDS */
	WORDS_MAX = 256,
	CALLS_MAX = 2048 - 16, /* AUDIT_BITMASK_SIZE * 32, the last of which are no calls */
	NO_ID = -1,
};

#define UNSET "4294967295"

typedef struct parsing {
	hf_arena *arena;
	const hf_audit_words *words;
	hf_audit_rule *rule;
	hf_audit_field fields[FIELDS_MAX];
	const char *calls[WORDS_MAX]; /* arguments of -S */
	size_t call_count;
	uint64_t arch; /* 0: none was named */
	bool has_rule;
	bool is_bad;
	int error;
} parsing;

static const char *keep(parsing *p, const char *text, size_t length)
{
	const char *copy = hf_arena_memdup(p->arena, text, length);

	if (!copy)
		p->error = -ENOMEM;
	return copy ? copy : "";
}

/* ---- words ---- */

/* The next word of [*at, end), NULL at the end. Blanks part them; in a file "\ " is a blank in a
 * word, in the record \ooo is a byte. */
static const char *next_word(parsing *p, const char **at, const char *end)
{
	hf_buffer word = {0};
	const char *text = *at;

	while (text < end && isspace((unsigned char)*text))
		text++;
	if (text == end)
		return NULL;
	for (; text < end && !isspace((unsigned char)*text); text++) {
		unsigned byte = 0;

		if (*text == '\\' && p->words->is_kernel && end - text >= 4) {
			for (int i = 1; i <= 3; i++)
				byte = byte * 8 + ((unsigned)text[i] - '0') % 8;
			/* no field has one: it would end there */
			hf_buffer_add(&word, &(char){(char)(byte ? byte : '?')}, 1);
			text += 3;
		} else if (*text == '\\' && end - text >= 2 && text[1] == ' ') {
			hf_buffer_puts(&word, " ");
			text++;
		} else if (*text != '\0') {
			hf_buffer_add(&word, text, 1);
		}
	}
	*at = text;
	const char *kept = word.failed ? NULL : keep(p, word.data ? word.data : "", word.size);

	if (word.failed)
		p->error = -ENOMEM;
	hf_buffer_free(&word);
	return kept;
}

/* ---- values ---- */

static bool is_among(const char *word, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(word, *names) == 0)
			return true;
	}
	return false;
}

/* A number in any base that strtoul(3) knows, whole. */
static bool parse_number(const char *text, int64_t *ret_value)
{
	char *end;

	if (!isdigit((unsigned char)*text) && *text != '-')
		return false;
	errno = 0;
	*ret_value = strtoll(text, &end, 0);
	return errno == 0 && end != text && *end == '\0';
}

/* The number of @name in a text of lines "name:x:NUMBER:", -1: not there. */
static int64_t id_of(const char *table, const char *name)
{
	size_t length = strlen(name);
	const char *cursor = table, *line;
	size_t size;

	while (table && hf_next_line(&cursor, table + strlen(table), &line, &size)) {
		const char *number = size > length + 1 && line[length] == ':'
					     ? memchr(line + length + 1, ':', size - length - 1)
					     : NULL;
		long long value;

		if (number && memcmp(line, name, length) == 0 &&
		    sscanf(number + 1, "%lld:", &value) == 1)
			return value;
	}
	return NO_ID;
}

static const char *id_value(parsing *p, const char *text, bool is_user)
{
	int64_t id;

	if (strcmp(text, "unset") == 0 || strcmp(text, "-1") == 0)
		return UNSET;
	if (!parse_number(text, &id))
		id = id_of(is_user ? p->words->passwd : p->words->group, text);
	if (id < 0 || id > UINT32_MAX) {
		p->is_bad = true;
		return text;
	}
	const char *shown = hf_arena_printf(p->arena, "%lld", (long long)id);

	return shown ? shown : keep(p, text, strlen(text));
}

static uint64_t arch_of(const parsing *p, const char *text)
{
	static const char *const i386[] = {"i386", "i486", "i586", "i686", NULL};
	const hf_call_machine *machine = p->words->machine;
	int64_t number;

	if (parse_number(text, &number))
		return number > 0 && number <= UINT32_MAX ? (uint64_t)number : 0;
	if (!machine)
		return 0;
	const hf_call_abi_form *native = &machine->abis[HF_CALL_ABI_NATIVE];
	const hf_call_abi_form *compat = &machine->abis[HF_CALL_ABI_I386];

	if (strcmp(text, "b64") == 0 || strcmp(text, machine->machine) == 0)
		return native->arch;
	if (compat->name && (strcmp(text, "b32") == 0 || strcmp(text, compat->name) == 0 ||
			     (strcmp(compat->name, "i386") == 0 && is_among(text, i386))))
		return compat->arch;
	return 0;
}

static const char *arch_value(parsing *p, const char *text)
{
	p->arch = arch_of(p, text);
	if (p->arch == 0)
		p->is_bad = true;
	const char *shown = hf_arena_printf(p->arena, "0x%llx", (unsigned long long)p->arch);

	return shown ? shown : keep(p, text, strlen(text));
}

static const char *perm_value(parsing *p, const char *text)
{
	static const char order[] = "rwxa";
	char shown[sizeof order] = "";
	size_t count = 0;

	for (const char *letter = order; *letter; letter++) {
		if (strchr(text, *letter))
			shown[count++] = *letter;
	}
	if (count == 0 || strspn(text, order) != strlen(text))
		p->is_bad = true;
	return keep(p, shown, count);
}

static const char *exit_value(parsing *p, const char *text)
{
	int number = hf_errno_number(text + (*text == '-'));
	const char *shown =
		number ? hf_arena_printf(p->arena, "%d", *text == '-' ? -number : number) : text;

	return shown ? shown : keep(p, text, strlen(text));
}

static const char *path_value(parsing *p, const char *text)
{
	size_t length = strlen(text);

	while (length > 1 && text[length - 1] == '/')
		length--;
	if (*text != '/')
		p->is_bad = true;
	return keep(p, text, length);
}

static const char *number_value(parsing *p, const char *text)
{
	int64_t number;
	const char *shown = parse_number(text, &number)
				    ? hf_arena_printf(p->arena, "%lld", (long long)number)
				    : text;

	return shown ? shown : keep(p, text, strlen(text));
}

static const char *value_of(parsing *p, const char *name, const char *text)
{
	static const char *const users[] = {"uid",  "euid",    "suid", "fsuid",
					    "auid", "obj_uid", NULL};
	static const char *const groups[] = {"gid", "egid", "sgid", "fsgid", "obj_gid", NULL};
	static const char *const paths[] = {"path", "dir", "exe", NULL};
	static const char *const texts[] = {"key",	"subj_user",   "subj_role",    "subj_type",
					    "subj_sen", "subj_clr",    "obj_user",     "obj_role",
					    "obj_type", "obj_lev_low", "obj_lev_high", NULL};

	if (is_among(name, users) || is_among(name, groups))
		return id_value(p, text, is_among(name, users));
	if (is_among(name, paths))
		return path_value(p, text);
	if (strcmp(name, "arch") == 0)
		return arch_value(p, text);
	if (strcmp(name, "perm") == 0)
		return perm_value(p, text);
	if (strcmp(name, "exit") == 0)
		return exit_value(p, text);
	return is_among(name, texts) ? text : number_value(p, text);
}

/* ---- options ---- */

static void add_field(parsing *p, const char *name, const char *op, const char *value)
{
	hf_audit_field *field = &p->fields[p->rule->field_count];

	if (p->rule->field_count == FIELDS_MAX) {
		p->is_bad = true;
		return;
	}
	/* two names for one field */
	if (strcmp(name, "loginuid") == 0)
		name = "auid";
	*field = (hf_audit_field){.name = name, .op = op, .value = value_of(p, name, value)};
	p->rule->field_count++;
}

/* "auid>=1000", "dir=/etc"; the operators in the order in which they must be looked for. */
static void add_pair(parsing *p, const char *pair)
{
	static const char *const ops[] = {"!=", ">=", "<=", "&=", "=", ">", "<", "&"};
	size_t length = strcspn(pair, "!=<>&");

	for (size_t i = 0; i < HF_ARRAY_SIZE(ops); i++) {
		if (length > 0 && hf_has_prefix(pair + length, ops[i])) {
			add_field(p, keep(p, pair, length), ops[i], pair + length + strlen(ops[i]));
			return;
		}
	}
	p->is_bad = true;
}

/* "always,exit" and "exit,always". */
static void set_list(parsing *p, const char *text)
{
	static const struct {
		const char *name;
		hf_audit_list list;
	} lists[] = {
		{"task", HF_AUDIT_LIST_TASK},
		{"exit", HF_AUDIT_LIST_EXIT},
		{"user", HF_AUDIT_LIST_USER},
		{"exclude", HF_AUDIT_LIST_EXCLUDE},
		{"filesystem", HF_AUDIT_LIST_FILESYSTEM},
		{"io_uring", HF_AUDIT_LIST_IO_URING},
	};
	const char *comma = strchr(text, ',');

	if (p->has_rule || !comma) {
		p->is_bad = true;
		return;
	}
	const char *parts[] = {keep(p, text, (size_t)(comma - text)), comma + 1};
	unsigned actions = 0;

	p->has_rule = true;
	p->rule->list = HF_AUDIT_LIST_OTHER;
	for (size_t i = 0; i < HF_ARRAY_SIZE(parts); i++) {
		actions += strcmp(parts[i], "always") == 0 || strcmp(parts[i], "never") == 0;
		p->rule->is_never |= strcmp(parts[i], "never") == 0;
		for (size_t k = 0; k < HF_ARRAY_SIZE(lists); k++) {
			if (strcmp(parts[i], lists[k].name) == 0)
				p->rule->list = lists[k].list;
		}
	}
	/* lists that are younger than this program do nothing to a path */
	p->is_bad |= actions != 1 || (!p->words->is_kernel && p->rule->list == HF_AUDIT_LIST_OTHER);
}

static void set_watch(parsing *p, const char *path)
{
	if (p->has_rule)
		p->is_bad = true;
	p->has_rule = true;
	p->rule->list = HF_AUDIT_LIST_EXIT;
	p->rule->is_watch = true;
	add_field(p, "path", "=", path);
}

/* Those with an argument that are no rule; the others stand alone. */
static bool is_setting(const char *word)
{
	static const char *const names[] = {
		"-b", "-f", "-r", "-e", "-q", "-m", "--backlog_wait_time", NULL};

	return is_among(word, names);
}

static bool is_lone_setting(const char *word)
{
	static const char *const names[] = {"-D",
					    "-c",
					    "-i",
					    "-t",
					    "-s",
					    "-l",
					    "-v",
					    "--reset-lost",
					    "--reset_backlog_wait_time_actual",
					    "--loginuid-immutable",
					    NULL};

	return is_among(word, names);
}

static void take_option(parsing *p, const char *option, const char *argument)
{
	if (strcmp(option, "-a") == 0 || strcmp(option, "-A") == 0) {
		set_list(p, argument);
	} else if (strcmp(option, "-w") == 0) {
		set_watch(p, argument);
	} else if (strcmp(option, "-F") == 0) {
		add_pair(p, argument);
	} else if (strcmp(option, "-C") == 0) {
		add_field(p, "field_compare", "=", argument);
	} else if (strcmp(option, "-p") == 0) {
		add_field(p, "perm", "=", argument);
	} else if (strcmp(option, "-k") == 0) {
		add_field(p, "key", "=", argument);
	} else if (strcmp(option, "-S") == 0 && p->call_count < WORDS_MAX) {
		p->calls[p->call_count++] = argument;
	} else {
		p->is_bad = true;
	}
}

/* ---- system calls ---- */

static void add_calls(hf_audit_rule *rule, int64_t first, int64_t last)
{
	for (int64_t i = first; i <= last && i < CALLS_MAX; i++)
		rule->calls[i / 64] |= UINT64_C(1) << i % 64;
}

static const hf_call_abi_form *abi_of(const parsing *p)
{
	const hf_call_machine *machine = p->words->machine;

	for (int abi = HF_CALL_ABI_NATIVE; machine && abi <= HF_CALL_ABI_I386; abi++) {
		if (machine->abis[abi].name && (p->arch == 0 || machine->abis[abi].arch == p->arch))
			return &machine->abis[abi];
	}
	return NULL;
}

static void add_call(parsing *p, const char *word)
{
	const hf_call_abi_form *abi = abi_of(p);
	long long first, last;
	int end = 0;

	if (strcmp(word, "all") == 0) {
		p->rule->is_for_all = true;
	} else if (sscanf(word, "%lld-%lld%n", &first, &last, &end) == 2 && word[end] == '\0') {
		p->is_bad |= first < 0 || last < first;
		add_calls(p->rule, first < 0 ? 0 : first, last);
	} else if (sscanf(word, "%lld%n", &first, &end) == 1 && word[end] == '\0') {
		p->is_bad |= first < 0;
		add_calls(p->rule, first < 0 ? CALLS_MAX : first, first);
	} else if (strcmp(word, "none") != 0 || !p->words->is_kernel) {
		int32_t place = abi ? hf_call_place(abi, word) : -1;

		p->is_bad |= place < 0;
		if (place >= 0)
			add_calls(p->rule, place, place);
	}
}

static void set_calls(parsing *p)
{
	p->rule->is_for_all = p->call_count == 0;
	for (size_t i = 0; i < p->call_count; i++) {
		const char *text = p->calls[i];

		for (;;) {
			size_t length = strcspn(text, ",");

			add_call(p, keep(p, text, length));
			if (text[length] == '\0')
				break;
			text += length + 1;
		}
	}
}

/* ---- one line ---- */

static void take_words(parsing *p, const char *line, const char *end)
{
	const char *option, *argument;

	while ((option = next_word(p, &line, end))) {
		if (is_lone_setting(option))
			continue;
		argument = next_word(p, &line, end);
		if (!argument)
			p->is_bad = true;
		else if (!is_setting(option))
			take_option(p, option, argument);
	}
}

/* Without -p a watch is for all four, which auditctl writes out. */
static void finish_watch(parsing *p)
{
	for (size_t i = 0; i < p->rule->field_count; i++) {
		if (strcmp(p->fields[i].name, "perm") == 0)
			return;
	}
	add_field(p, "perm", "=", "rwxa");
}

int hf_audit_rule_parse(hf_arena *arena, const hf_audit_words *words, const char *line,
			size_t length, hf_audit_rule *ret_rule)
{
	hf_audit_rule rule = {0};
	parsing p = {.arena = arena, .words = words, .rule = &rule};
	size_t blanks = 0;

	while (blanks < length && isspace((unsigned char)line[blanks]))
		blanks++;
	if (blanks == length || line[blanks] == '#')
		return 0;
	take_words(&p, line, line + length);
	if (rule.is_watch)
		finish_watch(&p);
	set_calls(&p);
	if (p.error < 0)
		return p.error;
	if (p.is_bad || (!p.has_rule && rule.field_count > 0))
		return -EBADMSG;
	if (!p.has_rule)
		return 0;
	rule.fields = (void *)hf_arena_memdup(arena, (const void *)p.fields,
					      rule.field_count * sizeof *p.fields);
	rule.text = rule.fields ? hf_audit_rule_show(arena, words, &rule) : NULL;
	if (!rule.text)
		return -ENOMEM;
	*ret_rule = rule;
	return 1;
}

/* ---- and back ---- */

const char *hf_audit_value(const hf_audit_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->field_count; i++) {
		if (strcmp(rule->fields[i].name, name) == 0)
			return rule->fields[i].value;
	}
	return NULL;
}

const hf_audit_field *hf_audit_place_of(const hf_audit_rule *rule)
{
	static const char *const names[] = {"path", "dir", "exe"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		for (size_t k = 0; k < rule->field_count; k++) {
			if (strcmp(rule->fields[k].name, names[i]) == 0)
				return &rule->fields[k];
		}
	}
	return NULL;
}

/* What -w can say: path= or dir=, perm=, and a key, of all calls. */
static bool is_like_watch(const hf_audit_rule *rule)
{
	const hf_audit_field *place = hf_audit_place_of(rule);
	size_t keys = hf_audit_value(rule, "key") ? 1 : 0;

	return rule->list == HF_AUDIT_LIST_EXIT && !rule->is_never && rule->is_for_all && place &&
	       strcmp(place->name, "exe") != 0 && hf_audit_value(rule, "perm") &&
	       rule->field_count == 2 + keys;
}

static void show_calls(hf_arena *arena, const hf_audit_words *words, const hf_audit_rule *rule,
		       hf_buffer *text)
{
	enum { SHOWN = 6 };
	const char *arch = hf_audit_value(rule, "arch");
	const hf_audit_words known = *words;
	const parsing p = {.words = &known, .arch = arch ? strtoul(arch, NULL, 0) : 0};
	const hf_call_abi_form *abi = abi_of(&p);
	size_t count = 0;

	for (uint32_t i = 0; i < CALLS_MAX; i++) {
		if (!hf_audit_has_call(rule, i))
			continue;
		if (count++ >= SHOWN)
			continue;
		const char *name = abi && i < HF_CALL_PLACES ? hf_call_name(arena, abi, i) : NULL;

		hf_buffer_puts(text, count == 1 ? " -S " : ",");
		if (name)
			hf_buffer_puts(text, name);
		else
			hf_buffer_printf(text, "%u", i);
	}
	if (count > SHOWN)
		hf_buffer_printf(text, " and %zu more calls", count - SHOWN);
	else if (count == 0)
		hf_buffer_puts(text, " of no call");
}

static const char *show_value(const hf_audit_words *words, const hf_audit_field *field)
{
	const hf_call_machine *machine = words->machine;

	if (strcmp(field->name, "arch") == 0 && machine) {
		unsigned long arch = strtoul(field->value, NULL, 0);

		if (arch == machine->abis[HF_CALL_ABI_NATIVE].arch)
			return "b64";
		if (machine->abis[HF_CALL_ABI_I386].name &&
		    arch == machine->abis[HF_CALL_ABI_I386].arch)
			return "b32";
	}
	return strcmp(field->name, "key") != 0 && strcmp(field->value, UNSET) == 0 ? "unset"
										   : field->value;
}

const char *hf_audit_rule_show(hf_arena *arena, const hf_audit_words *words,
			       const hf_audit_rule *rule)
{
	static const char *const lists[] = {
		[HF_AUDIT_LIST_USER] = "user",
		[HF_AUDIT_LIST_TASK] = "task",
		[HF_AUDIT_LIST_EXIT] = "exit",
		[HF_AUDIT_LIST_EXCLUDE] = "exclude",
		[HF_AUDIT_LIST_FILESYSTEM] = "filesystem",
		[HF_AUDIT_LIST_IO_URING] = "io_uring",
		[HF_AUDIT_LIST_OTHER] = "another list",
	};
	hf_buffer text = {0};
	bool is_watch = is_like_watch(rule);
	const char *kept = NULL;

	if (is_watch)
		hf_buffer_printf(&text, "-w %s -p %s", hf_audit_place_of(rule)->value,
				 hf_audit_value(rule, "perm"));
	else
		hf_buffer_printf(&text, "-a %s,%s", rule->is_never ? "never" : "always",
				 lists[rule->list]);
	if (!is_watch && !rule->is_for_all && rule->list == HF_AUDIT_LIST_EXIT)
		show_calls(arena, words, rule, &text);
	for (size_t i = 0; i < rule->field_count; i++) {
		const hf_audit_field *field = &rule->fields[i];

		if (strcmp(field->name, "key") == 0)
			hf_buffer_printf(&text, " -k %s", field->value);
		else if (!is_watch)
			hf_buffer_printf(&text, " -F %s%s%s", field->name, field->op,
					 show_value(words, field));
	}
	if (!text.failed)
		kept = hf_arena_memdup(arena, text.data, text.size);
	hf_buffer_free(&text);
	return kept;
}
