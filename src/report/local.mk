AM_CPPFLAGS += $(GCRYPT_CFLAGS)
libholdfast_la_SOURCES += \
	%D%/builder.c \
	%D%/builder.h \
	%D%/check.c \
	%D%/containers.c \
	%D%/dot.c \
	%D%/text-containers.c \
	%D%/document.c \
	%D%/escape.c \
	%D%/formats.c \
	%D%/host.c \
	%D%/items.c \
	%D%/json.c \
	%D%/libgcrypt.c \
	%D%/network-view.c \
	%D%/network-view.h \
	%D%/network.c \
	%D%/render.h \
	%D%/report.h \
	%D%/screen.c \
	%D%/screen.h \
	%D%/text-closing.c \
	%D%/text-items.c \
	%D%/text-network.c \
	%D%/text-plugin.c \
	%D%/text-table.c \
	%D%/text-table.h \
	%D%/text.c \
	%D%/text.h \
	%D%/unread.c
