"""What runs a job: this process, processes of this machine, a dask cluster."""
