/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: what a filtering makes of lists of calls. Worked out once for each list and view. */
#include "facts/seccomp.h"

enum {
	SHOWN = 8,
	FIRST_YOUNG = 436, /* close_range, of 2020 */
};

/* ---- cases ---- */

static hf_call_given given_of(const hf_call_case *call)
{
	hf_call_given given = {0};
	uint32_t low = HF_DATA_FIRST_ARGUMENT + call->argument * 2;

	given.mask[low] = (uint32_t)call->mask;
	given.mask[low + 1] = (uint32_t)(call->mask >> 32);
	given.value[low] = (uint32_t)(call->value & call->mask);
	given.value[low + 1] = (uint32_t)((call->value & call->mask) >> 32);
	return given;
}

/* False when the ABI has no such call. */
static bool judge_case(hf_facts *facts, const hf_call_view *view, hf_call_abi abi,
		       const hf_call_case *call, uint8_t *ret_mask)
{
	const hf_call_abi_form *form = &view->machine->abis[abi];
	int32_t place = form->word && *form->word ? hf_call_place(form, call->name) : -1;

	if (place < 0)
		return false;
	*ret_mask = view->masks[abi].at[place];
	if (call->mask) {
		hf_call_given given = given_of(call);

		*ret_mask = hf_view_judge_one(facts, view, abi, (uint32_t)place, &given);
	}
	return true;
}

hf_call_verdict hf_filtering_call(hf_check_run *run, const hf_filtering *filtering, hf_call_abi abi,
				  const hf_call_case *call, bool *ret_exists)
{
	uint8_t mask = 0;
	bool exists =
		filtering->view && judge_case(hf_facts_of(run), filtering->view, abi, call, &mask);

	if (ret_exists)
		*ret_exists = exists;
	return exists ? hf_verdict_of(mask) : HF_CALL_UNKNOWN;
}

hf_call_verdict hf_filtering_unlisted(hf_check_run *run, const hf_filtering *filtering,
				      hf_call_abi abi)
{
	const hf_call_view *view = filtering->view;

	(void)run;
	if (!view || !view->machine->abis[abi].name)
		return HF_CALL_UNKNOWN;
	return hf_verdict_of(view->unlisted[abi]);
}

/* The calls of an ABI by place. The library looks each up in a list: once a run is enough. */
typedef struct existing {
	bool at[HF_CALL_PLACES];
	size_t count;
} existing;

static const void *compute_existing(hf_facts *facts, const char *key)
{
	const hf_call_machine *machine = hf_facts_call_machine(facts);
	const hf_call_abi_form *form = &machine->abis[*key - '0'];
	existing *e = hf_facts_checked(hf_arena_calloc(hf_facts_arena(facts), 1, sizeof *e));

	for (uint32_t place = 0; place < HF_CALL_PLACES; place++) {
		e->at[place] = hf_call_exists(form, place);
		e->count += e->at[place];
	}
	return e;
}

static const hf_fact_type existing_type = {.name = "existing-calls", .compute = compute_existing};

static const existing *existing_calls(hf_check_run *run, hf_call_abi abi)
{
	const char key[] = {(char)('0' + abi), '\0'};

	return hf_facts_once(hf_facts_of(run), &existing_type, key);
}

size_t hf_call_count(hf_check_run *run, hf_call_abi abi)
{
	const hf_call_machine *machine = hf_facts_call_machine(hf_facts_of(run));

	return machine && machine->abis[abi].name ? existing_calls(run, abi)->count : 0;
}

size_t hf_filtering_open(hf_check_run *run, const hf_filtering *filtering, hf_call_abi abi)
{
	const hf_call_view *view = filtering->view;
	size_t open = 0;

	if (!view || !view->machine->abis[abi].name)
		return 0;
	const existing *e = existing_calls(run, abi);

	for (uint32_t place = 0; place < HF_CALL_PLACES; place++)
		open += e->at[place] && (view->masks[abi].at[place] & (HF_ACT_LOG | HF_ACT_ALLOW)) != 0;
	return open;
}

/* ---- lists ---- */

/* Names with the ABIs they are for; the native one goes without saying. */
typedef struct listing {
	hf_buffer text;
	size_t count;
} listing;

