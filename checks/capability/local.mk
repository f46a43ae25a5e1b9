# checks/capability/local.mk
checks_LTLIBRARIES += %D%/capability.la
%C%_capability_la_SOURCES = %D%/dangerous.c %D%/entered.c %D%/plugin.c %D%/sets.c %D%/sets.h %D%/whole.c
%C%_capability_la_CFLAGS = $(hf_plugin_cc)
%C%_capability_la_LDFLAGS = $(hf_plugin_link)
%C%_capability_la_LIBADD = libholdfast.la $(CAP_LIBS)
