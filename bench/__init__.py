"""The benchmarks: what `make bench` measures, each against the physical limit in the same run.

Times depend on the machine, ratios hardly: each line runs its work, and then the barest statements that could do
the same into the same tables, indexes and keys, in one fresh PostgreSQL. One module a line in `bench/lines/`.
"""
