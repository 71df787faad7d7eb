"""archprof: what a vision network costs, and why."""
