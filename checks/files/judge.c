/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owner and mode of many files as one verdict. */
#include "judge.h"

#include <string.h>
#include <sys/stat.h>

enum { NAMES_TOLD = 4, FAULTS_TOLD = 8 };

files_tally files_begin(hf_check_run *run, const char *wanted)
{
	return (files_tally){.run = run, .wanted = wanted, .good = "", .absent = ""};
}

files_tally files_begin_daemon(hf_check_run *run, const char *wanted)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	files_tally tally = files_begin(run, wanted);

	if (daemon && daemon->user.state == HF_PRESENT && daemon->is_rootless)
		tally.uid = daemon->uid;
	return tally;
}

static const char *add_name(hf_check_run *run, const char *names, size_t count, const char *name)
{
	return count > NAMES_TOLD ? names : hf_text(run, "%s%s%s", names, *names ? ", " : "", name);
}

static const char *and_more(hf_check_run *run, const char *names, size_t count)
{
	return count > NAMES_TOLD ? hf_text(run, "%s and %zu more", names, count - NAMES_TOLD)
				  : names;
}

void files_count(files_tally *tally, const char *path, const char *why, bool is_unknown)
{
	if (!why) {
		tally->good_count++;
		tally->good = add_name(tally->run, tally->good, tally->good_count, path);
	} else if (is_unknown) {
		if (++tally->lost_count <= FAULTS_TOLD)
			hf_unknown(tally->run, path, why);
	} else if (++tally->bad_count <= FAULTS_TOLD) {
		(void)hf_expect(tally->run, path, why, tally->wanted, false);
	}
}

void files_end(files_tally *tally, const char *nothing)
{
	hf_check_run *run = tally->run;

	if (tally->bad_count > FAULTS_TOLD)
		hf_note(run, "further files",
			hf_text(run, "%zu more are not as wanted", tally->bad_count - FAULTS_TOLD));
	if (tally->lost_count > FAULTS_TOLD)
		hf_note(run, "further files",
			hf_text(run, "%zu more are not known", tally->lost_count - FAULTS_TOLD));
	if (tally->good_count > 0)
		(void)hf_expect(run, and_more(run, tally->good, tally->good_count),
				tally->good_count == 1 ? "as wanted"
						       : hf_text(run, "%zu files, all as wanted",
								 tally->good_count),
				tally->wanted, true);
	else if (tally->bad_count == 0 && tally->lost_count == 0)
		hf_not_applicable(run,
				  tally->absent_count
					  ? and_more(run, tally->absent, tally->absent_count)
					  : "the files of the check",
				  "does not exist", nothing);
}

const hf_way_step *files_find(files_tally *tally, const char *path)
{
	const hf_file_way *way = hf_way_get(tally->run, path);

	if (way->fact.state == HF_PRESENT)
		return way->end;
	if (way->fact.state == HF_ABSENT) {
		tally->absent_count++;
		tally->absent = add_name(tally->run, tally->absent, tally->absent_count, path);
	} else {
		files_count(tally, path, way->fact.why, true);
	}
	return NULL;
}

const char *files_owner_text(hf_check_run *run, const hf_way_step *step)
{
	const char *user = step->uid ? hf_text(run, "uid %u", step->uid) : "root";

	return step->gid ? hf_text(run, "owner %s, group gid %u", user, step->gid)
			 : hf_text(run, "owner %s, group root", user);
}

void files_owner(files_tally *tally, const char *path)
{
	const hf_way_step *step = files_find(tally, path);

	if (!step)
		return;
	bool is_owner = step->uid == 0 || step->uid == tally->uid;
	/* a user's own files are of that user's group */
	bool is_group = step->gid == 0 || (tally->uid != 0 && step->uid == tally->uid) ||
			(tally->has_group && step->gid == tally->gid);

	if (is_owner && !is_group && tally->group_why)
		files_count(tally, path,
			    hf_text(tally->run, "%s: %s", files_owner_text(tally->run, step),
				    tally->group_why),
			    true);
	else
		files_count(tally, path,
			    is_owner && is_group ? NULL : files_owner_text(tally->run, step),
			    false);
}

static const char *rights_text(hf_check_run *run, uint32_t rights)
{
	return hf_text(run, "%s%s%s", rights & 4 ? "r" : "-", rights & 2 ? "w" : "-",
		       rights & 1 ? "x" : "-");
}

const char *files_excess(hf_check_run *run, const hf_way_step *step, uint32_t allowed,
			 bool *ret_unknown)
{
	/* under an access control list the group's bits are its mask and no rights of the group */
	uint32_t mode = (step->mode & ~(uint32_t)S_IRWXG) | step->group_rights << 3;
	uint32_t excess = mode & ~allowed;

	*ret_unknown = false;
	if (excess == S_IWUSR)
		return hf_text(run, "mode %04o: beyond %04o is the owner's write bit alone",
			       step->mode, allowed);
	if (excess)
		return hf_text(run, "mode %04o: %04o is beyond %04o", step->mode, excess, allowed);
	if ((step->acl_rights & ~allowed & 7) == 0)
		return NULL;
	*ret_unknown = step->acl_why != NULL;
	return step->acl_why
		       ? step->acl_why
		       : hf_text(run,
				 "mode %04o, and its access control list grants more than %s: %s",
				 step->mode, rights_text(run, allowed & 7), step->acl);
}

void files_mode(files_tally *tally, const char *path, uint32_t allowed)
{
	const hf_way_step *step = files_find(tally, path);
	bool is_unknown;

	if (!step)
		return;
	const char *why = files_excess(tally->run, step, allowed, &is_unknown);

	files_count(tally, path, why, is_unknown);
}

void files_writable(files_tally *tally, const char *path)
{
	const hf_way_step *step = files_find(tally, path);

	if (!step)
		return;
	const char *why = hf_way_step_writable_why(tally->run, step, tally->uid);

	if (!why && step->type == HF_FILE_DIRECTORY && (step->mode & S_ISVTX) && (step->mode & 022))
		why = hf_text(tally->run, "mode %04o: others can add to it", step->mode);
	files_count(tally, path, why, why && why == step->acl_why);
}

/* ---- text ---- */

bool files_next(hf_check_run *run, const char **cursor, const char **ret_item)
{
	const char *start = *cursor;

	if (!start || *start == '\0')
		return false;
	const char *end = strchr(start, '\n');

	*ret_item = end ? hf_text(run, "%.*s", (int)(end - start), start) : start;
	*cursor = end ? end + 1 : start + strlen(start);
	return true;
}

const char *files_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool files_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}