static void list_call(listing *list, const hf_call_machine *machine, const char *name,
		      uint32_t abis)
{
	const char *comma = "";

	if (list->count++ >= SHOWN)
		return;
	hf_buffer_printf(&list->text, "%s%s", list->count > 1 ? ", " : "", name);
	if (abis & 1U << HF_CALL_ABI_NATIVE)
		return;
	hf_buffer_puts(&list->text, " (");
	for (unsigned abi = 0; abi < HF_CALL_ABI_COUNT; abi++) {
		if (!(abis & 1U << abi))
			continue;
		hf_buffer_printf(&list->text, "%s%s", comma, machine->abis[abi].name);
		comma = ", ";
	}
	hf_buffer_puts(&list->text, ")");
}

static const char *finish_list(hf_facts *facts, listing *list)
{
	const char *text = NULL;

	if (list->count > SHOWN)
		hf_buffer_printf(&list->text, " and %zu more", list->count - SHOWN);
	if (list->text.failed)
		hf_facts_out_of_memory();
	if (list->count > 0)
		text = hf_facts_checked(hf_arena_strdup(hf_facts_arena(facts), list->text.data));
	hf_buffer_free(&list->text);
	return text;
}

static const char *pointers_as_key(char *key, size_t size, const void *a, const void *b, uint32_t c)
{
	(void)hf_print(key, size, "%llx %llx %x", (unsigned long long)(uintptr_t)a,
		       (unsigned long long)(uintptr_t)b, c);
	return key;
}

static void pointers_of_key(const char *key, const void **ret_a, const void **ret_b,
			    uint32_t *ret_c)
{
	char *end;

	*ret_a = (const void *)(uintptr_t)strtoull(key, &end, 16);
	*ret_b = (const void *)(uintptr_t)strtoull(end, &end, 16);
	*ret_c = (uint32_t)strtoul(end, NULL, 16);
}

static const void *compute_summary(hf_facts *facts, const char *key)
{
	hf_call_summary *s = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *s));
	listing lists[HF_CALL_ALLOWED + 1] = {0};
	const void *view_p, *cases_p;
	uint32_t abis;

	pointers_of_key(key, &view_p, &cases_p, &abis);
	const hf_call_view *view = view_p;

	for (const hf_call_case *call = cases_p; call->name; call++) {
		uint32_t by_verdict[HF_CALL_ALLOWED + 1] = {0}, any = 0;

		for (unsigned abi = 0; abi < HF_CALL_ABI_FOREIGN; abi++) {
			uint8_t mask;

			if (!(abis & 1U << abi) || !judge_case(facts, view, abi, call, &mask))
				continue;
			by_verdict[hf_verdict_of(mask)] |= 1U << abi;
			any |= 1U << abi;
		}
		s->existing += any != 0;
		for (unsigned v = 0; v <= HF_CALL_ALLOWED; v++) {
			if (by_verdict[v])
				list_call(&lists[v], view->machine,
					  call->label ? call->label : call->name, by_verdict[v]);
		}
	}
	s->unknown = finish_list(facts, &lists[HF_CALL_UNKNOWN]);
	s->refused = finish_list(facts, &lists[HF_CALL_DENIED]);
	s->conditional = finish_list(facts, &lists[HF_CALL_CONDITIONAL]);
	s->supervised = finish_list(facts, &lists[HF_CALL_SUPERVISED]);
	s->logged = finish_list(facts, &lists[HF_CALL_LOGGED]);
	s->allowed = finish_list(facts, &lists[HF_CALL_ALLOWED]);
	return s;
}

static const hf_fact_type summary_type = {.name = "seccomp calls", .compute = compute_summary};

const hf_call_summary *hf_filtering_calls(hf_check_run *run, const hf_filtering *filtering,
					  const hf_call_case *cases, uint32_t abis)
{
	static const hf_call_summary none;
	char key[64];

	if (!filtering->view)
		return &none;
	return hf_facts_once(hf_facts_of(run), &summary_type,
			     pointers_as_key(key, sizeof key, filtering->view, cases, abis));
}

const char *hf_filtering_beyond_native(hf_check_run *run, const hf_filtering *filtering,
				       hf_call_abi abi, const hf_call_case *cases)
{
	hf_facts *facts = hf_facts_of(run);
	listing list = {0};

	for (const hf_call_case *call = cases; filtering->view && call->name; call++) {
		uint8_t native, other;

		if (!judge_case(facts, filtering->view, HF_CALL_ABI_NATIVE, call, &native) ||
		    !judge_case(facts, filtering->view, abi, call, &other))
			continue;
		if (hf_verdict_of(native) == HF_CALL_DENIED &&
		    (other & (HF_ACT_LOG | HF_ACT_ALLOW | HF_ACT_UNKNOWN)))
			list_call(&list, filtering->view->machine,
				  call->label ? call->label : call->name, 1U << HF_CALL_ABI_NATIVE);
	}
	return finish_list(facts, &list);
}

