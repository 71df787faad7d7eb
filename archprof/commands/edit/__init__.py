"""Writing specs: new ones, in their usual format, with a schema for editors."""
