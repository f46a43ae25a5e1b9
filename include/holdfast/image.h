/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about images: what the stores of this node's engines hold, and how it was made.
 *
 * Sources: Docker's own records below its data root (image/DRIVER), containers/storage of Podman and CRI-O, and, where
 * containerd keeps the images, the Engine API. Names, labels, commands and files are hostile text: whoever built
 * an image chose them. Values of variables and labels and the text of commands are never recorded. */
#ifndef HOLDFAST_IMAGE_H
#define HOLDFAST_IMAGE_H

#include <holdfast/container.h>

HF_BEGIN_DECLS

/* What stands out in a command. Of kind
 *   "source"   of ADD and COPY: "url", "git", "archive", "stage"
 *   "refresh", "install"   package lists are fetched, packages installed or upgraded: "apt-get", "apk" …; in the order
 *              of the command
 *   "unverified"   packages or programs come without proof whose they are: the option, or "http", "pipe", "trusted=yes"
 *   "secret"   a value that looks like one: .what is the name that it has, "?" for none
 * .what holds printable ASCII without blanks. */
typedef struct hf_image_mark {
	const char *kind;
	const char *what;
	uint32_t length;   /* of the value of a secret */
	const char *shape; /* likewise, as hf_variable.shape */
} hf_image_mark;

/* One entry of an image's history, the oldest first. It is metadata: whoever built the image could write anything. */
typedef struct hf_image_step {
	const char *instruction; /* "ADD", "RUN" … as in a Dockerfile; "": not understood */
	int64_t day;		 /* days since 1970-01-01; INT64_MIN: it does not say */
	bool makes_layer;
	const hf_image_mark *marks;
	size_t mark_count;
} hf_image_step;

typedef struct hf_image {
	/* Its configuration. Unreadable: nothing below .names_fact is known. Present with .why: it is cut, there is more */
	hf_fact fact;
	const char *cut; /* of what there is more, of "ports variables labels arguments layers history"; "": of nothing */
	const char *id;	   /* 64 hex digits: of its configuration, in containerd's store of its manifest */
	const char *store; /* "docker", "storage" (Podman, CRI-O), "containerd" */
	hf_fact names_fact;
	const char *const *tags; /* "debian:12", sorted */
	size_t tag_count;
	const char *const *digests; /* "debian@sha256:…": what was pulled or pushed under that name, sorted */
	size_t digest_count;
	bool is_intermediate; /* a step of a build that another image rests on, without a name: engines do not show it */
	hf_fact use_fact;     /* unreadable: more containers may be made of it */
	size_t containers;    /* made of it, running or not */
	const char *operating_system; /* "linux" */
	int64_t day;	  /* of .created, days since 1970-01-01; INT64_MIN: it does not say */
	const char *user; /* as declared, "": none, which is root */
	hf_fact uid_fact; /* present: .uid is what .user stands for; absent: the image's /etc/passwd has no such name */
	uint32_t uid;
	const char *health; /* first word of its health check, "NONE" where it takes that of its base away; "": none */
	bool is_oci;	    /* in the OCI form, which has no place for a health check */
	const char *const *ports; /* it announces: "22/tcp" */
	size_t port_count;
	const hf_variable *variables;
	size_t variable_count;
	const hf_variable *labels; /* .shape as of variables */
	size_t label_count;
	const hf_image_mark *arguments; /* secrets among its command, entrypoint and triggers */
	size_t argument_count;
	const char *base_name;	 /* label org.opencontainers.image.base.name, or NULL */
	const char *base_digest; /* likewise */
	const char *const *layers; /* digests of their contents ("sha256:…"), the lowest first */
	size_t layer_count;
	const hf_image_step *steps;
	size_t step_count; /* 0: no history */
	/* The image of this node whose layers are the lowest of this one's, the longest such; NULL: none */
	const struct hf_image *base;
	size_t base_steps; /* steps that are of its base: of .base, else up to the oldest that makes a layer */
	/* Its os-release(5), where the layers lie on this node. "": not named there */
	hf_fact release_fact; /* absent: it has none */
	const char *release_id;
	const char *release_version; /* VERSION_ID */
	const char *release_name;    /* PRETTY_NAME */
	const char *release_support_end; /* SUPPORT_END */
} hf_image;

typedef struct hf_images {
	hf_fact fact; /* absent: no engine of this node has a store; unreadable: there may be more */
	const hf_image *const *all; /* by id */
	size_t count;
} hf_images;

/* All of the node, intermediate ones too. */
HF_PUBLIC const hf_images *hf_images_get(hf_check_run *run);

/* The one that a check with subject HF_SUBJECT_IMAGE is asked about; never NULL there. Subjects are those that an engine
 * shows, so none that is intermediate. */
HF_PUBLIC const hf_image *hf_image_of(hf_check_run *run);

/* Something in the layers of an image. Only a scan with --deep looks. */
typedef struct hf_image_file {
	const char *kind; /* "set-id", "capability": raise who executes them; "secret"; "program"; "source": of packages */
	const char *what; /* of a secret its sort, of a program its name, of a source what is wrong with it; else "" */
	const char *path; /* in the image */
	uint32_t mode;	  /* with type bits */
	uint32_t uid;
	uint32_t gid;
	/* A later layer takes it away or replaces it; it is shipped all the same. What a folder that was made anew covers
	 * shows: the mark for that is not ours to read (trusted.overlay.opaque needs CAP_SYS_ADMIN). */
	bool is_hidden;
} hf_image_file;

typedef struct hf_image_files {
	hf_fact fact; /* absent: nobody looked, for that takes --deep; unreadable: not all of it was looked at */
	const hf_image_file *all; /* by kind, then path */
	size_t count;
	hf_fact packages_fact;	/* absent: it has no list of packages that we know */
	const char *package_manager; /* "dpkg", "apk", "rpm" */
	size_t packages;	/* of rpm not known: 0 */
} hf_image_files;

HF_PUBLIC const hf_image_files *hf_image_files_get(hf_check_run *run, const hf_image *image);

HF_END_DECLS

#endif