const char *hf_filtering_supervised(hf_check_run *run, const hf_filtering *filtering)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_call_view *view = filtering->view;
	listing list = {0};

	for (uint32_t place = 0; view && place < HF_CALL_PLACES; place++) {
		uint8_t mask = view->masks[HF_CALL_ABI_NATIVE].at[place];

		if (!(mask & (HF_ACT_NOTIFY | HF_ACT_TRACE)))
			continue;
		list_call(&list, view->machine,
			  list.count < SHOWN
				  ? hf_facts_checked((void *)(uintptr_t)hf_call_name(
					    hf_facts_arena(facts),
					    &view->machine->abis[HF_CALL_ABI_NATIVE], place))
				  : "",
			  1U << HF_CALL_ABI_NATIVE);
	}
	return finish_list(facts, &list);
}

/* ---- side by side ---- */

/* On an ABI that sends several calls through one, libseccomp opens that one when it opens any of
 * them. The masks of @other, and that added. */
static const hf_call_masks *with_multiplexers(hf_arena *arena, const hf_call_view *other, hf_call_abi abi)
{
	static const char *const through[][3] = {{"socketcall", "socket", "connect"},
						 {"ipc", "shmget", "semop"}};
	const hf_call_abi_form *form = &other->machine->abis[abi];
	hf_call_masks *masks = hf_facts_checked(hf_arena_alloc(arena, sizeof *masks));

	*masks = other->masks[abi];
	for (size_t i = 0; i < HF_ARRAY_SIZE(through); i++) {
		int32_t place = hf_call_place(form, through[i][0]);

		for (size_t k = 1; place >= 0 && k < HF_ARRAY_SIZE(through[i]); k++) {
			int32_t one = hf_call_place(form, through[i][k]);

			if (one >= 0 && other->masks[abi].at[one] & HF_ACT_ALLOW)
				masks->at[place] |= HF_ACT_ALLOW;
		}
	}
	return masks;
}

static unsigned openness(uint8_t mask)
{
	switch (hf_verdict_of(mask)) {
	case HF_CALL_UNKNOWN:
	case HF_CALL_DENIED:
	case HF_CALL_SUPERVISED:
		return 0;
	case HF_CALL_CONDITIONAL:
		return 1;
	case HF_CALL_LOGGED:
	case HF_CALL_ALLOWED:
		return 2;
	}
	return 0;
}

typedef struct comparing {
	hf_facts *facts;
	const hf_call_view *view;
	const hf_call_view *other;
	listing looser;
	listing stricter;
	size_t unknown;
	hf_call_difference *out;
} comparing;

static void compare_on(comparing *c, hf_call_abi abi)
{
	hf_arena *arena = hf_facts_arena(c->facts);
	const hf_call_abi_form *form = &c->view->machine->abis[abi];
	const hf_call_masks *others = with_multiplexers(arena, c->other, abi);

	for (uint32_t place = 0; place < HF_CALL_PLACES; place++) {
		uint8_t ours = c->view->masks[abi].at[place], theirs = others->at[place];
		bool is_refused = openness(theirs) == 0;

		if (abi == HF_CALL_ABI_NATIVE && is_refused) {
			c->out->refused_by_other++;
			c->out->refused += hf_verdict_of(ours) == HF_CALL_DENIED;
		}
		/* nothing is looser than what the other side lets through whatever the arguments */
		if (hf_verdict_of(ours) == HF_CALL_UNKNOWN) {
			c->unknown += openness(theirs) < 2;
			continue;
		}
		if (openness(ours) == openness(theirs))
			continue;
		listing *list = openness(ours) > openness(theirs) ? &c->looser : &c->stricter;

		/* a call that the node's libseccomp is too old to know is refused, whatever the
		 * profile says */
		if (list == &c->stricter && place >= FIRST_YOUNG)
			continue;
		const char *name = list->count < SHOWN
					   ? hf_facts_checked((void *)(uintptr_t)hf_call_name(
						     arena, form, place))
					   : "";

		/* the same name on another ABI is no other finding */
		if (abi != HF_CALL_ABI_NATIVE) {
			int32_t native = hf_call_place(&c->view->machine->abis[HF_CALL_ABI_NATIVE],
						       hf_call_name(arena, form, place));

			if (native >= 0 &&
			    openness(c->view->masks[HF_CALL_ABI_NATIVE].at[native]) ==
				    openness(ours) &&
			    openness(c->other->masks[HF_CALL_ABI_NATIVE].at[native]) ==
				    openness(theirs))
				continue;
		}
		list_call(list, c->view->machine, name, 1U << abi);
	}
}

