/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts from which the facts about processes and daemons are made; for src/facts/ alone. */
#ifndef HF_FACTS_PARTS_H
#define HF_FACTS_PARTS_H

#include "facts/json.h"
#include "facts/store.h"

static inline void *hf_checked(void *p)
{
	if (!p)
		hf_facts_out_of_memory();
	return p;
}

/* True when a file has less than its own size says: what was cut off could say anything. Files of /proc say 0,
 * and where secrets were taken out the size is another. */
static inline bool hf_file_is_cut(const hf_file *file)
{
	return file->size < file->file_size && (file->size == 0 || !strstr(file->data, "[redacted]"));
}

/* @file as a fact to be parsed whole: unreadable when it was cut. */
static inline hf_fact hf_file_whole(const hf_file *file)
{
	hf_fact fact = file->fact;

	if (fact.state == HF_PRESENT && hf_file_is_cut(file)) {
		fact.state = HF_UNREADABLE;
		fact.why = "was read in part";
	}
	return fact;
}

/* "/proc/812/status": what is asked thousands of times is not worth a printf. @name is cut where it does not fit. */
enum { HF_PID_PATH_BYTES = 96 };
static inline const char *hf_pid_path(char room[static HF_PID_PATH_BYTES], int32_t pid, const char *name)
{
	static const char proc[] = "/proc/";
	char digits[16], *at = room, *first = digits + sizeof digits;
	uint32_t rest = pid < 0 ? (uint32_t)-(int64_t)pid : (uint32_t)pid;

	do {
		*--first = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (pid < 0)
		*--first = '-';
	at = mempcpy(at, proc, sizeof proc - 1);
	at = mempcpy(at, first, (size_t)(digits + sizeof digits - first));
	*at++ = '/';
	at = mempcpy(at, name, strnlen(name, (size_t)(room + HF_PID_PATH_BYTES - at) - 1));
	*at = '\0';
	return room;
}

/* ---- processes ---- */

const hf_file *hf_facts_process_file(hf_facts *facts, int32_t pid, const char *name);
const char *hf_facts_status_field(hf_facts *facts, int32_t pid, const char *key);

/* Boot time in ns since the epoch with what it may be short of: exact where the collector asked the clocks, a
 * second where only the btime of /proc/stat is there. False: not known. */
bool hf_facts_boot_time(hf_facts *facts, int64_t *ret_ns, int64_t *ret_slack_ns);

/* ---- options of dockerd ---- */

typedef enum hf_option_kind {
	HF_OPTION_BOOL = 0,
	HF_OPTION_NUMBER, /* a Go int: no fraction */
	HF_OPTION_SIZE,   /* bytes: a number, or text as "64m" */
	HF_OPTION_TEXT,
	HF_OPTION_LIST,
	HF_OPTION_MAP,     /* name=value: object of strings in the file */
	HF_OPTION_BOOLS,   /* features: object of booleans */
	HF_OPTION_ULIMITS, /* default-ulimits */
	HF_OPTION_RUNTIMES,
	HF_OPTION_POOLS,  /* default-address-pools: list of objects */
	HF_OPTION_NESTED, /* default-network-opts: object of objects of strings */
	HF_OPTION_OBJECT, /* builder: kept as JSON */
} hf_option_kind;

/* What an engine knows, compiled in. Versions are "MAJOR.MINOR" of the first release. */
typedef struct hf_option_row {
	const char *name;   /* key of daemon.json */
	const char *flag;   /* NULL: the same word; "": it has none */
	char letter;        /* short flag, or 0 */
	hf_option_kind kind;
	bool is_reloadable; /* daemon/reload.go and reload_unix.go */
	bool is_merged;     /* may stand in the file and on the command line: skipDuplicates */
	const char *since;  /* first engine that has it; NULL: older than 17.06 */
	const char *until;  /* first engine without it; NULL: has it today */
	const char *value;  /* default; NULL: depends on the host */
	const char *before; /* default before .changed */
	const char *changed;
	const char *rootless; /* default of a rootless engine where it is another; "" depends on the user */
} hf_option_row;

extern const hf_option_row hf_option_rows[]; /* ended by .name NULL */

const hf_option_row *hf_option_by_key(const char *name);
const hf_option_row *hf_option_by_flag(const char *flag, size_t length);
const hf_option_row *hf_option_by_letter(char letter);
static inline const char *hf_option_flag(const hf_option_row *row)
{
	return row->flag ? row->flag : row->name;
}

/* -1, 0, 1; false when @version is no version. "20.10.24+dfsg1" equals 20.10.24. */
bool hf_version_compare(const char *version, const char *other, int *ret_order);

/* The compiled default of @row: present with *ret_value; absent: this engine has no such option; else
 * unreadable with the reason. @version may be NULL: then only what holds for every engine is told. */
hf_state hf_option_default(const hf_option_row *row, const char *version, bool is_rootless,
			   const char **ret_value, const char **ret_why);

/* ---- what is declared ---- */

/* One option as one witness gives it. Lists and maps have one item a line. */
typedef struct hf_setting {
	const hf_option_row *row;
	const char *value;
} hf_setting;

/* The command line of a dockerd. */
typedef struct hf_flags {
	hf_fact fact; /* present: understood; .source names where it stands */
	const hf_setting *all;
	size_t count;
	const char *config_file; /* --config-file, or NULL */
} hf_flags;

/* @argv: without the program's name. -EBADMSG with the reason when dockerd would refuse it. */
int hf_flags_parse(hf_arena *arena, const char *const *argv, size_t argc, hf_flags *flags,
		   hf_error *err);
/* NUL-separated, as /proc/PID/cmdline has it, with the program's name. */
int hf_flags_parse_cmdline(hf_arena *arena, const char *text, size_t size, hf_flags *flags,
			   hf_error *err);
const char *hf_flags_value(const hf_flags *flags, const hf_option_row *row);

/* daemon.json. */
typedef struct hf_config {
	hf_fact fact;
	const hf_file *file; /* NULL: none was looked for */
	const hf_config_key *keys;
	size_t count;
	const hf_setting *all; /* what takes effect */
	size_t setting_count;
} hf_config;

/* @version of the engine that reads it, NULL not known; @flags it was started with, or NULL. Fills all but .fact and .file. -EBADMSG with the line:
 * the daemon cannot take it as JSON; -EMSGSIZE, -ENOMEM. */
int hf_config_parse(hf_arena *arena, const char *text, size_t size, const char *version,
		    const hf_flags *flags, hf_config *config, hf_error *err);
const char *hf_config_value(const hf_config *config, const hf_option_row *row);

/* One item a line; line ends inside items are shown as \n, so that no item can forge another. */
void hf_items_add(hf_buffer *items, const char *item);
/* The value of "@name=" among the items, or NULL. */
const char *hf_items_find(hf_arena *arena, const char *items, const char *name);

/* ---- units of systemd ---- */

typedef struct hf_unit_line {
	const char *section;
	const char *key;
	const char *value;
	const char *source; /* "file:line" */
} hf_unit_line;

/* Appends the assignments of one file. Lines that are none are skipped, as systemd does. */
int hf_unit_parse(hf_arena *arena, const char *path, const char *text, size_t size, hf_list *lines);

/* Splits as systemd does (quotes, backslashes); the words are in the arena. */
int hf_unit_split(hf_arena *arena, const char *text, hf_list *words);

/* Replaces $NAME and ${NAME} in the words of an ExecStart=; @environment: "NAME=value", the last one counts. */
int hf_unit_expand(hf_arena *arena, const hf_list *words, const hf_list *environment,
		   hf_list *ret_words);

/* "NAME=value" of an EnvironmentFile=, systemd.exec(5). */
int hf_unit_environment_parse(hf_arena *arena, const char *text, size_t size,
			      hf_list *ret_variables);

const hf_unit *hf_facts_unit(hf_facts *facts, const char *name);
const hf_unit_setting *hf_facts_unit_setting(hf_facts *facts, const char *unit, const char *key);

/* The engine's unit: what it would start. */
typedef struct hf_daemon_unit {
	const hf_unit *unit;
	hf_flags flags; /* .fact absent: no unit; unreadable: why it cannot be told */
	hf_fact environment;
	const char *const *variables; /* "NAME=value" */
	size_t variable_count;
} hf_daemon_unit;

const hf_daemon_unit *hf_facts_daemon_unit(hf_facts *facts);

/* ---- the Engine API ---- */

/* Who answered on the socket. */
typedef struct hf_peer {
	hf_fact fact; /* present: proved to be the daemon with this .pid */
	int32_t pid;
	const char *socket; /* NULL: not known */
} hf_peer;

const hf_peer *hf_facts_peer(hf_facts *facts);

/* An answer whose peer was proved; NULL otherwise. */
const hf_json *hf_facts_api_json(hf_facts *facts, const char *endpoint);
hf_fact hf_facts_api_fact(hf_facts *facts, const char *endpoint);

/* What the engine's answers tell of an option. */
typedef enum hf_shown {
	HF_SHOWN = 0, /* *ret_value is in force */
	HF_SHOWN_ON,  /* it is set, to what is not shown */
	HF_NOT_SHOWN, /* this engine does not show it */
	HF_LOST       /* it would be shown, but the answer could not be had: *ret_source, *ret_why */
} hf_shown;

hf_shown hf_engine_option(hf_facts *facts, const hf_option_row *row, const char *version,
			  const char **ret_value, const char **ret_source, const char **ret_why);

/* ---- daemons ---- */

/* What is known of one daemon; a subject's fact points to .seen. */
typedef struct hf_daemon_parts {
	hf_daemon seen;
	const char *key;  /* of its subject */
	bool is_main;     /* docker.service and /etc/docker are its */
	bool is_guest;    /* runs in a container, and answers for this node: the host's files are not its */
	const char *unsure; /* why it cannot be told whether it runs, or NULL */
	int64_t read_before_ns; /* what was last changed before that is what it read at its start */
	const hf_flags *flags;
	const hf_config *config;
} hf_daemon_parts;

/* True for the executable of a dockerd: its link text, as packages name it. */
bool hf_is_dockerd(const char *exe);
/* The path without " (deleted)". */
const char *hf_exe_path(hf_arena *arena, const char *exe, bool *ret_deleted);

extern const char hf_daemon_default_config[];

/* All that is told of the daemon that @process is; .seen.pid and .is_guest are set. */
void hf_daemon_read_process(hf_facts *facts, const hf_process *process, hf_daemon_parts *parts);
/* The file that it reads; .flags and .seen.user are set. */
void hf_daemon_read_config(hf_facts *facts, hf_daemon_parts *parts);

const hf_daemon_parts *hf_facts_daemon(hf_facts *facts, const char *key);
const hf_daemon_parts *hf_daemon_parts_of(hf_check_run *run);
const hf_option *hf_facts_daemon_option(hf_facts *facts, const hf_daemon_parts *daemon,
					const char *name);

#endif
