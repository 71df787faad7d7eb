"""A sweep by workers that SLURM starts: `pip install dask-jobqueue`, then on a login node

    DASK_CONFIG=dask.yaml python slurm.py space.yaml -o /shared/sweep

The scheduler runs here; each job is a node's share with a worker for each of its cores. The folder
and the environment of this Python are on a disk that all nodes have. The same command again goes on
where this one ended, at the end of its time too.
"""

import subprocess
import sys

from dask_jobqueue import SLURMCluster

JOBS = 20
CORES = 16  # of a job

# A worker has these from the beginning of its process: dask.yaml says why.
ALLOCATOR = [
    "export MALLOC_TRIM_THRESHOLD_=134217728",
    "export MALLOC_MMAP_THRESHOLD_=134217728",
]


def main() -> int:
    with SLURMCluster(
        cores=CORES,
        processes=CORES,
        memory=f"{2 * CORES}GB",
        walltime="02:00:00",
        job_script_prologue=ALLOCATOR,
        # job_extra_directives=["--gres=gpu:1"], worker_extra_args=["--resources", "GPU=1"],
    ) as cluster:
        cluster.scale(jobs=JOBS)
        command = ["archprof", "sweep", *sys.argv[1:], "--dask", cluster.scheduler_address]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
