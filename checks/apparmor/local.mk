# checks/apparmor/local.mk
checks_LTLIBRARIES += %D%/apparmor.la
%C%_apparmor_la_SOURCES = %D%/containers.c %D%/label.c %D%/label.h %D%/node.c %D%/plugin.c
%C%_apparmor_la_CFLAGS = $(hf_plugin_cc) $(APPARMOR_CFLAGS)
%C%_apparmor_la_LDFLAGS = $(hf_plugin_link)
%C%_apparmor_la_LIBADD = libholdfast.la $(APPARMOR_LIBS)
