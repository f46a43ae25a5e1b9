/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command: subcommands, what they share, and the one place that prints and exits. */
#ifndef HF_CLI_H
#define HF_CLI_H

#include "assess/assess.h"
#include "assess/profile.h"
#include "base/base.h"
#include "collect/collect.h"
#include "engine/engine.h"
#include "process/process.h"
#include "record/record.h"
#include "report/report.h"

#include <sysexits.h>

/* Exit statuses beside those of sysexits(3); holdfast(8) documents this table. */
enum {
	HF_EXIT_OK = 0,
	HF_EXIT_INCOMPLETE = 1,
	HF_EXIT_FINDINGS = 2,
	HF_EXIT_USAGE = EX_USAGE,   /* 64 */
	HF_EXIT_NOINPUT = EX_NOINPUT, /* 66 */
	HF_EXIT_SOFTWARE = EX_SOFTWARE, /* 70 */
	HF_EXIT_OSERR = EX_OSERR,   /* 71 */
	HF_EXIT_CANTCREAT = EX_CANTCREAT, /* 73 */
	HF_EXIT_CONFIG = EX_CONFIG, /* 78 */
};

typedef struct hf_subcommand {
	const char *name;
	const char *title;
	int (*run)(int argc, char **argv);
} hf_subcommand;

extern const hf_subcommand hf_subcommands[]; /* ended by .name NULL */

int hf_cli_scan(int argc, char **argv);
int hf_cli_capture(int argc, char **argv);
int hf_cli_containers(int argc, char **argv);
int hf_cli_network(int argc, char **argv);
int hf_cli_list(int argc, char **argv);
int hf_cli_explain(int argc, char **argv);
int hf_cli_report(int argc, char **argv);
int hf_cli_version(int argc, char **argv);

/* "holdfast: " and the message to stderr. */
void hf_complain(const char *format, ...) HF_PRINTF(1, 2);

/* What of the environment counts; the rest is gone once hf_environment_take() has run. */
typedef struct hf_environment {
	bool no_color;	   /* NO_COLOR is set and not empty (no-color.org) */
	bool is_dumb;	   /* TERM is dumb or missing */
	char docker_host[256]; /* DOCKER_HOST */
} hf_environment;

extern hf_environment hf_env;
void hf_environment_take(void);

/* ---- configuration: /etc/holdfast/holdfast.yaml ---- */

typedef struct hf_config {
	const char *path;
	hf_list plugin_dirs; /* char * */
	char *fail_on;
	char *min_score;
	char *timeout;
	char *profile;
} hf_config;

/* @path NULL: the default, which may be missing. -ENOENT, -EPERM, -EBADMSG with file and line in @err. */
int hf_config_load(const char *path, hf_config *ret_config, hf_error *err);
void hf_config_free(hf_config *config);

/* All of a file that only root can write; the caller frees it. -ENOENT, -EPERM, -EIO with what is wrong in @err. */
int hf_read_trusted(const char *path, char **ret_text, size_t *ret_size, hf_error *err);

/* ---- profiles ---- */

#define HF_SITE_PROFILES HF_SYSCONFDIR "/profiles.d"
#define HF_PROFILES HF_DATADIR "/profiles"

/* The profile of that name, from the site's folder or the installed one; NULL for "all". 0, or an exit status after
 * complaining. Memory is @arena's. */
int hf_cli_profile_load(const char *name, hf_arena *arena, const hf_profile **ret_profile);

/* ---- plugins ---- */

/* Opens the plugins of the installed folder and of @dirs (char *), from which a missing one is an error. */
int hf_cli_open_plugins(const hf_list *dirs, hf_plugin_file **ret_files, size_t *ret_count);

/* ---- outputs: opened by the parent, written by the judge, put in place by the parent ---- */

enum { HF_MAX_OUTPUTS = 8 };

typedef struct hf_output {
	const hf_format *format; /* NULL: a capture */
	const char *path;	 /* NULL: stdout */
	char *temp;		 /* written first, then renamed to path; NULL: written in place */
	int fd;
	unsigned columns; /* of the terminal that it is; 0: it is none */
} hf_output;

int hf_output_open(hf_output *output, bool is_private);
/* Puts it in place when @is_complete, else removes what was begun. 0 or a negative errno. */
int hf_output_close(hf_output *output, bool is_complete);

/* ---- the judge ---- */

enum { HF_DEFAULT_TIMEOUT_MS = 10000 }; /* of a run; a collector's own deadline is made for it */

/* In memory that parent, judge and worker share. */
typedef struct hf_shared {
	hf_progress progress;
	volatile uint32_t written[HF_MAX_OUTPUTS]; /* 1: all bytes of this output are out */
	hf_collect_progress walks;
} hf_shared;

enum { HF_MAX_STREAMS = 16, HF_MAX_INPUTS = 4 };

typedef struct hf_job hf_job;

/* What the worker does with what was read. Returns the exit status. */
typedef int hf_work(hf_job *job, hf_registry *registry, hf_record *record);

struct hf_job {
	hf_work *work;
	const void *options;
	hf_plugin_file *plugins;
	size_t plugin_count;
	struct {
		const hf_collector *row;
		int fd;
		uint64_t deadline_ms;
	} streams[HF_MAX_STREAMS];
	size_t stream_count;
	int requests_fd;
	int inputs[HF_MAX_INPUTS]; /* files to be read by the worker; -1: none */
	hf_source source;
	const hf_selection *selection;
	uint64_t started_ms;
	uint64_t deadline_ms;
	hf_output outputs[HF_MAX_OUTPUTS];
	size_t output_count;
	uid_t uid; /* of the judge, when we are root */
	gid_t gid;
	hf_shared *shared;
	const char *const *crashed; /* for the worker: by check, why it must not run again */
};

void hf_job_init(hf_job *job);

/* Runs @job in a confined judge, with collectors when @root_fd is not -1. Returns the exit status. */
typedef struct hf_collecting {
	int root_fd; /* -1: nothing to collect */
	bool is_live;
	const char *engine_socket;
	const char *deep; /* as in hf_collect_task */
} hf_collecting;

int hf_job_run(hf_job *job, const hf_collecting *collecting);

/* The judge's process body: @job is a hf_job *. */
int hf_judge_main(void *job);

/* All of an input, NUL-terminated; NULL when it cannot be read or is larger than @max. */
char *hf_read_input(int fd, size_t max, size_t *ret_size, hf_error *err);

/* Writes an output by @write, flushes, and notes it as written. False after complaining. */
bool hf_write_output(hf_job *job, size_t index, int (*write)(FILE *out, void *data), void *data);

#endif
