libholdfast_la_SOURCES += \
	%D%/child.c \
	%D%/confine.c \
	%D%/process.h \
	%D%/roles.c
