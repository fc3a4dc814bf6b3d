"""Speed, as ratios in one run or as whole-process figures; `python -m tests.bench`."""