static void compare_views(hf_facts *facts, const hf_call_view *view, const hf_call_view *other,
			  hf_call_difference *out)
{
	comparing c = {.facts = facts, .view = view, .other = other, .out = out};

	for (unsigned abi = 0; abi < HF_CALL_ABI_FOREIGN; abi++) {
		/* x32 has the native calls under other numbers, and engines open it along with them
		 */
		if (view->machine->abis[abi].name && abi != HF_CALL_ABI_X32)
			compare_on(&c, abi);
	}
	out->looser_count = c.looser.count;
	out->stricter_count = c.stricter.count;
	out->looser = finish_list(facts, &c.looser);
	out->stricter = finish_list(facts, &c.stricter);
	if (c.unknown > 0 && out->looser_count == 0) {
		out->fact.state = HF_UNREADABLE;
		out->fact.why = hf_facts_checked(
			hf_arena_printf(hf_facts_arena(facts),
					"what becomes of %zu calls could not be told", c.unknown));
	}
}

static const void *compute_comparison(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_call_difference *out = hf_facts_checked(hf_arena_alloc(arena, sizeof *out));
	hf_filtering *side = hf_facts_checked(hf_arena_alloc(arena, sizeof *side));
	const void *view, *other;
	uint32_t unused;

	pointers_of_key(key, &view, &other, &unused);
	out->fact = (hf_fact){.state = HF_PRESENT, .source = "seccomp filters"};
	side->fact = out->fact;
	side->is_declared = true;
	side->view = other;
	out->other = side;
	compare_views(facts, view, other, out);
	return out;
}

static const hf_fact_type comparison_type = {.name = "seccomp comparison",
					     .compute = compute_comparison};

/* ---- with an engine's default ---- */

/* The check's own subject does not matter: facts about daemons are asked with each daemon as the
 * subject. */
static const char *docker_version(hf_facts *facts, const hf_container *container,
				  const char **ret_why)
{
	const hf_subjects *daemons = hf_facts_subjects(facts, HF_SUBJECT_DAEMON);
	const char *version = NULL;
	size_t running = 0;

	for (size_t i = 0; i < daemons->count; i++) {
		hf_view view = {.facts = facts, .subject = &daemons->all[i]};
		const hf_daemon *daemon = hf_daemon_get((hf_check_run *)(void *)&view);

		if (!daemon->is_running)
			continue;
		running++;
		version = daemon->version;
	}
	*ret_why = running == 1 ? "the engine's version could not be told"
				: "which engine runs it, and in what version, could not be told";
	if (running == 1)
		return version;
	/* of several, the one that answers knows its own containers */
	hf_view view = {.facts = facts};
	hf_check_run *run = (hf_check_run *)(void *)&view;
	const hf_api_value *told = hf_api_get(run, "/info", "ServerVersion");

	if (told->fact.state != HF_PRESENT)
		told = hf_api_get(run, "/version", "Version");
	return hf_api_lists_container(run, container->id) == HF_PRESENT &&
			       told->fact.state == HF_PRESENT
		       ? told->text
		       : NULL;
}

static const char *engine_of(const char *runtime)
{
	static const struct {
		const char *runtime;
		const char *engine;
	} engines[] = {
		{"docker", "docker"},	      {"containerd", "containerd"}, {"podman", "podman"},
		{"kubernetes", "containerd"}, {"cri-o", "podman"},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(engines); i++) {
		if (hf_streq(engines[i].runtime, runtime))
			return engines[i].engine;
	}
	return NULL;
}

typedef struct default_view {
	const hf_call_view *view; /* NULL: .why */
	const char *name;
	const char *why;
} default_view;

/* The site's table, which replaces the one that was built in, from root's file alone; NULL: there
 * is none. */
static const char *site_table(hf_facts *facts)
{
	enum { WRITABLE_BY_OTHERS = 0022 };
	const hf_file *file = hf_facts_file(facts, HF_SYSCONFDIR "/seccomp-defaults.tsv");

	return file->fact.state == HF_PRESENT && file->uid == 0 &&
			       !(file->mode & WRITABLE_BY_OTHERS)
		       ? file->data
		       : NULL;
}

