/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of files share: owner and mode of many files as one verdict, and which files there are. */
#ifndef FILES_JUDGE_H
#define FILES_JUDGE_H

#include <holdfast/holdfast.h>

/* The files of one check. Those that are well are told of together, the others one by one. */
typedef struct files_tally {
	hf_check_run *run;
	const char *wanted;
	uint32_t uid;	  /* may own them beside root */
	bool has_group;	  /* .gid may be their group beside root's */
	uint32_t gid;
	const char *group_why; /* which group that would be is not known, and why */
	const char *good;   /* the first of them */
	const char *absent;
	size_t good_count;
	size_t bad_count;
	size_t absent_count;
	size_t lost_count;
} files_tally;

files_tally files_begin(hf_check_run *run, const char *wanted);
/* The same for files of the daemon that @run is about: a rootless one's are its user's. */
files_tally files_begin_daemon(hf_check_run *run, const char *wanted);

/* Decides with what was seen. @nothing: what it means that none of the files exists. */
void files_end(files_tally *tally, const char *nothing);

/* What @path leads to; NULL after it was counted as absent or unknown. */
const hf_way_step *files_find(files_tally *tally, const char *path);
/* Counts a file: @why NULL: it is well; @is_unknown: that is what could not be known. */
void files_count(files_tally *tally, const char *path, const char *why, bool is_unknown);

/* One file: owner and group; no bit beyond @allowed, by an access control list neither; root's and nobody else's to
 * write. */
void files_owner(files_tally *tally, const char *path);
void files_mode(files_tally *tally, const char *path, uint32_t allowed);
void files_writable(files_tally *tally, const char *path);

/* What @step shows beyond @allowed, in words, or NULL. *ret_unknown: an access control list could not be read. */
const char *files_excess(hf_check_run *run, const hf_way_step *step, uint32_t allowed,
			 bool *ret_unknown);
/* "root:root", "uid 1000, gid 0" */
const char *files_owner_text(hf_check_run *run, const hf_way_step *step);

/* ---- which files ---- */

typedef void files_visit(files_tally *tally, const char *path, const void *data);

/* Those of the unit @name; one that is masked or does not exist has none, and the tally ends with that. */
void files_each_drop_in(files_tally *tally, files_visit *visit, const void *data);
/* Everything below a folder of registries' certificates, two levels deep, and the folders themselves. */
void files_each_certificate(files_tally *tally, files_visit *visit, const void *data);
void files_each_plugin(files_tally *tally, files_visit *visit, const void *data);
void files_each_containerd_config(files_tally *tally, files_visit *visit, const void *data);
/* Listening sockets of every containerd and its shims. False: none runs, or that is not known; the check is decided. */
bool files_each_containerd_socket(files_tally *tally, files_visit *visit, const void *data);
/* Of the daemon of the check. */
bool files_each_docker_socket(files_tally *tally, files_visit *visit, const void *data);
void files_each_data_folder(files_tally *tally, files_visit *visit, const void *data);

/* The unit's own file; NULL after it was decided why there is none. */
const char *files_unit(hf_check_run *run, const char *name);
/* The file that an option of TLS ("tlscacert") names, else its default; NULL after it was decided: no TLS, or not
 * known. */
const char *files_tls(hf_check_run *run, const char *option, const char *name);
/* Whether TLS is on; false also where that is not known, @ret_source and @ret_why tell. */
bool files_has_tls(hf_check_run *run, const char **ret_source, const char **ret_why, bool *ret_known);
const char *files_tls_path(hf_check_run *run, const char *option, const char *name);

/* The next line of a list joined by '\n'; false at the end. *cursor starts at the list, which may be NULL. */
bool files_next(hf_check_run *run, const char **cursor, const char **ret_item);
const char *files_base_name(const char *path);
bool files_ends_with(const char *text, const char *end);

#endif
