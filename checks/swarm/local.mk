# checks/swarm/local.mk
checks_LTLIBRARIES += %D%/swarm.la
%C%_swarm_la_SOURCES = %D%/plugin.c %D%/judge.c %D%/judge.h %D%/keys.c %D%/members.c %D%/network.c \
	%D%/state.c %D%/services.c
%C%_swarm_la_CFLAGS = $(hf_plugin_cc)
%C%_swarm_la_LDFLAGS = $(hf_plugin_link)
%C%_swarm_la_LIBADD = libholdfast.la