/* @key: "ENGINE VERSION CAPS", the version "-" for the newest. */
static const void *compute_default(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	default_view *d = hf_facts_checked(hf_arena_alloc(arena, sizeof *d));
	const hf_kernel *kernel = hf_facts_kernel(facts);
	char *copy = hf_facts_checked(hf_arena_strdup(arena, key)), *rest = copy;
	const char *engine = strsep(&rest, " "), *version = strsep(&rest, " "), *known;
	const hf_rules_for target = {
		.machine = hf_facts_call_machine(facts),
		.caps = strtoull(rest ? rest : "", NULL, 16),
		.kernel_major = kernel->major,
		.kernel_minor = kernel->minor,
	};
	const hf_rules *rules;

	if (!target.machine) {
		d->why = "the numbers of this machine's calls are not known";
		return d;
	}
	const char *table = site_table(facts), *wanted = strcmp(version, "-") == 0 ? NULL : version;
	int r = table ? hf_rules_from_table(arena, table, engine, wanted, &target, &rules, &known)
		      : -ENOENT;

	if (r == -ENOENT)
		r = hf_rules_from_table(arena, hf_seccomp_defaults, engine, wanted, &target, &rules,
					&known);
	if (r == -ENOMEM)
		return NULL;
	if (r < 0) {
		d->why = hf_facts_checked(hf_arena_printf(
			arena, "the default of %s %s is not known here", engine, version));
		return d;
	}
	d->view = hf_facts_rules_view(facts, rules);
	d->name = hf_facts_checked(hf_arena_printf(
		arena,
		strcmp(version, "-") == 0 ? "the default of %s %s, the newest known here"
					  : "the default of %s %s",
		engine, known));
	return d;
}

static const hf_fact_type default_type = {.name = "seccomp default", .compute = compute_default};

static const default_view *find_default(hf_facts *facts, const hf_container *container, bool newest,
					const char **ret_why)
{
	const char *engine = engine_of(container->runtime), *version = "-";
	char key[256];

	*ret_why = "no default of this runtime is known here";
	if (!engine && newest)
		engine = "docker";
	if (!engine)
		return NULL;
	*ret_why = "the capabilities that its filter was made for are not known";
	if (!container->init)
		return NULL;
	if (!newest) {
		*ret_why = "the runtime's version could not be told";
		version = strcmp(engine, "docker") == 0 ? docker_version(facts, container, ret_why) : NULL;
		if (!version || strchr(version, ' '))
			return NULL;
	}
	(void)hf_print(key, sizeof key, "%s %.64s %llx", engine, version,
		       (unsigned long long)container->init->cap_bounding);
	const default_view *d = hf_facts_once(facts, &default_type, key);

	*ret_why = d->why;
	return d->view ? d : NULL;
}

/* ---- with what is declared ---- */

static hf_call_difference *no_difference(hf_facts *facts, hf_state state, const char *source,
					 const char *why)
{
	hf_call_difference *none =
		hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *none));

	none->fact = (hf_fact){.state = state, .source = source, .why = why};
	return none;
}

const hf_call_difference *hf_filtering_compare(hf_check_run *run, const hf_container *container,
					       hf_call_other other)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_filtering *filtering = hf_facts_filtering(facts, container);
	const hf_call_view *view = NULL;
	const char *name, *why;
	char key[64];

	if (other == HF_CALL_OTHER_DECLARED) {
		const hf_declared_filter *declared = hf_facts_declared_filter(facts, container);

		if (declared->fact.state != HF_PRESENT)
			return no_difference(facts, declared->fact.state, declared->fact.source,
					     declared->fact.why);
		view = hf_facts_rules_view(facts, declared->rules);
		name = declared->fact.source;
	} else {
		const default_view *d =
			find_default(facts, container, other == HF_CALL_OTHER_NEWEST, &why);

		if (!d)
			return no_difference(facts, HF_UNREADABLE, "default profile", why);
		view = d->view;
		name = d->name;
	}
	hf_call_difference *out =
		no_difference(facts, HF_UNREADABLE, filtering->fact.source, filtering->fact.why);

	out->profile = name;
	if (!filtering->view)
		return out;
	*out = *(const hf_call_difference *)hf_facts_once(
		facts, &comparison_type,
		pointers_as_key(key, sizeof key, filtering->view, view, 0));
	out->profile = name;
	return out;
}

