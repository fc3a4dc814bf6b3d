"""What each command of the command line does with its flags; `pipelines.cli` lists them.

Belongs here: flags, what is printed, the order of calls. Does not belong here: the work itself.
Dagster and the models are imported only by the commands that need them, so that help and `check`
answer at once.
"""
