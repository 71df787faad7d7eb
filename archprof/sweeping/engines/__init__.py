"""What makes the shards of a sweep: this process, several, or those of many machines."""
