libholdfast_la_SOURCES += \
	%D%/arena.c \
	%D%/base.h \
	%D%/error.c \
	%D%/late.c \
	%D%/late.h \
	%D%/netlink.h \
	%D%/map.c \
	%D%/print.c \
	%D%/text.c
