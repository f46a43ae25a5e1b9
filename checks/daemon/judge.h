/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon's checks share: reading an option with its witnesses, lists, addresses. */
#ifndef DAEMON_JUDGE_H
#define DAEMON_JUDGE_H

#include <holdfast/holdfast.h>

/* The daemon of the check; says in the result's message when it does not run, because then every
 * value is what its next start would use. */
const hf_daemon *daemon_begin(hf_check_run *run);

/* An option with what can be said of it. The engine's word is in force; where it is lost, a
 * declared value can still prove a failure, but never a pass. */
typedef struct daemon_reading {
	const hf_option *option;
	const char *source; /* for evidence: the option's name and where its value was learned */
	const char *value;  /* in force, else declared; NULL: nobody could tell */
	bool is_in_force;
} daemon_reading;

/* Reads and notes a witness that says otherwise; decides nothing. */
daemon_reading daemon_read(hf_check_run *run, const char *name);

/* In force, or no option of this engine (then .value is NULL and @holds says what that means): pass
 * or fail. Only declared: fail where it does not hold, else unknown. Nothing: unknown. True for a
 * pass alone. */
bool daemon_expect(hf_check_run *run, const daemon_reading *reading, const char *wanted,
		   bool holds);

/* The value is @text (never for an unread one). */
bool daemon_is(const daemon_reading *reading, const char *text);

/* Marks @run unknown where @fact is not present. */
void daemon_require(hf_check_run *run, const hf_fact *fact);

/* "not set" for "", for evidence. */
const char *daemon_show(const char *text);

/* The next item of a list joined by '\n'; false at the end. *cursor starts at the list, which may
 * be NULL. */
bool daemon_next(hf_check_run *run, const char **cursor, const char **ret_item);

/* @list with @item behind a comma; @list "" for the first. */
const char *daemon_join(hf_check_run *run, const char *list, const char *item);

/* Whether the NULL-terminated @list has @text. */
bool daemon_in(const char *const *list, const char *text);

/* An element of an array of the API, by index: its text, or NULL past the end. */
const char *daemon_element(hf_check_run *run, const char *endpoint, const char *array,
			   size_t index);

/* The entry of /info SecurityOptions that begins with @prefix and ends there or goes on with a
 * comma, or NULL. @list must be present. */
const char *daemon_security_option(hf_check_run *run, const char *prefix);

/* At least @version. Unknown versions are neither: both functions return false. */
bool daemon_at_least(const hf_daemon *daemon, const char *version);
bool daemon_before(const hf_daemon *daemon, const char *version);
const char *daemon_version(const hf_daemon *daemon);

/* A host name or address without port: "localhost", 127.0.0.0/8, ::1, their v4-mapped forms. */
bool daemon_is_loopback(const char *host);

/* The host part of "host", "host:port", "[v6]:port" or of a URL with one. Userinfo is left out. */
const char *daemon_host_of(hf_check_run *run, const char *address);

/* The next container that this engine runs, or NULL at the end; *cursor begins at 0. Those of an
 * incomplete list can prove a failure, too: judge them first, then daemon_require() the list. */
const hf_container *daemon_container(hf_check_run *run, const hf_containers *containers,
				     size_t *cursor);

/* The list of networks, or NULL when the engine did not give it. */
const hf_api_value *daemon_networks(hf_check_run *run);

/* The @index-th network's member at @path, such as "Driver"; as text "" where it is not there. */
const hf_api_value *daemon_network_value(hf_check_run *run, size_t index, const char *path);
const char *daemon_network_text(hf_check_run *run, size_t index, const char *path);

/* An option of the bridge driver, "enable_icc". */
const hf_api_value *daemon_bridge_option(hf_check_run *run, size_t index, const char *name);
const char *daemon_bridge_text(hf_check_run *run, size_t index, const char *name);

bool daemon_is_bridge(hf_check_run *run, size_t index);

/* A Go bool that is true; anything else is not. */
bool daemon_is_true(const char *text);

/* The name of a program without its folders. */
const char *daemon_base_name(const char *path);

/* The string value of the outermost member @name, in any case as Go reads it, of a JSON file that
 * is present; the last one counts. *ret_value is NULL when there is none. False when the text is
 * not closed, or an escape could hide the name or the value. */
bool daemon_json_string(hf_check_run *run, const hf_file *file, const char *name,
			const char **ret_value);

/* A member of a container's inspection. */
const hf_api_value *daemon_inspect(hf_check_run *run, const hf_container *container,
				   const char *path);

#endif
