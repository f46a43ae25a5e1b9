# packaging/local.mk
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/holdfast.pc
schemadir = $(datadir)/holdfast/schema
dist_schema_DATA = %D%/schema/capture.schema.json %D%/schema/results.schema.json
dist_man_MANS += %D%/man/holdfast.8
dist_noinst_SCRIPTS += %D%/quickstart
EXTRA_DIST += %D%/dependencies
