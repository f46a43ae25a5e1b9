/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages and attributes of netlink one after another: what libmnl's macros for that do, without the conversions that they
 * leave to the caller. */
#ifndef HF_NETLINK_H
#define HF_NETLINK_H

#include "base/base.h"

#include <libmnl/libmnl.h>

/* What is left of a run of attributes, or of messages. */
typedef struct hf_netlink_run {
	const char *at;
	size_t left;
} hf_netlink_run;

static inline hf_netlink_run hf_netlink_run_of(const void *data, size_t size)
{
	return (hf_netlink_run){.at = data, .left = size};
}

static inline hf_netlink_run hf_netlink_nested(const struct nlattr *outer)
{
	return hf_netlink_run_of(mnl_attr_get_payload(outer), mnl_attr_get_payload_len(outer));
}

/* The attributes of a message behind its head of @head bytes; it must have that many. */
static inline hf_netlink_run hf_netlink_attributes(const struct nlmsghdr *message, size_t head)
{
	return hf_netlink_run_of(mnl_nlmsg_get_payload_offset(message, head),
				 mnl_nlmsg_get_payload_len(message) - (head + 3) / 4 * 4);
}

static inline void hf_netlink_skip(hf_netlink_run *run, size_t size)
{
	size = (size + 3) / 4 * 4;
	run->at += size < run->left ? size : run->left;
	run->left -= size < run->left ? size : run->left;
}

/* NULL at the end, and where what is left is none: .left is not 0 then. */
static inline const struct nlattr *hf_netlink_attribute(hf_netlink_run *run)
{
	const struct nlattr *attr = (const void *)run->at;

	if (run->left < sizeof *attr || attr->nla_len < sizeof *attr || attr->nla_len > run->left)
		return NULL;
	hf_netlink_skip(run, attr->nla_len);
	return attr;
}

static inline const struct nlmsghdr *hf_netlink_message(hf_netlink_run *run)
{
	const struct nlmsghdr *message = (const void *)run->at;

	if (run->left < sizeof *message || message->nlmsg_len < sizeof *message ||
	    message->nlmsg_len > run->left)
		return NULL;
	hf_netlink_skip(run, message->nlmsg_len);
	return message;
}

#endif
