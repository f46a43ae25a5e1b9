# checks/operations/local.mk
checks_LTLIBRARIES += %D%/operations.la
%C%_operations_la_SOURCES = %D%/plugin.c %D%/stock.c
%C%_operations_la_CFLAGS = $(hf_plugin_cc)
%C%_operations_la_LDFLAGS = $(hf_plugin_link)
%C%_operations_la_LIBADD = libholdfast.la
