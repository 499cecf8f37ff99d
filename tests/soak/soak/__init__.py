"""A soak test with real Watson clients. See ../../watson/README.md."""
