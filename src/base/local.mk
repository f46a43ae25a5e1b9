libholdfast_la_SOURCES += \
	%D%/arena.c \
	%D%/base.h \
	%D%/error.c \
	%D%/late.c \
	%D%/late.h \
	%D%/map.c \
	%D%/text.c
