"""A sweep by workers on machines that SSH reaches without a password: `pip install asyncssh`, then

    DASK_CONFIG=dask.yaml python ssh.py space.yaml -o /shared/sweep

The first machine has the scheduler, and all others workers; name it twice for both. The folder and
the environment of this Python are on a disk that all of them have, under the same path. Dask sends
this process's configuration, which is dask.yaml, to each.
"""

import subprocess
import sys

from distributed import SSHCluster

HOSTS = ["node1", "node1", "node2", "node3"]
CORES = 16  # of a machine


def main() -> int:
    with SSHCluster(
        HOSTS,
        worker_options={"n_workers": CORES, "nthreads": 1},
        remote_python=sys.executable,
    ) as cluster:
        command = ["archprof", "sweep", *sys.argv[1:], "--dask", cluster.scheduler_address]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
