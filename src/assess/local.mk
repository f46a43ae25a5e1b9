libholdfast_la_SOURCES += \
	%D%/assess.h \
	%D%/findings.c \
	%D%/findings.h \
	%D%/items.c \
	%D%/profile.c \
	%D%/profile.h \
	%D%/score.c \
	%D%/severity.c \
	%D%/stride.c
