# checks/host/local.mk
checks_LTLIBRARIES += %D%/host.la
%C%_host_la_SOURCES = %D%/plugin.c %D%/baseline.c %D%/data-root.c
%C%_host_la_CFLAGS = $(hf_plugin_cc)
%C%_host_la_LDFLAGS = $(hf_plugin_link)
%C%_host_la_LIBADD = libholdfast.la