/* ---- ABIs ---- */

const char *hf_call_abi_name(hf_check_run *run, hf_call_abi abi)
{
	const hf_call_machine *machine = hf_facts_call_machine(hf_facts_of(run));

	return machine && abi < HF_CALL_ABI_COUNT ? machine->abis[abi].name : NULL;
}

/* A 32-bit program runs where it was built in and the boot line did not turn it off. Without a
 * build configuration abi.vsyscall32 is the witness: the kernel has it with the 32-bit ABI alone.
 */
static hf_fact runs_i386(hf_facts *facts)
{
	const hf_kconfig *config = hf_facts_kconfig(facts);
	const hf_bootline *boot = hf_facts_bootline(facts);
	const char *option = NULL;

	if (config->fact.state == HF_PRESENT) {
		const char *built = hf_kconfig_value(config, "CONFIG_IA32_EMULATION", NULL);

		if (!built || strcmp(built, "y") != 0)
			return (hf_fact){.state = HF_ABSENT,
					 .source = config->fact.source,
					 .why = "CONFIG_IA32_EMULATION is not set"};
	} else {
		const hf_sysctl *witness = hf_facts_sysctl(facts, "abi.vsyscall32");

		if (witness->fact.state != HF_PRESENT)
			return witness->fact;
	}
	if (boot->fact.state != HF_PRESENT)
		return boot->fact;
	option = hf_bootline_value(boot, "ia32_emulation");
	if (option && strchr("0nNfF", *option) && *option)
		return (hf_fact){.state = HF_ABSENT,
				 .source = boot->fact.source,
				 .why = "ia32_emulation turns it off"};
	if (!option && config->fact.state == HF_PRESENT &&
	    hf_streq(hf_kconfig_value(config, "CONFIG_IA32_EMULATION_DEFAULT_DISABLED", NULL), "y"))
		return (hf_fact){.state = HF_ABSENT,
				 .source = config->fact.source,
				 .why = "CONFIG_IA32_EMULATION_DEFAULT_DISABLED is set"};
	return (hf_fact){.state = HF_PRESENT, .source = "32-bit emulation"};
}

static hf_fact runs_by_option(hf_facts *facts, const char *option, const char *why)
{
	const hf_kconfig *config = hf_facts_kconfig(facts);

	if (config->fact.state != HF_PRESENT)
		return config->fact;
	if (hf_streq(hf_kconfig_value(config, option, NULL), "y"))
		return (hf_fact){.state = HF_PRESENT, .source = config->fact.source};
	return (hf_fact){.state = HF_ABSENT, .source = config->fact.source, .why = why};
}

static const void *compute_runs(hf_facts *facts, const char *key)
{
	hf_fact *fact = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *fact));
	const hf_call_machine *machine = hf_facts_call_machine(facts);
	hf_call_abi abi = (hf_call_abi)strtoul(key, NULL, 10);

	*fact = (hf_fact){.state = HF_PRESENT, .source = "uname"};
	if (!machine) {
		*fact = (hf_fact){.state = HF_UNREADABLE,
				  .source = "uname",
				  .why = "the ABIs of this machine are not known"};
	} else if (!machine->abis[abi].name || abi == HF_CALL_ABI_FOREIGN) {
		*fact = (hf_fact){.state = HF_ABSENT,
				  .source = "uname",
				  .why = "this architecture has no such ABI"};
	} else if (abi == HF_CALL_ABI_X32) {
		*fact = runs_by_option(facts, "CONFIG_X86_X32_ABI",
				       "CONFIG_X86_X32_ABI is not set");
	} else if (abi == HF_CALL_ABI_I386) {
		*fact = strcmp(machine->machine, "x86_64") == 0
				? runs_i386(facts)
				: runs_by_option(facts, "CONFIG_COMPAT",
						 "CONFIG_COMPAT is not set");
	}
	return fact;
}

static const hf_fact_type runs_type = {.name = "ABI runs", .compute = compute_runs};

const hf_fact *hf_facts_call_abi_runs(hf_facts *facts, hf_call_abi abi)
{
	char key[8];

	(void)hf_print(key, sizeof key, "%u", (unsigned)abi);
	return hf_facts_once(facts, &runs_type, key);
}

const hf_fact *hf_call_abi_runs(hf_check_run *run, hf_call_abi abi)
{
	return hf_facts_call_abi_runs(hf_facts_of(run), abi);
}
